"""When a feed is polled next: pure rules from its state, its last response and the time."""

from __future__ import annotations

import random

import msgspec
from msgspec.structs import replace

from producers.rss import limits
from producers.rss.model import NOBODYS_FAULT, SUCCESSES, Outcome


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of one polled address between two polls, and over restarts. Times are seconds since 1970."""

    key: str
    """Address and headers: feeds that agree on them share one request and one state."""
    url: str
    etag: str | None = None
    last_modified: str | None = None
    next_poll: float = 0.0
    interval: float = limits.FIRST_INTERVAL
    last_poll: float = 0.0
    last_full: float = 0.0
    """The last time that the content came, and not just word that it has not changed."""
    last_success: float = 0.0
    last_change: float = 0.0
    failures: int = 0
    failing_since: float = 0.0
    outcome: Outcome | None = None
    detail: str = ""
    retired: str = ""
    """Why the feed is polled no more; empty while it is."""
    title: str = ""
    hub: str = ""
    polls: int = 0
    published: int = 0


class PollEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll leaves for the schedule."""

    outcome: Outcome
    detail: str = ""
    etag: str | None = None
    last_modified: str | None = None
    keep_validators: bool = True
    """False where something of the feed is still to be published: the content must come again."""
    new: int = 0
    wish: float = 0.0
    """Seconds that the publisher asks to stay away (Cache-Control, Expires, ttl)."""
    retry_at: float | None = None
    title: str = ""
    hub: str = ""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """What the feeds file and the settings ask for."""

    shortest: float = limits.SHORTEST_INTERVAL
    longest: float = limits.LONGEST_INTERVAL
    refresh: float = limits.FORCED_REFRESH


def wants_full(state: FeedState, pace: Pace, now: float) -> bool:
    """Whether it is time to fetch without validators, in case that a server keeps its ETag over changed content."""
    return now - state.last_full >= pace.refresh


def after(state: FeedState, end: PollEnd, pace: Pace, now: float, chance: random.Random) -> FeedState:
    """Return the state after a poll that ended as ``end`` at ``now``."""
    state = replace(state, last_poll=now, outcome=end.outcome, detail=end.detail[:300], polls=state.polls + 1)
    if end.outcome in SUCCESSES:
        return _after_success(state, end, pace, now, chance)
    if end.outcome in NOBODYS_FAULT:
        wait = state.interval if end.retry_at is None else 0.0
        return replace(state, next_poll=max(now + wait, end.retry_at or 0.0) + _jitter(state, chance))
    return _after_failure(state, end, now, chance)


def _after_success(state: FeedState, end: PollEnd, pace: Pace, now: float, chance: random.Random) -> FeedState:
    factor = limits.FASTER if end.new else limits.SLOWER
    interval = _within(pace, state.interval * factor)
    fetched = end.outcome == "ok"
    etag, modified = (end.etag, end.last_modified) if fetched else (state.etag, state.last_modified)
    if not end.keep_validators:
        etag = modified = None
    state = replace(
        state,
        interval=interval,
        etag=etag,
        last_modified=modified,
        last_success=now,
        last_full=now if fetched else state.last_full,
        last_change=now if end.new else state.last_change,
        failures=0,
        failing_since=0.0,
        title=end.title or state.title,
        hub=end.hub or state.hub,
        published=state.published + end.new,
    )
    # Whoever left entries behind comes back soon for the rest, but never sooner than the publisher wants.
    wait = max(pace.shortest if not end.keep_validators else interval, end.wish)
    return replace(state, next_poll=now + wait + _jitter(state, chance))


def _after_failure(state: FeedState, end: PollEnd, now: float, chance: random.Random) -> FeedState:
    failures = state.failures + 1
    since = state.failing_since or now
    state = replace(state, failures=failures, failing_since=since)
    spent = failures >= limits.ERROR_BUDGET_TRIES and now - since >= limits.ERROR_BUDGET_SECONDS
    if end.outcome == "gone" or spent:
        reason = "gone" if end.outcome == "gone" else f"failed {failures} times in a row"
        return replace(state, retired=reason, next_poll=0.0)
    wait = min(state.interval * 2.0 ** min(failures, 10), limits.BACKOFF_LIMIT)
    return replace(state, next_poll=max(now + wait, end.retry_at or 0.0) + _jitter(state, chance))


def _within(pace: Pace, interval: float) -> float:
    return max(pace.shortest, min(interval, max(pace.longest, pace.shortest)))


def _jitter(state: FeedState, chance: random.Random) -> float:
    return chance.random() * limits.JITTER * state.interval
