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

from streams.ledger.alerts import alert_id, event_alert, raised, surge_alert
from streams.ledger.bounds import Horizon, horizon, is_due
from streams.ledger.cluster import Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.context import in_context
from streams.ledger.group import NOTHING_CHANGED, Changes, Group
from streams.ledger.headlines import Names
from streams.ledger.known import Known
from streams.ledger.packing import Packer
from streams.ledger.reports import key_of, report_of
from streams.ledger.restoring import Restoring
from streams.ledger.surge import Pace
from streams.ledger.weights import weight
from streams.ledger.whole import companions
from streams.records import Alert, Event, EventType, Mention
from streams.watches.codes import name_of

AWAKE_SHARE = 1 / 50
"""Of the most events held, so many are not packed: 250 of a partition's, 12 kB each with eight reports, 3 MB in all."""


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
        self._known = Known()
        self._ids = Known()
        self._horizon = Horizon()
        self._packer = Packer()
        self._awake: dict[Cluster, None] = {}
        self._held = 0

    def __len__(self) -> int:
        """Return the number of events held in memory."""
        return self._held

    @classmethod
    def from_events(cls, events: Iterable[Event], config: LedgerConfig | None = None, names: Names = name_of) -> Ledger:
        """Return the ledger that gave out ``events`` (the newest record of each, in any order)."""
        ledger = cls(config, names)
        restoring = ledger.restoring()
        for event in events:
            restoring.take(event)
        restoring.finish()
        return ledger

    def restoring(self) -> Restoring:
        """Return what this empty ledger takes its events from, one after another."""

        def held(count: int) -> None:
            self._held = count

        return Restoring(self.config, self._horizon, self._group, self._keep_pace, held)

    def _group(self, watch: str, kind: EventType) -> Group:
        group = self._groups.get((watch, kind))
        if group is None:
            group = self._groups[watch, kind] = Group(
                watch, kind, self.config, self._known, self._ids, self._horizon, self._packer
            )
        return group

    def apply(self, mention: Mention) -> Outcome:
        """Take in one mention; a mention that is known already changes nothing."""
        group = self._group(mention.watch, mention.type)
        outcome = Outcome([], [])
        if group.unwritten.clusters or group.unwritten.swallowed:
            # Their alerts were sent before the first record was.
            outcome.events.extend(_records(group, group.unwritten))
            self._keep_awake(group, group.unwritten.clusters)
            group.unwritten = NOTHING_CHANGED
        if not group.has_met(mention):
            before = len(group)
            changes = group.place(report_of(mention))
            self._give_out(group, changes, outcome)
            if mention.origin == "backfill":
                # Background may show live reports in a new light; that is no news to anybody. The events remember
                # the alerts, so that nothing raises them later.
                outcome.alerts.clear()
            elif outcome.alerts:
                outcome.alerts[:] = in_context(outcome.alerts, mention)
            founded = len(group) - before
            self._held += founded
            self._keep_bounds(group, changes, outcome, founded > 0)
        return outcome

    def _give_out(self, group: Group, changes: Changes, outcome: Outcome) -> None:
        if len(changes.clusters) > 1:
            changes.clusters.sort(key=lambda one: key_of(one.reports[0]))
        for cluster in changes.lost:
            self._leave_pace(cluster)
        for cluster in changes.clusters:
            cluster.account.revision = group.revision
            self._keep_pace(group.watch, cluster)
            if cluster.has_news():
                self._tell(group.watch, cluster, outcome)
        records = list(_records(group, changes))
        if len(records) > 1:
            others = companions(changes.clusters[1:], changes.swallowed, changes.gained)
            records[0] = msgspec.structs.replace(records[0], companions=others)
        outcome.events.extend(records)
        self._keep_awake(group, changes.touched)

    def _keep_awake(self, group: Group, clusters: Iterable[Cluster]) -> None:
        """Put to rest what lies before the window, and of the rest all but those that woke last.

        A step that is recalled after months is seldom recalled again within days: it rests at once, while its reports
        are in the processor's caches, and stays awake if it is.
        """
        for cluster in clusters:
            self._awake.pop(cluster, None)
            if group.is_settled(cluster):
                cluster.press()
            elif cluster.is_recalled:
                cluster.rest()
            else:
                self._awake[cluster] = None
        while len(self._awake) > self.config.max_events * AWAKE_SHARE:
            cluster = next(iter(self._awake))
            del self._awake[cluster]
            cluster.rest()

    def _tell(self, watch: str, cluster: Cluster, outcome: Outcome) -> None:
        """Raise what the event has to tell and has not told yet."""
        account = cluster.account
        for news in account.news:
            own = alert_id(account.event_id, news.key)
            if not raised(cluster, news.key, own):
                self._raise(cluster, event_alert(own, cluster, news, watch, self.names), outcome)
                if news.kind == "new_event":
                    self._watch_pace(watch, cluster, outcome)
        account.news = ()

    def _raise(self, cluster: Cluster, alert: Alert, outcome: Outcome) -> None:
        cluster.account.alerts = (*cluster.account.alerts, alert.id)
        outcome.alerts.append(alert)

    def _keep_pace(self, watch: str, cluster: Cluster) -> None:
        """Count the event where its parties' new events are counted."""
        account, pace = cluster.account, None
        time = account.new_at
        if time is not None:
            place = (watch, cluster.parties)
            pace = self._paces.get(place)
            if pace is None:
                pace = self._paces[place] = Pace()
        if pace is cluster.pace and (time is None or account.paced_as == (time, account.surged)):
            return
        self._leave_pace(cluster)
        if time is not None and pace is not None:
            cluster.pace, account.paced_as = pace, (time, account.surged)
            pace.add(time, account.surged, self.config)

    def _leave_pace(self, cluster: Cluster) -> None:
        """Count the event no longer."""
        if cluster.pace is not None and cluster.account.paced_as is not None:
            cluster.pace.remove(*cluster.account.paced_as)
        cluster.pace = cluster.account.paced_as = None

    def _watch_pace(self, watch: str, cluster: Cluster, outcome: Outcome) -> None:
        account = cluster.account
        if cluster.pace is None or account.paced_as is None or account.surged:
            return
        surge = cluster.pace.surge(account.paced_as[0], self.config)
        if surge is None:
            return
        account.surged = True
        self._keep_pace(watch, cluster)
        news = next(one for one in account.news if one.kind == "new_event")
        count, usual = surge
        alert = surge_alert(cluster, news, watch, count, self.config.surge_days, usual, self.names)
        self._raise(cluster, alert, outcome)

    def _keep_bounds(self, group: Group, changes: Changes, outcome: Outcome, founded: bool) -> None:
        """Let go of what is settled and beyond the horizon by now; more events than may be held move it on.

        Their records stay on the compacted topic. What lies in the window stays, however much: a late report may
        move it.
        """
        for cluster in (*changes.clusters, *group.crossed):
            if group.is_beyond(cluster) and cluster.is_held:
                self._drop(group, cluster)
        if not founded or not is_due(self._held, self.config.max_events):
            return
        groups = self._groups.values()
        settled = [time for one in groups for time in one.settled()]
        if self._horizon.rise(horizon(settled, self._held, self.config.max_events)):
            told = self._horizon.told
            outcome.events[:] = [msgspec.structs.replace(event, let_go_until=told) for event in outcome.events]
            for one in groups:
                for cluster in one.beyond():
                    self._drop(one, cluster)

    def _drop(self, group: Group, cluster: Cluster) -> None:
        group.drop(cluster)
        self._held -= 1


def _records(group: Group, changes: Changes) -> Iterator[Event]:
    """Return the newest record of each event that changed or is no more."""
    for cluster in changes.clusters:
        value = weight(group.type, cluster.status, cluster.account.level)
        yield cluster.event(group.watch, value, group.horizon.told)
    for event_id, heir in changes.swallowed.items():
        yield _tombstone(event_id, heir, group)


def _tombstone(event_id: str, heir: Cluster, group: Group) -> Event:
    """Return the last record of an event that turned out to be ``heir``."""
    event = heir.event(group.watch, 0.0, group.horizon.told)
    return msgspec.structs.replace(
        event,
        event_id=event_id,
        status_history=(),
        reports=(),
        reports_total=0,
        outlets=0,
        alerts=(),
        merged=(),
        repeats=(),
        merged_into=heir.account.event_id,
    )
