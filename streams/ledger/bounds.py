"""How many events are held, and which are let go of when there are more.

What is held is told by the topic alone: all events that were given out but for the settled ones last heard of before
``Horizon.until``, which every record carries. So a restart holds what was held before it, whatever it finds beside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from streams.ledger.reports import NO_TIME

SPARED = 0.9  # of the most events held, so many stay when room is made, so that it is made seldom
TRIED = 0.01  # of the most events held: after so many more it is tried again, where all lay in the window before
NEXT = dt.timedelta(microseconds=1)


class Horizon:
    """The time before which settled events of one ledger are held no longer; it only rises."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until = NO_TIME

    @property
    def told(self) -> dt.datetime | None:
        """The time as records carry it."""
        return self.until if self.until > NO_TIME else None

    def rise(self, until: dt.datetime | None) -> bool:
        """Let go up to ``until``; return whether that is more than before."""
        if until is None or until <= self.until:
            return False
        self.until = until
        return True


def is_due(held: int, most: int) -> bool:
    """Whether so many events are held that it is time to let go of some."""
    return held > most and (held - most - 1) % max(1, int(most * TRIED)) == 0


def horizon(settled: Sequence[dt.datetime], held: int, most: int) -> dt.datetime | None:
    """Return the time before which to let go, from when each settled event was last heard of; None: of nothing.

    Events last heard of at one time stay or go together, since nothing else orders them.
    """
    spare = held - int(most * SPARED)
    if spare <= 0 or not settled:
        return None
    return sorted(settled)[min(spare, len(settled)) - 1] + NEXT
