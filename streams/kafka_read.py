"""Reads a topic from a command: from its start or a time, to its end or for ever, without a consumer group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams import kafka_client, topics
from streams.errors import DetenteError
from streams.settings import Settings

POLL_MS = 200
"""How long one poll waits for records: short enough that Ctrl-C and new records are felt as immediate."""


@dataclass(frozen=True, slots=True)
class Read:
    """One record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    timestamp: dt.datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def read_topic(
    settings: Settings,
    topic: topics.Topic,
    *,
    since: dt.datetime | None = None,
    follow: bool = False,
    partitions: Sequence[int] | None = None,
    ended: Callable[[], bool] = bool,
) -> Iterator[Read]:
    """Yield the records of ``topic``: what is there now, and with ``follow`` what comes, until ``ended`` says so.

    ``since`` starts at the first record sent at or after that time. Order holds within a partition only.
    Raises ``DetenteError`` where there is no broker or no such topic.
    """
    name = topics.full_name(settings, topic)
    with kafka_client.connecting(settings):
        consumer = KafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **kafka_client.kafka_python(settings)
        )
    try:
        with kafka_client.connecting(settings):
            assigned = _assign(consumer, name, partitions)
            _seek(consumer, assigned, since)
            ends = consumer.end_offsets(assigned)
            yield from _records(consumer, ends, follow, ended)
    finally:
        consumer.close()


def _assign(consumer: Any, name: str, partitions: Sequence[int] | None) -> list[TopicPartition]:
    there = consumer.partitions_for_topic(name)
    if not there:
        raise DetenteError(f"topic {name} does not exist", hint="Run `detente topics create`.")
    chosen = sorted(there if partitions is None else set(partitions) & set(there))
    assigned = [TopicPartition(name, number) for number in chosen]
    consumer.assign(assigned)
    return assigned


def _seek(consumer: Any, assigned: list[TopicPartition], since: dt.datetime | None) -> None:
    if since is None:
        consumer.seek_to_beginning(*assigned)
        return
    start = int(since.timestamp() * 1000)
    found = consumer.offsets_for_times(dict.fromkeys(assigned, start))
    for part in assigned:
        if found.get(part) is None:
            consumer.seek_to_end(part)
        else:
            consumer.seek(part, found[part].offset)


def _records(consumer: Any, ends: dict[TopicPartition, int], follow: bool, ended: Callable[[], bool]) -> Iterator[Read]:
    open_parts = {part for part, end in ends.items() if consumer.position(part) < end}
    while (follow or open_parts) and not ended():
        polled: dict[TopicPartition, list[Any]] = consumer.poll(timeout_ms=POLL_MS)
        for part, found in polled.items():
            for record in found:
                # Without `follow` the end is where it was at the start, or a busy topic would never end.
                if follow or record.offset < ends[part]:
                    yield _read(record)
        open_parts = {part for part in open_parts if consumer.position(part) < ends[part]}


def _read(record: Any) -> Read:
    return Read(
        record.topic,
        record.partition,
        record.offset,
        dt.datetime.fromtimestamp(record.timestamp / 1000, dt.timezone.utc),
        record.key,
        record.value,
        tuple(record.headers or ()),
    )
