"""From nothing to the first alert, and from a restart with a hundred thousand events to work."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from types import ModuleType

from aiokafka.partitioner import DefaultPartitioner
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from bench import broker, coding, mixes
from bench.broker import Bench
from bench.machine import memory_mb
from bench.results import Figure, Results, Target
from bench.timing import Stopwatch
from streams import backtest, kafka_client, kafka_read, topics
from streams.ledger import Ledger, LedgerConfig
from streams.records import Article, Event, Mention, encode
from streams.settings import Settings
from streams.tallies import Tallies

PART = "start"
REPEATS, QUICK_REPEATS = 5, 2
EVENTS, QUICK_EVENTS = 100_000, 5_000
START_SECONDS, RESTART_SECONDS, MEMORY_MB = 5.0, 30.0, 400
BASE_MB = 185
"""A worker that holds no events and has coded some articles: interpreter, libraries, lexicon and model."""
CODED = 60
"""Articles that are coded before the memory is read: what the encoder keeps for itself grows with the first ones."""
WAIT_SECONDS = 120.0
MENTIONS_AN_EVENT = 4
"""What the made-up load tells of each step on average; see tests/ledger/bench.py."""


def run(results: Results, bench: Bench, *, quick: bool = False) -> None:
    """Measure both."""
    took = [first_alert(bench) for _ in range(QUICK_REPEATS if quick else REPEATS)]
    target = Target(START_SECONDS, at_least=False)
    results.add(Figure(PART, "start to first alert", median(took), "s", "wall", target, tuple(took)))
    with_events(results, bench, QUICK_EVENTS if quick else EVENTS)


def first_alert(bench: Bench) -> float:
    """Return the seconds from the start of a worker to the alert for an article that waits for it."""
    settings = bench.settings()
    broker.publish(settings, [alerting()])
    began = time.time()
    with broker.working(bench, settings) as worker:
        over = time.monotonic() + WAIT_SECONDS
        alerts = kafka_read.read_topic(
            settings,
            topics.ALERTS,
            follow=True,  # one reader that waits: asking again and again would slow the start down
            ended=lambda: worker.process.poll() is not None or time.monotonic() > over,
        )
        for alert in alerts:
            return alert.timestamp.timestamp() - began
        raise AssertionError(f"no alert within {WAIT_SECONDS:g} s\n{worker.log.read_text()}")


def alerting() -> Article:
    """Return a labelled article that raises an alert by itself."""
    for article, _ in mixes.labelled():
        coded = [backtest.Coded(made.coding, made.stances, made.mentions) for made in coding.coder().code(article)]
        if backtest.run(coded).alerts:
            return article
    raise AssertionError("no labelled article raises an alert")


def with_events(results: Results, bench: Bench, count: int) -> None:
    """Leave what a worker leaves that had these events, then start another and let it take a mention of each watch."""
    settings = bench.settings()
    events, later = held(count)
    size = fill(settings, events)
    tally(settings, events)
    send(settings, topics.MENTIONS, ((mention.watch, None, encode(mention)) for mention in later))
    began = time.time()
    with broker.working(bench, settings) as worker:
        worker.wait_for("ready: group")
        ready = time.time() - began
        watch = Stopwatch([worker.process.pid])
        broker.drain(settings, [worker])
        taken = time.time() - began
        _, used = watch.read()
        broker.publish(settings, [article for article, _ in islice(mixes.labelled(), CODED)])
        broker.drain(settings, [worker])
        memory = memory_mb(worker.process.pid)
    told = f"{len(events):,} events, {size / 1e6:.0f} MB of JSON, in {broker.PARTITIONS} partitions"
    note = f"{told}; ready after {ready:.1f} s"
    at_most = Target(RESTART_SECONDS, at_least=False)
    results.add(Figure(PART, "restart with events held, by the clock", taken, "s", "wall", at_most, note=note))
    cpu = sum(used.values())
    results.add(Figure(PART, "reading the events back, CPU", cpu, "s", "cpu", at_most, note=note))
    if memory > BASE_MB:
        each = (memory - BASE_MB) * 1024 / len(events)
        results.add(Figure(PART, "memory of an event", each, "kB", "count", note=f"above {BASE_MB} MB without events"))
    limit = Target(MEMORY_MB, at_least=False)
    coded = f"{told}; {CODED} articles coded since"
    results.add(Figure(PART, "memory of a worker with events held", memory, "MB", "count", limit, note=coded))


def held(count: int) -> tuple[list[tuple[str, Event]], list[Mention]]:
    """Return ``count`` events as a ledger keeps them, with their watches, and a later mention of each watch."""
    made = ledger_bench()
    ledger = Ledger(LedgerConfig(max_events=2 * count))
    newest: dict[str, tuple[str, Event]] = {}
    stream: Iterator[Mention] = made.load(int(count * 1.3))
    for mention in stream:
        for event in ledger.apply(mention).events:
            newest.pop(event.event_id, None)
            newest[event.event_id] = (mention.watch, event)
        if len(newest) >= count:
            break
    later: dict[str, Mention] = {}
    for mention in islice(stream, MENTIONS_AN_EVENT * 1000):
        later.setdefault(mention.watch, mention)
    return list(newest.values()), list(later.values())


def ledger_bench() -> ModuleType:
    """Return tests/ledger/bench.py, whose load this is."""
    path = Path(__file__).parents[1] / "ledger/bench.py"
    spec = importlib.util.spec_from_file_location("ledger_bench", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # NamedTuple classes look themselves up there
    spec.loader.exec_module(module)
    return module


def fill(settings: Settings, events: list[tuple[str, Event]]) -> int:
    """Put ``events`` where a worker would have: on the partition of their watch's mentions; return the bytes."""
    partitioner, numbers = DefaultPartitioner(), list(range(settings.partitions))
    values = [(event.event_id, partitioner(watch.encode(), numbers, numbers), encode(event)) for watch, event in events]
    send(settings, topics.EVENTS, values)
    return sum(len(value) for _, _, value in values)


def tally(settings: Settings, events: list[tuple[str, Event]]) -> None:
    """Put the tallies of ``events`` where a worker would have, and commit that they are counted."""
    partitioner, numbers = DefaultPartitioner(), list(range(settings.partitions))
    metrics = Tallies().apply(*(event for _, event in events))
    send(
        settings,
        topics.METRICS,
        (
            (
                f"{metric.watch}|{metric.window}|{metric.start.isoformat()}",
                partitioner(metric.watch.encode(), numbers, numbers),
                encode(metric),
            )
            for metric in metrics
        ),
    )
    consumer = KafkaConsumer(group_id=settings.group, enable_auto_commit=False, **kafka_client.kafka_python(settings))
    name = topics.full_name(settings, topics.EVENTS)
    parts = [TopicPartition(name, number) for number in numbers]
    consumer.assign(parts)
    ends = consumer.end_offsets(parts)
    consumer.commit({part: OffsetAndMetadata(end, "", -1) for part, end in ends.items()})
    consumer.close()


def send(settings: Settings, topic: topics.Topic, values: Iterable[tuple[str, int | None, bytes]]) -> None:
    """Send keyed values, each to its partition, or where its key leads."""
    producer = KafkaProducer(**kafka_client.kafka_python(settings), linger_ms=20, batch_size=256 * 1024)
    name = topics.full_name(settings, topic)
    futures = [producer.send(name, value, key=key.encode(), partition=part) for key, part, value in values]
    producer.flush()
    producer.close()
    if not all(future.succeeded() for future in futures):
        raise AssertionError(f"not all records of {name} were accepted")
