"""Today's picture in memory: what the live page shows, built from the alerts, events, positions and metrics topics."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from streams.records import Alert, Event, Metric, Position, Record, decode

MOST_ALERTS = 2000
"""Alerts that are kept: about a megabyte, and more than anybody scrolls through."""
MOST_EVENTS = 5000
"""Events that are kept, the longest unseen leaving first: some twenty megabytes with their reports."""
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
        text = f"{alert.headline} {alert.title} {alert.source} {alert.evidence.text}".casefold()
        return all(word in text for word in self.words.casefold().split())


@dataclass
class Picture:
    """Alerts, events, positions and the index, newest state of each."""

    alerts: OrderedDict[str, Alert] = field(default_factory=OrderedDict)
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    index: dict[str, dict[dt.datetime, float]] = field(default_factory=dict)

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
            self.index.setdefault(record.watch, {})[record.start] = record.index
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

    def events_of(self, watch: str) -> list[Event]:
        """Return the events of ``watch`` (all without one), newest report first."""
        found = [event for event in self.events.values() if not watch or event.watch == watch]
        return sorted(found, key=lambda event: (event.last_seen, event.event_id), reverse=True)

    def positions_of(self, watch: str) -> list[Position]:
        """Return the positions on ``watch`` (all without one) by watch and holder."""
        found = (self.positions[key] for key in sorted(self.positions) if not watch or key[0] == watch)
        return [position for position in found if position.stance]

    def index_of(self, watch: str) -> list[tuple[dt.datetime, float]]:
        """Return the daily rapprochement index of ``watch`` in order of time."""
        return sorted(self.index.get(watch, {}).items())
