"""Finds the events that a report can be of, without looking at all that are held.

Two reports of one event share two parties at least, so that events are filed under each pair of theirs. Most
events have two parties and are filed once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from operator import attrgetter

from streams.ledger.cluster import Cluster, one_day
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


class Dated:
    """Events in order of a day or month: two lists, since most pairs have few, for which a dict is large."""

    __slots__ = ("_clusters", "_times")

    def __init__(self) -> None:
        self._times: list[int] = []
        self._clusters: list[Cluster] = []

    def put(self, time: int, cluster: Cluster) -> None:
        """File an event under ``time``."""
        times = self._times
        if not times or times[-1] <= time:
            times.append(one_day(time))
            self._clusters.append(cluster)
            return
        at = bisect_right(times, time)
        times.insert(at, one_day(time))
        self._clusters.insert(at, cluster)

    def take_out(self, time: int, cluster: Cluster) -> None:
        """Take out an event that is filed under ``time``."""
        at = bisect_left(self._times, time)
        while self._clusters[at] is not cluster:
            at += 1
        del self._times[at], self._clusters[at]

    def between(self, first: int, last: int) -> Sequence[Cluster]:
        """Return the events from ``first`` to ``last``, both included."""
        times = self._times
        start = bisect_left(times, first)
        if start == len(times) or times[start] > last:
            return ()
        return self._clusters[start : bisect_right(times, last, start)]


class PairIndex:
    """The events that two actors are parties to: by day, by month, and in the order in which they were heard of."""

    __slots__ = ("_days", "_undated", "_unsettled", "_wide", "recent")

    def __init__(self) -> None:
        self._days: Dated | None = None
        self._unsettled: Dated | None = None
        """By month those that have not occurred, or on no known day: a report of another day can be of them."""
        self._undated: list[Cluster] | None = None
        """Events without a date, the one last heard of last."""
        self._wide: dict[frozenset[str], int] | None = None
        """The sets of more than two parties that events here have, each with how many have it."""
        self.recent: list[Cluster] = []

    def put(self, cluster: Cluster, when: Span | None, settled: bool) -> None:
        """File an event under its date and ``heard_at``."""
        if len(cluster.parties) > PAIR:
            self._wide = self._wide or {}
            self._wide[cluster.parties] = self._wide.get(cluster.parties, 0) + 1
        self.heard(cluster, when is not None)
        if when is None:
            return
        if when.precision == "day":
            self._days = self._days or Dated()
            self._days.put(when.start, cluster)
        if not settled:
            self._unsettled = self._unsettled or Dated()
            for month in _months(when):
                self._unsettled.put(month, cluster)

    def take_out(self, cluster: Cluster, parties: frozenset[str], when: Span | None, settled: bool) -> None:
        """Take an event out of where it was filed with the same ``parties``, date and ``heard_at``."""
        if self._wide is not None and len(parties) > PAIR:
            self._wide[parties] -= 1
            if not self._wide[parties]:
                del self._wide[parties]
        self.lift(cluster, when is not None)
        if when is None:
            return
        if self._days is not None and when.precision == "day":
            self._days.take_out(when.start, cluster)
        if self._unsettled is not None and not settled:
            for month in _months(when):
                self._unsettled.take_out(month, cluster)

    def lift(self, cluster: Cluster, dated: bool) -> None:
        """Take an event out of the orders of hearing; ``heard`` follows."""
        _remove(self.recent, cluster)
        if self._undated is not None and not dated:
            _remove(self._undated, cluster)

    def heard(self, cluster: Cluster, dated: bool) -> None:
        """Put an event where it stands by ``heard_at``."""
        _insert(self.recent, cluster)
        if not dated:
            if self._undated is None:
                self._undated = []
            _insert(self._undated, cluster)

    def on(self, day: int) -> Sequence[Cluster]:
        """Return the events of a day."""
        return self._days.between(day, day) if self._days is not None else ()

    def wide(self) -> Iterable[frozenset[str]]:
        """Return the sets of more than two parties that events here have."""
        return self._wide or ()

    def candidates(self, when: Span | None, status: Status, open_since: int) -> Sequence[Cluster]:
        """Return the events worth comparing with a report of ``status`` about a step at ``when``.

        Without a date and not heard of since the day ``open_since``, no event is joined by a report with one.
        """
        if when is None or when.precision == "year":
            return self.recent[-MOST_CANDIDATES:]
        found: list[Cluster] = []
        if self._days is not None:
            slack = 1 if when.precision == "day" else 0
            found += self._days.between(when.start - slack, when.end + slack)
        if self._unsettled is not None:
            before, after = MOVED_DAYS[status]
            found += self._unsettled.between(month_of(when.start - before), month_of(when.end + after))
        if self._undated:
            undated = self._undated[-MOST_CANDIDATES:]
            found += undated if undated[0].last_day >= open_since else _heard_since(undated, open_since)
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def __iter__(self) -> Iterator[Cluster]:
        """Yield all events."""
        return iter(self.recent)


def _months(when: Span) -> Iterable[int]:
    return range(month_of(when.start), month_of(when.end) + 1)


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
