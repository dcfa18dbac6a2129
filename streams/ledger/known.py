"""Ids that were met: whether, not where, in eight bytes each.

A mention of an event that is no longer held in memory must still be known when it comes again. Python's own hash of
a string has 64 bits: of ten million mentions one in two million million would be taken for another one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

LEAST_LOOSE = 4096  # ids that wait to be put in order at least
LOOSE_SHARE = 8  # an eighth of those in order: each id is then moved a few times in all


class Known:
    """A set of ids."""

    __slots__ = ("_gone", "_loose", "_ordered")

    def __init__(self) -> None:
        self._ordered = array("q")
        self._loose: set[int] = set()
        self._gone: set[int] = set()

    def __contains__(self, one: str) -> bool:
        """Whether the id was added."""
        mark = hash(one)
        if mark in self._loose:
            return True
        at = bisect_left(self._ordered, mark)
        return at < len(self._ordered) and self._ordered[at] == mark and mark not in self._gone

    def add(self, one: str) -> None:
        """Remember an id."""
        mark = hash(one)
        self._loose.add(mark)
        self._gone.discard(mark)
        if len(self._loose) > max(LEAST_LOOSE, len(self._ordered) // LOOSE_SHARE):
            kept = (one for one in self._ordered if one not in self._gone) if self._gone else self._ordered
            self._ordered = array("q", sorted((*kept, *self._loose)))
            self._loose.clear()
            self._gone.clear()

    def discard(self, one: str) -> None:
        """Remember an id no longer."""
        mark = hash(one)
        self._loose.discard(mark)
        self._gone.add(mark)
