"""What all agents share: batches, decoding, sends in order, dead letters, and the acknowledgement at the end.

A batch goes through in rounds. In each, the pure core works on the records one after another; then what is for
others is sent and confirmed (stances, mentions, alerts), then the state (events, positions, metrics), and only when
the whole batch is through are its records acknowledged. Killed at any point, a worker's successor finds either the
offset, or the state that knows the record, or neither; never an offset whose results are missing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from streams import counting, dead_letters, logs, metrics, topics
from streams.agents.restoring import Gathered, Rebuilding, RestoresInTurn
from streams.counting import Counting
from streams.dead_letters import Failure, Source
from streams.errors import DetenteError
from streams.records import Record, encode
from streams.sender import Message, Sends
from streams.settings import Settings
from streams.state import PartitionStates, ReadPartition

S = TypeVar("S")
Place = tuple[str, int]
"""A topic's full name and the number of a partition."""

ROUND_SECONDS = 0.1
"""After so much work what came of it is sent before the rest of the batch is handled: what an article says need not
wait for a hundred others, and a send, which takes some milliseconds, is a small part of it."""

LOG = logs.logger("agents")


@dataclass(frozen=True, slots=True)
class Output:
    """One record that an agent gives, and its key."""

    topic: topics.Topic
    key: str
    record: Record


class Core(Protocol[S]):
    """A pure core as an agent needs it."""

    @property
    def name(self) -> str:
        """The agent's name, in logs and metrics."""

    @property
    def sources(self) -> tuple[topics.Topic, ...]:
        """The topics that it reads."""

    @property
    def state(self) -> tuple[topics.Topic, ...]:
        """The topics that hold its state; what it gives for them goes to the partition that its record came from."""

    def restore(self, records: Sequence[Record]) -> S:
        """Return the state that ``records`` (the newest of each key) tell of."""
        ...

    def handle(self, state: S, record: Any) -> Iterable[Output]:
        """Work ``record`` into ``state`` and return what comes of it."""
        ...


@dataclass(slots=True)
class Handled:
    """What came of one record: messages for others and for the state, or a failure."""

    source: Source
    others: list[Message] = field(default_factory=list)
    state: list[Message] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    failure: Failure | None = None
    given: Record | None = None
    """The record itself, where it could be read."""


class Shell(Generic[S]):
    """Runs one core over batches of raw records."""

    def __init__(
        self,
        core: Core[S],
        settings: Settings,
        sends: Sends,
        read: ReadPartition,
        counting: Counting | None = None,
    ) -> None:
        """Run ``core``, sending with ``sends`` and reading state back with ``read``."""
        self.core = core
        self.name = core.name
        self._counting = counting or Counting()
        self.busy_since: float | None = None
        """When the batch in hand was taken (monotonic seconds); None between batches."""
        self.handled_at = 0.0
        """When the last batch was done (monotonic seconds)."""
        self.assigned: frozenset[int] | None = None
        """The partitions of the source that this worker has; None before the first assignment."""
        self.revoked_at: float | None = None
        """When the rebalance began that has not given partitions yet (monotonic seconds); None between rebalances."""
        self._next: dict[tuple[str, int], int] = {}
        self._kinds = {topics.full_name(settings, topic): topic.record for topic in core.sources}
        self._settings = settings
        self._sends = sends
        names = tuple(topics.full_name(settings, topic) for topic in core.state)
        self._failed_restores: list[Handled] = []
        self.states: PartitionStates[S] = PartitionStates(core.name, names, self._rebuilding, read)

    async def handle(self, sources: Sequence[Source]) -> None:
        """Handle a batch to its end: when this returns, all that came of it is confirmed."""
        self.busy_since = started = time.monotonic()
        for source in sources:
            self._next.setdefault((source.topic, source.partition), source.offset)
        todo = list(sources)
        while todo:
            todo = todo[await self._round(todo) :]
        self.busy_since, self.handled_at = None, time.monotonic()
        self._next.update({(source.topic, source.partition): source.offset + 1 for source in sources})
        metrics.BATCH_SECONDS.labels(self.name).observe(time.monotonic() - started)
        metrics.RECORDS.labels(self.name).inc(len(sources))
        metrics.LAST_HANDLED.labels(self.name).set_to_current_time()
        sent = [source.timestamp for source in sources if source.timestamp]
        if sent:
            metrics.NEWEST_RECORD.labels(self.name).set(max(sent))

    def assign(self, parts: Iterable[Place]) -> None:
        """Note which of ``parts`` (topic and partition) are this agent's."""
        self.assigned = frozenset(number for name, number in parts if name in self._kinds)
        self.revoked_at = None

    def revoke(self, parts: Iterable[Place]) -> None:
        """Drop what is known of ``parts``; another worker may change it from now on."""
        self.revoked_at = time.monotonic()
        for place in parts:
            if place[0] in self._kinds:
                self.states.forget([place[1]])
                self._counting.forget(self.name, [place[1]])
                self._next.pop(place, None)

    def lag(self, ends: Mapping[Place, int]) -> int:
        """Return how many records wait; see ``waiting``."""
        return sum(self.waiting(ends).values())

    def waiting(self, ends: Mapping[Place, int], committed: Mapping[Place, int | None] = {}) -> dict[str, int]:
        """Return how many records wait by topic (without the prefix), as far as the end offsets ``ends`` tell.

        What was handled counts, committed or not; ``committed`` tells of partitions from which nothing came yet.
        """
        found = {topic.name: 0 for topic in self.core.sources}
        for place in self.places() | self._next.keys():
            done = self._next.get(place, committed.get(place))
            name = place[0].removeprefix(self._settings.topic_prefix)
            found[name] += max(0, ends.get(place, 0) - (done or 0))
        return found

    def places(self) -> set[Place]:
        """Return the partitions that this agent has."""
        return {(name, number) for name in self._kinds for number in self.assigned or ()}

    async def _round(self, todo: list[Source]) -> int:
        """Handle records up to the first that spoils its state, or for a while; return how many that were."""
        states = {partition: await self.states.get(partition) for partition in {item.partition for item in todo}}
        # In a thread: reading an article takes up to a tenth of a second, and the loop has other agents,
        # a rebalance to answer and a web server to run meanwhile.
        handled = await asyncio.to_thread(self._work, todo, states)
        refused = await self._send(handled, "others")
        if refused and self.core.state:
            # No state without its alerts; what comes after builds on that state and is handled again.
            handled = handled[: min(refused) + 1]
            handled[-1].state.clear()
        refused += await self._send(handled, "state")
        for index in refused:
            if index < len(handled) and handled[index].failure is None:
                handled[index].failure = Failure("produce", "refused", "the broker refuses a result for its size")
        spoiled = {item.source.partition for item in handled if item.failure and item.failure.stage != "decode"}
        # What an exception left half done must not be built upon; the topics hold what was before.
        if self.core.state:
            self.states.forget(spoiled)
            self._counting.forget(self.name, spoiled)
        await self._bury([item for item in handled if item.failure])
        for item in handled:
            if item.given is not None and not item.failure:
                self._counting.handled(item.source.partition, item.given, item.source.headers, item.records)
        return len(handled)

    def _work(self, todo: list[Source], states: dict[int, S]) -> list[Handled]:
        handled = []
        enough = time.monotonic() + ROUND_SECONDS
        for source in todo:
            item = self._one(source, states[source.partition])
            handled.append(item)
            spoiled = item.failure and item.failure.stage != "decode" and self.core.state
            if spoiled or time.monotonic() > enough:
                break
        return handled

    def _one(self, source: Source, state: S) -> Handled:
        record = dead_letters.read(source, self._kinds[source.topic])
        if isinstance(record, Failure):
            return Handled(source, failure=record)
        try:
            with metrics.RECORD_SECONDS.labels(self.name).time():
                outputs = list(self.core.handle(state, record))
        except DetenteError as error:
            return Handled(source, failure=Failure("process", "input", str(error)))
        except Exception as error:  # whatever it is, the record is kept and the rest goes on
            return Handled(source, failure=dead_letters.crashed(error))
        item = Handled(source, given=record)
        travelling = counting.travelling(record, source.timestamp)
        for output in outputs:
            message = self._message(output, source, travelling)
            limit = topics.record_bytes(self._settings, output.topic)
            if len(message.key) + len(message.value) > limit:
                told = f"a record for {message.topic} has {len(message.value):,} bytes, more than {limit:,}"
                return Handled(source, failure=Failure("produce", "too_large", told))
            (item.state if output.topic in self.core.state else item.others).append(message)
            item.records.append(output.record)
        return item

    def _message(self, output: Output, source: Source, headers: tuple[tuple[str, bytes], ...]) -> Message:
        partition = source.partition if output.topic in self.core.state else None
        name = topics.full_name(self._settings, output.topic)
        return Message(name, output.key.encode(), encode(output.record), partition, headers)

    async def _send(self, handled: list[Handled], which: str) -> list[int]:
        """Send one kind of messages of all; return the indexes in ``handled`` of those that were refused."""
        owned = [(index, message) for index, item in enumerate(handled) for message in getattr(item, which)]
        if which == "state":
            owned = self._newest(owned)
        owners = [index for index, _ in owned]
        messages = [message for _, message in owned]
        return [owners[index] for index in await self._sends.send(messages)]

    def _newest(self, owned: list[tuple[int, Message]]) -> list[tuple[int, Message]]:
        """Leave out what compaction would: of a round, records that newer ones of their key take the place of.

        On a topic whose records build on each other only those that are followed by their successor at once.
        """
        in_turn = {topics.full_name(self._settings, topic) for topic in self.core.state if topic.in_turn}
        found: dict[tuple[object, int], tuple[int, Message]] = {}
        turn = 0
        last = None
        for index, message in owned:
            place = (message.topic, message.key, message.partition)
            turn += place != last
            last = place
            found[place, turn if message.topic in in_turn else 0] = (index, message)
        return list(found.values())

    async def _bury(self, failed: list[Handled]) -> None:
        """Send the dead letters of records that failed."""
        name = topics.full_name(self._settings, topics.DEAD_LETTERS)
        now = dt.datetime.now(dt.timezone.utc)
        failed = failed + self._failed_restores
        self._failed_restores = []
        messages = []
        for item in failed:
            if item.failure is None:
                continue
            dead = dead_letters.letter(item.source, self.name, item.failure, now)
            messages.append(Message(name, dead.stage.encode(), encode(dead)))
            metrics.DEAD_LETTERS.labels(self.name, dead.stage, dead.reason).inc()
            LOG.warning(
                "%s: dead letter %s from %s, partition %d, offset %d: %s, %s: %s",
                self.name, dead.id, dead.topic, dead.partition, dead.offset, dead.stage, dead.reason,
                dead.error.strip().splitlines()[-1] if dead.error.strip() else "",
            )  # fmt: skip
        if await self._sends.send(messages):
            LOG.error("%s: a dead letter is too large for its topic: run `detente topics check`", self.name)

    def _rebuilding(self, partition: int) -> Rebuilding[S]:
        """Return what makes the state of a partition from its records."""
        kinds = {topics.full_name(self._settings, topic): topic.record for topic in self.core.state}
        core = self.core
        restoring = core.restoring() if isinstance(core, RestoresInTurn) else Gathered(core.restore)
        return Rebuilding(self.name, partition, kinds, restoring, self._counting, self._cannot_restore)

    def _cannot_restore(self, source: Source, failure: Failure) -> None:
        self._failed_restores.append(Handled(source, failure=failure))
