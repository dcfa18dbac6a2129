"""Reads a ledger back from the records that it gave out, one after another.

Each event is packed as soon as its place is known, so that a restart needs little more memory than what it ends with,
however many events the topic holds that the ledger has let go of.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from streams.ledger.alerts import raised
from streams.ledger.bounds import Horizon
from streams.ledger.cluster import Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.group import Changes, Group
from streams.ledger.reports import NO_TIME
from streams.ledger.whole import following
from streams.records import Companion, Event, EventType, Report

SLACK = 1.25  # times the most events held that are read before those beyond the horizon are looked for

Place = tuple[str, EventType]


class Restoring:
    """What was read of a ledger so far; ``finish`` makes it whole."""

    def __init__(
        self,
        config: LedgerConfig,
        horizon: Horizon,
        group: Callable[[str, EventType], Group],
        count: Callable[[str, Cluster], None],
        held: Callable[[int], None],
    ) -> None:
        """Hold events in what ``group`` returns.

        ``count`` notes each where the new events of its parties count, ``held`` is told how many there are.
        """
        self._most = int(config.max_events * SLACK)
        self._horizon = horizon
        self._group = group
        self._count = count
        self._held = held
        self._events: dict[str, Cluster] = {}
        self._gone: dict[str, int] = {}
        """The revisions of events that turned out to be others or were let go of."""
        self._firsts: list[Event] = []
        """Records that say what was to follow them."""
        self._groups: dict[Place, Group] = {}

    def take(self, event: Event) -> None:
        """Take in the newest record of one event; the records may come in any order."""
        group = self._groups[event.watch, event.type] = self._group(event.watch, event.type)
        self._horizon.rise(event.let_go_until)
        group.revision = max(group.revision, event.revision)
        for event_id in (event.event_id, *event.merged):
            group.ids.add(event_id)
        if event.companions:
            self._firsts.append(msgspec.structs.replace(event, reports=(), repeats=()))
        if event.merged_into is not None:
            self._gone[event.event_id] = event.revision
        elif event.reports:
            self._hold(group, event)
        if len(self._events) > self._most:
            self._let_go()
            self._most = max(self._most, int(len(self._events) * SLACK))

    def finish(self) -> None:
        """Make whole what a crash cut short, and let go of what was let go of."""
        for first in sorted(self._firsts, key=lambda one: one.revision):
            group = self._group(first.watch, first.type)
            for companion in first.companions:
                self._follow(group, first, companion)
        for group in self._groups.values():
            group.trim()
        self._let_go()
        self._held(sum(map(len, self._groups.values())))

    def _hold(self, group: Group, event: Event) -> None:
        """Hold an event; of two that have one report it is that of the one written last."""
        reports: list[Report] = []
        within = group.window.reaches(max([report.published_at for report in event.reports], default=NO_TIME))
        others: dict[Cluster, list[Report]] = {}
        for report in event.reports:
            other = group.window.owner(report) if within else None
            if other is not None and _rank(other) > (event.revision, event.event_id):
                continue
            reports.append(report)
            if other is not None:
                others.setdefault(other, []).append(report)
        for other, taken in others.items():
            group.release(other, taken)
            self._count(group.watch, other)
        if reports:
            cluster = Cluster.of(event.event_id, group.kind, reports)
            cluster.take_over(event)
            cluster.account.surged = raised(cluster, "surge")
            cluster.account.news = ()  # told, or its record would not have been written
            self._events[event.event_id] = cluster
            self._count(group.watch, cluster)
            group.hold(cluster)

    def _follow(self, group: Group, first: Event, companion: Companion) -> None:
        """Make the record that was to follow ``first``, where it was not written."""
        event_id = companion.event_id
        known = self._events.get(event_id)
        written = known.account.revision if known is not None else self._gone.get(event_id, -1)
        if written >= first.revision:
            return
        before = known.event(group.watch, 0.0, None) if known is not None and known.reports else None
        if known is not None and known.is_held:
            group.release(known, known.reports)
            self._count(group.watch, known)
            del self._events[event_id]
        group.ids.add(event_id)
        heir = self._events.get(companion.merged_into or "")
        if companion.merged_into is None:
            self._hold(group, following(first, before, companion))
        clusters = [self._events[event_id]] if event_id in self._events else []
        swallowed = {event_id: heir} if heir is not None else {}
        unwritten = group.unwritten
        group.unwritten = Changes([*unwritten.clusters, *clusters], {**unwritten.swallowed, **swallowed}, {})

    def _let_go(self) -> None:
        beyond = set()
        for group in self._groups.values():
            for cluster in group.beyond():
                group.drop(cluster)
                beyond.add(cluster)
        for name in [name for name, cluster in self._events.items() if cluster in beyond]:
            self._gone[name] = self._events.pop(name).account.revision


def _rank(cluster: Cluster) -> tuple[int, str]:
    """Return what says which of two events was written last."""
    return cluster.account.revision, cluster.account.event_id
