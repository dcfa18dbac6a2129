"""Politeness towards hosts: one request at a time, a distance between two, and pauses that are asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from producers.rss.clock import Clock
from producers.rss.limits import CRAWL_DELAY_LIMIT, HOST_DISTANCE, HOST_WAIT, HOUR, REQUESTS_AT_ONCE


class HostPausedError(Exception):
    """The host wants no request before ``until``."""

    def __init__(self, until: float) -> None:
        super().__init__(until)
        self.until = until


@dataclass
class _Host:
    next_start: float = 0.0
    paused_until: float = 0.0
    distance: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Hosts:
    """Gives each request its turn."""

    def __init__(
        self,
        clock: Clock,
        *,
        at_once: int = REQUESTS_AT_ONCE,
        distance: float = HOST_DISTANCE,
        longest_wait: float = HOST_WAIT,
    ) -> None:
        self._clock = clock
        self._slots = asyncio.Semaphore(at_once)
        self._distance = distance
        self._longest_wait = longest_wait
        self._hosts: dict[str, _Host] = {}

    @contextlib.asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for the turn of a request to ``host`` and hold it while the request runs.

        Raises ``HostPausedError`` where the host is paused, or its turn too far away to wait for.
        """
        known = self._hosts.setdefault(host, _Host())
        known.waiting += 1
        try:
            self._refuse_if_paused(known)
            async with known.lock:
                self._refuse_if_paused(known)
                wait = known.next_start - self._clock.now()
                if wait > 0:
                    await self._clock.sleep(wait)
                    self._refuse_if_paused(known)
                async with self._slots:
                    known.next_start = self._clock.now() + max(self._distance, known.distance)
                    yield
        finally:
            known.waiting -= 1

    def _refuse_if_paused(self, known: _Host) -> None:
        now = self._clock.now()
        if known.paused_until > now:
            raise HostPausedError(known.paused_until)
        turns = max(self._distance, known.distance) * max(0, known.waiting - 1)
        if known.next_start + turns - now > self._longest_wait:
            raise HostPausedError(known.next_start + turns)

    def pause(self, host: str, until: float) -> None:
        """Send nothing to ``host`` before ``until``."""
        known = self._hosts.setdefault(host, _Host())
        known.paused_until = max(known.paused_until, until)

    def paused_until(self, host: str) -> float:
        """Return until when ``host`` is paused, 0 where it is not."""
        known = self._hosts.get(host)
        return known.paused_until if known and known.paused_until > self._clock.now() else 0.0

    def pauses(self) -> dict[str, float]:
        """Return the pauses that have not ended, to be stored over a restart."""
        now = self._clock.now()
        return {host: known.paused_until for host, known in self._hosts.items() if known.paused_until > now}

    def keep_distance(self, host: str, seconds: float) -> None:
        """Keep ``seconds`` between two requests to ``host``, as its robots.txt asks, within reason."""
        self._hosts.setdefault(host, _Host()).distance = min(max(0.0, seconds), CRAWL_DELAY_LIMIT)

    def forget_idle(self) -> None:
        """Drop hosts that nothing waits for and that were not asked for an hour: pages lead to thousands."""
        now = self._clock.now()
        for host, known in list(self._hosts.items()):
            if not known.waiting and known.paused_until <= now and known.next_start + HOUR < now:
                del self._hosts[host]
