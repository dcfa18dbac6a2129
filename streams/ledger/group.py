"""The events of one watch and type, and the rule that places a report among them.

The placement is a function of the set of reports: taken in order of publication, each report joins the
event that speaks most for it, or founds one. A report that arrives late, within the window, is put where it
would stand, and what was published after it is placed again.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from streams.ledger.cluster import Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.identity import Asked, best, choices
from streams.ledger.known import Known
from streams.ledger.pair_index import Connections, Pair, PairIndex, pairs
from streams.ledger.reports import NO_TIME, Key, key_of
from streams.ledger.whole import whole
from streams.records import Event, EventType, Mention, Report, stable_id


class Changes(NamedTuple):
    """What one report changed."""

    clusters: list[Cluster]
    swallowed: dict[str, Cluster]
    """Ids of events that turned out to be others, and these."""
    gained: dict[str, tuple[Report, ...]]
    """By event id the reports that its last record does not have; given only where reports moved."""
    lost: Sequence[Cluster] = ()
    """The events that were swallowed."""


NOTHING_CHANGED = Changes([], {}, {})
TRIM_SHARE = 0.25  # of the window: what lies so far before it is let go, in one go for many reports


class Group:
    """The events of one watch and type that are held in memory."""

    __slots__ = (
        "clusters",
        "config",
        "connections",
        "ids",
        "index",
        "known",
        "recent",
        "revision",
        "trimmed_to",
        "type",
        "unwritten",
        "watch",
        "where",
    )

    def __init__(self, watch: str, kind: EventType, config: LedgerConfig, known: Known, ids: Known) -> None:
        self.watch = watch
        self.type: EventType = kind
        self.config = config
        self.clusters: dict[Cluster, None] = {}
        self.where: dict[str, Cluster] = {}
        """The events of the reports in ``recent``."""
        self.known = known
        """The mentions of older reports; one that was let go of is among them."""
        self.index: dict[Pair, PairIndex] = {}
        self.connections = Connections()
        self.recent: list[tuple[Key, Report]] = []
        self.trimmed_to = NO_TIME
        """Reports of before are no more in ``recent``."""
        self.ids = ids
        """Ids given out; those of events that turned out to be others are not given again."""
        self.revision = 0
        self.unwritten = NOTHING_CHANGED
        """What a crash amid the records of one report left unwritten, already held here."""

    def place(self, report: Report) -> Changes:
        """Take in a report; return what it changed."""
        self.revision += 1
        key = key_of(report)
        if not self.recent or self._stands_last(key) or report.published_at < self._window_start():
            asked = Asked(self.type, report)
            cluster = self._join(asked, self._best(asked))
            self._remember(key, report)
            if cluster is None:
                return NOTHING_CHANGED
            if not cluster.named:
                self._baptise(cluster)
            return Changes([cluster], {}, {})
        return self._replay(key, report)

    def _stands_last(self, key: Key) -> bool:
        """Whether a report with ``key`` follows all others and is of another article than they are."""
        last = self.recent[-1][0]
        return key > last and key[:2] != last[:2]

    def restore(self, events: Iterable[Event]) -> None:
        """Hold the events of a state as it was kept, made whole where a crash cut the records of one report short."""
        events, found = whole(events)
        claimed = self._claims(events)
        newest = max((event.last_seen for event in events if event.reports), default=None)
        if newest is not None:
            self.trimmed_to = newest - dt.timedelta(days=self.config.reorder_days)
        by_id: dict[str, Cluster] = {}
        for event in events:
            for event_id in (event.event_id, *event.merged):
                self.ids.add(event_id)
            reports = [report for report in event.reports if claimed[report.mention_id] is event]
            if event.merged_into is None and reports:
                by_id[event.event_id] = self._hold(event, reports)
        self.recent.sort(key=itemgetter(0))
        self.unwritten = Changes(
            [by_id[event_id] for event_id, heir in found.items() if heir is None and event_id in by_id],
            {event_id: by_id[heir] for event_id, heir in found.items() if heir in by_id},
            {},
        )

    def _claims(self, events: Iterable[Event]) -> dict[str, Event]:
        """Return the event that each report belongs to: of several the one written last."""
        claimed: dict[str, Event] = {}
        for event in sorted(events, key=lambda one: (one.revision, one.event_id)):
            self.revision = max(self.revision, event.revision)
            claimed.update((report.mention_id, event) for report in event.reports)
        return claimed

    def _hold(self, event: Event, reports: list[Report]) -> Cluster:
        cluster = Cluster.of(event.event_id, self.type, reports, self.config)
        cluster.take_over(event)
        self.clusters[cluster] = None
        self._file(cluster)
        for report in reports:
            if report.published_at < self.trimmed_to:
                self.known.add(report.mention_id)
            else:
                self.where[report.mention_id] = cluster
                self.recent.append((key_of(report), report))
        return cluster

    def is_expired(self, cluster: Cluster) -> bool:
        """Whether an event is too old for any report to join it."""
        if not self.recent:
            return False
        return cluster.last_seen < self.recent[-1][1].published_at - dt.timedelta(days=self.config.hold_days)

    def is_settled(self, cluster: Cluster) -> bool:
        """Whether an event lies before the window, so that what arrives late moves none of its reports."""
        return cluster.last_seen < self.trimmed_to

    def has_met(self, mention: Mention) -> bool:
        """Whether a mention was taken in before."""
        if mention.id in self.where:
            return True
        return mention.published_at < self.trimmed_to and mention.id in self.known

    def drop(self, cluster: Cluster) -> None:
        """Hold an event no longer."""
        self._unfile(cluster)
        del self.clusters[cluster]

    def _window_start(self) -> dt.datetime:
        return self.recent[-1][1].published_at - dt.timedelta(days=self.config.reorder_days)

    def _remember(self, key: Key, report: Report) -> None:
        recent = self.recent
        if not recent or key > recent[-1][0]:
            recent.append((key, report))
        else:
            insort(recent, (key, report), key=itemgetter(0))
        if (key[0] - recent[0][0][0]).days > self.config.reorder_days * (1 + TRIM_SHARE):
            self._trim()

    def _trim(self) -> None:
        """Let go of what lies before the window; events that no report of the window tells may rest."""
        start = self.trimmed_to = self._window_start()
        cut = bisect_left(self.recent, start, key=lambda entry: entry[0][0])
        for _, report in self.recent[:cut]:
            cluster = self.where.pop(report.mention_id, None)
            self.known.add(report.mention_id)
            if cluster is not None and cluster.last_seen < start:
                cluster.rest()
        del self.recent[:cut]

    def _settle(self, reports: Sequence[Report]) -> list[Cluster]:
        """Add the reports of one article to the events that they belong to; return those that changed.

        Two reports of one article mean two events: the one that fits an event best has the first choice.
        """
        if len(reports) == 1:
            asked = Asked(self.type, reports[0])
            joined = self._join(asked, self._best(asked))
            return [] if joined is None else [joined]
        waiting = [Asked(self.type, report) for report in reports]
        changed: list[Cluster] = []
        offers = [choices(asked, self._candidates(asked), self.config) for asked in waiting]
        while waiting:
            firsts = [(found[0][0], found[0][1].key(), -at) for at, found in enumerate(offers) if found]
            at = -max(firsts)[2] if firsts else 0
            asked, found = waiting.pop(at), offers.pop(at)
            cluster = self._join(asked, found[0][1] if found else None)
            if cluster is not None:
                changed.append(cluster)
                offers = [[choice for choice in others if choice[1] is not cluster] for others in offers]
        return changed

    def _best(self, asked: Asked) -> Cluster | None:
        """Return the event that speaks most for a report which is the only one of its article."""
        same_day = self._same_day(asked)
        if same_day is not None:
            return same_day
        return best(asked, self._candidates(asked), self.config)

    def _same_day(self, asked: Asked) -> Cluster | None:
        """Return the one event of the same parties on the report's very day, where there is just one.

        Words would not part the two any more, unless the article told of another step on that day.
        """
        if asked.when is None or asked.when.precision != "day":
            return None
        index = self.index.get(pairs(asked.parties)[0])
        if index is None:
            return None
        found = None
        for one in index.days.get(asked.when.start, ()):
            if one.parties == asked.parties and not one.is_told_by(asked.report):
                if found is not None:
                    return None
                found = one
        return found

    def _join(self, asked: Asked, cluster: Cluster | None) -> Cluster | None:
        """Add a report to an event, or found one; None where the event has let go of it."""
        report = asked.report
        if cluster is None:
            cluster = Cluster(type=self.type, config=self.config)
            self.clusters[cluster] = None
        elif cluster.forgotten_until is not None and report.published_at <= cluster.forgotten_until:
            return None
        cluster.add(report, asked.marks)
        self._file(cluster)
        self.where[report.mention_id] = cluster
        return cluster

    def _baptise(self, cluster: Cluster) -> None:
        """Give an event an id that no event has, or has had, in this group."""
        event_id = stable_id("event", self.watch, self.type, cluster.reports[0].mention_id)
        while event_id in self.ids:
            event_id = stable_id("event", event_id)
        cluster.event_id, cluster.named = event_id, True
        self.ids.add(event_id)

    def _candidates(self, asked: Asked) -> Sequence[Cluster]:
        """Return the events that share two parties with the report."""
        known = pairs(asked.parties)
        if len(known) == 1:
            index = self.index.get(known[0])
            return index.candidates(asked.when) if index is not None else ()
        found: dict[Cluster, None] = {}
        for pair in known:
            if pair in self.index:
                found.update(dict.fromkeys(self.index[pair].candidates(asked.when)))
        return list(found)

    def _file(self, cluster: Cluster) -> None:
        """Put an event where its parties, its date and its newest report have their places."""
        when, filed = cluster.span, cluster.filed
        place = (cluster.parties, when, cluster.status == "occurred" and when is not None and when.precision == "day")
        if filed == place:
            found = [self.index[pair] for pair in pairs(cluster.parties)]
            for index in found:
                index.lift(cluster, when is not None)
            cluster.heard_at = cluster.last_seen
            for index in found:
                index.heard(cluster, when is not None)
            return
        self._unfile(cluster)
        cluster.filed, cluster.heard_at = place, cluster.last_seen
        self.connections.connect(cluster.parties)
        for pair in pairs(cluster.parties):
            if pair not in self.index:
                self.index[pair] = PairIndex()
            self.index[pair].put(cluster, *place[1:])

    def _unfile(self, cluster: Cluster) -> None:
        if cluster.filed is not None:
            parties, when, settled = cluster.filed
            for pair in pairs(parties):
                self.index[pair].take_out(cluster, when, settled)
            cluster.filed = None

    def _replay(self, key: Key, late: Report) -> Changes:
        """Take out what was published after ``key``, then place it again in order, ``late`` first."""
        # From the article's first report on, since the reports of one article are placed together.
        cut = bisect_left(self.recent, (*key[:2], ""), key=itemgetter(0))
        # What shares no two parties with the late report, nor with what does, stays where it is.
        parties = frozenset(late.parties)
        self.connections.connect(parties)
        root, find = self.connections.root(parties), self.connections.root
        again = [report for _, report in self.recent[cut:] if find(frozenset(report.parties)) == root]
        touched = dict.fromkeys(
            cluster for report in again if (cluster := self.where.pop(report.mention_id, None)) is not None
        )
        before = {cluster: list(cluster.reports) for cluster in touched}
        moved = {report.mention_id for report in again}
        lost = self._strip(touched, moved)
        placed: dict[Cluster, None] = {}
        ordered = sorted([late, *again], key=key_of)
        for _, reports in groupby(ordered, key=lambda one: (one.published_at, one.article_id)):
            placed.update(dict.fromkeys(self._settle(list(reports))))
        insort(self.recent, (key, late), key=itemgetter(0))
        swallowed = self._name(placed, lost, before)
        changed = [
            cluster for cluster in {**touched, **placed} if cluster.reports and cluster.reports != before.get(cluster)
        ]
        gone = [cluster for cluster in lost if cluster.event_id in swallowed]
        had = {cluster.event_id: {report.mention_id for report in reports} for cluster, reports in before.items()}
        moved.add(late.mention_id)
        gained = {}
        for cluster in changed:
            new = moved.difference(had.get(cluster.event_id, ()))
            gained[cluster.event_id] = tuple(report for report in cluster.reports if report.mention_id in new)
        return Changes(changed, swallowed, gained, gone)

    def _strip(self, touched: Iterable[Cluster], moved: set[str]) -> list[Cluster]:
        """Take the ``moved`` reports out of the events; return the events that have none left."""
        lost = []
        for cluster in touched:
            kept = [report for report in cluster.reports if report.mention_id not in moved]
            cluster.refold(kept)
            if kept:
                self._file(cluster)
            else:
                self._unfile(cluster)
                del self.clusters[cluster]
                lost.append(cluster)
        return lost

    def _name(
        self, placed: Iterable[Cluster], lost: list[Cluster], before: dict[Cluster, list[Report]]
    ) -> dict[str, Cluster]:
        """Give re-founded events the ids of those that they continue; return the ids that have no heir."""
        heirs = {report.mention_id: cluster for cluster in lost for report in before[cluster]}
        taken: set[Cluster] = set()
        for cluster in placed:
            if cluster.named:
                continue
            votes: dict[Cluster, int] = {}
            for report in cluster.reports:
                old = heirs.get(report.mention_id)
                if old is not None and old not in taken:
                    votes[old] = votes.get(old, 0) + 1
            if not votes:
                self._baptise(cluster)
            else:
                # The most reports; among equals the one first told, which is the first in the dict.
                old = max(votes, key=lambda one: votes[one])
                taken.add(old)
                cluster.continue_from(old)
        orphans = {}
        for cluster in lost:
            if cluster not in taken:
                orphans[cluster.event_id] = self.where[before[cluster][0].mention_id]
                orphans[cluster.event_id].swallow(cluster)
        return orphans
