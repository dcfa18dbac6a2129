"""All or nothing: what one mention changes is written as several records, and a crash may leave only the first ones.

The first record names what becomes of the others (``Event.companions``), so that a state is either that before the
mention or that after it, and nothing has to be decided a second time by what happens to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from streams.ledger.cluster import Cluster
from streams.records import Companion, Event, Report

Heirs = dict[str, str | None]


def companions(
    clusters: Sequence[Cluster], swallowed: Mapping[str, Cluster], gained: Mapping[str, tuple[Report, ...]]
) -> tuple[Companion, ...]:
    """Return what the first record of an outcome says of the events ``clusters`` and ``swallowed``."""
    changed = [
        Companion(
            event_id=cluster.event_id,
            mention_ids=tuple(report.mention_id for report in cluster.reports),
            gained=gained[cluster.event_id],
            reports_total=len(cluster.reports) + cluster.forgotten,
            alerts=cluster.alerts,
            merged=cluster.merged,
            forgotten_until=cluster.forgotten_until,
        )
        for cluster in clusters
    ]
    gone = [Companion(event_id=event_id, merged_into=heir.event_id) for event_id, heir in swallowed.items()]
    return (*changed, *gone)


def whole(events: Iterable[Event]) -> tuple[list[Event], Heirs]:
    """Return the state with what a crash left unwritten, and the ids of that with what they were merged into.

    Of what is put in, only the reports and what does not follow from them is right: the rest is made from these.
    """
    state = {event.event_id: event for event in events}
    unwritten: Heirs = {}
    for event in sorted(state.values(), key=lambda one: one.revision):
        for companion in event.companions:
            known = state.get(companion.event_id)
            if known is None or known.revision < event.revision:
                state[companion.event_id] = _next(event, known, companion)
                unwritten[companion.event_id] = companion.merged_into
    return list(state.values()), unwritten


def _next(first: Event, known: Event | None, companion: Companion) -> Event:
    """Return the record that was to follow ``first``, made from the one before it."""
    reports = {report.mention_id: report for report in (*(known.reports if known else ()), *companion.gained)}
    return msgspec.structs.replace(
        first,
        event_id=companion.event_id,
        reports=tuple(reports[mention_id] for mention_id in companion.mention_ids if mention_id in reports),
        reports_total=companion.reports_total,
        alerts=companion.alerts,
        merged=companion.merged,
        merged_into=companion.merged_into,
        forgotten_until=companion.forgotten_until,
        companions=(),
    )
