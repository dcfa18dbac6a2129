"""A worker that makes no headway: readiness turns false, it ends itself with code 3, and its successor goes on."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from cluster import Cluster, free_port
from faults.injected import Fault
from faults.judgement import Unbroken, poisoned
from faults.proxy import Proxy
from faults.scene import Scene, until
from streams.watchdog import STUCK_EXIT

pytestmark = pytest.mark.kafka

STUCK_SECONDS = 3.0
GRACE_SECONDS = 2.0
PATIENT = {"stuck_exit": 600.0, "shutdown_timeout": 8.0}
"""The successor's settings: the usual ones."""


def ready(port: int) -> int:
    """Return the status of /readyz; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def stuck(scene: Scene, fault: Fault) -> str:
    """Start a worker with ``fault``, wait for its end, and return its log."""
    worker = scene.start(fault=fault)
    until(lambda: worker.code is not None, "the worker to end itself")
    assert worker.code == STUCK_EXIT, worker.log.read_text()
    return worker.log.read_text()


@pytest.mark.chaos
def test_a_core_that_hangs_is_noticed(kafka_at: str, folder: Path) -> None:
    whole = poisoned([60])
    port = free_port()
    limits = {"stuck_exit": STUCK_SECONDS * 4, "stuck_timeout": STUCK_SECONDS, "shutdown_timeout": GRACE_SECONDS}
    with Scene.on(kafka_at, folder, whole.articles, metrics_port=port, **limits) as scene:
        scene.publish()
        worker = scene.start(fault=Fault(hang_in="coder"))
        until(lambda: ready(port) == 200, "readiness")
        until(lambda: ready(port) == 503, "readiness to turn false")
        begun = monotonic()
        until(lambda: worker.code is not None, "the worker to end itself")
        assert worker.code == STUCK_EXIT
        assert "the worker makes no headway: coder: in one batch for" in worker.log.read_text()
        scene.settings = replace(scene.settings, **PATIENT)  # type: ignore[arg-type]
        scene.start()
        took = scene.recover(begun)
        scene.conclude(whole, "the coder hangs: the worker ends itself", 1, took)


def test_an_event_loop_that_is_blocked_is_noticed(kafka_at: str, folder: Path, small: Unbroken) -> None:
    with Scene.on(kafka_at, folder, small.articles, stuck_exit=STUCK_SECONDS) as scene:
        scene.publish()
        log = stuck(scene, Fault(block_loop=True))
        assert "the event loop has not moved for" in log
        begun = monotonic()
        scene.settings = replace(scene.settings, **PATIENT)  # type: ignore[arg-type]
        scene.start()
        scene.conclude(small, "the event loop is blocked: the worker ends itself", 1, scene.recover(begun))


@pytest.mark.chaos
def test_a_broker_that_says_nothing_any_more_is_noticed(tmp_path: Path, small: Unbroken) -> None:
    inner, outer = free_port(), free_port()
    with (
        Proxy(outer, inner) as proxy,
        Cluster(tmp_path / "kafka", second=(inner, outer)) as cluster,
        Scene.on(
            cluster.bootstrap, tmp_path, small.articles, via=f"127.0.0.1:{outer}", stuck_exit=STUCK_SECONDS * 2
        ) as scene,
    ):
        worker = scene.start()
        until(lambda: worker.said("partitions of all topics"), "partitions")
        proxy.set("frozen")
        scene.publish()
        until(lambda: worker.code is not None, "the worker to end itself")
        assert worker.code == STUCK_EXIT, worker.log.read_text()
        proxy.set("open")
        begun = monotonic()
        scene.settings = replace(scene.settings, **PATIENT)  # type: ignore[arg-type]
        scene.start()
        scene.conclude(small, "the broker says nothing: the worker ends itself", 1, scene.recover(begun))
