"""How far a partition is handled, without a guess: only what a fetch proves counts.

A consumer commits the offset up to which all is handled. Offsets have holes (compaction, transactions), and a record
that was fetched can be dropped on its way to the handler, as happens when a rebalance comes in between. By the offsets
of the records that are handled the two look the same. They differ in what the fetch saw: it reads on from a position,
and what lies between that position and the next record it finds does not exist. So the proof is a chain of positions,
and a link that is missing, or whose record came to nobody, says from where to read again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence


class Progress:
    """One partition: the position up to which all is handled, and what is known to follow it."""

    def __init__(self) -> None:
        self.position: int | None = None
        """All before this offset is handled or does not exist; None: nothing is known yet."""
        self._links: dict[int, tuple[int | None, int]] = {}
        """By position: the offset of the first record from there on (None: there is none), and the next position."""

    def seek(self, position: int) -> None:
        """Begin again from ``position``: the fetch will, and tells anew what lies there."""
        self.position = position
        self._links.clear()

    def fetched(self, begins: int, ends: int, offsets: Sequence[int]) -> None:
        """Note a fetch that read from the position ``begins`` to ``ends`` and found the records at ``offsets``."""
        if self.position is None:
            self.position = begins
        here = begins
        for offset in offsets:
            self._link(here, offset, offset + 1)
            here = offset + 1
        if here < ends:
            self._link(here, None, ends)

    def _link(self, here: int, offset: int | None, then: int) -> None:
        if self.position is None or then > self.position:
            self._links[here] = (offset, then)

    def advance(self, handled: set[int]) -> int | None:
        """Go on as far as ``handled`` allows, removing from it what is passed; return the position then."""
        if self.position is None:
            return None
        here = self.position
        while link := self._links.get(here):
            offset, then = link
            if offset is not None and offset not in handled:
                break
            del self._links[here]
            here = then
        if here != self.position:
            handled.difference_update([offset for offset in handled if offset < here])
            self.position = here
        return here

    def is_broken(self, in_hand: Collection[int]) -> bool:
        """Tell whether the next record, fetched already, came to nobody; ``in_hand``: offsets that will be handled.

        To be asked after ``advance``, and when no fetched record is on its way to where it is in hand.
        """
        if self.position is None:
            return False
        link = self._links.get(self.position)
        if link is not None:
            return link[0] not in in_hand
        return bool(self._links)  # the fetch went on elsewhere
