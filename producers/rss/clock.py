"""What time it is and how to wait, so that tests can live through a week in seconds."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 and a way to wait."""

    def now(self) -> float:
        """Return the seconds since 1970 (UTC)."""

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the seconds since 1970 (UTC)."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        await asyncio.sleep(seconds)


def as_datetime(seconds: float) -> dt.datetime:
    """Return ``seconds`` since 1970 as a UTC time without fractions."""
    return dt.datetime.fromtimestamp(int(seconds), tz=dt.timezone.utc)
