"""What the page's scripts read: records in the shape that the page shows, with names beside codes.

An event's record carries all its reports with their signatures; the page shows the last few and would load
half a megabyte for a busy watch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from streams.records import Event, EventType, Position, PositionChange, Report, StanceValue, Status
from streams.watches.codes import name_of
from streams.watches.model import Watch
from streams.watches.registry import split_pair

MOST_REPORTS = 5
"""Reports of an event that are shown, the newest: enough to follow up, and the count tells how many there are."""


class Named(msgspec.Struct, frozen=True):
    """A watch with what it is called."""

    id: str
    title: str


class Quoted(msgspec.Struct, frozen=True):
    """Words from an article and where they come from."""

    text: str
    title: str
    source: str
    url: str | None
    published_at: dt.datetime


class Step(msgspec.Struct, frozen=True):
    """A point in the course of an event."""

    status: Status
    published_at: dt.datetime


class EventView(msgspec.Struct, frozen=True):
    """One event."""

    event_id: str
    watch: str
    type: EventType
    parties: list[str]
    mediators: list[str]
    status: Status
    date: str | None
    first_seen: dt.datetime
    last_seen: dt.datetime
    history: list[Step]
    reports_total: int
    outlets: int
    reports: list[Quoted]


class Stood(msgspec.Struct, frozen=True):
    """A position of the past or the present."""

    stance: StanceValue
    since: dt.datetime
    text: str
    source: str
    url: str | None


class PositionView(msgspec.Struct, frozen=True):
    """An actor's position with its history, the present one last."""

    watch: str
    holder: str
    name: str
    stance: StanceValue | None
    since: dt.datetime
    last_seen: dt.datetime
    text: str
    source: str
    url: str | None
    history: list[Stood]


def watch_view(watch: str, known: Mapping[str, Watch]) -> Named:
    """Return ``watch`` with its title: that of the watches that are ``known``, else the names of the pair."""
    if watch in known:
        return Named(watch, known[watch].title)
    pair = split_pair(watch)
    return Named(watch, " and ".join(map(name_of, pair)) if pair else watch)


def event_view(event: Event) -> EventView:
    """Return ``event`` as the page shows it."""
    newest = sorted(event.reports, key=lambda report: report.published_at, reverse=True)[:MOST_REPORTS]
    return EventView(
        event_id=event.event_id,
        watch=event.watch,
        type=event.type,
        parties=[name_of(code) for code in event.parties],
        mediators=[name_of(code) for code in event.mediators],
        status=event.status,
        date=event.date,
        first_seen=event.first_seen,
        last_seen=event.last_seen,
        history=[Step(change.status, change.published_at) for change in event.status_history],
        reports_total=event.reports_total,
        outlets=event.outlets,
        reports=[_quoted(report) for report in newest],
    )


def _quoted(report: Report) -> Quoted:
    return Quoted(report.evidence.text, report.title, report.source, report.url, report.published_at)


def position_view(position: Position) -> PositionView:
    """Return ``position`` as the page shows it."""
    return PositionView(
        watch=position.watch,
        holder=position.holder,
        name=name_of(position.holder),
        stance=position.stance,
        since=position.since,
        last_seen=position.last_seen,
        text=position.evidence.text,
        source=position.source,
        url=position.url,
        history=[_stood(change) for change in position.history],
    )


def _stood(change: PositionChange) -> Stood:
    return Stood(change.stance, change.since, change.evidence.text, change.source, change.url)
