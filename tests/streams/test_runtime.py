"""What surrounds the agents: metrics, health, logs, state, reading topics."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import kafka
import pytest

from memory import Memory
from streams import kafka_client, logs, metrics, topics, workers
from streams.agents.shell import Shell
from streams.agents.tallies import TalliesCore
from streams.dead_letters import Source
from streams.errors import DetenteError
from streams.health import Health
from streams.kafka_read import read_topic
from streams.records import DeadLetter, encode
from streams.settings import Settings, load
from streams.state import PartitionStates, Reader
from streams.watchdog import STUCK_EXIT, Watchdog
from workers_at_work import wait_until


def shell() -> Shell[object]:
    log = Memory()
    return Shell(TalliesCore(180.0), Settings(), log, log.read)


def test_every_metric_has_all_its_children_from_the_start() -> None:
    text = metrics.exposition().decode()
    for stage, reasons in metrics.REASONS.items():
        for reason in reasons:
            assert f'reason="{reason}",stage="{stage}"' in text
    assert 'kind="surge"' in text
    assert "_created" not in text
    for line in text.splitlines():
        if line.startswith("# TYPE detente_") and line.endswith(" counter"):
            assert line.split()[2].endswith("_total"), line


def test_readiness_tells_what_is_missing() -> None:
    one = shell()
    health = Health([one], stuck_after=10.0)
    assert health.problems() == ["tallies: no partitions assigned yet"]
    one.assign([("detente.codings", 0)])
    assert health.problems() == []
    one.busy_since = time.monotonic() - 11
    assert health.problems() == ["tallies: in one batch for 11 s"]
    health.stopping = True
    assert health.problems()[0] == "stopping"


def test_log_lines_for_machines_are_json_and_carry_fields() -> None:
    record = logging.LogRecord("detente.x", logging.WARNING, "p", 1, "said %s", ("it",), None)
    record.fields = {"agent": "ledger"}
    told = json.loads(logs.Json().format(record))
    assert (told["message"], told["level"], told["agent"]) == ("said it", "warning", "ledger")
    assert logs.Plain().format(record).endswith("warning x: said it")


def test_libraries_repeat_themselves_seldom_and_we_are_always_heard() -> None:
    seldom = logs.Seldom()

    def passes(name: str, at: float) -> bool:
        record = logging.LogRecord(name, logging.ERROR, "p", 1, "again %d", (1,), None)
        record.created = at
        return seldom.filter(record)

    assert [passes("aiokafka", at) for at in (100.0, 101.0, 109.9, 110.1)] == [True, False, False, True]
    assert [passes("detente.x", at) for at in (100.0, 100.1)] == [True, True]


def test_a_state_is_read_once_and_again_after_it_was_forgotten() -> None:
    reads = []

    async def read(name: str, partition: int) -> AsyncGenerator[list[Source], None]:
        reads.append((name, partition))
        yield [Source(name, partition, 0, b"key", b"value")]

    class Building:
        def __init__(self, partition: int) -> None:
            self.found: list[object] = [partition]

        def take(self, found: Sequence[Source]) -> None:
            self.found += found

        def finish(self) -> list[object]:
            return self.found

    states = PartitionStates("ledger", ("events",), Building, read)

    async def ask() -> None:
        first = await states.get(3)
        assert first == [3, Source("events", 3, 0, b"key", b"value")]
        assert await states.get(3) is first
        states.forget([3])
        assert await states.get(3) is not first

    asyncio.run(ask())
    assert reads == [("events", 3)] * 2


def test_workers_have_ports_and_names_of_their_own_and_exactly_our_settings() -> None:
    settings = replace(Settings(), metrics_port=9000, group_instance="w", ledger_open_days=9, surge_factor=2.5)
    assert workers.numbered(settings, 2).metrics_port == 9002
    assert workers.numbered(settings, 2).group_instance == "w-2"
    assert workers.numbered(replace(settings, metrics_port=0, group_instance=""), 2).metrics_port == 0
    assert load(environ=workers.environment(settings)).settings == settings


def test_what_the_broker_has_is_read_from_the_start_or_a_time(settings: Settings) -> None:
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(settings))
    name = topics.full_name(settings, topics.ALERTS)
    times = []
    for day in range(10):
        sent = producer.send(name, b"%d" % day, key=b"%d" % day, partition=day % 4).get(10)
        times.append(dt.datetime.fromtimestamp(sent.timestamp / 1000, dt.timezone.utc))
        # The broker stamps what it gets to the millisecond: the next one is to have a later one.
        wait_until(lambda: dt.datetime.now(dt.timezone.utc) > times[-1] + dt.timedelta(milliseconds=2), "a tick")
    producer.close()

    def values(**wanted: object) -> list[int]:
        return sorted(int(read.value or b"") for read in read_topic(settings, topics.ALERTS, **wanted))  # type: ignore[arg-type]

    assert values() == list(range(10))
    assert values(since=times[6]) == [6, 7, 8, 9]
    assert values(partitions=[1, 99]) == [1, 5, 9]
    assert values(since=times[-1] + dt.timedelta(days=60)) == []


def test_reading_a_topic_that_is_missing_says_so(no_topics: Settings) -> None:
    with pytest.raises(DetenteError, match="does not exist"):
        list(read_topic(no_topics, topics.ALERTS))


def test_the_newest_record_of_each_key_is_the_state(settings: Settings) -> None:
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(settings))
    name = topics.full_name(settings, topics.EVENTS)
    for key, value in ((b"a", b"1"), (b"b", b"2"), (b"a", b"3"), (b"c", b"4"), (b"c", None)):
        producer.send(name, value, key=key, partition=2).get(10)
    producer.close()

    async def read(partition: int) -> list[tuple[bytes | None, bytes | None]]:
        return [(item.key, item.value) async for found in Reader(settings)(name, partition) for item in found]

    assert asyncio.run(read(2)) == [(b"b", b"2"), (b"a", b"3")]
    assert asyncio.run(read(1)) == []


def test_a_dead_letter_holds_the_largest_record() -> None:
    settings = Settings()
    dead = DeadLetter(
        id="i", stage="decode", agent="coder", topic="t", partition=0, offset=0, key=b"k",
        value=b"\xff" * settings.record_bytes, reason="not_json", error="e" * 4000,
        failed_at=dt.datetime.now(dt.timezone.utc),
    )  # fmt: skip
    assert len(encode(dead)) < topics.record_bytes(settings, topics.DEAD_LETTERS)


class Vital:
    """A worker's health as the watchdog asks for it."""

    def __init__(self, *found: str) -> None:
        self.found = list(found)
        self.asked = 0

    def stuck(self, after: float) -> list[str]:
        return self.found

    async def refresh(self) -> None:
        self.asked += 1


def test_a_worker_without_headway_is_told_to_end_with_a_code_of_its_own() -> None:
    failures: list[BaseException] = []
    ended: list[int] = []

    async def watch(limit: float, health: Vital) -> None:
        watchdog = Watchdog(health, limit, 0.01, failures.append, ended.append)
        watchdog.start(asyncio.get_running_loop())
        while limit and not failures and health.asked < 3:
            await asyncio.sleep(0.01)
        watchdog.close()

    asyncio.run(watch(0.1, Vital()))
    asyncio.run(watch(0.0, Vital("0: never")))
    assert not failures
    ended.clear()  # a busy machine may have held the loop itself still for a tenth of a second
    asyncio.run(watch(0.1, Vital("coder: in one batch for 7 s")))
    assert isinstance(failures[0], DetenteError)
    assert failures[0].exit_code == STUCK_EXIT
    assert "coder: in one batch for 7 s" in failures[0].message
    wait_until(lambda: STUCK_EXIT in ended, "the end by force of one that hangs")


def test_what_counts_as_no_headway() -> None:
    one = shell()

    async def silent(places: object) -> tuple[dict[object, int], dict[object, int | None]]:
        raise OSError

    health = Health([one], stuck_after=1000.0, ask=silent)  # type: ignore[arg-type]
    assert health.stuck(10.0) == []
    asyncio.run(health.refresh())
    wait_until(lambda: len(health.stuck(0.01)) == 2, "time to pass")
    assert [told.partition(" for ")[0] for told in health.stuck(0.01)] == [
        "tallies: no partitions",
        "the brokers have told nothing",
    ]
    one.assign([("detente.codings", 0)])
    one.busy_since = time.monotonic() - 11
    assert health.stuck(10.0) == ["tallies: in one batch for 11 s"]
