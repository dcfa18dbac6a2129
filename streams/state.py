"""The state of a partition, read back from the compacted topics that hold it.

There are no tables beside the topics: what an agent knows is what it has written to its state topic, the newest
record of each key. It is read when the first record of a partition arrives after an assignment, and dropped when
the partition goes away, so that two workers never build on two memories of one partition.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka_errors

from streams import kafka_client, logs, metrics
from streams.dead_letters import Source
from streams.errors import DetenteError
from streams.settings import Settings

S = TypeVar("S")

FETCH_MS = 500
"""How long one fetch waits; the end offset is known, so that only a broker without an answer ever waits it out."""
PAUSE_SECONDS = 1.0

LOG = logs.logger("state")

ReadPartition = Callable[[str, int], Awaitable[list[Source]]]


class PartitionStates(Generic[S]):
    """The states of the partitions that a worker has at the moment."""

    def __init__(
        self, agent: str, names: tuple[str, ...], build: Callable[[int, list[Source]], S], read: ReadPartition
    ):
        """Build a state from the records of the topics ``names`` (full names), as ``read`` gets them."""
        self._agent = agent
        self._names = names
        self._build = build
        self._read = read
        self._states: dict[int, S] = {}

    async def get(self, partition: int) -> S:
        """Return the state of ``partition``, read back if this is the first time that it is asked for."""
        if partition not in self._states:
            started = time.monotonic()
            found: list[Source] = []
            for name in self._names:
                found += await self._read(name, partition)
            self._states[partition] = await asyncio.to_thread(self._build, partition, found)
            if self._names:
                metrics.RESTORES.labels(self._agent).inc()
                metrics.RESTORE_SECONDS.labels(self._agent).inc(time.monotonic() - started)
        return self._states[partition]

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop the states of ``partitions``; they are read back when they are needed again."""
        for partition in partitions:
            self._states.pop(partition, None)

    def __contains__(self, partition: int) -> bool:
        """Whether the state of ``partition`` is held."""
        return partition in self._states

    def __len__(self) -> int:
        """Return how many states are held."""
        return len(self._states)


def reader(settings: Settings) -> ReadPartition:
    """Return what reads one partition of a state topic, retrying until ``send_timeout`` is over."""

    async def read(name: str, partition: int) -> list[Source]:
        deadline = time.monotonic() + settings.send_timeout
        while True:
            try:
                return await _newest(settings, name, partition)
            except kafka_errors.KafkaError as error:
                if time.monotonic() > deadline:
                    raise DetenteError(
                        f"the state of {name}, partition {partition}, cannot be read: {error!r}",
                        hint="Nothing is lost: the worker reads it when it starts with a broker that answers.",
                    ) from error
                LOG.warning(
                    "reading %s, partition %d, failed (%r), again in %g s", name, partition, error, PAUSE_SECONDS
                )
                await asyncio.sleep(PAUSE_SECONDS)

    return read


async def _newest(settings: Settings, name: str, partition: int) -> list[Source]:
    """Return the newest record of each key, from the start of the partition to its end as of now."""
    part = TopicPartition(name, partition)
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, auto_offset_reset="earliest", **kafka_client.aiokafka(settings)
    )
    newest: dict[bytes | None, Source] = {}
    try:
        await consumer.start()
        consumer.assign([part])
        end = (await consumer.end_offsets([part]))[part]
        await consumer.seek_to_beginning(part)
        while await consumer.position(part) < end:
            for record in (await consumer.getmany(part, timeout_ms=FETCH_MS)).get(part, ()):
                newest.pop(record.key, None)  # so that the order is that of the newest records
                if record.value is not None:
                    newest[record.key] = Source(
                        name, partition, record.offset, record.key, record.value, tuple(record.headers)
                    )
    finally:
        await consumer.stop()
    return list(newest.values())
