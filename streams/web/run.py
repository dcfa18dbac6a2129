"""Runs the live page until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from streams import metrics
from streams.errors import DetenteError
from streams.serving import Serving
from streams.settings import Settings
from streams.watches.registry import load_watches
from streams.web.follow import Follower
from streams.web.picture import Picture
from streams.web.server import Hub, make_app

SHUTDOWN_SECONDS = 2.0
"""How long open requests may take to end; streams are ended by us, so what is left are downloads."""


async def serve(settings: Settings, started: Callable[[str], None], stop: asyncio.Event | None = None) -> None:
    """Serve the page and follow the topics; ``started`` hears the address once it answers.

    Ends when ``stop`` is set or a signal asks for it. Raises ``DetenteError`` where the port is taken.
    """
    stop = stop or _stop_on_signals()
    picture, hub = Picture(half_life_days=settings.index_half_life_days), Hub()
    watches = load_watches(Path(settings.watches_dir) if settings.watches_dir else None)
    follower = Follower(picture, hub, settings)
    serving = Serving(metrics.PAGE_REGISTRY, follower.problems, follower.refresh)
    app = make_app(picture, hub, settings.page_allow_origin, watches)
    app.add_routes(serving.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    following = asyncio.create_task(follower.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        started(await _listen(runner, settings))
        await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()
    finally:
        for task in (following, stopping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    site = web.TCPSite(runner, settings.page_host, settings.page_port)
    try:
        await site.start()
    except OSError as error:
        raise DetenteError(
            f"page_port: cannot listen on {settings.page_host}:{settings.page_port}: {error.strerror}",
            hint="Choose another with DETENTE_PAGE_PORT, or 0 for any free one.",
        ) from error
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
