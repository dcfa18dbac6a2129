"""Today's picture in memory: what the live page shows, built from the alerts, events, positions and metrics topics."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from streams.records import Alert, Event, Metric, Position, Record, decode
from streams.tallies import HALF_LIFE_DAYS
from streams.watches.codes import name_of
from streams.web.course import Day, Point, course

MOST_ALERTS = 2000
"""Alerts that are kept: about a megabyte, and more than anybody scrolls through."""
MOST_EVENTS = 5000
"""Events that are kept, the longest unseen leaving first: some twenty megabytes with their reports."""
MOST_COURSES = 6
"""Watches whose index is drawn where none is chosen, those that moved most: more lines cannot be told apart."""
KINDS: Mapping[str, type[Record]] = {"alerts": Alert, "events": Event, "positions": Position, "metrics": Metric}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader of the page asks for; empty fields ask for everything."""

    watch: str = ""
    kind: str = ""
    severity: str = ""
    words: str = ""

    def holds(self, alert: Alert) -> bool:
        """Whether ``alert`` is one of those asked for."""
        if self.watch and alert.watch != self.watch:
            return False
        if self.kind and alert.kind != self.kind:
            return False
        if self.severity and alert.severity != self.severity:
            return False
        return self.finds(alert.headline, alert.title, alert.source, alert.evidence.text)

    def finds(self, *texts: str) -> bool:
        """Whether all words asked for are somewhere in ``texts``."""
        text = " ".join(texts).casefold()
        return all(word in text for word in self.words.casefold().split())


@dataclass
class Picture:
    """Alerts, events, positions and the index, newest state of each."""

    alerts: OrderedDict[str, Alert] = field(default_factory=OrderedDict)
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    index: dict[str, dict[dt.datetime, Day]] = field(default_factory=dict)
    half_life_days: float = HALF_LIFE_DAYS

    def take(self, topic: str, value: bytes | None) -> Alert | None:
        """Take one record of ``topic`` (its name without the prefix); return an alert that is new.

        A record that does not decode is left out: the page is no place to fail for it, and what is wrong
        with it shows on the dead letters of those who must handle it.
        """
        if value is None:
            return None
        try:
            record = decode(value, KINDS[topic])
        except msgspec.DecodeError:
            return None
        return self.put(record)

    def put(self, record: Record) -> Alert | None:
        """Take one record; return it if it is an alert that was not there."""
        if isinstance(record, Alert):
            return self._put_alert(record)
        if isinstance(record, Event):
            self.events[record.event_id] = record
            self.events.move_to_end(record.event_id)
            while len(self.events) > MOST_EVENTS:
                self.events.popitem(last=False)
        elif isinstance(record, Position):
            self.positions[record.watch, record.holder] = record
        elif isinstance(record, Metric) and record.window == "day":
            self.index.setdefault(record.watch, {})[record.start] = Day(record.index, record.articles > 0)
        return None

    def _put_alert(self, alert: Alert) -> Alert | None:
        if alert.id in self.alerts:
            return None
        self.alerts[alert.id] = alert
        while len(self.alerts) > MOST_ALERTS:
            self.alerts.popitem(last=False)
        return alert

    def newest(self, wanted: Wanted, limit: int) -> list[Alert]:
        """Return the alerts asked for, newest first by publication."""
        found = [alert for alert in self.alerts.values() if wanted.holds(alert)]
        found.sort(key=lambda alert: (alert.published_at, alert.id), reverse=True)
        return found[:limit]

    def watches(self) -> list[str]:
        """Return the watches that anything is known of."""
        names = {alert.watch for alert in self.alerts.values()} | {watch for watch, _ in self.positions}
        return sorted(names | {event.watch for event in self.events.values()})

    def events_of(self, wanted: Wanted) -> list[Event]:
        """Return the events asked for (by watch and words), newest report first."""
        found = [event for event in self.events.values() if event.merged_into is None and _holds(wanted, event)]
        return sorted(found, key=lambda event: (event.last_seen, event.event_id), reverse=True)

    def positions_of(self, wanted: Wanted) -> list[Position]:
        """Return the positions asked for (by watch and words), by watch and holder."""
        found = (self.positions[key] for key in sorted(self.positions) if not wanted.watch or key[0] == wanted.watch)
        return [
            position
            for position in found
            if position.stance
            and wanted.finds(position.holder, name_of(position.holder), position.stance, position.evidence.text)
        ]

    def courses_of(self, watch: str) -> dict[str, list[Point]]:
        """Return the index of ``watch`` over time; without one, of those whose index has moved most."""
        newest = max((max(days) for days in self.index.values()), default=None)
        names = [watch] if watch in self.index else [] if watch else list(self.index)
        found = {name: course(self.index[name], self.half_life_days, newest) for name in names}
        largest = sorted(found, key=lambda name: (-max((abs(value) for _, value in found[name]), default=0.0), name))
        return {name: found[name] for name in largest[:MOST_COURSES] if found[name]}


def _holds(wanted: Wanted, event: Event) -> bool:
    if wanted.watch and event.watch != wanted.watch:
        return False
    if not wanted.words:
        return True
    who = (*event.parties, *event.mediators)
    told = (text for report in event.reports for text in (report.title, report.source))
    return wanted.finds(*who, *map(name_of, who), event.type.replace("_", " "), event.status, *told)
