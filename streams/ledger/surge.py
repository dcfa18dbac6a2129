"""Surges: more new events between the same parties in a week than their own past leads to expect."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort

from streams.ledger.config import LedgerConfig

LEAST_ARTICLES = 3  # one long report of a summit tells four steps at once; that is a summit, not a surge


class Pace:
    """When the same parties had new events, and when a surge of them was told."""

    __slots__ = ("surges", "times")

    def __init__(self) -> None:
        self.times: list[dt.datetime] = []
        self.surges: list[dt.datetime] = []

    def add(self, time: dt.datetime) -> None:
        """Count a new event."""
        insort(self.times, time)

    def remove(self, time: dt.datetime) -> None:
        """Take an event back that turned out to be another one."""
        at = bisect_left(self.times, time)
        if at < len(self.times) and self.times[at] == time:
            del self.times[at]

    def told(self, time: dt.datetime) -> None:
        """Remember that a surge was told."""
        insort(self.surges, time)

    def surge(self, time: dt.datetime, config: LedgerConfig) -> tuple[int, float] | None:
        """Return the number of events in the window that ends at ``time`` and the usual one, if it is a surge."""
        window = dt.timedelta(days=config.surge_days)
        end = bisect_right(self.times, time)
        start = bisect_right(self.times, time - window)
        count = end - start
        if count < config.surge_min or len(set(self.times[start:end])) < LEAST_ARTICLES:
            return None
        if any(time - window < told <= time for told in self.surges):
            return None
        past = dt.timedelta(days=config.surge_past_days)
        known = min(past, time - window - self.times[0])
        if known < past / 2:
            return None  # without a past of its own a pair has nothing to be compared with
        before = start - bisect_right(self.times, time - window - known)
        usual = before * config.surge_days / max(known.days, 1)
        return (count, usual) if count >= config.surge_factor * usual else None
