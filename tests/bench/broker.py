"""Real Apache Kafka for the benchmark, workers on it that are held to a core, and what they leave on the topics."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cluster import Cluster
from producers.publisher import Publisher
from streams import kafka_read, settle, topics
from streams.records import Article
from streams.settings import Settings
from workers_at_work import Worker, wait_until

PARTITIONS = 8
"""What `detente topics create` makes unless told otherwise."""
DRAIN_SECONDS = 900.0
"""The longest that a worker may take over a mix: far more than any of them needs."""
LOOK_SECONDS = 1.0
"""How often to look whether all is handled: each look asks the broker for some fifty offsets, which is work too."""
KEPT_LOG_LINES = 20
_prefixes = itertools.count()


@dataclass
class Bench:
    """A broker that runs, and a folder for logs."""

    cluster: Cluster
    folder: Path

    def settings(self, **changes: object) -> Settings:
        """Return settings for topics that nobody has used yet; they are made."""
        name = f"bench{next(_prefixes)}"
        own = replace(
            Settings(),
            bootstrap_servers=self.cluster.bootstrap,
            topic_prefix=f"{name}.",
            group=name,
            **{"partitions": PARTITIONS, "retention_days": 0, "metrics_port": 0, **changes},  # type: ignore[arg-type]
        )
        topics.create(own)
        # A busy broker tells of new topics a moment after it has said that they are made.
        wait_until(lambda: not topics.check(own, deep=False), "the topics")
        return own

    def pids(self) -> list[int]:
        """Return the broker's process ids."""
        return [node.process.pid for node in self.cluster.members if node.process]


@contextlib.contextmanager
def started() -> Iterator[Bench]:
    """Start one node of Apache Kafka; its data is gone afterwards.

    With two cores or more it keeps to the last one, so that a worker that is measured has the first to itself.
    """
    with tempfile.TemporaryDirectory(prefix="detente-bench-") as folder, Cluster(Path(folder) / "kafka") as cluster:
        bench = Bench(cluster, Path(folder))
        for pid in bench.pids():
            hold(pid, last_cores(1))
        yield bench


def cores() -> list[int]:
    """Return the numbers of the cores that this run may use."""
    return sorted(os.sched_getaffinity(0))


def last_cores(count: int) -> list[int]:
    """Return the last ``count`` cores."""
    return cores()[-count:]


def hold(pid: int, on: Sequence[int]) -> None:
    """Hold process ``pid``, with the threads that it has, to the cores ``on``."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), on)


@contextlib.contextmanager
def working(bench: Bench, settings: Settings, index: int = 0) -> Iterator[Worker]:
    """Start worker number ``index`` on core number ``index``, and kill it in the end."""
    worker = Worker(settings, bench.folder, index)
    hold(worker.process.pid, [cores()[index % len(cores())]])
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.kill()


def publish(settings: Settings, articles: Iterable[Article]) -> None:
    """Put ``articles`` on their topic, spread over all partitions, and wait until the broker has them."""
    with Publisher(settings) as publisher:
        for article in articles:
            publisher.send(article)
        publisher.flush()
        if publisher.failed:
            raise AssertionError(f"{publisher.failed} articles were not accepted")


def drain(settings: Settings, workers: Sequence[Worker], seconds: float = DRAIN_SECONDS) -> None:
    """Wait until the workers have handled and committed all that was sent."""
    end = time.monotonic() + seconds
    with contextlib.closing(settle.Lag(settings)) as lag:
        while lag.waiting_first():
            for worker in workers:
                if worker.process.poll() is not None:
                    tail = worker.log.read_text(errors="replace").splitlines()[-KEPT_LOG_LINES:]
                    raise AssertionError("a worker ended:\n" + "\n".join(tail))
            if time.monotonic() > end:
                raise AssertionError(f"not all was handled within {seconds:g} s")
            time.sleep(LOOK_SECONDS)


def times(settings: Settings, topic: topics.Topic) -> list[float]:
    """Return when the broker took in each record of ``topic``, in seconds since 1970, in order."""
    return sorted(read.timestamp.timestamp() for read in kafka_read.read_topic(settings, topic))


def bytes_on(settings: Settings) -> int:
    """Return the bytes of all keys and values on all topics."""
    reads = (read for topic in topics.TOPICS for read in kafka_read.read_topic(settings, topic))
    return sum(len(read.key or b"") + len(read.value or b"") for read in reads)
