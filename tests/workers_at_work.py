"""Worker processes for tests: started, waited for, ended; and what they left on the topics."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import msgspec

from producers.corpora import corpora, corpus
from producers.formats import read_path
from producers.formats.common import Refused
from producers.publisher import Publisher
from streams import backtest, kafka_read, settle, topics, workers
from streams.agents import cores
from streams.agents.coder import CoderCore
from streams.ledger.config import LedgerConfig
from streams.records import Alert, Article, Event, Record, decode
from streams.settings import Settings

WAIT_SECONDS = 60.0
"""The longest wait for a condition; on two busy cores the slowest takes about ten seconds."""
STEP_SECONDS = 0.05


def wait_until(condition: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    end = monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert monotonic() < end, f"waited {seconds:g} s for {what}"
        pause.wait(STEP_SECONDS)


class Worker:
    """One worker process and its log."""

    def __init__(self, settings: Settings, folder: Path, index: int = 0) -> None:
        self.log = folder / f"worker-{settings.group}-{index}-{monotonic()}.log"
        with self.log.open("wb") as stream:
            self.process: subprocess.Popen[bytes] = workers.start(settings, index, stderr=stream)

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def wait_for(self, words: str) -> Worker:
        wait_until(lambda: self.said(words) or self.process.poll() is not None, words)
        assert self.said(words), self.log.read_text()
        return self

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that the worker brings about; one that has ended fails with its log."""

        def met() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return condition()

        try:
            wait_until(met, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text()}") from error

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """End it as a supervisor does; return its exit code and how long it took."""
        begun = monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS), monotonic() - begun


@contextlib.contextmanager
def working(settings: Settings, folder: Path, index: int = 0) -> Iterator[Worker]:
    worker = Worker(settings, folder, index)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.kill()


def settle_all(settings: Settings, *running: Worker) -> None:
    """Wait until the workers have handled and committed all that was sent."""
    with contextlib.closing(settle.Lag(settings)) as lag:

        def all_done() -> bool:
            for worker in running:
                assert worker.process.poll() is None, worker.log.read_text()
            return lag.waiting_first() == 0

        wait_until(all_done, "all records to be handled")


def bundled() -> list[Article]:
    """Return the bundled corpora in order of publication."""
    found = [
        msgspec.structs.replace(item.article, origin="replay")
        for name in corpora()
        for item in read_path(str(corpus(name)))
        if not isinstance(item, Refused)
    ]
    return sorted(found, key=lambda article: (article.published_at, article.id))


def publish(settings: Settings, articles: Iterable[Article], partition: int | None = 0) -> None:
    with Publisher(settings, partition=partition) as publisher:
        for article in articles:
            publisher.send(article)
        publisher.flush()
        assert not publisher.failed


def on_topic(settings: Settings, topic: topics.Topic) -> list[Record]:
    return [decode(read.value, topic.record) for read in kafka_read.read_topic(settings, topic) if read.value]


def alerts_on(settings: Settings) -> list[Alert]:
    return [decode(read.value, Alert) for read in kafka_read.read_topic(settings, topics.ALERTS) if read.value]


def alert_ids(alerts: Iterable[Alert]) -> set[str]:
    """Return the ids of ``alerts`` but for surges: whether one is told depends on where a restart fell."""
    return {alert.id for alert in alerts if alert.kind != "surge"}


def newest_events(settings: Settings) -> list[Event]:
    """Return the newest state of each event."""
    reads = kafka_read.read_topic(settings, topics.EVENTS)
    return list({read.key: decode(read.value, Event) for read in reads if read.value}.values())


def in_substance(events: Iterable[Event]) -> dict[str, Event]:
    """Return events by id without what tells how they were handled: counts of changes, what moved, and surges."""
    return {event.event_id: msgspec.structs.replace(event, revision=0, alerts=(), companions=()) for event in events}


def expected(settings: Settings, articles: Sequence[Article]) -> backtest.Result:
    """Return what the pure core says of ``articles``, without a broker."""
    core = next(core for core in cores(settings) if isinstance(core, CoderCore))
    codings = [core.coder.code(article) for article in articles]
    coded = [backtest.Coded(one.coding, one.stances, one.mentions) for found in codings for one in found]
    return backtest.run(coded, LedgerConfig.of(settings))


def shares(*workers: Worker) -> tuple[set[int], set[int]]:
    """Return the partitions that somebody has, and those that two have, as the logs tell."""
    held = []
    for worker in workers:
        lines = [line for line in worker.log.read_text().splitlines() if "partitions of all topics" in line]
        text = lines[-1].rpartition(":")[2] if lines else ""
        held.append({int(number) for number in text.replace(",", " ").split() if number.isdecimal()})
    every = set().union(*held)
    twice = {number for number in every if sum(number in share for share in held) > 1}
    return every, twice
