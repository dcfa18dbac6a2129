"""What the producer tells of itself: one log line a fetch, and the metrics of feeds."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Final, get_args

from producers.publisher import Reason
from producers.rss.limits import MINUTE
from producers.rss.memory import RULES
from producers.rss.model import SUCCESSES, Fetched, Outcome
from producers.rss.plan import Source
from producers.rss.schedule import FeedState
from producers.rss.urls import shown
from streams import metrics
from streams.logs import logger
from streams.records import TextOrigin

LOG: Final = logger("rss")
STATES: Final = ("active", "failing", "waiting", "retired")


def declare() -> None:
    """Make all children of the metrics, so that each is 0 on the first scrape."""
    for metric, words in (
        (metrics.FEED_FETCHES, get_args(Outcome)),
        (metrics.FEED_ENTRIES, RULES),
        (metrics.FEED_TEXTS, get_args(TextOrigin)),
        (metrics.FEED_REFUSED, get_args(Reason)),
        (metrics.FEEDS, STATES),
    ):
        for word in words:
            metric.labels(word)


def state_of(state: FeedState | None) -> str:
    """Return how a feed is: ``waiting`` (never polled), ``active``, ``failing`` or ``retired``."""
    if state is None or not state.polls:
        return "waiting"
    if state.retired:
        return "retired"
    return "failing" if state.failures else "active"


def fetched(source: Source, found: Fetched, state: FeedState, entries: int, now: float) -> None:
    """Log and count one poll."""
    outcome = state.outcome or found.outcome
    metrics.FEED_FETCHES.labels(outcome).inc()
    metrics.FEED_BYTES.inc(found.received)
    if found.requests:
        metrics.FEED_SECONDS.observe(found.seconds)
    label = printable(source.label)
    if state.last_success:
        metrics.FEED_LAST_SUCCESS.labels(label).set(state.last_success)
    metrics.FEED_NEXT_POLL.labels(label).set(state.next_poll)
    fields = {
        "feed": label,
        "url": printable(shown(source.url)),
        "outcome": outcome,
        "status": found.status,
        "bytes": found.received,
        "seconds": round(found.seconds, 3),
        "requests": found.requests,
        "entries": entries,
        "next_minutes": None if state.retired else round(max(0.0, state.next_poll - now) / MINUTE, 1),
        "failures": state.failures,
        "retired": state.retired or None,
        "detail": printable(state.detail) or None,
    }
    told = " ".join(f"{name}={_quoted(value)}" for name, value in fields.items() if value is not None)
    level = logging.INFO if outcome in SUCCESSES or outcome == "host_paused" else logging.WARNING
    LOG.log(level, "fetch %s", told, extra={"fields": fields})


def overview(sources: Iterable[Source], states: dict[str, FeedState]) -> None:
    """Count the feeds by how they are."""
    found = [state_of(states.get(source.key)) for source in sources]
    for word in STATES:
        metrics.FEEDS.labels(word).set(found.count(word))


def printable(text: str) -> str:
    """Return ``text`` in one line without control characters: no feed writes lines into our log."""
    return "".join(char if char.isprintable() else " " for char in text[:500]).strip()


def _quoted(value: object) -> str:
    text = str(value)
    return '"' + text.replace('"', "'") + '"' if " " in text else text


def clock_time(seconds: float) -> str:
    """Return a time for tables, in UTC; a dash for none."""
    if not seconds:
        return "-"
    return dt.datetime.fromtimestamp(seconds, tz=dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
