"""The small web server of a process: /metrics for Prometheus, /healthz and /readyz for whatever keeps it running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from streams.errors import DetenteError

PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Serving:
    """Serves one registry and what ``problems`` says; a port of 0 serves nothing."""

    def __init__(
        self,
        registry: CollectorRegistry,
        problems: Callable[[], list[str]],
        refresh: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Serve ``registry``; ``refresh`` is run before each answer that tells of metrics or readiness."""
        self._registry = registry
        self._problems = problems
        self._refresh = refresh
        self._runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the three addresses, for a process that has a web server already."""
        return [web.get("/metrics", self._metrics), web.get("/healthz", self._alive), web.get("/readyz", self._ready)]

    async def start(self, host: str, port: int) -> None:
        """Listen on ``host:port``; one that is taken is a ``DetenteError``."""
        if not port:
            return
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, shutdown_timeout=0).start()
        except OSError as error:
            raise DetenteError(
                f"metrics_host, metrics_port: cannot listen on {host}:{port}: {error.strerror or error}",
                hint="Set DETENTE_METRICS_PORT (for feeds and webhooks their own) to a free port, or to 0 for none.",
            ) from error

    async def stop(self) -> None:
        """Stop serving."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        if self._refresh is not None:
            await self._refresh()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": PROMETHEUS_TYPE})

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        if self._refresh is not None:
            await self._refresh()
        problems = self._problems()
        return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)
