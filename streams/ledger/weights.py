"""The rapprochement index and the severity of alerts: weights by type, status and level, kept as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources

from streams.ledger.dates import span
from streams.records import Event, EventType, Level, Severity, Status

UNSURE = 0.5  # below this confidence a message is one degree less severe
DAY = 86_400.0  # seconds


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, float]]:
    table: dict[str, dict[str, float]] = {}
    text = resources.files("streams.ledger.data").joinpath("weights.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, key, value = line.split("\t")
            table.setdefault(kind, {})[key] = float(value)
    return table


@lru_cache(maxsize=256)
def weight(kind: EventType, status: Status, level: Level) -> float:
    """Return what an event adds to the index before decay."""
    table = _table()
    return round(table["type"][kind] * table["status"][status] * table["level"][level], 3)


def severity(kind: EventType, status: Status, level: Level, confidence: float) -> Severity:
    """Return how much an alert about such an event matters."""
    table = _table()
    points = table["points-type"][kind] + table["points-status"][status] + table["points-level"][level]
    if confidence < UNSURE:
        points -= 1
    if points >= table["severity"]["urgent"]:
        return "urgent"
    return "notable" if points >= table["severity"]["notable"] else "routine"


def counted_at(event: Event) -> dt.datetime:
    """Return the time from which an event's weight decays: its day, or the first report of its present status."""
    reported = event.status_history[-1].published_at if event.status_history else event.first_seen
    when = span(event.date)
    if when is None or event.status != "occurred":
        return reported
    day = dt.datetime.combine(dt.date.fromordinal(when.end), dt.time(), tzinfo=dt.timezone.utc)
    return min(day, reported)


def decayed(value: float, since: dt.datetime, at: dt.datetime, half_life_days: float) -> float:
    """Return what is left of ``value`` at ``at``; nothing before ``since``."""
    age = (at - since).total_seconds() / DAY
    return value * 0.5 ** (age / half_life_days) if age >= 0 else 0.0


def index_at(parts: Iterable[tuple[float, dt.datetime]], at: dt.datetime, half_life_days: float) -> float:
    """Return the rapprochement index: the decayed sum of weights with their times."""
    return round(sum(decayed(value, since, at, half_life_days) for value, since in parts), 3)
