"""Surges: more new events between the same parties in a week than their own past leads to expect."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort

from streams.ledger.config import LedgerConfig

PRUNED = 1.5  # times the horizon that is let grow before it is cut, in one go for many events
LEAST_ARTICLES = 3  # one long report of a summit tells four steps at once; that is a summit, not a surge


class Pace:
    """When the same parties had new events, and with which of these a surge was told.

    It is a function of the events that were given out, whether they are still held in memory or not, so that a
    restart finds the same.
    """

    __slots__ = ("surges", "times")

    def __init__(self) -> None:
        self.times: list[dt.datetime] = []
        self.surges: list[dt.datetime] = []

    def add(self, time: dt.datetime, surged: bool, config: LedgerConfig) -> None:
        """Count a new event, and the surge that was told with it."""
        insort(self.times, time)
        if surged:
            insort(self.surges, time)
        if (self.times[-1] - self.times[0]).days > PRUNED * _horizon(config).days:
            self._prune(self.times[-1] - _horizon(config))

    def _prune(self, start: dt.datetime) -> None:
        """Let go of what no surge is measured against; the newest of it tells that there is a past."""
        del self.times[: max(0, bisect_left(self.times, start) - 1)]
        del self.surges[: bisect_left(self.surges, start)]

    def remove(self, time: dt.datetime, surged: bool) -> None:
        """Take an event back that turned out to be another one."""
        for times in (self.times, self.surges) if surged else (self.times,):
            at = bisect_left(times, time)
            if at < len(times) and times[at] == time:
                del times[at]

    def surge(self, time: dt.datetime, config: LedgerConfig) -> tuple[int, float] | None:
        """Return the number of events in the window that ends at ``time`` and the usual one, if it is a surge."""
        window = dt.timedelta(days=config.surge_days)
        if time < self.times[-1] - dt.timedelta(days=config.reorder_days):
            return None  # it is too late to say what was usual then
        end = bisect_right(self.times, time)
        start = bisect_right(self.times, time - window)
        count = end - start
        if count < config.surge_min or len(set(self.times[start:end])) < LEAST_ARTICLES:
            return None
        if bisect_right(self.surges, time) > bisect_right(self.surges, time - window):
            return None
        past = dt.timedelta(days=config.surge_past_days)
        known = min(past, time - window - self.times[0])
        if known < past / 2:
            return None  # without a past of its own a pair has nothing to be compared with
        before = start - bisect_right(self.times, time - window - known)
        usual = before * config.surge_days / max(known.days, 1)
        return (count, usual) if count >= config.surge_factor * usual else None


def _horizon(config: LedgerConfig) -> dt.timedelta:
    """Return how far back events are counted: twice the window of late reports, since they may move the newest."""
    return dt.timedelta(days=config.surge_past_days + config.surge_days + 2 * config.reorder_days)
