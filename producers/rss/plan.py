"""From the feeds file to what is polled: feeds that share an address share one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from producers.rss.durations import parse_duration
from producers.rss.feeds import resolved_headers
from producers.rss.limits import DAY
from producers.rss.model import Feed, TextMode
from producers.rss.schedule import Pace
from producers.rss.urls import checked_url, shown
from streams.records import stable_id

LONGEST_REFRESH: Final = 7 * DAY
"""Entries are remembered for a month after they were last read, so a feed is read in full much more often."""
MOVES_FOLLOWED: Final = 10
_TEXT_ORDER: Final[tuple[TextMode, ...]] = ("feed", "auto", "page")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One address that is polled, for one feed of the file or several."""

    key: str
    url: str
    feeds: tuple[Feed, ...]
    headers: dict[str, str] = {}
    pace: Pace
    text: TextMode
    language: str | None = None
    watches: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The first name that the feeds file gives, else empty."""
        return next((feed.name for feed in self.feeds if feed.name), "")

    @property
    def label(self) -> str:
        """The name for logs, metrics and tables; the query of the address stays out, as it may hold a key."""
        return self.name or shown(self.url)

    @property
    def identity(self) -> str:
        """What the ids of the feed's entries hang on: the address in the file, which a move does not change."""
        return self.feeds[0].url


def plan(feeds: Iterable[Feed], moves: Mapping[str, str], pace: Pace) -> tuple[Source, ...]:
    """Return what is polled, in the order of the feeds file.

    Raises ``InputError`` where a header's environment variable is unset.
    """
    groups: dict[str, list[Feed]] = {}
    places: dict[str, tuple[str, dict[str, str]]] = {}
    for feed in feeds:
        url = moved(checked_url(feed.url), moves)
        headers = resolved_headers(feed)
        key = source_key(url, headers)
        groups.setdefault(key, []).append(feed)
        places[key] = (url, headers)
    return tuple(_source(key, *places[key], tuple(group), pace) for key, group in groups.items())


def source_key(url: str, headers: Mapping[str, str]) -> str:
    """Return the key under which an address and its headers are remembered; the headers stay secret."""
    return f"{url} {stable_id(*sorted(headers.items()))}" if headers else url


def moved(url: str, moves: Mapping[str, str]) -> str:
    """Return where ``url`` has moved for good."""
    for _ in range(MOVES_FOLLOWED):
        target = moves.get(url)
        if target is None:
            break
        url = target
    return url


def _source(key: str, url: str, headers: dict[str, str], feeds: tuple[Feed, ...], pace: Pace) -> Source:
    intervals = [parse_duration(feed.interval) for feed in feeds if feed.interval]
    refreshes = [parse_duration(feed.refresh) for feed in feeds if feed.refresh]
    shortest = min(intervals, default=pace.shortest)
    everywhere = any(not feed.watches for feed in feeds)
    return Source(
        key=key,
        url=url,
        feeds=feeds,
        headers=headers,
        pace=Pace(
            shortest=shortest,
            longest=max(pace.longest, shortest),
            refresh=min([*refreshes, LONGEST_REFRESH]) if refreshes else pace.refresh,
        ),
        text=max((feed.text for feed in feeds), key=_TEXT_ORDER.index),
        language=next((feed.language for feed in feeds if feed.language), None),
        watches=() if everywhere else tuple(sorted({watch for feed in feeds for watch in feed.watches})),
    )
