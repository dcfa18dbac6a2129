"""The events of one watch and type, and the rule that places a report among them.

The placement is a function of the set of reports: taken in order of publication, each report joins the
event that speaks most for it, or founds one. A report that arrives late, within the window, is put where it
would stand, and what was published after it is placed again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from streams.ledger.bounds import Horizon
from streams.ledger.cluster import Cluster, Kind
from streams.ledger.config import LedgerConfig
from streams.ledger.filing import Filing
from streams.ledger.identity import CERTAIN, Asked, Choice, best, choices
from streams.ledger.known import Known
from streams.ledger.packing import Packer
from streams.ledger.pair_index import pairs
from streams.ledger.reports import NO_TIME, codes_of, key_of
from streams.ledger.window import Place, Window, article_of, place_of
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
        "_span",
        "config",
        "crossed",
        "filing",
        "horizon",
        "ids",
        "kind",
        "known",
        "revision",
        "trimmed_to",
        "type",
        "unwritten",
        "watch",
        "window",
    )

    def __init__(
        self,
        watch: str,
        kind: EventType,
        config: LedgerConfig,
        known: Known,
        ids: Known,
        horizon: Horizon,
        packer: Packer,
    ) -> None:
        self.watch = watch
        self.type: EventType = kind
        self.config = config
        self.kind = Kind(kind, config, packer)
        self.known = known
        """The mentions that were met."""
        self.horizon = horizon
        self._span = dt.timedelta(days=config.reorder_days)
        self._longest = dt.timedelta(days=config.reorder_days * (1 + TRIM_SHARE))
        self.crossed: Sequence[Cluster] = NO_CLUSTERS
        """Events of before the horizon that the window left behind with the last report."""
        self.filing = Filing()
        """The events that are held."""
        self.window = Window()
        self.trimmed_to = NO_TIME
        """Reports of before are no more in ``window``."""
        self.ids = ids
        """Ids given out; those of events that turned out to be others are not given again."""
        self.revision = 0
        self.unwritten = NOTHING_CHANGED
        """What a crash amid the records of one report left unwritten, already held here."""

    def __len__(self) -> int:
        """Return how many events are held."""
        return self.filing.filed

    def place(self, report: Report) -> Changes:
        """Take in a report; return what it changed."""
        self.revision += 1
        self.crossed = NO_CLUSTERS
        article = article_of(report)
        start = self._window_start()
        if not self.window or self.window.follows_all(article) or report.published_at < start:
            asked = Asked(self.type, report)
            cluster = self._join(asked, self._best(asked), article)
            self.crossed = tuple(self._crossed(start)) if start < self.horizon.until else NO_CLUSTERS
            self._trim_long()
            if not cluster.account.event_id:
                self._baptise(cluster)
            return Changes([cluster], {}, {}, touched=(cluster,))
        return self._replay(article, report)

    def hold(self, cluster: Cluster) -> None:
        """Hold an event as it was kept. A report that another event had before is its own from now on."""
        self.filing.put(cluster)
        self.known.add(*[report.mention_id for report in cluster.reports], *cluster.account.repeats)
        start = max(self._window_start(), self.trimmed_to)
        if cluster.last_seen >= start:
            for report in cluster.reports:
                if report.published_at >= start:
                    self.window.put(place_of(report), cluster)
        cluster.press()
        self._trim_long()

    def release(self, cluster: Cluster, reports: Iterable[Report]) -> None:
        """Take ``reports``, which are of other events, from one that was kept; without any left it is held no more."""
        gone = set()
        for report in reports:
            gone.add(report.mention_id)
            if self.window.take_out(report):
                self.known.discard(report.mention_id)
        cluster.refold([report for report in cluster.reports if report.mention_id not in gone])
        if cluster.reports:
            self.filing.put(cluster)
        else:
            self.drop(cluster)

    def trim(self) -> None:
        """Let go of what lies before the window, as after a restart."""
        if self.window:
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
        return [cluster.last_seen for cluster in self.filing if cluster.last_seen < start]

    def beyond(self) -> list[Cluster]:
        """Return the events held that are beyond the horizon."""
        until = min(self.horizon.until, self._window_start())
        return [cluster for cluster in self.filing if cluster.last_seen < until]

    def has_met(self, mention: Mention) -> bool:
        """Whether a mention was taken in before."""
        return mention.id in self.known

    def drop(self, cluster: Cluster) -> None:
        """Hold an event no longer."""
        self.filing.take_out(cluster)

    def _window_start(self) -> dt.datetime:
        return self.window.newest - self._span if self.window else NO_TIME

    def _crossed(self, start: dt.datetime) -> Iterator[Cluster]:
        """Yield the events beyond the horizon that were in the window when it began at ``start``."""
        for cluster in dict.fromkeys(self.window.owners(start, self._window_start())):
            if self.is_beyond(cluster) and cluster.is_held:
                yield cluster

    def _trim_long(self) -> None:
        if self.window and self.window.newest - self.window.oldest > self._longest:
            self._trim()

    def _trim(self) -> None:
        """Let go of what lies before the window; events that no report of the window tells may rest."""
        start = self.trimmed_to = self._window_start()
        for cluster in dict.fromkeys(self.window.cut(start)):
            if cluster.last_seen < start and not cluster.has_news():
                cluster.press()

    def _settle(self, reports: Sequence[Report]) -> list[Cluster]:
        """Add the reports of one article to the events that they belong to; return those that changed.

        Two reports of one article mean two events: the one that fits an event best has the first choice.
        """
        if len(reports) == 1:
            asked = Asked(self.type, reports[0])
            return [self._join(asked, self._best(asked))]
        waiting = [Asked(self.type, report) for report in reports]
        changed: list[Cluster] = []
        offers = [self._offers(asked, waiting) for asked in waiting]
        while waiting:
            firsts = [(found[0][0], found[0][1].key(), -at) for at, found in enumerate(offers) if found]
            at = -max(firsts)[2] if firsts else 0
            asked, found = waiting.pop(at), offers.pop(at)
            cluster = self._join(asked, found[0][1] if found else None)
            changed.append(cluster)
            offers = [[choice for choice in others if choice[1] is not cluster] for others in offers]
        return changed

    def _offers(self, asked: Asked, told: Iterable[Asked]) -> list[Choice]:
        """Return the events that a report can be of, one of several that an article has ``told``; the best first.

        What shares no two parties with the others is placed as if it were the only one, since it may have been placed
        before anything connected it with them.
        """
        mine = set(pairs(asked.parties))
        near = [other for other in told if not mine.isdisjoint(pairs(other.parties))]
        same_day = self.filing.same_day(asked) if near == [asked] else None
        if same_day is not None:
            return [(CERTAIN, same_day)]
        return choices(asked, self.filing.candidates(asked, self.config), self.config)

    def _best(self, asked: Asked) -> Cluster | None:
        """Return the event that speaks most for a report which is the only one of its article."""
        same_day = self.filing.same_day(asked)
        if same_day is not None:
            return same_day
        return best(asked, self.filing.candidates(asked, self.config), self.config)

    def _join(self, asked: Asked, cluster: Cluster | None, article: Place | None = None) -> Cluster:
        """Add a report (of an ``article`` whose place may be known) to an event, or found one."""
        report = asked.report
        if cluster is None:
            cluster = Cluster(kind=self.kind)
        repeat = cluster.add(report, asked.marks)
        self.filing.put(cluster)
        self.known.add(report.mention_id)
        self.window.put(place_of(report, article), cluster)
        if repeat is not None:
            # It is placed no more, as if it lay before the window: it is known, and has had its say.
            self.window.take_out(repeat)
            self._miss(cluster.repeat((repeat.mention_id,)))
        return cluster

    def _miss(self, mention_ids: Iterable[str]) -> None:
        """Know mentions no longer, as nobody will after a restart."""
        for mention_id in mention_ids:
            self.known.discard(mention_id)

    def _baptise(self, cluster: Cluster) -> None:
        """Give an event an id that no event has, or has had, in this group."""
        event_id = stable_id("event", self.watch, self.type, cluster.reports[0].mention_id)
        while event_id in self.ids:
            event_id = stable_id("event", event_id)
        cluster.account.event_id = event_id
        self.ids.add(event_id)

    def _replay(self, article: Place, late: Report) -> Changes:
        """Take out what was published since the ``article`` of ``late``, then place it again in order with it.

        It begins with the article's first report, since the reports of one article are placed together.
        """
        # What shares no two parties with the late report, nor with what does, stays where it is.
        together = self.filing.connected(codes_of(late.parties))
        moved = {one: owner for one, owner in self.window.since(article) if pairs(owner.parties)[0] in together}
        touched = dict.fromkeys(moved.values())
        before = {cluster: list(cluster.reports) for cluster in touched}
        had = {cluster.account.event_id: Gained(tuple(before[cluster]), cluster.account.repeats) for cluster in touched}
        again = self._strip(touched, moved)
        lost = [cluster for cluster in touched if not cluster.reports]
        placed: dict[Cluster, None] = {}
        ordered = sorted([late, *again], key=key_of)
        for _, reports in groupby(ordered, key=lambda one: (one.published_at, one.article_id)):
            placed.update(dict.fromkeys(self._settle(list(reports))))
        swallowed = self._name(placed, lost, before)
        changed = [
            cluster
            for cluster in {**touched, **placed}
            if cluster.reports
            and (
                cluster.reports != before.get(cluster)
                or cluster.account.repeats != had[cluster.account.event_id].repeats
            )
        ]
        gone = [cluster for cluster in lost if cluster.account.event_id in swallowed]
        gained = {one.account.event_id: _gained(one, had.get(one.account.event_id)) for one in changed}
        return Changes(changed, swallowed, gained, gone, {**touched, **placed})

    def _strip(self, touched: Iterable[Cluster], moved: Container[Place]) -> list[Report]:
        """Take the ``moved`` reports out of the events, and return them."""
        again: list[Report] = []
        for cluster in touched:
            kept: list[Report] = []
            for report in cluster.reports:
                (again if place_of(report) in moved else kept).append(report)
            cluster.refold(kept)
            if kept:
                self.filing.put(cluster)
            else:
                self.filing.take_out(cluster)
        return again

    def _name(
        self, placed: Iterable[Cluster], lost: list[Cluster], before: dict[Cluster, list[Report]]
    ) -> dict[str, Cluster]:
        """Give re-founded events the ids of those that they continue; return the ids that have no heir."""
        heirs = {report.mention_id: cluster for cluster in lost for report in before[cluster]}
        taken: set[Cluster] = set()
        for cluster in placed:
            if cluster.account.event_id:
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
                heir = orphans[cluster.account.event_id] = self._heir(before[cluster], placed)
                self._miss(heir.swallow(cluster))
        return orphans

    def _heir(self, reports: Sequence[Report], placed: Iterable[Cluster]) -> Cluster:
        """Return the event that the first of ``reports`` is of by now."""
        first = reports[0]
        heir = self.window.owner(first)
        if heir is not None:
            return heir
        # One that made room for others is on no list of reports any more.
        return next(cluster for cluster in placed if first.mention_id in cluster.account.repeats)


def _gained(cluster: Cluster, had: Gained | None) -> Gained:
    """Return what an event has that it had not."""
    reports = {report.mention_id for report in had.reports} if had is not None else ()
    repeats = set(had.repeats) if had is not None else ()
    return Gained(
        tuple(report for report in cluster.reports if report.mention_id not in reports),
        tuple(mention_id for mention_id in cluster.account.repeats if mention_id not in repeats),
    )
