"""The events of one watch and type, and the rule that places a report among them.

The placement is a function of the set of reports: taken in order of publication, each report joins the
event that speaks most for it, or founds one. A report that arrives late, within the window, is put where it
would stand, and what was published after it is placed again.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from streams.ledger.bounds import Horizon
from streams.ledger.cluster import Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.filing import Filing
from streams.ledger.identity import Asked, best, choices
from streams.ledger.known import Known
from streams.ledger.pair_index import pairs
from streams.ledger.reports import NO_TIME, Key, codes_of, key_of
from streams.records import EventType, Mention, Report, stable_id


class Gained(NamedTuple):
    """What an event has of late."""

    reports: tuple[Report, ...]
    repeats: tuple[str, ...]


class Changes(NamedTuple):
    """What one report changed."""

    clusters: list[Cluster]
    swallowed: dict[str, Cluster]
    """Ids of events that turned out to be others, and these."""
    gained: dict[str, Gained]
    """By event id what its last record does not have; given only where reports moved."""
    lost: Sequence[Cluster] = ()
    """The events that were swallowed."""
    touched: Iterable[Cluster] = ()
    """All events that had to wake for it, those that did not change among them."""


NOTHING_CHANGED = Changes([], {}, {})
NO_CLUSTERS: Sequence[Cluster] = ()
TRIM_SHARE = 0.25  # of the window: what lies so far before it is let go, in one go for many reports


class Group:
    """The events of one watch and type that are held in memory."""

    __slots__ = (
        "_longest",
        "clusters",
        "config",
        "crossed",
        "filing",
        "horizon",
        "ids",
        "known",
        "recent",
        "revision",
        "trimmed_to",
        "type",
        "unwritten",
        "watch",
        "where",
    )

    def __init__(
        self, watch: str, kind: EventType, config: LedgerConfig, known: Known, ids: Known, horizon: Horizon
    ) -> None:
        self.watch = watch
        self.type: EventType = kind
        self.config = config
        self.clusters: dict[Cluster, None] = {}
        self.where: dict[str, Cluster] = {}
        """The events of the reports in ``recent``."""
        self.known = known
        """The mentions of older reports, and of those that were let go of."""
        self.horizon = horizon
        self._longest = dt.timedelta(days=config.reorder_days * (1 + TRIM_SHARE))
        self.crossed: Sequence[Cluster] = NO_CLUSTERS
        """Events of before the horizon that the window left behind with the last report."""
        self.filing = Filing()
        self.recent: list[Key] = []
        """The places of the reports in the window; the events have the reports, packed."""
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
        self.crossed = NO_CLUSTERS
        key = key_of(report)
        if not self.recent or self._stands_last(key) or report.published_at < self._window_start():
            asked = Asked(self.type, report)
            cluster = self._join(asked, self._best(asked))
            if report.mention_id in self.where:
                self._remember(key)
            if not cluster.named:
                self._baptise(cluster)
            return Changes([cluster], {}, {}, touched=(cluster,))
        return self._replay(key, report)

    def _stands_last(self, key: Key) -> bool:
        """Whether a report with ``key`` follows all others and is of another article than they are."""
        last = self.recent[-1]
        return key > last and key[:2] != last[:2]

    def hold(self, cluster: Cluster) -> None:
        """Hold an event as it was kept. A report that another event had before is its own from now on."""
        self.clusters[cluster] = None
        self.filing.put(cluster)
        for report in cluster.reports:
            if report.published_at < self.trimmed_to:
                self.known.add(report.mention_id)
                continue
            if report.mention_id not in self.where:
                self._recall(key_of(report))
            self.where[report.mention_id] = cluster
        for mention_id in cluster.repeats:
            self.known.add(mention_id)
        cluster.press()
        self._trim_long()

    def release(self, cluster: Cluster, reports: Iterable[Report]) -> None:
        """Take ``reports``, which are of other events, from one that was kept; without any left it is held no more."""
        gone = set()
        for report in reports:
            gone.add(report.mention_id)
            self._unplace(report)
        cluster.refold([report for report in cluster.reports if report.mention_id not in gone])
        if cluster.reports:
            self.filing.put(cluster)
        else:
            self.drop(cluster)

    def trim(self) -> None:
        """Let go of what lies before the window, as after a restart."""
        if self.recent:
            self._trim()

    def is_settled(self, cluster: Cluster) -> bool:
        """Whether an event lies before the window, so that what arrives late moves none of its reports."""
        return cluster.last_seen < self._window_start()

    def is_beyond(self, cluster: Cluster) -> bool:
        """Whether an event is one of those that are held no longer."""
        return cluster.last_seen < self.horizon.until and self.is_settled(cluster)

    def settled(self) -> list[dt.datetime]:
        """Return when the settled events were last heard of."""
        start = self._window_start()
        return [cluster.last_seen for cluster in self.clusters if cluster.last_seen < start]

    def beyond(self) -> list[Cluster]:
        """Return the events held that are beyond the horizon."""
        until = min(self.horizon.until, self._window_start())
        return [cluster for cluster in self.clusters if cluster.last_seen < until]

    def has_met(self, mention: Mention) -> bool:
        """Whether a mention was taken in before."""
        return mention.id in self.where or mention.id in self.known

    def drop(self, cluster: Cluster) -> None:
        """Hold an event no longer."""
        self.filing.take_out(cluster)
        del self.clusters[cluster]

    def _window_start(self) -> dt.datetime:
        newest = self.recent[-1][0] if self.recent else NO_TIME + dt.timedelta(self.config.reorder_days)
        return newest - dt.timedelta(days=self.config.reorder_days)

    def _remember(self, key: Key) -> None:
        start = self._window_start()
        self._recall(key)
        self.crossed = tuple(self._crossed(start)) if start < self.horizon.until else NO_CLUSTERS
        self._trim_long()

    def _recall(self, key: Key) -> None:
        recent = self.recent
        if not recent or key > recent[-1]:
            recent.append(key)
        else:
            insort(recent, key)

    def _crossed(self, start: dt.datetime) -> Iterator[Cluster]:
        """Yield the events beyond the horizon that were in the window when it began at ``start``."""
        first, end = (bisect_left(self.recent, (time, "", "")) for time in (start, self._window_start()))
        for cluster in dict.fromkeys(self.where[mention_id] for _, _, mention_id in self.recent[first:end]):
            if self.is_beyond(cluster) and cluster in self.clusters:
                yield cluster

    def _trim_long(self) -> None:
        if self.recent and self.recent[-1][0] - self.recent[0][0] > self._longest:
            self._trim()

    def _trim(self) -> None:
        """Let go of what lies before the window; events that no report of the window tells may rest."""
        start = self.trimmed_to = self._window_start()
        cut = bisect_left(self.recent, (start, "", ""))
        for _, _, mention_id in self.recent[:cut]:
            cluster = self.where.pop(mention_id, None)
            self.known.add(mention_id)
            if cluster is not None and cluster.last_seen < start:
                cluster.press()
        del self.recent[:cut]

    def _settle(self, reports: Sequence[Report]) -> list[Cluster]:
        """Add the reports of one article to the events that they belong to; return those that changed.

        Two reports of one article mean two events: the one that fits an event best has the first choice.
        """
        if len(reports) == 1:
            asked = Asked(self.type, reports[0])
            return [self._join(asked, self._best(asked))]
        waiting = [Asked(self.type, report) for report in reports]
        changed: list[Cluster] = []
        offers = [choices(asked, self.filing.candidates(asked, self.config), self.config) for asked in waiting]
        while waiting:
            firsts = [(found[0][0], found[0][1].key(), -at) for at, found in enumerate(offers) if found]
            at = -max(firsts)[2] if firsts else 0
            asked, found = waiting.pop(at), offers.pop(at)
            cluster = self._join(asked, found[0][1] if found else None)
            changed.append(cluster)
            offers = [[choice for choice in others if choice[1] is not cluster] for others in offers]
        return changed

    def _best(self, asked: Asked) -> Cluster | None:
        """Return the event that speaks most for a report which is the only one of its article."""
        same_day = self.filing.same_day(asked)
        if same_day is not None:
            return same_day
        return best(asked, self.filing.candidates(asked, self.config), self.config)

    def _join(self, asked: Asked, cluster: Cluster | None) -> Cluster:
        """Add a report to an event, or found one."""
        report = asked.report
        if cluster is None:
            cluster = Cluster(type=self.type, config=self.config)
            self.clusters[cluster] = None
        repeat = cluster.add(report, asked.marks)
        self.filing.put(cluster)
        self.where[report.mention_id] = cluster
        if repeat is not None:
            self._let_go(repeat)
            self._miss(cluster.repeat((repeat.mention_id,)))
        return cluster

    def _let_go(self, repeat: Report) -> None:
        """Place a report no more, as if it lay before the window: it is known, and has had its say."""
        self._unplace(repeat)
        self.known.add(repeat.mention_id)

    def _unplace(self, report: Report) -> None:
        self.where.pop(report.mention_id, None)
        key = key_of(report)
        at = bisect_left(self.recent, key)
        if at < len(self.recent) and self.recent[at] == key:
            del self.recent[at]

    def _miss(self, mention_ids: Iterable[str]) -> None:
        """Know mentions no longer, as nobody will after a restart."""
        for mention_id in mention_ids:
            self.known.discard(mention_id)

    def _baptise(self, cluster: Cluster) -> None:
        """Give an event an id that no event has, or has had, in this group."""
        event_id = stable_id("event", self.watch, self.type, cluster.reports[0].mention_id)
        while event_id in self.ids:
            event_id = stable_id("event", event_id)
        cluster.event_id, cluster.named = event_id, True
        self.ids.add(event_id)

    def _replay(self, key: Key, late: Report) -> Changes:
        """Take out what was published after ``key``, then place it again in order, ``late`` first."""
        # From the article's first report on, since the reports of one article are placed together.
        cut = bisect_left(self.recent, (*key[:2], ""))
        # What shares no two parties with the late report, nor with what does, stays where it is.
        together = self.filing.connected(codes_of(late.parties))
        moved = [one for _, _, one in self.recent[cut:] if pairs(self.where[one].parties)[0] in together]
        touched = dict.fromkeys(map(self.where.pop, moved))
        before = {cluster: list(cluster.reports) for cluster in touched}
        had = {cluster.event_id: Gained(tuple(before[cluster]), cluster.repeats) for cluster in touched}
        known = {report.mention_id: report for reports in before.values() for report in reports}
        lost = self._strip(touched, set(moved))
        placed: dict[Cluster, None] = {}
        insort(self.recent, key)
        ordered = sorted([late, *(known[one] for one in moved)], key=key_of)
        for _, reports in groupby(ordered, key=lambda one: (one.published_at, one.article_id)):
            placed.update(dict.fromkeys(self._settle(list(reports))))
        swallowed = self._name(placed, lost, before)
        changed = [
            cluster
            for cluster in {**touched, **placed}
            if cluster.reports
            and (cluster.reports != before.get(cluster) or cluster.repeats != had[cluster.event_id].repeats)
        ]
        gone = [cluster for cluster in lost if cluster.event_id in swallowed]
        gained = {cluster.event_id: _gained(cluster, had.get(cluster.event_id)) for cluster in changed}
        return Changes(changed, swallowed, gained, gone, {**touched, **placed})

    def _strip(self, touched: Iterable[Cluster], moved: set[str]) -> list[Cluster]:
        """Take the ``moved`` reports out of the events; return the events that have none left."""
        lost = []
        for cluster in touched:
            kept = [report for report in cluster.reports if report.mention_id not in moved]
            cluster.refold(kept)
            if kept:
                self.filing.put(cluster)
            else:
                self.filing.take_out(cluster)
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
                self._miss(cluster.continue_from(old))
        orphans = {}
        for cluster in lost:
            if cluster not in taken:
                heir = orphans[cluster.event_id] = self._heir(before[cluster], placed)
                self._miss(heir.swallow(cluster))
        return orphans

    def _heir(self, reports: Sequence[Report], placed: Iterable[Cluster]) -> Cluster:
        """Return the event that the first of ``reports`` is of by now."""
        first = reports[0].mention_id
        heir = self.where.get(first)
        # One that made room for others is on no list of reports any more.
        return heir if heir is not None else next(cluster for cluster in placed if first in cluster.repeats)


def _gained(cluster: Cluster, had: Gained | None) -> Gained:
    """Return what an event has that it had not."""
    reports = {report.mention_id for report in had.reports} if had is not None else ()
    repeats = set(had.repeats) if had is not None else ()
    return Gained(
        tuple(report for report in cluster.reports if report.mention_id not in reports),
        tuple(mention_id for mention_id in cluster.repeats if mention_id not in repeats),
    )
