"""A worker's own small web server: /metrics for Prometheus, /healthz and /readyz for whatever keeps it running."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from streams import metrics
from streams.agents.shell import Shell
from streams.errors import DetenteError

PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health:
    """Knows how the agents are and tells it."""

    def __init__(self, shells: Sequence[Shell[Any]], stuck_after: float) -> None:
        """Watch ``shells``; a batch that takes longer than ``stuck_after`` seconds is stuck."""
        self._shells = shells
        self._stuck_after = stuck_after
        self._runner: web.AppRunner | None = None
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
        return found

    def refresh(self, ends: Mapping[Any, int]) -> None:
        """Bring the gauges up to date; ``ends`` are the newest end offsets by topic and partition."""
        for shell in self._shells:
            metrics.PARTITIONS.labels(shell.name).set(len(shell.assigned or ()))
            metrics.LAG.labels(shell.name).set(
                shell.lag({(part.topic, part.partition): end for part, end in ends.items()})
            )

    async def start(self, host: str, port: int, ends: Mapping[Any, int]) -> None:
        """Serve on ``host:port``; a port that is taken is a ``DetenteError``."""

        async def show_metrics(_: web.Request) -> web.Response:
            self.refresh(ends)
            return web.Response(body=metrics.exposition(), headers={"Content-Type": PROMETHEUS_TYPE})

        async def alive(_: web.Request) -> web.Response:
            return web.json_response({"status": "alive"})

        async def ready(_: web.Request) -> web.Response:
            problems = self.problems()
            return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)

        app = web.Application()
        app.add_routes([web.get("/metrics", show_metrics), web.get("/healthz", alive), web.get("/readyz", ready)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, shutdown_timeout=0).start()
        except OSError as error:
            raise DetenteError(
                f"metrics_host, metrics_port: cannot listen on {host}:{port}: {error.strerror or error}",
                hint="Set DETENTE_METRICS_PORT to a free port, or to 0 for no web server.",
            ) from error

    async def stop(self) -> None:
        """Stop serving."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
