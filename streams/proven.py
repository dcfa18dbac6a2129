"""Faust's consumer, with another way to tell what is handled.

Faust commits up to the end of a run of acknowledged offsets, takes any offsets that it did not see for a hole, and
begins such a run anywhere when nothing was committed before. But it drops fetched records itself: what arrives while a
rebalance has stopped the flow is thrown away, or acknowledged unhandled when a stream comes upon it later. It trusts
in a seek to the committed offset to bring them back, and there is no such seek where nothing was committed yet. Such
records were skipped for good.

Here only what an agent says it has handled counts, ``Progress`` says what may be committed, and what was dropped is
read again: at once and in order if it never came to an agent's queue, and within a second if it was lost from there.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from faust.transport.drivers import aiokafka as driver

from streams import logs, metrics
from streams.fetched import Fetched, tell_positions
from streams.in_hand import InHand
from streams.progress import Progress

REVIEW_SECONDS = 1.0
"""How often the queues are compared with what was fetched: a loss from there is rare, a second more does not matter,
and each look goes through some hundred messages."""

FETCH_SECONDS = 1.0
"""The longest wait for records, as in Faust: after it a stop is noticed."""

LOG = logs.logger("consumer")


class ProvenConsumer(driver.Consumer):
    """Faust's consumer, which commits what is proved to be handled and reads again what was dropped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        tell_positions()
        self._reviewed_at = 0.0
        self._taken = InHand()
        self._forget_all()
        super().__init__(*args, **kwargs)
        self._conduct, self.callback = self.callback, self._deliver

    def taken(self, message: Any) -> None:
        """Note that an agent has ``message`` in hand."""
        self._taken.take(message)

    def handled(self, message: Any) -> None:
        """Note that all that came of ``message`` is confirmed; to be called before it is acknowledged."""
        self._handled[message.tp].add(message.offset)
        self._taken.done(message)

    async def wait_empty(self) -> None:
        """Wait for what agents have in hand, and commit it; no longer than the brokers wait before they go on without.

        Faust waits, without an end, until nobody holds a record any more that was delivered: those included that a
        rebalance threw out of the queues, and are in nobody's hands.
        """
        if not self.should_stop and not await self._taken.emptied(self.app.conf.broker_rebalance_timeout):
            LOG.warning("%d records in hand did not come to an end; they are handled again", len(self._taken))
        await self.commit_and_end_transactions()

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Forget how far ``revoked`` are: others go on from what is committed."""
        await super().on_partitions_revoked(revoked)
        self._forget_all()

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Begin anew: aiokafka fetches all partitions from what is committed."""
        self._forget_all()
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Seek to what is committed; where nothing is, the fetch stays where it is (see ``_catch_up``)."""
        await super().perform_seek()
        for part in self.assignment():
            committed = self._committed_offset[part]
            if committed:
                self._begin(part, committed)

    async def _deliver(self, message: Any) -> None:
        """Put ``message`` into the agents' queues; cut off before that, it counts as dropped."""
        await self._conduct(message)
        self._delivered[message.tp] = message.offset
        self._held.add(message)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Fetch and deliver until ``fetcher`` stops.

        Faust starts four tasks for each record, to notice that the flow is to stop: a quarter of the time of an
        article that concerns no watch. For each fetch is enough.
        """
        stops: tuple[type[BaseException], ...] = (*self.consumer_stopped_errors, asyncio.CancelledError)
        try:
            while not (self.should_stop or fetcher.should_stop):
                fetched = [message async for _, message in self.getmany(timeout=FETCH_SECONDS)]
                if fetched:
                    await self.wait_first(self._deliver_all(fetched), self.suspend_flow.wait())
                else:
                    await asyncio.sleep(0)
        except stops:
            if not self.app.should_stop:
                raise

    async def _deliver_all(self, fetched: list[Any]) -> None:
        for message in fetched:
            read_from = self._read_offset[message.tp]
            if read_from is None or message.offset >= read_from:
                await self.callback(message)
                self._read_offset[message.tp] = message.offset

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        """Fetch, and note what the fetch proves.

        Whoever calls has done with the records of the fetch before: they are in the queues, or they were dropped.
        """
        if self.flow_active and not self.app.rebalancing:
            await self._catch_up()
            await self._review()
        records: Any = await super()._getmany(active_partitions, timeout)
        for part, found in records.items():
            self._progress[part].fetched(found.begins, found.ends, [record.offset for record in found])
            self._given[part] = found
        return records

    async def _catch_up(self) -> None:
        """Read on behind the last record that was delivered, where the fetch went further."""
        for part, found in list(self._given.items()):
            first, last, delivered = found[0].offset, found[-1].offset, self._delivered.get(part)
            if delivered == last:
                del self._given[part]
            elif delivered is not None and first <= delivered < last:
                await self._read_again(part, delivered + 1)
            else:
                await self._read_again(part, found.begins)

    async def _review(self) -> None:
        """Read on from what is committed, where the next record was delivered and is in no queue any more."""
        now = time.monotonic()
        if now < self._reviewed_at + REVIEW_SECONDS:
            return
        self._reviewed_at = now
        in_hand: defaultdict[Any, set[int]] = defaultdict(set)
        for message in list(self._held):
            in_hand[message.tp].add(message.offset)
        for part, progress in list(self._progress.items()):
            position = self._new_offset(part)
            if position is not None and progress.is_broken(in_hand[part]) and await self._read_again(part, position):
                self._begin(part, position)

    async def _read_again(self, part: Any, position: int) -> bool:
        """Seek; return whether that could be done."""
        LOG.warning("fetched records of %s, partition %d, were dropped: read again from offset %d", *part, position)
        try:
            await self.seek_wait({part: position})
        except Exception as error:  # a rebalance may come in between; after it all begins anew
            LOG.warning("they cannot be read again yet: %r", error)
            return False
        self._given.pop(part, None)
        metrics.READ_AGAIN.inc()
        return True

    def _begin(self, part: Any, position: int) -> None:
        self._progress[part].seek(position)
        self._given.pop(part, None)

    def _forget_all(self) -> None:
        self._taken.forget()
        self._progress: defaultdict[Any, Progress] = defaultdict(Progress)
        self._handled: defaultdict[Any, set[int]] = defaultdict(set)
        self._given: dict[Any, Fetched] = {}
        """The last fetch of a partition, until all of it is delivered."""
        self._delivered: dict[Any, int] = {}
        """The offset of the last record of a partition that came into a queue."""
        self._held: WeakSet[Any] = WeakSet()
        """What was delivered and still is in a queue, or in an agent's hands."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[Any]:
        return (part for part in list(self._handled) if topics is None or part in topics or part.topic in topics)

    def _new_offset(self, part: Any) -> int | None:
        """Return what may be committed of ``part``."""
        self._acked[part].clear()
        self._acked_index[part].clear()
        return self._progress[part].advance(self._handled[part])

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Leave aside what looks like a hole in the offsets: a fetch tells which there are."""
