"""Ends a worker that makes no headway, so that its supervisor starts it anew.

Alive is not well: a consumer that no longer fetches, a library that hangs, a loop that is blocked look healthy from
outside. What counts is headway; without it for a setting's time the worker says why and goes. The loop itself is
watched from a thread, since a loop that hangs can tell nobody.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from streams import logs
from streams.errors import DetenteError

STUCK_EXIT = 3
"""The exit code of a worker that ended itself because it was stuck; others end with 1 (trouble) or 2 (wrong input)."""
LOOKS = 4
"""How often in the time limit is looked: a standstill is seen at most a quarter of it late."""
LONGEST_PAUSE_SECONDS = 15.0
"""The longest pause between two looks, whatever the limit: what Prometheus takes for scrapes."""

LOG = logs.logger("watchdog")


class Vital(Protocol):
    """What can be asked for signs of life: ``streams.health.Health``."""

    def stuck(self, after: float) -> list[str]:
        """Return in what there was no headway for ``after`` seconds."""
        ...

    async def refresh(self) -> None:
        """Bring what is known up to date."""
        ...


class Watchdog:
    """Looks for headway and calls ``fail`` where there is none for ``limit`` seconds (0: never)."""

    def __init__(
        self,
        health: Vital,
        limit: float,
        grace: float,
        fail: Callable[[BaseException], None],
        end: Callable[[int], object] = os._exit,
    ) -> None:
        """Watch ``health``; a worker that does not stop within ``grace`` seconds of ``fail`` is ended by ``end``."""
        self._health = health
        self._limit = limit
        self._grace = grace
        self._fail = fail
        self._end = end
        self._pause = min(limit / LOOKS, LONGEST_PAUSE_SECONDS)
        self._beat = time.monotonic()
        self._closed = threading.Event()

    def start(self, loop: asyncio.AbstractEventLoop) -> Watchdog:
        """Begin to watch what runs on ``loop``."""
        if self._limit:
            self._task = loop.create_task(self._watch(), name="watchdog")
            threading.Thread(target=self._watch_loop, name="watchdog", daemon=True).start()
        return self

    def close(self) -> None:
        """Watch no longer: the worker has ended its work."""
        self._closed.set()

    async def _watch(self) -> None:
        while not self._closed.is_set():
            await self._health.refresh()
            self._beat = time.monotonic()
            found = self._health.stuck(self._limit)
            if found and not self._closed.is_set():
                self._give_up("; ".join(found))
                return
            await asyncio.sleep(self._pause)

    def _give_up(self, told: str) -> None:
        # A hung call cannot be cancelled, and Python would wait for its thread at the end, for ever.
        deadline = threading.Timer(self._grace, self._force, [told])
        deadline.daemon = True
        deadline.start()
        self._fail(_error(told))

    def _watch_loop(self) -> None:
        while not self._closed.wait(self._pause):
            silent = time.monotonic() - self._beat
            if silent > self._limit:
                self._force(f"the event loop has not moved for {silent:.0f} s")
                return

    def _force(self, told: str) -> None:
        LOG.error("ended by force: %s", _error(told))
        logging.shutdown()
        self._end(STUCK_EXIT)


def _error(told: str) -> DetenteError:
    return DetenteError(
        f"the worker makes no headway: {told}",
        hint="Nothing is lost: started again, it goes on where it was. stuck_exit says how long this is borne.",
        exit_code=STUCK_EXIT,
    )
