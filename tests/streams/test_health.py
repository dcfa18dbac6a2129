"""When a worker calls itself ready: not while it has work and does none, whatever partition the work lies in."""

from __future__ import annotations

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from memory import Memory
from streams import health as module
from streams import metrics
from streams.agents.shell import Place, Shell
from streams.agents.tallies import TalliesCore
from streams.dead_letters import Source
from streams.health import Health
from streams.serving import Serving
from streams.settings import Settings

CODINGS, EVENTS = "detente.codings", "detente.events"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = [1000.0]

    def set_to(seconds: float) -> None:
        now[0] = seconds

    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return set_to


def shell() -> Shell[Any]:
    log = Memory()
    made: Shell[Any] = Shell(TalliesCore(180.0), Settings(), log, log.read)
    made.assign([(CODINGS, 0), (CODINGS, 1), (EVENTS, 0), (EVENTS, 1)])
    return made


def lag(topic: str) -> float | None:
    return metrics.REGISTRY.get_sample_value("detente_lag_records", {"agent": "tallies", "topic": topic})


def test_a_rebalance_that_does_not_end_is_a_standstill(clock: Callable[[float], None]) -> None:
    """As a join may hang on the embedded broker: the partitions are gone, and none come."""
    one = shell()
    health = Health([one], stuck_after=300.0)
    one.revoke([(CODINGS, 0), (CODINGS, 1), (EVENTS, 0), (EVENTS, 1)])
    clock(1299.0)
    assert health.stuck(300.0) == health.problems() == []
    clock(1301.0)
    assert health.stuck(300.0) == health.problems() == ["tallies: in a rebalance for 301 s"]
    one.assign([])
    assert health.stuck(300.0) == health.problems() == []


def test_a_worker_with_work_that_does_none_is_not_ready(clock: Callable[[float], None]) -> None:
    ends: dict[Place, int] = {(CODINGS, 1): 5, (EVENTS, 0): 3}

    async def ask(_: Iterable[Place]) -> tuple[dict[Place, int], dict[Place, int | None]]:
        return ends, {(CODINGS, 1): 2, (EVENTS, 0): 3}

    one = shell()
    health = Health([one], stuck_after=300.0, ask=ask)
    asyncio.run(health.refresh())
    assert (lag("codings"), lag("events")) == (3, 0)
    assert health.problems() == []
    clock(1301.0)
    asyncio.run(health.refresh())
    assert health.problems() == ["tallies: 3 records wait, none handled for 301 s"]
    asyncio.run(one.handle([Source(CODINGS, 1, offset, b"k", b"bad") for offset in (2, 3)]))
    asyncio.run(health.refresh())
    assert lag("codings") == 1
    assert health.problems() == []
    clock(1602.0)
    asyncio.run(one.handle([Source(CODINGS, 1, 4, b"k", b"bad")]))
    asyncio.run(health.refresh())
    assert health.problems() == []


def test_a_broker_that_does_not_answer_leaves_what_was_known() -> None:
    async def ask(_: Iterable[Place]) -> tuple[dict[Place, int], dict[Place, int | None]]:
        raise ConnectionError

    metrics.LAG.labels("tallies", "codings").set(7)
    asyncio.run(Health([shell()], stuck_after=300.0, ask=ask).refresh())
    assert lag("codings") == 7


def test_metrics_health_and_readiness_are_served() -> None:
    problems: list[str] = []

    async def run() -> list[tuple[int, str]]:
        serving = Serving(metrics.WEBHOOKS_REGISTRY, lambda: problems)
        await serving.start("127.0.0.1", port)
        try:
            found = [await asyncio.to_thread(answer, path) for path in ("metrics", "healthz", "readyz")]
            problems.append("no partitions")
            return [*found, await asyncio.to_thread(answer, "readyz")]
        finally:
            await serving.stop()

    def answer(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as found:
                return found.status, found.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (shown, alive, ready, not_ready) = asyncio.run(run())
    assert 'detente_webhook_attempts_total{result="ok"}' in shown[1]
    assert (alive[0], ready[0], not_ready[0]) == (200, 200, 503)
    assert "no partitions" in not_ready[1]
