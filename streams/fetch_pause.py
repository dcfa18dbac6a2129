"""Pauses a consumer after a fetch that brought nothing, for brokers that answer such a fetch at once.

Apache Kafka holds an empty fetch back until a record comes or ``fetch.max.wait.ms`` is over. The embedded broker
answers at once, and aiokafka asks again at once: 800 empty fetches a second, which take a core. aiokafka has no
setting for that, so its fetch is wrapped.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiokafka.consumer.fetcher import Fetcher

_FETCH = Fetcher._proc_fetch_request


def pause_after_empty_fetches(seconds: float) -> None:
    """Make every aiokafka consumer of this process wait after an empty fetch; 0: ask again at once."""
    if not seconds:
        Fetcher._proc_fetch_request = _FETCH
        return

    async def fetch(self: Any, *request: Any) -> bool:
        brought = bool(await _FETCH(self, *request))
        if not brought:
            with contextlib.suppress(asyncio.CancelledError):  # as aiokafka's own: a stop ends the fetch quietly
                await asyncio.sleep(seconds)
        return brought

    Fetcher._proc_fetch_request = fetch
