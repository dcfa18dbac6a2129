"""The records that agents have in hand: taken from a stream, and not handled yet."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable


class InHand:
    """A set that can be waited for to be empty."""

    def __init__(self) -> None:
        self._records: set[Hashable] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._records)

    def take(self, record: Hashable) -> None:
        """Note that ``record`` was taken."""
        self._records.add(record)
        self._empty.clear()

    def done(self, record: Hashable) -> None:
        """Note that ``record`` is handled."""
        self._records.discard(record)
        if not self._records:
            self._empty.set()

    def forget(self) -> None:
        """Wait for none of them any more."""
        self._records.clear()
        self._empty.set()

    async def emptied(self, seconds: float) -> bool:
        """Wait until there are none, for ``seconds`` at most; return whether it came to that."""
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True
