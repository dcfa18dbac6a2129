"""One worker process: checks that it can work, runs the Faust app, and ends in time when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import faust

from streams import agents, app, collector, logs, topics
from streams.agents.shell import Core
from streams.errors import DetenteError
from streams.health import Health
from streams.sender import Sender
from streams.settings import Settings
from streams.state import Reader
from streams.watchdog import Watchdog

FORCED_EXIT = 1
LOG = logs.logger("worker")


def run(settings: Settings, cores: Sequence[Core[Any]] | None = None) -> None:
    """Work until SIGTERM or SIGINT; ``cores`` are the four agents' unless given.

    Raises ``DetenteError`` where there is no broker, a topic is missing, the port is taken, or the worker had to
    stop so as to lose nothing.
    """
    logs.configure(settings)
    collector.calm()
    topics.require(settings)
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        _Process(settings, cores or agents.cores(settings), loop).run()


class _Process:
    """The parts of a running worker and how they end."""

    def __init__(self, settings: Settings, cores: Sequence[Core[Any]], loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._sender = Sender(settings)
        self._error: BaseException | None = None
        self._deadline: threading.Timer | None = None
        self._reader = Reader(settings)
        self._app, shells = app.create(settings, cores, self._sender, self._reader, self._fail, self._reader.ends)
        self._health = Health(shells, settings.stuck_timeout, functools.partial(app.offsets, self._app))
        self._worker = _Worker(self._app, loop=loop, stopping=self._stopping, ready=self._ready)
        self._loop = loop
        self._watchdog = Watchdog(self._health, settings.stuck_exit, settings.shutdown_timeout, self._fail)
        self._app.on_before_shutdown.connect(self._close, weak=False)

    def run(self) -> None:
        """Run to the end and raise what ended it, unless that was a signal."""
        if self._settings.metrics_port:
            self._loop.run_until_complete(self._health.start(self._settings.metrics_host, self._settings.metrics_port))
        watching = self._watchdog.start(self._loop)
        try:
            self._worker.execute_from_commandline()
        except SystemExit as ended:
            if ended.code:
                self._error = self._error or self._worker.crash_reason or DetenteError("the worker could not start")
        finally:
            watching.close()
            if self._deadline is not None:
                self._deadline.cancel()
        if isinstance(self._error, DetenteError):
            raise self._error
        if self._error is not None:
            raise DetenteError(
                f"the worker had to stop: {self._error!r}",
                hint="Nothing is lost: what was not finished is handled again at the next start.",
            ) from self._error
        LOG.info("stopped; all that was handled is committed")

    def _fail(self, error: BaseException) -> None:
        """Stop the worker because of ``error``, without waiting for the records that cannot be finished."""
        if self._error is None:
            self._error = error
            LOG.error("stopping: %s", error, exc_info=None if isinstance(error, DetenteError) else error)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Faust warns of settings that change late; this one may
                self._app.conf.stream_wait_empty = False
            self._worker.end()

    def _stopping(self) -> None:
        """Begin the time that a stop may take: Faust waits for ever for a broker that is gone."""
        self._health.stopping = True
        self._watchdog.close()  # a stop has its own time limit, and takes partitions and answers away
        LOG.info("stopping: finishing the batch in hand")
        self._deadline = threading.Timer(self._settings.shutdown_timeout, self._force)
        self._deadline.daemon = True
        self._deadline.start()

    def _force(self) -> None:
        told = self._error or f"not done within shutdown_timeout ({self._settings.shutdown_timeout:g} s)"
        LOG.error("ended by force: %s; nothing is lost, the rest is handled at the next start", told)
        logging.shutdown()
        os._exit(self._error.exit_code if isinstance(self._error, DetenteError) else FORCED_EXIT)

    def _ready(self) -> None:
        LOG.info("ready: group %s on %s", self._settings.group, self._settings.bootstrap_servers)

    async def _close(self, *_: object, **__: object) -> None:
        await self._sender.stop()
        await self._reader.stop()
        await self._health.stop()


class _Worker(faust.Worker):
    """Faust's worker without its spinner and its logging; a stop is told to whoever keeps the time."""

    def __init__(
        self,
        app: app.App,
        *,
        loop: asyncio.AbstractEventLoop,
        stopping: Callable[[], None],
        ready: Callable[[], None],
    ) -> None:
        super().__init__(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None
        self._stopping = stopping
        self._ready = ready

    def end(self) -> None:
        """Stop as on SIGTERM."""
        self._schedule_shutdown(signal.SIGTERM)

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
        if not self._signal_stop_time:
            self._stopping()
        super()._schedule_shutdown(signal)

    async def on_startup_finished(self) -> None:
        """Say that the worker is ready."""
        self._ready()

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """Leave the process its name: `detente worker` is what people look for."""
