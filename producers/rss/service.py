"""The producer: polls each source when it is due, and writes down when it is due next."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from producers.rss import watching
from producers.rss.clock import Clock, SystemClock
from producers.rss.hosts import Hosts
from producers.rss.limits import DAY, POLLS_AT_ONCE
from producers.rss.memory import Memory
from producers.rss.model import Feed
from producers.rss.plan import Source, moved, plan, source_key
from producers.rss.poll import Polled, Poller
from producers.rss.schedule import FeedState, Pace, PollEnd, after
from producers.rss.store import Store
from producers.rss.urls import host_of

CLOCK_SET_BACK: Final = DAY
"""A last poll that lies so far ahead was written by a clock that was wrong: its next poll says nothing either."""
LONGEST_SLEEP: Final = 60.0
"""Seconds: a clock that was set, or a pause that ended, is noticed within a minute."""
LATE_SECONDS: Final = 600.0
"""A feed that has been due for so long is not polled: its request may take a minute, and hosts are waited for."""


class Service:
    """Runs the polls; ``run`` until it is cancelled, ``run_due`` for one round."""

    def __init__(
        self,
        feeds: Iterable[Feed],
        poller: Poller,
        store: Store,
        memory: Memory,
        hosts: Hosts,
        *,
        clock: Clock | None = None,
        pace: Pace | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._feeds = tuple(feeds)
        self._poller = poller
        self._store = store
        self._memory = memory
        self._hosts = hosts
        self._clock = clock or SystemClock()
        self._pace = pace or Pace()
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._states = store.states()
        self._moves = store.moves()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._next_forget = self._clock.now() + DAY
        self.sources: tuple[Source, ...] = ()
        self.polls = 0
        for host, until in store.pauses().items():
            hosts.pause(host, until)
        self._replan()
        watching.declare()
        watching.overview(self.sources, self._states)

    def state(self, source: Source) -> FeedState:
        """Return what is known of ``source``."""
        return self._states.get(source.key) or FeedState(key=source.key, url=source.url)

    def due_at(self, source: Source) -> float:
        """Return when ``source`` is due, infinity for a retired one; its host's pause counts."""
        state = self.state(source)
        if state.retired:
            return float("inf")
        if state.last_poll > self._clock.now() + CLOCK_SET_BACK:
            return 0.0
        return max(state.next_poll, self._hosts.paused_until(host_of(source.url)))

    def problems(self) -> list[str]:
        """Return why the poller is not getting on: polls that are late, or articles that Kafka does not take."""
        now = self._clock.now()
        late = max((now - self.due_at(source) for source in self.sources if source.key not in self._running), default=0)
        found = []
        if late > LATE_SECONDS and len(self._running) < POLLS_AT_ONCE:
            found.append(f"a feed is due for {late:.0f} s and not polled")
        refused = [source for source in self.sources if self.state(source).outcome == "publish_failed"]
        if refused and len(refused) == len(self.sources):
            found.append("Kafka takes no article")
        return found

    async def run(self) -> None:
        """Poll for ever; on cancellation the polls that run are ended and nothing is half remembered."""
        try:
            while True:
                self._start_due()
                await self._wait()
        finally:
            await self._stop()

    async def run_due(self) -> Sequence[Source]:
        """Poll what is due now, once, and return it."""
        now = self._clock.now()
        due = [source for source in self.sources if self.due_at(source) <= now]
        try:
            for start in range(0, len(due), POLLS_AT_ONCE):
                await asyncio.gather(*(self._guarded(source) for source in due[start : start + POLLS_AT_ONCE]))
        finally:
            await self._stop()
        return due

    def _start_due(self) -> None:
        now = self._clock.now()
        due = sorted((self.due_at(source), number) for number, source in enumerate(self.sources))
        for at, number in due:
            source = self.sources[number]
            if at > now or len(self._running) >= POLLS_AT_ONCE:
                break
            if source.key not in self._running:
                self._running[source.key] = asyncio.create_task(self._guarded(source))

    async def _wait(self) -> None:
        """Wait until a poll ends or the next source is due."""
        now = self._clock.now()
        waiting = [self.due_at(source) for source in self.sources if source.key not in self._running]
        pause = min([LONGEST_SLEEP, *(max(0.0, at - now) for at in waiting)])
        full = len(self._running) >= POLLS_AT_ONCE
        tasks: set[asyncio.Task[None]] = set(self._running.values())
        sleeper = None if full else asyncio.ensure_future(self._clock.sleep(pause))
        await asyncio.wait([*tasks, *([sleeper] if sleeper else [])], return_when=asyncio.FIRST_COMPLETED)
        if sleeper is not None and not sleeper.done():
            sleeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sleeper
        self._running = {key: task for key, task in self._running.items() if not task.done()}
        self._keep_house()

    def _keep_house(self) -> None:
        now = self._clock.now()
        self._hosts.forget_idle()
        if now >= self._next_forget:
            self._next_forget = now + DAY
            self._memory.forget(now)

    async def _guarded(self, source: Source) -> None:
        """Poll; a mistake of our own is logged, counts as a failure of this feed, and leaves the others alone."""
        try:
            await self._poll(source)
        except Exception as error:
            watching.LOG.exception("poll of %s failed", watching.printable(source.label))
            end = PollEnd(outcome="parse_failed", detail=f"internal error: {type(error).__name__}")
            state = after(self.state(source), end, source.pace, self._clock.now(), self._chance)
            self._states[source.key] = state
            self._store.save(state)

    async def _poll(self, source: Source) -> None:
        polled = await self._poller.poll(source, self.state(source))
        self.polls += 1
        now = self._clock.now()
        state = after(self.state(source), polled.end, source.pace, now, self._chance)
        self._states[source.key] = state
        self._store.save(state)
        self._note_move(source, polled, state, now)
        self._store.save_pauses(self._hosts.pauses())
        watching.fetched(source, polled.fetched, state, polled.entries, now)
        watching.overview(self.sources, self._states)

    def _note_move(self, source: Source, polled: Polled, state: FeedState, now: float) -> None:
        """Remember a move for good; a feed that is polled there already is joined."""
        target = polled.moved_to
        if target is None or polled.end.outcome != "ok" or moved(target, self._moves) == source.url:
            return
        key = source_key(target, source.headers)
        there = self._states.get(key) or msgspec.structs.replace(state, key=key, url=target)
        self._states[key] = there
        self._store.save(there, (source.url, target), now)
        self._moves[source.url] = target
        self._replan()

    def _replan(self) -> None:
        self.sources = plan(self._feeds, self._moves, self._pace)

    async def _stop(self) -> None:
        for task in self._running.values():
            task.cancel()
        if self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._running.clear()
