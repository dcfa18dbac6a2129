"""In which windows each event is counted: a row of twelve bytes for each event and window.

Events go by Python's own hash of their ids, as in the ledger's ``Known``. Should two ever share one, each is looked for
where the other is counted too, and not found.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection

from streams.tally import Key

SHELVES = 256
"""Parts of the table, each in order: with a million rows a new one moves 50 kB at most, in some microseconds."""


class Places:
    """The windows of events."""

    __slots__ = ("_shelves",)

    def __init__(self) -> None:
        self._shelves: dict[int, tuple[array[int], array[int]]] = {}
        """The events of the rows, in order, and their windows."""

    def of(self, event_id: str) -> Collection[Key]:
        """Return the windows that an event is counted in."""
        mark = hash(event_id)
        shelf = self._shelves.get(mark % SHELVES)
        if shelf is None:
            return ()
        marks, keys = shelf
        first = bisect_left(marks, mark)
        return keys[first : bisect_right(marks, mark, first)]

    def put(self, event_id: str, windows: Collection[Key]) -> None:
        """Note all windows that an event is counted in."""
        mark = hash(event_id)
        marks, keys = self._shelf(mark)
        first = bisect_left(marks, mark)
        rows = slice(first, bisect_right(marks, mark, first))
        found = array("i", windows)
        if keys[rows] != found:
            marks[rows] = array("q", (mark,)) * len(found)
            keys[rows] = found

    def add(self, event_id: str, window: Key) -> None:
        """Note one more window of an event."""
        mark = hash(event_id)
        marks, keys = self._shelf(mark)
        at = bisect_right(marks, mark)
        marks.insert(at, mark)
        keys.insert(at, window)

    def _shelf(self, mark: int) -> tuple[array[int], array[int]]:
        shelf = self._shelves.get(mark % SHELVES)
        if shelf is None:
            shelf = self._shelves[mark % SHELVES] = (array("q"), array("i"))
        return shelf
