"""The rapprochement index as a line: the tallies of days with news, and the decay between them.

A tally exists for a day on which something was told or done. Between two of them the index halves with its half-life,
then the next step lifts it at once: a straight line would show a slow rise where nothing happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

STEP = dt.timedelta(days=7)
"""How close the points of a decay lie: a week is a pixel or two of a chart of some years."""
DAY = dt.timedelta(days=1)

Point = tuple[dt.datetime, float]


class Day(NamedTuple):
    """The index at the end of a day, and whether an article of that day was read."""

    value: float
    told: bool


def course(days: Mapping[dt.datetime, Day], half_life_days: float, until: dt.datetime | None = None) -> list[Point]:
    """Return the index from the first day on which an article was read, up to ``until``.

    What articles tell of the past has tallies too, decades back: it counts in the first value, and is not drawn.
    """
    times = sorted(days)
    first = next((time for time in times if days[time].told), times[0] if times else None)
    points: list[Point] = []
    for time in times:
        if first is not None and time >= first:
            points += _decay(points[-1], time, half_life_days) if points else []
            points.append((time, days[time].value))
    if points and until is not None and until > points[-1][0]:
        points += _decay(points[-1], until + DAY, half_life_days)
    return points


def _decay(last: Point, until: dt.datetime, half_life_days: float) -> list[Point]:
    """Return points after ``last``, the last of them on the day before ``until``."""
    time, value = last
    found: list[Point] = []
    while time < until - DAY:
        time = min(time + STEP, until - DAY)
        found.append((time, round(value * 0.5 ** ((time - last[0]) / DAY / half_life_days), 3)))
    return found
