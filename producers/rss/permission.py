"""Whether robots.txt lets a page be fetched; each host's file is kept for a day."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from producers.rss.clock import Clock
from producers.rss.fetch import Fetcher
from producers.rss.hosts import Hosts
from producers.rss.limits import ROBOTS_BYTES, ROBOTS_ERROR_SECONDS, ROBOTS_SECONDS
from producers.rss.model import Fetched
from producers.rss.robots import ALLOW_ALL, DENY_ALL, Rules, parse_robots
from producers.rss.urls import host_of, joined, origin_of

KEPT: Final = 5000
"""Hosts whose robots.txt is kept; pages of one feeds file lead to hundreds."""


class _Entry(msgspec.Struct, frozen=True):
    rules: Rules
    until: float


class Permission:
    """Asks each host's robots.txt once a day."""

    def __init__(self, fetcher: Fetcher, hosts: Hosts, clock: Clock, product: str) -> None:
        self._fetcher = fetcher
        self._hosts = hosts
        self._clock = clock
        self._product = product
        self._kept: dict[tuple[str, str, int | None], _Entry] = {}
        self._asking: dict[tuple[str, str, int | None], asyncio.Lock] = {}

    async def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched as a page."""
        origin = origin_of(url)
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            entry = self._kept.get(origin)
            if entry is None or entry.until <= self._clock.now():
                entry = await self._ask(url)
                self._kept.pop(origin, None)
                self._kept[origin] = entry
                while len(self._kept) > KEPT:
                    oldest = next(iter(self._kept))
                    del self._kept[oldest]
                    self._asking.pop(oldest, None)
        return entry.rules.allows(url)

    async def _ask(self, url: str) -> _Entry:
        found = await self._fetcher.get(joined(url, "/robots.txt"), limit=ROBOTS_BYTES, accept="text/plain, */*;q=0.1")
        rules, seconds = _rules(found, self._product)
        if rules.delay:
            self._hosts.keep_distance(host_of(url), rules.delay)
        return _Entry(rules, self._clock.now() + seconds)


def _rules(found: Fetched, product: str) -> tuple[Rules, float]:
    """Return what the answer to a request for robots.txt means, and for how long.

    As in RFC 9309: a file that is not there allows all; one that cannot be had now closes the host for the time being.
    A host that refuses us even the file (401, 403) is not pressed for its pages, stricter than the RFC.
    """
    if found.outcome == "ok":
        return parse_robots(found.body, product), ROBOTS_SECONDS
    if found.outcome in ("not_found", "gone", "empty"):
        return ALLOW_ALL, ROBOTS_SECONDS
    if found.outcome == "forbidden":
        return DENY_ALL, ROBOTS_SECONDS
    if found.outcome == "http_error" and found.status is not None and 400 <= found.status < 500:
        return ALLOW_ALL, ROBOTS_SECONDS
    return DENY_ALL, ROBOTS_ERROR_SECONDS
