"""Finds the events that a report can be of, without looking at all that are held."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Sequence
from functools import lru_cache

from streams.ledger.cluster import Cluster, Key, key_of
from streams.ledger.dates import Span, span
from streams.records import Report

MOST_CANDIDATES = 64  # events looked at for a report without a day, newest first: it means one of the last ones
MOVED_MONTHS = 4  # months around a date in which a plan can have been moved (identity.POSTPONED_DAYS)


@lru_cache(maxsize=16_384)
def _month(ordinal: int) -> int:
    date = dt.date.fromordinal(ordinal)
    return date.year * 12 + date.month


class PartyIndex:
    """The events that one actor is a party to: by day, by month, and in the order in which they were heard of."""

    __slots__ = ("days", "months", "open", "recent", "unsettled")

    def __init__(self) -> None:
        self.days: dict[int, dict[Cluster, None]] = {}
        self.months: dict[int, dict[Cluster, None]] = {}
        self.unsettled: dict[int, dict[Cluster, None]] = {}
        """By month those that have not occurred, or on no known day: a report of another day can be of them."""
        self.open: list[tuple[Key, Cluster]] = []
        """Events without a date."""
        self.recent: list[tuple[Key, Cluster]] = []

    def put(self, cluster: Cluster) -> None:
        """File an event under its date."""
        entry = (key_of(cluster.reports[-1]), cluster)
        insort(self.recent, entry, key=_first)
        when = cluster.span
        if when is None:
            insort(self.open, entry, key=_first)
            return
        if when.precision == "day":
            self.days.setdefault(when.start, {})[cluster] = None
        for table in self._by_month(cluster, when):
            for month in _months(when):
                table.setdefault(month, {})[cluster] = None

    def take_out(self, cluster: Cluster) -> None:
        """Take an event out, as it was when it was filed."""
        key = key_of(cluster.reports[-1])
        _remove(self.recent, key)
        when = cluster.span
        if when is None:
            _remove(self.open, key)
            return
        if when.precision == "day":
            _discard(self.days, when.start, cluster)
        for table in self._by_month(cluster, when):
            for month in _months(when):
                _discard(table, month, cluster)

    def _by_month(self, cluster: Cluster, when: Span) -> tuple[dict[int, dict[Cluster, None]], ...]:
        settled = cluster.status == "occurred" and when.precision == "day"
        return (self.months,) if settled else (self.months, self.unsettled)

    def candidates(self, report: Report) -> Sequence[Cluster]:
        """Return the events worth comparing with ``report``."""
        when = span(report.date)
        if when is None or when.precision == "year":
            return [cluster for _, cluster in self.recent[-MOST_CANDIDATES:]]
        found: dict[Cluster, None] = {}
        first, last = _month(when.start), _month(when.end)
        if when.precision == "day":
            for day in range(when.start - 1, when.end + 2):
                found.update(self.days.get(day, {}))
        else:
            for month in range(first, last + 1):
                found.update(self.months.get(month, {}))
        for month in range(first - MOVED_MONTHS, last + MOVED_MONTHS + 1):
            found.update(self.unsettled.get(month, {}))
        found.update((cluster, None) for _, cluster in self.open[-MOST_CANDIDATES:])
        return list(found)


def _first(entry: tuple[Key, Cluster]) -> Key:
    return entry[0]


def _months(when: Span) -> range:
    return range(_month(when.start), _month(when.end) + 1)


def _remove(entries: list[tuple[Key, Cluster]], key: Key) -> None:
    at = bisect_left(entries, key, key=_first)
    if at < len(entries) and entries[at][0] == key:
        del entries[at]


def _discard(table: dict[int, dict[Cluster, None]], key: int, cluster: Cluster) -> None:
    filed = table.get(key)
    if filed is not None:
        filed.pop(cluster, None)
        if not filed:
            del table[key]
