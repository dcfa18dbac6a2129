"""Puts the parts of the producer together from the settings."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

import streams
from producers.rss.addresses import AllowList
from producers.rss.clock import Clock, SystemClock
from producers.rss.fetch import Fetcher
from producers.rss.fulltext import FullText
from producers.rss.guard import Lookup, system_lookup
from producers.rss.hosts import Hosts
from producers.rss.memory import Memory
from producers.rss.model import Feed
from producers.rss.permission import Permission
from producers.rss.poll import Poller
from producers.rss.sandbox import Sandbox
from producers.rss.schedule import Pace
from producers.rss.service import Service
from producers.rss.sink import Sink
from producers.rss.store import Store
from streams.settings import Settings

PRODUCT: Final = "detente"
"""The word for us in a User-Agent and in robots.txt."""
STATE_FILE: Final = "rss.sqlite3"
FEEDS_FILE: Final = "feeds.toml"


def feeds_path(settings: Settings) -> Path:
    """Return where the feeds file is."""
    return Path(settings.rss_feeds) if settings.rss_feeds else Path(settings.data_dir) / FEEDS_FILE


def state_path(settings: Settings) -> Path:
    """Return where the schedule and the memory are."""
    return Path(settings.data_dir) / STATE_FILE


def allow_list(settings: Settings) -> AllowList:
    """Return the allow-list; raises ``InputError`` for a row that is none."""
    return AllowList.parse(row for row in settings.rss_allow.split(",") if row.strip())


def user_agent(settings: Settings) -> str:
    """Return who we say we are: product, version and how to reach whoever runs it."""
    contact = "".join(char for char in settings.rss_contact if char.isascii() and char.isprintable()).strip()
    return f"{PRODUCT}/{streams.__version__} (feed reader; {'+' + contact if contact else 'no contact given'})"


def pace(settings: Settings) -> Pace:
    """Return how often feeds are polled."""
    shortest = settings.rss_shortest_interval
    return Pace(shortest=shortest, longest=max(shortest, settings.rss_longest_interval))


@contextlib.asynccontextmanager
async def fetching(
    settings: Settings, clock: Clock | None = None, lookup: Lookup = system_lookup
) -> AsyncIterator[tuple[Fetcher, Hosts, Sandbox]]:
    """Give a fetcher with its hosts, and a sandbox, for as long as the block runs."""
    clock = clock or SystemClock()
    hosts = Hosts(clock, at_once=settings.rss_requests_at_once, distance=settings.rss_host_distance)
    fetcher = Fetcher(
        user_agent=user_agent(settings), hosts=hosts, clock=clock, allow=allow_list(settings), lookup=lookup
    )
    async with fetcher, Sandbox() as sandbox:
        yield fetcher, hosts, sandbox


@contextlib.asynccontextmanager
async def producing(
    settings: Settings,
    feeds: Iterable[Feed],
    store: Store,
    sink: Sink,
    clock: Clock | None = None,
    lookup: Lookup = system_lookup,
) -> AsyncIterator[Service]:
    """Give the whole producer for as long as the block runs."""
    clock = clock or SystemClock()
    async with fetching(settings, clock, lookup) as (fetcher, hosts, sandbox):
        pages = FullText(fetcher, Permission(fetcher, hosts, clock, PRODUCT), sandbox, clock)
        memory = Memory(store)
        poller = Poller(fetcher, sandbox, pages, memory, sink, clock)
        yield Service(feeds, poller, store, memory, hosts, clock=clock, pace=pace(settings))
