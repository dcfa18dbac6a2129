"""The state of a partition, read back from the compacted topics that hold it.

There are no tables beside the topics: what an agent knows is what it has written to its state topic, the newest
record of each key. It is read as soon as a worker has the partition, since the first record would wait for it
otherwise, and dropped when the partition goes away. Should a worker that was thought dead have written meanwhile, the
first record finds the topic longer than it was and has the state read again: two workers never build on two memories of
one partition.

A topic is read twice, first only for where the newest record of each key lies: so what is read is worked in as it
comes, and never held as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka_errors

from streams import calls, kafka_client, logs, metrics
from streams.dead_letters import Source
from streams.errors import DetenteError
from streams.settings import Settings

S_co = TypeVar("S_co", covariant=True)
S = TypeVar("S")
A = TypeVar("A")

FETCH_MS = 500
"""How long one fetch waits; the end offset is known, so that only a broker without an answer ever waits it out."""
MOST_RECORDS = 500
"""Records worked on at once; a fetch has thousands where they are small, and what these take as objects, some of it
stays as holes between what is kept."""
PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 10.0
"""After so long without headway a connection is given up for a new one. A broker answers within a second, and one that
starts again within some; but a connection that lived through that can wait for ever, and a topic whose tail was lost
with a disk never gets as far as it was."""

LOG = logs.logger("state")

ReadPartition = Callable[[str, int], AsyncGenerator[Sequence[Source], None]]
"""Yields the newest record of each key of a topic's partition, some at a time."""
Ends = Callable[[Sequence[str], int], Awaitable[Sequence[int]]]
"""Returns how far topics go on a partition."""


class Building(Protocol[S_co]):
    """A state in the making."""

    def take(self, found: Sequence[Source]) -> None:
        """Work in some records."""

    def finish(self) -> S_co:
        """Return the state, when all records were taken."""


class PartitionStates(Generic[S]):
    """The states of the partitions that a worker has at the moment."""

    def __init__(
        self, agent: str, names: tuple[str, ...], build: Callable[[int], Building[S]], read: ReadPartition
    ) -> None:
        """Build a state from the records of the topics ``names`` (full names), as ``read`` gets them."""
        self._agent = agent
        self._names = names
        self._build = build
        self._read = read
        self._states: dict[int, S] = {}
        self._early: dict[int, tuple[Ends, Sequence[int]]] = {}
        """Of states that no record has asked for yet, how far their topics went before they were read."""
        self._forgotten: dict[int, int] = {}
        """How often a partition's state was dropped."""
        self._reading: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, partition: int) -> S:
        """Return the state of ``partition``, read back if there is none that still holds."""
        if partition in self._states and partition not in self._early:
            return self._states[partition]
        async with self._reading[partition]:
            ends, before = self._early.get(partition, (None, ()))
            if ends is not None and list(before) != list(await ends(self._names, partition)):
                LOG.warning("%s: partition %d was written to by another worker, reading again", self._agent, partition)
                self._states.pop(partition, None)
            self._early.pop(partition, None)
            if partition not in self._states:
                self._states[partition] = await self._read_back(partition)
            return self._states[partition]

    async def prepare(self, partition: int, ends: Ends) -> bool:
        """Read the state of ``partition`` back before any record asks for it; return whether it is wanted still."""
        async with self._reading[partition]:
            if partition in self._states:
                return True
            times = self._forgotten.get(partition, 0)
            before = await ends(self._names, partition)
            state = await self._read_back(partition, empty=not any(before))
            if self._forgotten.get(partition, 0) != times:
                return False
            self._states[partition], self._early[partition] = state, (ends, before)
            return True

    async def _read_back(self, partition: int, empty: bool = False) -> S:
        started = time.monotonic()
        building = self._build(partition)
        for name in () if empty else self._names:
            async with contextlib.aclosing(self._read(name, partition)) as reading:
                async for found in reading:
                    await asyncio.to_thread(building.take, found)
        state = await asyncio.to_thread(building.finish)
        if self._names:
            metrics.RESTORES.labels(self._agent).inc()
            metrics.RESTORE_SECONDS.labels(self._agent).inc(time.monotonic() - started)
        return state

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop the states of ``partitions``; they are read back when they are needed again."""
        for partition in partitions:
            self._states.pop(partition, None)
            self._early.pop(partition, None)
            self._forgotten[partition] = self._forgotten.get(partition, 0) + 1

    def __contains__(self, partition: int) -> bool:
        """Whether the state of ``partition`` is held."""
        return partition in self._states

    def __len__(self) -> int:
        """Return how many states are held."""
        return len(self._states)


class Reader:
    """Reads partitions of state topics; what fails is tried again until ``send_timeout`` is over."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking: Any = None
        """A consumer of nothing: an idle one answers at once, one that fetches only when its fetch is over."""
        self._starting = asyncio.Lock()

    async def __call__(self, name: str, partition: int) -> AsyncGenerator[Sequence[Source], None]:
        """See ``ReadPartition``."""
        reading = _Reading(self._settings, TopicPartition(name, partition))
        deadline = self._deadline()
        while not reading.done:
            try:
                async with reading.connected() as consumer:
                    await reading.find(consumer)
                    async for found in reading.records(consumer):
                        yield found
                        deadline = self._deadline()
            except kafka_errors.KafkaError as error:
                await self._pause(f"{name}, partition {partition}", error, deadline)

    async def ends(self, names: Sequence[str], partition: int) -> Sequence[int]:
        """See ``Ends``."""
        parts = [TopicPartition(name, partition) for name in names]
        deadline = self._deadline()
        while True:
            try:
                found = await _answer((await self._asked()).end_offsets(parts)) if parts else {}
                return [found[part] for part in parts]
            except kafka_errors.KafkaError as error:
                await self.stop()
                await self._pause(f"{', '.join(names)}, partition {partition}", error, deadline)

    async def stop(self) -> None:
        """Close the connection."""
        asking, self._asking = self._asking, None
        if asking is not None:
            await _stop(asking)

    async def _asked(self) -> Any:
        async with self._starting:
            if self._asking is None:
                consumer = AIOKafkaConsumer(enable_auto_commit=False, **kafka_client.aiokafka(self._settings))
                try:
                    await _answer(consumer.start())
                except BaseException:
                    await _stop(consumer)
                    raise
                self._asking = consumer
            return self._asking

    def _deadline(self) -> float:
        return time.monotonic() + self._settings.send_timeout

    async def _pause(self, what: str, error: Exception, deadline: float) -> None:
        """Wait until it is worth trying again; raise a ``DetenteError`` once ``deadline`` is over."""
        if time.monotonic() > deadline:
            raise DetenteError(
                f"the state of {what}, cannot be read: {error!r}",
                hint="Nothing is lost: the worker reads it when it starts with a broker that answers.",
            ) from error
        LOG.warning("reading %s, failed (%r), again in %g s", what, error, PAUSE_SECONDS)
        await asyncio.sleep(PAUSE_SECONDS)


async def _answer(asked: Awaitable[A]) -> A:
    return await calls.answer(asked, ANSWER_SECONDS)


async def _stop(consumer: Any) -> None:
    await calls.close(consumer, ANSWER_SECONDS)


class _Reading:
    """One partition being read, from its start to its end as of the beginning; it goes on where an error stopped it."""

    def __init__(self, settings: Settings, part: TopicPartition) -> None:
        self._settings = settings
        self._part = part
        self._newest: Collection[int] | None = None
        """The offsets of the newest record of each key."""
        self._next = self._end = 0

    @property
    def done(self) -> bool:
        """Whether all was read."""
        return self._newest is not None and self._next >= self._end

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Any]:
        """Yield a consumer of the partition."""
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **kafka_client.aiokafka(self._settings)
        )
        try:
            await _answer(consumer.start())
            consumer.assign([self._part])
            yield consumer
        finally:
            await _stop(consumer)

    async def find(self, consumer: Any) -> None:
        """Find where the newest record of each key lies, unless that is known."""
        if self._newest is not None:
            return
        end = await self._ends(consumer)
        newest: dict[bytes | None, int] = {}
        await _answer(consumer.seek_to_beginning(self._part))
        while await _answer(consumer.position(self._part)) < end:
            for record in await self._fetch(consumer):
                if record.value is None:
                    newest.pop(record.key, None)
                elif record.offset < end:
                    newest[record.key] = record.offset
        self._newest = frozenset(newest.values())
        self._next, self._end = min(self._newest, default=end), end

    async def records(self, consumer: Any) -> AsyncIterator[list[Source]]:
        """Yield the newest records that were not yielded yet."""
        if self.done:
            return
        self._end = min(self._end, await self._ends(consumer))
        consumer.seek(self._part, self._next)
        while not self.done:
            found = [record for record in await self._fetch(consumer) if record.offset in (self._newest or ())]
            self._next = await _answer(consumer.position(self._part))
            if found:
                yield [self._source(record) for record in found]

    async def _ends(self, consumer: Any) -> int:
        found: int = (await _answer(consumer.end_offsets([self._part])))[self._part]
        return found

    async def _fetch(self, consumer: Any) -> Sequence[Any]:
        """Return what a fetch brings; raise once there was nothing for long, as more is there by all that is known."""
        before = await _answer(consumer.position(self._part))
        patient_until = time.monotonic() + ANSWER_SECONDS
        while True:
            got = await _answer(consumer.getmany(self._part, timeout_ms=FETCH_MS, max_records=MOST_RECORDS))
            found: Sequence[Any] = got.get(self._part, ())
            if found or await _answer(consumer.position(self._part)) != before:
                return found
            if time.monotonic() > patient_until:
                raise kafka_errors.KafkaTimeoutError(f"nothing came from offset {before} on in {ANSWER_SECONDS:g} s")

    def _source(self, record: Any) -> Source:
        name, partition = self._part
        return Source(name, partition, record.offset, record.key, record.value, tuple(record.headers))
