"""A worker's own small web server: /metrics for Prometheus, /healthz and /readyz for whatever keeps it running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from streams import logs, metrics
from streams.agents.shell import Place, Shell
from streams.serving import Serving

ASK_SECONDS = 2.0
"""How long the broker may take to tell where topics end; Prometheus waits ten seconds for the whole answer."""

Offsets = tuple[Mapping[Place, int], Mapping[Place, "int | None"]]
Ask = Callable[[Iterable[Place]], Awaitable[Offsets]]
"""Returns the ends of partitions, and where the group begins in each."""

LOG = logs.logger("health")


class Health:
    """Knows how the agents are and tells it."""

    def __init__(self, shells: Sequence[Shell[Any]], stuck_after: float, ask: Ask | None = None) -> None:
        """Watch ``shells``; one that does nothing with what it has for ``stuck_after`` seconds is stuck.

        ``ask`` gets offsets from the broker; without it only what was handled is known.
        """
        self._shells = shells
        self._stuck_after = stuck_after
        self._ask = ask
        self._serving = Serving(metrics.REGISTRY, self.problems, self.refresh)
        self._lag: dict[str, int] = {}
        self._idle_since: dict[str, float] = {}
        self.stopping = False

    def problems(self) -> list[str]:
        """Return why the worker is not ready; empty where it is."""
        found = ["stopping"] if self.stopping else []
        now = time.monotonic()
        for shell in self._shells:
            if shell.assigned is None:
                found.append(f"{shell.name}: no partitions assigned yet")
            if shell.busy_since is not None and now - shell.busy_since > self._stuck_after:
                found.append(f"{shell.name}: in one batch for {now - shell.busy_since:.0f} s")
            elif self._lag.get(shell.name) and now - self._idle_since[shell.name] > self._stuck_after:
                idle = now - self._idle_since[shell.name]
                found.append(f"{shell.name}: {self._lag[shell.name]} records wait, none handled for {idle:.0f} s")
        return found

    async def refresh(self) -> None:
        """Bring the gauges up to date; a broker that does not answer leaves them as they are."""
        places = {place for shell in self._shells for place in shell.places()}
        ends: Mapping[Place, int] = {}
        begun: Mapping[Place, int | None] = {}
        if self._ask is not None:
            try:
                ends, begun = await asyncio.wait_for(self._ask(places), ASK_SECONDS)
            except Exception as error:  # whatever the consumer raises while the broker is away
                LOG.warning("the ends of the topics are not known: %r", error)
                return
        for shell in self._shells:
            metrics.PARTITIONS.labels(shell.name).set(len(shell.assigned or ()))
            waiting = shell.waiting(ends, begun)
            for topic, count in waiting.items():
                metrics.LAG.labels(shell.name, topic).set(count)
            self._note(shell, sum(waiting.values()))

    def _note(self, shell: Shell[Any], lag: int) -> None:
        """Remember since when ``shell`` has work and does none."""
        if not lag or shell.handled_at > self._idle_since.get(shell.name, 0.0) or not self._lag.get(shell.name):
            self._idle_since[shell.name] = time.monotonic()
        self._lag[shell.name] = lag

    async def start(self, host: str, port: int) -> None:
        """Serve on ``host:port``; a port that is taken is a ``DetenteError``."""
        await self._serving.start(host, port)

    async def stop(self) -> None:
        """Stop serving."""
        await self._serving.stop()
