"""What the pure ledger and positions say of the mentions and stances as they lie on the topics, never interrupted.

For runs too long to code all articles once more: each record counts once, in the order in which it came first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from streams import agents, kafka_read, topics
from streams.agents.shell import Core
from streams.ledger import Ledger
from streams.records import Alert, Event, decode
from streams.settings import Settings
from workers_at_work import in_substance


@dataclass(frozen=True, slots=True)
class Replayed:
    """What an unbroken run gives, and in how much the topics differ from it."""

    alerts: int
    events: int
    differ: int
    let_go: int
    """Events that the ledger held no longer at the end."""
    full: int
    """Events whose list of reports had let go of repeats."""


def differing(settings: Settings) -> Replayed:
    """Return how many alerts and events were judged, and how many differ from those of an unbroken run."""
    alerts: set[str] = set()
    events: dict[str, Event] = {}
    held = 0
    for core in agents.cores(replace(settings, reader="rules")):
        if core.name in ("ledger", "positions"):
            told, newest, states = _run(settings, core)
            alerts |= told
            events.update(newest)
            held += sum(len(state) for state in states if isinstance(state, Ledger))
    reads = kafka_read.read_topic(settings, topics.ALERTS)
    found = {alert.id for alert in (decode(read.value, Alert) for read in reads if read.value) if alert.kind != "surge"}
    values = {read.key: read.value for read in kafka_read.read_topic(settings, topics.EVENTS) if read.value}
    there = in_substance(decode(value, Event) for value in values.values())
    wanted = in_substance(events.values())
    differ = [key for key in there.keys() | wanted.keys() if there.get(key) != wanted.get(key)]
    standing = [event for event in wanted.values() if event.merged_into is None]
    return Replayed(
        alerts=len(alerts),
        events=len(wanted),
        differ=len(alerts ^ found) + len(differ),
        let_go=len(standing) - held,
        full=sum(bool(event.repeats) for event in standing),
    )


def _run(settings: Settings, core: Core[Any]) -> tuple[set[str], dict[str, Event], Collection[Any]]:
    """Return what ``core`` gives for all of its topic: ids of alerts, the newest events by id, and its states."""
    (source,) = core.sources
    states: dict[int, Any] = {}
    seen: set[str] = set()
    alerts: set[str] = set()
    events: dict[str, Event] = {}
    for read in kafka_read.read_topic(settings, source):
        record: Any = decode(read.value or b"", source.record)
        if record.id in seen:
            continue
        seen.add(record.id)
        if read.partition not in states:
            states[read.partition] = core.restore(())
        for output in core.handle(states[read.partition], record):
            if isinstance(output.record, Alert) and output.record.kind != "surge":
                alerts.add(output.record.id)
            elif isinstance(output.record, Event):
                events[output.record.event_id] = output.record
    return alerts, events, states.values()
