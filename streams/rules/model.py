"""What a rules file holds: subscriptions, each with what it matches, how often it speaks, and its examples."""

from __future__ import annotations

import datetime as dt

import msgspec

from streams.records import Alert, AlertKind, EventType, Severity, Status

SEVERITIES: tuple[Severity, ...] = ("routine", "notable", "urgent")


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an alert must be like; an empty list or a missing value asks for nothing."""

    kinds: tuple[AlertKind, ...] = ()
    watches: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    """Codes of which one must be a party, a mediator or the holder."""
    types: tuple[EventType, ...] = ()
    statuses: tuple[Status, ...] = ()
    severities: tuple[Severity, ...] = ()
    min_severity: Severity = "routine"
    min_confidence: float = 0.0
    sources: tuple[str, ...] = ()
    except_sources: tuple[str, ...] = ()

    def accepts(self, alert: Alert) -> bool:
        """Whether ``alert`` is as asked for."""
        return (
            (not self.kinds or alert.kind in self.kinds)
            and (not self.watches or alert.watch in self.watches)
            and (not self.severities or alert.severity in self.severities)
            and SEVERITIES.index(alert.severity) >= SEVERITIES.index(self.min_severity)
            and alert.confidence >= self.min_confidence
            and self._accepts_source(alert.source)
            and self._accepts_event(alert)
            and (not self.actors or not actors_of(alert).isdisjoint(self.actors))
        )

    def _accepts_source(self, source: str) -> bool:
        return (not self.sources or source in self.sources) and source not in self.except_sources

    def _accepts_event(self, alert: Alert) -> bool:
        """Types and statuses belong to steps: who asks for them asks for no shift of position."""
        if alert.event is None:
            return not self.types and not self.statuses
        return (not self.types or alert.event.type in self.types) and (
            not self.statuses or alert.event.status in self.statuses
        )


def actors_of(alert: Alert) -> frozenset[str]:
    """Return the codes of all whom an alert is about."""
    found: set[str] = set()
    if alert.event is not None:
        found.update(alert.event.parties, alert.event.mediators)
    if alert.shift is not None:
        found.add(alert.shift.holder)
    return frozenset(found)


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert in short, and whether the subscription is to raise it."""

    name: str
    raised: bool
    kind: AlertKind = "new_event"
    watch: str
    severity: Severity = "notable"
    confidence: float = 1.0
    source: str = "Example Wire"
    type: EventType | None = None
    status: Status = "occurred"
    actors: tuple[str, ...] = ()
    """The parties of the event, or the holder of a shift."""
    after: str = "0s"
    """Time since the example before, for cool-down and digest; the first one comes at any time."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of alerts and how often they are told."""

    name: str
    match: Match
    cooldown: dt.timedelta = dt.timedelta(0)
    """After an alert, further ones on the same watch and actors are not told for so long."""
    digest: dt.timedelta = dt.timedelta(0)
    """Gather the alerts of so long a time into one message; zero tells each at once."""
    examples: tuple[Example, ...] = ()


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All subscriptions of a file, in its order."""

    path: str
    subscriptions: tuple[Subscription, ...]
