"""Finds the events that a report can be of, without looking at all that are held.

Two reports of one event share two parties at least, so that events are filed under each pair of theirs. Most
events have two parties and are filed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, islice
from operator import attrgetter

from streams.ledger.cluster import Cluster
from streams.ledger.dates import Span, month_of

MOST_CANDIDATES = 24  # events of a pair looked at for a report without a day: it means one of the last ones
MOVED_MONTHS = 4  # months around a date in which a plan can have been moved (identity.POSTPONED_DAYS)

Pair = tuple[str, ...]


@lru_cache(maxsize=16_384)
def pairs(parties: frozenset[str]) -> tuple[Pair, ...]:
    """Return the pairs of parties; a single party stands for itself."""
    return tuple(combinations(sorted(parties), 2)) if len(parties) > 1 else (tuple(parties),)


class Connections:
    """Which pairs an event or report of several parties has brought together: reports of others never meet."""

    __slots__ = ("_above",)

    def __init__(self) -> None:
        self._above: dict[Pair, Pair] = {}

    def root(self, parties: frozenset[str]) -> Pair:
        """Return what all parties connected with ``parties`` have in common."""
        pair = pairs(parties)[0]
        while pair in self._above:
            pair = self._above[pair]
        return pair

    def connect(self, parties: frozenset[str]) -> None:
        """Bring all pairs of ``parties`` together."""
        known = pairs(parties)
        if len(known) > 1:
            root = self.root(parties)
            for pair in known[1:]:
                other = self.root(frozenset(pair))
                if other != root:
                    self._above[other] = root


class PairIndex:
    """The events that two actors are parties to: by day, by month, and in the order in which they were heard of."""

    __slots__ = ("_disordered", "days", "recent", "undated", "unsettled")

    def __init__(self) -> None:
        self.days: dict[int, list[Cluster]] = {}
        self.unsettled: dict[int, list[Cluster]] = {}
        """By month those that have not occurred, or on no known day: a report of another day can be of them."""
        self.undated: dict[Cluster, None] = {}
        """Events without a date, the one last heard of last."""
        self.recent: dict[Cluster, None] = {}
        self._disordered = False

    def put(self, cluster: Cluster, when: Span | None, settled: bool) -> None:
        """File an event under its date; ``heard`` follows."""
        self.recent[cluster] = None
        if when is None:
            self.undated[cluster] = None
            return
        if when.precision == "day":
            self.days.setdefault(when.start, []).append(cluster)
        if not settled:
            for month in range(month_of(when.start), month_of(when.end) + 1):
                self.unsettled.setdefault(month, []).append(cluster)

    def take_out(self, cluster: Cluster, when: Span | None, settled: bool) -> None:
        """Take an event out of where it was filed with the same date."""
        del self.recent[cluster]
        if when is None:
            del self.undated[cluster]
            return
        if when.precision == "day":
            _discard(self.days, when.start, cluster)
        if not settled:
            for month in range(month_of(when.start), month_of(when.end) + 1):
                _discard(self.unsettled, month, cluster)

    def heard(self, cluster: Cluster) -> None:
        """Put an event where it stands by its newest report."""
        for table in (self.recent, self.undated) if cluster in self.undated else (self.recent,):
            table.pop(cluster, None)
            if table and next(reversed(table)).last_key > cluster.last_key:
                self._disordered = True
            table[cluster] = None

    def candidates(self, when: Span | None) -> Sequence[Cluster]:
        """Return the events worth comparing with a report of a step at ``when``."""
        if self._disordered:
            self._sort()
        if when is None or when.precision == "year":
            return list(islice(reversed(self.recent), MOST_CANDIDATES))
        slack = 1 if when.precision == "day" else 0
        found: list[Cluster] = []
        for day in range(when.start - slack, when.end + slack + 1):
            if day in self.days:
                found += self.days[day]
        if self.unsettled:
            first, last = month_of(when.start), month_of(when.end)
            for month in range(first - MOVED_MONTHS, last + MOVED_MONTHS + 1):
                if month in self.unsettled:
                    found += self.unsettled[month]
        found += islice(reversed(self.undated), MOST_CANDIDATES)
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def _sort(self) -> None:
        self.recent = dict.fromkeys(sorted(self.recent, key=attrgetter("last_key")))
        self.undated = dict.fromkeys(sorted(self.undated, key=attrgetter("last_key")))
        self._disordered = False


def _discard(table: dict[int, list[Cluster]], key: int, cluster: Cluster) -> None:
    filed = table[key]
    filed.remove(cluster)
    if not filed:
        del table[key]
