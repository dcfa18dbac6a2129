"""The rapprochement index of one watch, at the end of each day that is counted."""

from __future__ import annotations

from array import array
from bisect import bisect_left

Day = int
"""The days since 1970."""


class DailyIndex:
    """What events add on each day, and the index that follows from it: four lists in order of the days."""

    __slots__ = ("_added", "_days", "_half_life", "_sure", "_told", "_totals")

    def __init__(self, half_life_days: float) -> None:
        self._half_life = half_life_days
        self._days = array("i")
        self._added = array("d")
        """The weight that events add on the day."""
        self._totals = array("d")
        """The index at the end of the day, not rounded."""
        self._told = array("d")
        """The index as the newest record has it."""
        self._sure = 0
        """So many days from the first on have the total that follows from what was added."""

    def add(self, day: Day, weight: float) -> None:
        """Note all that events add on a day."""
        at = self._place(day)
        self._added[at] = weight
        self._sure = min(self._sure, at)

    def hold(self, day: Day, weight: float, index: float) -> None:
        """Note all that events add on a day, and the index that its record has."""
        at = self._place(day)
        self._added[at], self._told[at] = weight, index
        self._sure = min(self._sure, at)

    def told(self, day: Day) -> float:
        """Return the index that the day's newest record has."""
        return self._told[self._place(day)]

    def renew(self, since: Day) -> list[Day]:
        """Reckon the index of all days; return those from ``since`` on that it changed for.

        An event that comes late changes the index of all days after it. At the end of a day the index is what
        each day before added, halved by the half-life.
        """
        days, totals, told = self._days, self._totals, self._told
        changed = []
        for at in range(self._sure, len(days)):
            total = self._added[at]
            if at:
                total += totals[at - 1] * 0.5 ** ((days[at] - days[at - 1]) / self._half_life)
            totals[at] = total
            if days[at] >= since and told[at] != round(total, 3):
                told[at] = round(total, 3)
                changed.append(days[at])
        self._sure = len(days)
        return changed

    def _place(self, day: Day) -> int:
        """Return where a day stands, which is new perhaps."""
        at = bisect_left(self._days, day)
        if at == len(self._days) or self._days[at] != day:
            self._days.insert(at, day)
            for column in (self._added, self._totals, self._told):
                column.insert(at, 0.0)
            self._sure = min(self._sure, at)
        return at
