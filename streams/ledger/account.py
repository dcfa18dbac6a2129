"""What an event has beyond what is compared with new reports: its reports, its ids, and what these add up to."""

from __future__ import annotations

import datetime as dt

import msgspec

from streams.ledger.reports import NO_KEY, NO_TIME, Key, News
from streams.ledger.signature import Signature, read
from streams.records import Level, Report


class Account(msgspec.Struct, gc=False, eq=False, kw_only=True):
    """An event in full. While it rests it is packed (``packing``), all but ``news``, ``signed`` and ``is_recalled``."""

    event_id: str = ""
    """Empty until its id is given out."""
    alerts: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    revision: int = 0
    forgotten: int = 0
    """How many repeats were let go of."""
    repeats: tuple[str, ...] = ()
    """The last of them, by the ids of their mentions."""
    surged: bool = False
    """Whether a surge was told with it."""
    paced_as: tuple[dt.datetime, bool] | None = None
    """How it is counted among its parties' new events: when, and whether a surge was told with it."""

    reports: list[Report] = msgspec.field(default_factory=list)
    """In order of publication."""
    last_key: Key = NO_KEY
    first_seen: dt.datetime = NO_TIME
    level: Level = "unknown"
    confidence: float = 0.0
    fresh_since: dt.datetime | None = None
    new_at: dt.datetime | None = None
    """When it was told as a new event."""
    pillars: set[str] = msgspec.field(default_factory=set)
    """The mentions without which the rest would add up to something else."""
    turns: tuple[Report, ...] = ()
    """The reports that carried its course on."""
    independent: tuple[Report, ...] = ()
    """The reports that outlets of their own told, one of each."""
    signed: tuple[Signature | None, ...] = ()
    """Their signatures as numbers, once they were compared since the event woke."""
    corroborated: bool = False
    """Whether a second outlet was news."""
    news: tuple[News, ...] = ()
    """What is still to be told."""
    is_recalled: bool = False
    """Whether it woke from where it had rested for long."""

    def signatures(self) -> tuple[Signature | None, ...]:
        """Return the signatures of the independent reports."""
        if len(self.signed) != len(self.independent):
            self.signed = tuple([read(report.signature) for report in self.independent])
        return self.signed

    def renewed(self) -> Account:
        """Return the account of the same event without any report."""
        return Account(
            event_id=self.event_id,
            alerts=self.alerts,
            merged=self.merged,
            revision=self.revision,
            forgotten=self.forgotten,
            repeats=self.repeats,
            surged=self.surged,
            paced_as=self.paced_as,
        )
