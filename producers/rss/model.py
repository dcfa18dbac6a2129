"""The values that the steps of the RSS producer hand to each other."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from streams.records import DateOrigin

TextMode = Literal["auto", "feed", "page"]

Outcome = Literal[
    "ok",
    "not_modified",
    "gone",
    "not_found",
    "forbidden",
    "rate_limited",
    "unavailable",
    "http_error",
    "empty",
    "not_a_feed",
    "parse_failed",
    "parse_timeout",
    "too_large",
    "too_many_redirects",
    "bad_redirect",
    "bad_url",
    "bad_encoding",
    "bad_response",
    "cut_off",
    "timeout",
    "refused_address",
    "dns",
    "tls",
    "unreachable",
    "robots",
    "host_paused",
    "publish_failed",
]
"""How a poll can end: a closed list, because it labels a metric."""

SUCCESSES: frozenset[Outcome] = frozenset({"ok", "not_modified"})
NOBODYS_FAULT: frozenset[Outcome] = frozenset({"host_paused", "publish_failed"})
"""Outcomes that say nothing about the feed: they neither count as failures nor as successes."""


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the feeds file."""

    url: str
    name: str = ""
    watches: tuple[str, ...] = ()
    """Restricts the article to these watches; empty: all that its actors touch."""
    language: str | None = None
    """The language of the feed where it is known; else it is detected."""
    text: TextMode = "auto"
    """``feed``: what the feed carries; ``page``: the whole page; ``auto``: the page where the feed is short."""
    interval: str | None = None
    """The shortest time between two polls, such as ``30m``; the pace adapts above it."""
    refresh: str | None = None
    """The time between two requests without validators, such as ``1d``."""
    headers: dict[str, str] = {}
    """Sent to the feed's own host only. A value ``env:NAME`` is taken from the environment."""
    unchecked: bool = False
    """Nobody has polled this address yet."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one request with all its redirects."""

    outcome: Outcome
    url: str
    """The address that answered."""
    detail: str = ""
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = {}
    """Lower-case names; the ones that later steps read."""
    moved_to: str | None = None
    """Where the address has gone for good (301 and 308 only, from the first redirect on)."""
    retry_at: float | None = None
    """Not before this time (seconds since 1970), by Retry-After or the host's pause."""
    seconds: float = 0.0
    received: int = 0
    """Bytes on the wire, before decompression."""
    requests: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a feed, cleaned."""

    title: str
    text: str
    link: str | None = None
    guid: str | None = None
    guid_is_link: bool = False
    published_at: dt.datetime
    published_at_from: DateOrigin
    updated_at: dt.datetime | None = None
    language: str | None = None
    source: str | None = None
    """The outlet that an aggregator names for the entry."""
    complete: bool = False
    """Whether the feed carries the whole text."""


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed's bytes say."""

    outcome: Literal["ok", "not_a_feed", "parse_failed"] = "ok"
    version: str = ""
    title: str = ""
    language: str | None = None
    ttl: float | None = None
    """Seconds between polls that the publisher asks for, in the feed itself."""
    hub: str | None = None
    """The WebSub hub that the feed offers; reported, not used."""
    entries: tuple[Entry, ...] = ()
    skipped: dict[str, int] = {}
    """Entries left out, by reason."""
    note: str = ""
    """What was wrong with the document though it could be read."""


PageVerdict = Literal["page", "paywall", "consent", "empty"]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a news page says."""

    verdict: PageVerdict
    text: str = ""
    title: str = ""
    published_on: dt.date | None = None
    language: str | None = None
