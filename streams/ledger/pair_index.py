"""Finds the events that a report can be of, without looking at all that are held.

Two reports of one event share two parties at least, so that events are filed under each pair of theirs. Most
events have two parties and are filed once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from operator import attrgetter

from streams.ledger.cluster import Cluster
from streams.ledger.dates import Span, month_of
from streams.ledger.identity import POSTPONED_DAYS, SLIP_DAYS
from streams.records import Status

MOST_CANDIDATES = 24  # events of a pair looked at for a report without a day: it means one of the last ones
MOVED_DAYS: dict[Status, tuple[int, int]] = {
    "planned": (POSTPONED_DAYS, POSTPONED_DAYS),
    "proposed": (POSTPONED_DAYS, POSTPONED_DAYS),
    "occurred": (POSTPONED_DAYS, SLIP_DAYS),
    "denied": (SLIP_DAYS, SLIP_DAYS),
}
"""By a report's status, how many days before and after its date an event may lie that is not settled."""
PAIR = 2

Pair = tuple[str, ...]


@lru_cache(maxsize=16_384)
def pairs(parties: frozenset[str]) -> tuple[Pair, ...]:
    """Return the pairs of parties; a single party stands for itself."""
    return tuple(combinations(sorted(parties), 2)) if len(parties) > 1 else (tuple(parties),)


class PairIndex:
    """The events that two actors are parties to: by day, by month, and in the order in which they were heard of."""

    __slots__ = ("days", "recent", "undated", "unsettled", "wide")

    def __init__(self) -> None:
        self.days: dict[int, tuple[Cluster, ...]] = {}
        self.unsettled: dict[int, list[Cluster]] = {}
        """By month those that have not occurred, or on no known day: a report of another day can be of them."""
        self.undated: list[Cluster] = []
        """Events without a date, the one last heard of last."""
        self.wide: dict[frozenset[str], int] = {}
        """The sets of more than two parties that events here have, each with how many have it."""
        self.recent: list[Cluster] = []

    def put(self, cluster: Cluster, when: Span | None, settled: bool) -> None:
        """File an event under its date and ``heard_at``."""
        if len(cluster.parties) > PAIR:
            self.wide[cluster.parties] = self.wide.get(cluster.parties, 0) + 1
        _insert(self.recent, cluster)
        if when is None:
            _insert(self.undated, cluster)
            return
        if when.precision == "day":
            self.days[when.start] = (*self.days.get(when.start, ()), cluster)
        if not settled:
            for month in range(month_of(when.start), month_of(when.end) + 1):
                self.unsettled.setdefault(month, []).append(cluster)

    def take_out(self, cluster: Cluster, parties: frozenset[str], when: Span | None, settled: bool) -> None:
        """Take an event out of where it was filed with the same ``parties``, date and ``heard_at``."""
        if len(parties) > PAIR:
            self.wide[parties] -= 1
            if not self.wide[parties]:
                del self.wide[parties]
        _remove(self.recent, cluster)
        if when is None:
            _remove(self.undated, cluster)
            return
        if when.precision == "day":
            left = tuple([one for one in self.days[when.start] if one is not cluster])
            if left:
                self.days[when.start] = left
            else:
                del self.days[when.start]
        if not settled:
            for month in range(month_of(when.start), month_of(when.end) + 1):
                filed = self.unsettled[month]
                filed.remove(cluster)
                if not filed:
                    del self.unsettled[month]

    def lift(self, cluster: Cluster, dated: bool) -> None:
        """Take an event out of the orders of hearing; ``heard`` follows."""
        _remove(self.recent, cluster)
        if not dated:
            _remove(self.undated, cluster)

    def heard(self, cluster: Cluster, dated: bool) -> None:
        """Put an event where it stands by ``heard_at``."""
        _insert(self.recent, cluster)
        if not dated:
            _insert(self.undated, cluster)

    def candidates(self, when: Span | None, status: Status, open_since: int) -> Sequence[Cluster]:
        """Return the events worth comparing with a report of ``status`` about a step at ``when``.

        Without a date and not heard of since the day ``open_since``, no event is joined by a report with one.
        """
        if when is None or when.precision == "year":
            return self.recent[-MOST_CANDIDATES:]
        found: list[Cluster] = []
        days = self.days
        if days:
            slack = 1 if when.precision == "day" else 0
            for day in range(when.start - slack, when.end + slack + 1):
                if day in days:
                    found += days[day]
        if self.unsettled:
            before, after = MOVED_DAYS[status]
            for month in range(month_of(when.start - before), month_of(when.end + after) + 1):
                if month in self.unsettled:
                    found += self.unsettled[month]
        undated = self.undated[-MOST_CANDIDATES:]
        if undated:
            found += undated if undated[0].last_day >= open_since else _heard_since(undated, open_since)
        return found if len(found) < 2 else list(dict.fromkeys(found))


def _heard_since(clusters: Iterable[Cluster], day: int) -> list[Cluster]:
    return [cluster for cluster in clusters if cluster.last_day >= day]


_heard_at = attrgetter("heard_at")


def _insert(order: list[Cluster], cluster: Cluster) -> None:
    """Put an event after all that were heard of before it."""
    time = cluster.heard_at
    if not order or order[-1].heard_at < time:
        order.append(cluster)
        return
    at = bisect_right(order, time, key=_heard_at)
    while at and order[at - 1].heard_at == time and order[at - 1].key() > cluster.key():
        at -= 1
    order.insert(at, cluster)


def _remove(order: list[Cluster], cluster: Cluster) -> None:
    """Take an event out."""
    if order[-1] is cluster:
        order.pop()
        return
    at = bisect_left(order, cluster.heard_at, key=_heard_at)
    while order[at] is not cluster:
        at += 1
    del order[at]
