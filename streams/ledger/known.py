"""Ids that were met: whether, not where, in eight bytes each.

A mention of an event that is no longer held in memory must still be known when it comes again. Python's own hash of
a string has 64 bits: of ten million mentions one in two million million would be taken for another one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

SHELVES = 2048
"""Parts of the set, each in order: with a million ids one takes 4 kB, of which a look needs little from memory."""


class Known:
    """A set of ids."""

    __slots__ = ("_shelves",)

    def __init__(self) -> None:
        self._shelves: dict[int, array[int]] = {}

    def __contains__(self, one: str) -> bool:
        """Whether the id was added."""
        mark = hash(one)
        shelf = self._shelves.get(mark % SHELVES)
        if shelf is None:
            return False
        at = bisect_left(shelf, mark)
        return at < len(shelf) and shelf[at] == mark

    def add(self, *several: str) -> None:
        """Remember ids."""
        shelves = self._shelves
        for one in several:
            mark = hash(one)
            shelf = shelves.get(mark % SHELVES)
            if shelf is None:
                shelf = shelves[mark % SHELVES] = array("q")
            at = bisect_left(shelf, mark)
            if at == len(shelf) or shelf[at] != mark:
                shelf.insert(at, mark)

    def discard(self, one: str) -> None:
        """Remember an id no longer."""
        mark = hash(one)
        shelf = self._shelves.get(mark % SHELVES)
        if shelf is not None:
            at = bisect_left(shelf, mark)
            if at < len(shelf) and shelf[at] == mark:
                del shelf[at]
