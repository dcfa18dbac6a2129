"""All or nothing: what one mention changes is written as several records, and a crash may leave only the first ones.

The first record names what becomes of the others (``Event.companions``), so that a state is either that before the
mention or that after it, and nothing has to be decided a second time by what happens to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from streams.ledger.cluster import MOST_REPEATS, Cluster
from streams.ledger.group import Gained
from streams.records import Companion, Event


def companions(
    clusters: Sequence[Cluster], swallowed: Mapping[str, Cluster], gained: Mapping[str, Gained]
) -> tuple[Companion, ...]:
    """Return what the first record of an outcome says of the events ``clusters`` and ``swallowed``."""
    changed = [
        Companion(
            event_id=cluster.account.event_id,
            mention_ids=tuple(report.mention_id for report in cluster.reports),
            gained=gained[cluster.account.event_id].reports,
            reports_total=len(cluster.reports) + cluster.account.forgotten,
            alerts=cluster.account.alerts,
            merged=cluster.account.merged,
            repeats=gained[cluster.account.event_id].repeats,
        )
        for cluster in clusters
    ]
    gone = [Companion(event_id=event_id, merged_into=heir.account.event_id) for event_id, heir in swallowed.items()]
    return (*changed, *gone)


def following(first: Event, known: Event | None, companion: Companion) -> Event:
    """Return the record that was to follow ``first``, made from the one before it.

    Of what is put in, only the reports and what does not follow from them is right: the rest is made from these.
    """
    reports = {report.mention_id: report for report in (*(known.reports if known else ()), *companion.gained)}
    return msgspec.structs.replace(
        first,
        event_id=companion.event_id,
        reports=tuple(reports[mention_id] for mention_id in companion.mention_ids if mention_id in reports),
        reports_total=companion.reports_total,
        alerts=companion.alerts,
        merged=companion.merged,
        merged_into=companion.merged_into,
        repeats=((*known.repeats, *companion.repeats) if known else companion.repeats)[-MOST_REPEATS:],
        companions=(),
    )
