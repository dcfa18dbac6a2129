"""Dates of steps: a string of known precision read as a span of days."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import Literal, NamedTuple

Precision = Literal["day", "month", "year"]


class Span(NamedTuple):
    """Days from ``start`` to ``end``, both included, as proleptic ordinals."""

    start: int
    end: int
    precision: Precision

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies within this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def gap(self, other: Span) -> int:
        """Days between the two; 0 where they overlap."""
        return max(0, self.start - other.end, other.start - self.end)


# Dates repeat: a stream's mentions speak of a few thousand days, so that a small cache spares the parsing.
@lru_cache(maxsize=16_384)
def span(date: str | None) -> Span | None:
    """Return the days that ``date`` (``2022-12-28``, ``2023-02``, ``2023`` or None) stands for.

    None where it is unknown or no date of the calendar.
    """
    if not date:
        return None
    try:
        numbers = [int(part) for part in date.split("-")]
        if len(numbers) == 1:
            year = numbers[0]
            return Span(dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal(), "year")
        if len(numbers) == 2:
            year, month = numbers
            last = calendar.monthrange(year, month)[1]
            return Span(dt.date(year, month, 1).toordinal(), dt.date(year, month, last).toordinal(), "month")
        day = dt.date(numbers[0], numbers[1], numbers[2]).toordinal()
    except (ValueError, OverflowError, IndexError):
        return None
    return Span(day, day, "day")


@lru_cache(maxsize=16_384)
def month_of(ordinal: int) -> int:
    """Return the number of the month that a day lies in, counted through all years; beyond the calendar its ends."""
    date = dt.date.fromordinal(min(max(ordinal, 1), dt.date.max.toordinal()))
    return date.year * 12 + date.month
