"""The broker stopped and started, killed, slow, out of reach, with a full disk; the leader of a cluster killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from cluster import Cluster, Node, free_port
from faults.judgement import Unbroken
from faults.proxy import Proxy
from faults.scene import Scene, generated, pause, until
from producers.publisher import Failure, Publisher
from streams import topics
from streams.errors import DetenteError
from streams.records import Article

pytestmark = pytest.mark.kafka

RECOVERY_SECONDS = 30.0
"""From the broker's return to the first result: pauses between attempts, a rebalance, and a busy machine."""
DISK = "64m"
"""Room enough for a broker to start, and little enough to be filled in a second."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a broker of one's own, to be harmed."""
    with Cluster(tmp_path / "kafka") as started:
        yield started


def halves(whole: Unbroken) -> tuple[Sequence[Article], Sequence[Article]]:
    middle = len(whole.articles) // 2
    return whole.articles[:middle], whole.articles[middle:]


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ("stopped", 5.0),
        pytest.param("killed", 5.0, marks=pytest.mark.chaos),
        pytest.param("stopped", 45.0, marks=pytest.mark.chaos),
    ],
)
def test_the_broker_goes_and_comes_back(
    cluster: Cluster, folder: Path, whole: Unbroken, how: str, seconds: float
) -> None:
    node = cluster.members[0]
    with Scene.on(cluster.bootstrap, folder, whole.articles) as scene:
        scene.start()
        scene.publish()
        before = scene.outputs()
        until(lambda: scene.outputs() > before, "some work")
        cluster.stop(node) if how == "stopped" else cluster.kill(node)
        pause(seconds)
        cluster.start(node)
        cluster.wait()
        took = scene.recover(monotonic())
        scene.conclude(whole, f"broker {how}, away for {seconds:g} s", 1, took)
    assert took < RECOVERY_SECONDS


@pytest.mark.chaos
def test_a_broker_is_killed_while_a_worker_reads_its_states_back(cluster: Cluster, folder: Path) -> None:
    """A worker that stood still is out of its group: it is reading states, with work in hand, when the broker goes."""
    rounds, share, took = 4, 250, []
    larger = Unbroken.of(generated(rounds * share))
    with Scene.on(cluster.bootstrap, folder, larger.articles) as scene:
        worker = scene.start()
        for number in range(rounds):
            before = scene.outputs()
            scene.publish(larger.articles[number * share : (number + 1) * share])
            until(partial(_more, scene, before), "some work", more=scene.logs)
            os.kill(worker.pid, signal.SIGSTOP)
            pause(scene.settings.session_timeout + 2.0)
            os.kill(worker.pid, signal.SIGCONT)
            pause(0.3 * number)
            cluster.kill(cluster.members[0])
            pause(1.0)
            cluster.start(cluster.members[0])
            cluster.wait()
            took.append(scene.recover(monotonic()))
            worker = scene.running[0]
        scene.conclude(larger, "broker killed while a worker reads states back", rounds, max(took))
    assert max(took) < RECOVERY_SECONDS


def _more(scene: Scene, before: int) -> bool:
    return scene.outputs() > before


@pytest.mark.chaos
def test_the_leader_in_a_cluster_of_three_is_killed(tmp_path: Path, whole: Unbroken) -> None:
    extra = {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    rounds = 3
    longest = 0.0
    with (
        Cluster(tmp_path / "kafka", nodes=3, extra=extra) as cluster,
        Scene.on(cluster.bootstrap, tmp_path, whole.articles, copies=3) as scene,
    ):
        scene.start(0)
        scene.start(1)
        share = len(whole.articles) // rounds + 1
        for number in range(rounds):
            scene.publish(whole.articles[number * share : (number + 1) * share])
            leader = _leader(cluster, scene)
            cluster.kill(leader)
            longest = max(longest, scene.recover(monotonic()))
            scene.settle()
            cluster.start(leader)
            cluster.wait()
            until(lambda: _in_sync(scene) == len(cluster.members), "three copies in sync")
        scene.conclude(whole, "leader killed, cluster of three, min.insync.replicas=2", rounds, longest)
    assert longest < RECOVERY_SECONDS


def _described(scene: Scene) -> dict[str, object]:
    name = topics.full_name(scene.direct, topics.ARTICLES)
    with topics.admin(scene.direct) as admin:
        parts: list[dict[str, object]] = admin.describe_topics([name])[0]["partitions"]
    return next(part for part in parts if part["partition_index"] == 0)


def _leader(cluster: Cluster, scene: Scene) -> Node:
    """Return the leader of the partition that the articles are on."""
    return next(node for node in cluster.members if node.number == _described(scene)["leader_id"])


def _in_sync(scene: Scene) -> int:
    return len(_described(scene)["isr_nodes"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        ("cut", 10.0),
        pytest.param("cut", 60.0, marks=pytest.mark.chaos),
        pytest.param("frozen", 60.0, marks=pytest.mark.chaos),
    ],
)
def test_the_network_is_cut(tmp_path: Path, whole: Unbroken, mode: str, seconds: float) -> None:
    first, second = halves(whole)
    with behind_proxy(tmp_path, whole) as (scene, proxy):
        scene.start()
        scene.publish(first)
        until(lambda: scene.outputs() > 0, "some work")
        proxy.set(mode)  # type: ignore[arg-type]
        scene.publish(second)
        pause(seconds)
        proxy.set("open")
        took = scene.recover(monotonic())
        scene.conclude(whole, f"network {mode} for {seconds:g} s", 1, took)
    assert took < RECOVERY_SECONDS


@pytest.mark.chaos
def test_the_network_flaps(tmp_path: Path, whole: Unbroken) -> None:
    flaps = 10
    with behind_proxy(tmp_path, whole) as (scene, proxy):
        scene.start()
        scene.publish()
        for _ in range(flaps):
            pause(1.0)
            proxy.set("cut")
            pause(1.0)
            proxy.set("open")
        took = scene.recover(monotonic())
        scene.conclude(whole, "network flaps every second", flaps, took)


@pytest.mark.chaos
def test_a_slow_broker(tmp_path: Path, whole: Unbroken) -> None:
    with behind_proxy(tmp_path, whole) as (scene, proxy):
        proxy.set("slow")
        worker = scene.start()
        scene.publish()
        scene.settle()
        assert worker.code is None, worker.log.read_text()
        assert proxy.passed > 0
        proxy.set("open")
        scene.conclude(whole, "slow broker: every chunk 150 ms late", 1)


@contextlib.contextmanager
def behind_proxy(folder: Path, whole: Unbroken) -> Iterator[tuple[Scene, Proxy]]:
    """Yield a scene whose workers reach the broker by a proxy; the test itself goes straight."""
    inner, outer = free_port(), free_port()
    with (
        Proxy(outer, inner) as proxy,
        Cluster(folder / "kafka", second=(inner, outer)) as cluster,
        Scene.on(cluster.bootstrap, folder, whole.articles, via=f"127.0.0.1:{outer}") as scene,
    ):
        yield scene, proxy


@pytest.fixture
def little_room(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own that is nearly full; only root may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.chaos
def test_the_disk_of_the_broker_is_full(little_room: Path, folder: Path, whole: Unbroken) -> None:
    first, second = halves(whole)
    with Cluster(little_room / "kafka") as cluster:
        node = cluster.members[0]
        with Scene.on(cluster.bootstrap, folder, whole.articles, send_timeout=10.0) as scene:
            scene.start()
            scene.publish(first)
            until(lambda: scene.outputs() > 0, "some work")
            filler = little_room / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
                while True:
                    stream.write(bytes(64 * 1024))
            refused = _refused(scene, second)
            assert refused, "the disk was full"
            cluster.kill(node)
            filler.unlink()
            cluster.start(node)
            cluster.wait()
            begun = monotonic()
            scene.publish(second)
            took = scene.recover(begun)
            scene.conclude(whole, "disk of the broker full, room made, broker started again", 1, took)


def _refused(scene: Scene, articles: Sequence[Article]) -> int:
    """Publish ``articles`` until the producer is told that the broker takes no more; return how many it did not take.

    As the replay does: a broker that ends before the producer knows its topic is waited for with each article anew.
    """
    heard: list[Failure] = []

    def note(failure: Failure | None) -> None:
        if failure is not None and failure.lasting:
            heard.append(failure)

    try:
        with Publisher(replace(scene.direct, send_timeout=8.0), partition=0) as publisher:
            for article in articles:
                publisher.send(article, note)
                if heard:
                    break
            publisher.flush()
            return publisher.failed
    except DetenteError as error:  # the broker had ended before the producer came
        assert "no Kafka broker" in str(error)
        return len(articles)


def test_a_worker_writes_to_no_file_so_that_a_full_disk_is_nothing_to_it(
    kafka_at: str, folder: Path, small: Unbroken
) -> None:
    with Scene.on(kafka_at, folder, small.articles) as scene:
        worker = scene.start()
        scene.publish()
        scene.settle()
        opened = {path: path.resolve() for path in Path(f"/proc/{worker.pid}/fd").iterdir()}
        files = {path: file for path, file in opened.items() if file.is_file() and file != worker.log.resolve()}
        assert not [file for path, file in files.items() if _flags(worker.pid, path) & os.O_ACCMODE]
        scene.conclude(small, "disk of the worker full: it writes to no file", 1)


def _flags(pid: int, path: Path) -> int:
    """Return the flags with which a file is open."""
    text = Path(f"/proc/{pid}/fdinfo/{path.name}").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("flags")), 8)
