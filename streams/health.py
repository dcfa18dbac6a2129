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
        self._begun = self._answered_at = time.monotonic()
        self.stopping = False

    def problems(self) -> list[str]:
        """Return why the worker is not ready; empty where it is."""
        found = ["stopping"] if self.stopping else []
        found += [f"{shell.name}: no partitions assigned yet" for shell in self._shells if shell.assigned is None]
        for shell in self._shells:
            found += self._standstill(shell, self._stuck_after)
        return found

    def stuck(self, after: float) -> list[str]:
        """Return in what the worker has made no headway for ``after`` seconds; empty where it goes on."""
        now = time.monotonic()
        found = [told for shell in self._shells for told in self._standstill(shell, after)]
        if now - self._begun > after:
            unassigned = [shell.name for shell in self._shells if shell.assigned is None]
            found += [f"{name}: no partitions for {now - self._begun:.0f} s" for name in unassigned]
        heard = max(self._answered_at, *(shell.handled_at for shell in self._shells))
        if self._ask is not None and now - heard > after:
            found.append(f"the brokers have told nothing for {now - heard:.0f} s")
        return found

    def _standstill(self, shell: Shell[Any], after: float) -> list[str]:
        now = time.monotonic()
        if shell.revoked_at is not None and now - shell.revoked_at > after:
            return [f"{shell.name}: in a rebalance for {now - shell.revoked_at:.0f} s"]
        if shell.busy_since is not None:
            spent = now - shell.busy_since
            return [f"{shell.name}: in one batch for {spent:.0f} s"] if spent > after else []
        idle = now - self._idle_since.get(shell.name, now)
        if self._lag.get(shell.name) and idle > after:
            return [f"{shell.name}: {self._lag[shell.name]} records wait, none handled for {idle:.0f} s"]
        return []

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
        self._answered_at = time.monotonic()
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
