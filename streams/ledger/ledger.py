"""The ledger: decides whether a mention is a new event, news of a known one, or mere history.

Its state is the events that it has given out: ``Ledger.from_events`` of the newest record of each event goes
on as if it had never stopped, even where a crash left only the first of several records of one mention.

Within the window (``reorder_days``) the events are the same in whatever order mentions arrive. So is what their
course has to tell: whatever the order, each of its points is alerted, once. An order may raise further alerts,
which were right by what had arrived: a step first heard of from a late plan's fulfilment, or before the backfill
that makes it known, is told as new; of two mentions of one article, the first may be told as a turn of an event
that the second turns out to be of. Only withholding every alert for the whole window would spare them, and an
alert of a month ago is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from streams.ledger.alerts import event_alert, raised, surge_alert
from streams.ledger.cluster import Cluster, key_of, report_of
from streams.ledger.config import LedgerConfig
from streams.ledger.context import in_context
from streams.ledger.group import NOTHING_CHANGED, Changes, Group
from streams.ledger.headlines import Names
from streams.ledger.surge import Pace
from streams.ledger.weights import weight
from streams.ledger.whole import companions
from streams.records import Alert, Event, Mention
from streams.watches.codes import name_of

SPARED = 0.9  # of the most events held, so many stay when room is made, so that it is made seldom


class Outcome(NamedTuple):
    """What follows from one mention. Alerts are to be sent first: they are repeated until the events are kept."""

    events: list[Event]
    alerts: list[Alert]


class Ledger:
    """The known events of any number of watches."""

    def __init__(self, config: LedgerConfig | None = None, names: Names = name_of) -> None:
        self.config = config or LedgerConfig()
        self.names = names
        self._groups: dict[tuple[str, str], Group] = {}
        self._paces: dict[tuple[str, frozenset[str]], Pace] = {}
        self._held = 0

    def __len__(self) -> int:
        """Return the number of events held in memory."""
        return sum(len(group.clusters) for group in self._groups.values())

    @classmethod
    def from_events(cls, events: Iterable[Event], config: LedgerConfig | None = None, names: Names = name_of) -> Ledger:
        """Return the ledger that gave out ``events`` (the newest record of each, in any order)."""
        ledger = cls(config, names)
        by_group: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            by_group.setdefault((event.watch, event.type), []).append(event)
        for (watch, _), found in by_group.items():
            group = ledger._groups[watch, found[0].type] = Group(watch, found[0].type, ledger.config)
            group.restore(found)
            for cluster in group.clusters:
                ledger._keep_pace(watch, cluster)
        ledger._held = len(ledger)
        if ledger._held > ledger.config.max_events:
            # Not before: an old mention that is handled again has to be found.
            ledger._make_room()
        return ledger

    def apply(self, mention: Mention) -> Outcome:
        """Take in one mention; a mention that is known already changes nothing."""
        group = self._groups.get((mention.watch, mention.type))
        if group is None:
            group = self._groups[mention.watch, mention.type] = Group(mention.watch, mention.type, self.config)
        outcome = Outcome([], [])
        if group.unwritten.clusters or group.unwritten.swallowed:
            # Their alerts were sent before the first record was.
            outcome.events.extend(_records(group, group.unwritten))
            group.unwritten = NOTHING_CHANGED
        if mention.id not in group.where:
            before = len(group.clusters)
            self._give_out(group, group.place(report_of(mention)), outcome)
            outcome.alerts[:] = in_context(outcome.alerts, mention)
            self._held += len(group.clusters) - before
            if self._held > self.config.max_events:
                self._make_room()
        return outcome

    def _give_out(self, group: Group, changes: Changes, outcome: Outcome) -> None:
        changes.clusters.sort(key=lambda one: key_of(one.reports[0]))
        for cluster in changes.lost:
            self._leave_pace(cluster)
        for cluster in changes.clusters:
            cluster.revision = group.revision
            self._keep_pace(group.watch, cluster)
            for news in cluster.news[cluster.told :]:
                if not raised(cluster, news.key):
                    self._raise(group.watch, cluster, event_alert(cluster, news, group.watch, self.names), outcome)
                    if news.kind == "new_event":
                        self._watch_pace(group.watch, cluster, outcome)
            cluster.told = len(cluster.news)
        records = list(_records(group, changes))
        if len(records) > 1:
            others = companions(changes.clusters[1:], changes.swallowed, changes.gained)
            records[0] = msgspec.structs.replace(records[0], companions=others)
        outcome.events.extend(records)

    def _raise(self, watch: str, cluster: Cluster, alert: Alert, outcome: Outcome) -> None:
        cluster.alerts = (*cluster.alerts, alert.id)
        outcome.alerts.append(alert)

    def _keep_pace(self, watch: str, cluster: Cluster) -> None:
        """Count the event where its parties' new events are counted."""
        now = (watch, cluster.parties, cluster.new_at) if cluster.new_at is not None else None
        before = cluster.paced
        if now == before:
            return
        if before is not None:
            self._paces[before[:2]].remove(before[2])
        cluster.paced = now
        if now is not None:
            pace = self._paces.get(now[:2])
            if pace is None:
                pace = self._paces[now[:2]] = Pace()
            pace.add(now[2])
            if raised(cluster, "surge"):
                pace.told(now[2])

    def _leave_pace(self, cluster: Cluster) -> None:
        """Count the event no longer."""
        if cluster.paced is not None:
            self._paces[cluster.paced[:2]].remove(cluster.paced[2])
            cluster.paced = None

    def _watch_pace(self, watch: str, cluster: Cluster, outcome: Outcome) -> None:
        if cluster.paced is None:
            return
        pace, time = self._paces[cluster.paced[:2]], cluster.paced[2]
        surge = pace.surge(time, self.config)
        if surge is None or raised(cluster, "surge"):
            return
        pace.told(time)
        news = next(one for one in cluster.news if one.kind == "new_event")
        count, usual = surge
        alert = surge_alert(cluster, news, watch, count, self.config.surge_days, usual, self.names)
        self._raise(watch, cluster, alert, outcome)

    def _make_room(self) -> None:
        """Let go of what has not been heard of for longest; its records stay on the compacted topic."""
        spare = int(self.config.max_events * SPARED)
        for group in self._groups.values():
            self._drop(group, [cluster for cluster in group.clusters if group.is_expired(cluster)])
        if len(self) > self.config.max_events:
            held = [
                (cluster.last_seen, group, cluster) for group in self._groups.values() for cluster in group.clusters
            ]
            held.sort(key=lambda entry: entry[0])
            for _, group, cluster in held[: len(held) - spare]:
                self._drop(group, [cluster])
        self._held = len(self)

    def _drop(self, group: Group, clusters: Iterable[Cluster]) -> None:
        for cluster in clusters:
            group.drop(cluster)
            self._leave_pace(cluster)


def _records(group: Group, changes: Changes) -> Iterator[Event]:
    """Return the newest record of each event that changed or is no more."""
    for cluster in changes.clusters:
        yield cluster.event(group.watch, weight(group.type, cluster.status, cluster.level))
    for event_id, heir in changes.swallowed.items():
        yield _tombstone(event_id, heir, group)


def _tombstone(event_id: str, heir: Cluster, group: Group) -> Event:
    """Return the last record of an event that turned out to be ``heir``."""
    event = heir.event(group.watch, 0.0)
    return msgspec.structs.replace(
        event,
        event_id=event_id,
        status_history=(),
        reports=(),
        reports_total=0,
        outlets=0,
        alerts=(),
        merged=(),
        merged_into=heir.event_id,
    )
