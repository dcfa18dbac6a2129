"""Reading a state back: the newest of each key, on from where an error stopped it, nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest
from aiokafka import TopicPartition
from aiokafka import errors as kafka_errors

from streams import state
from streams.errors import DetenteError
from streams.settings import Settings

PART = TopicPartition("detente.events", 2)
FETCH = 3


@dataclass(frozen=True)
class Lies:
    """A record as it lies on the topic."""

    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Broker:
    """A partition with holes in its offsets; fetches numbered in ``failing`` fail, and from ``silent`` on none comes.

    A new connection ends the silence, and finds the first ``kept`` records.
    """

    def __init__(self, records: list[Lies], failing: frozenset[int] = frozenset(), silent: int | None = None) -> None:
        self.records = records
        self.failing = failing
        self.silent = silent
        self.kept = len(records)
        self.fetches = self.connections = 0

    def consumer(self, **_: object) -> Consumer:
        self.connections += 1
        return Consumer(self)


class Consumer:
    """As much of aiokafka's consumer as reading a state takes."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.at = 0

    async def start(self) -> None:
        """Connect."""
        if self.broker.silent is not None and self.broker.fetches >= self.broker.silent:
            self.broker.silent = None
            self.broker.records = self.broker.records[: self.broker.kept]

    async def stop(self) -> None:
        """Leave; behind a fetch that failed with a cancellation, as aiokafka does before it fetches again."""
        if self.broker.fetches in self.broker.failing:
            raise asyncio.CancelledError

    def assign(self, parts: list[TopicPartition]) -> None:
        assert parts == [PART]

    async def end_offsets(self, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {PART: self.broker.records[-1].offset + 1 if self.broker.records else 0}

    async def seek_to_beginning(self, part: TopicPartition) -> None:
        self.at = 0

    def seek(self, part: TopicPartition, offset: int) -> None:
        self.at = offset

    async def position(self, part: TopicPartition) -> int:
        return self.at

    async def getmany(
        self, part: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Lies]]:
        self.broker.fetches += 1
        if self.broker.fetches in self.broker.failing:
            raise kafka_errors.KafkaConnectionError
        if self.broker.silent is not None and self.broker.fetches >= self.broker.silent:
            await asyncio.sleep(0)
            return {}
        found = [record for record in self.broker.records if record.offset >= self.at][: min(FETCH, max_records)]
        self.at = found[-1].offset + 1
        return {PART: found}


GONE = 36
"""The last record of its key is a null."""
RECORDS = [Lies(place * 2, b"key%d" % (place % 7), b"%d" % place if place != GONE else None) for place in range(40)]
Pairs = list[tuple[bytes | None, bytes | None]]


def read(broker: Broker, monkeypatch: pytest.MonkeyPatch, patience: float = 30.0) -> Pairs:
    monkeypatch.setattr(state, "AIOKafkaConsumer", broker.consumer)
    monkeypatch.setattr(state, "PAUSE_SECONDS", 0.0)

    async def all_of_it() -> Pairs:
        reading = state.Reader(replace(Settings(), send_timeout=patience))(*PART)
        return [(source.key, source.value) async for found in reading for source in found]

    return asyncio.run(all_of_it())


def test_the_newest_of_each_key_are_read_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    last = {record.key: record.value for record in RECORDS}
    wanted = sorted((int(value), key) for key, value in last.items() if value is not None)
    assert len(wanted) == 6
    assert read(Broker(RECORDS), monkeypatch) == [(key, b"%d" % value) for value, key in wanted]
    assert read(Broker([]), monkeypatch) == []


def test_a_fetch_with_more_than_is_worked_on_at_once_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(Broker(RECORDS), monkeypatch)
    monkeypatch.setattr(state, "MOST_RECORDS", 2)
    broker = Broker(RECORDS)
    assert read(broker, monkeypatch) == whole
    assert broker.fetches > len(RECORDS) // 2


@pytest.mark.parametrize("failing", [{1}, {9}, {15}, {15, 16, 17}, {2, 15}])
def test_an_error_on_the_way_changes_nothing(failing: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(Broker(RECORDS), monkeypatch)
    broker = Broker(RECORDS, frozenset(failing))
    assert read(broker, monkeypatch) == whole
    assert broker.connections == 1 + len(failing)


@pytest.mark.parametrize("silent", [1, 9, 15])
def test_a_connection_that_hangs_is_given_up_for_another(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(Broker(RECORDS), monkeypatch)
    monkeypatch.setattr(state, "ANSWER_SECONDS", 0.05)
    broker = Broker(RECORDS, silent=silent)
    assert read(broker, monkeypatch) == whole
    assert broker.connections == 2


def test_a_topic_that_lost_its_tail_is_read_to_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that starts again without the records at its end answers, but never with what was there."""
    monkeypatch.setattr(state, "ANSWER_SECONDS", 0.05)
    broker = Broker(RECORDS, silent=len(RECORDS) // FETCH)
    broker.kept -= 3
    assert read(broker, monkeypatch) == read(Broker(RECORDS[:-3]), monkeypatch)


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DetenteError, match=r"detente\.events, partition 2, cannot be read"):
        read(Broker(RECORDS, frozenset(range(1, 100_000))), monkeypatch, patience=0.0)
