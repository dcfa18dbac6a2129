"""``detente rss``: polls feeds and puts each new article on the articles topic."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli._settings import settings_from
from streams.errors import DetenteError

if TYPE_CHECKING:
    from producers.rss.model import Feed
    from streams.settings import Settings


@click.command()
@click.option("--feeds", type=click.Path(path_type=Path), help="The feeds file; else the setting rss_feeds.")
@click.option("--once", is_flag=True, help="Poll the feeds that are due now, tell what came of it, and end.")
@click.option("--bootstrap-servers", help="Kafka brokers as host:port, parted by commas.")
@click.pass_context
def command(ctx: click.Context, feeds: Path | None, once: bool, bootstrap_servers: str | None) -> None:
    """Poll feeds and put each new article on the articles topic, until SIGTERM or Ctrl-C.

    The schedule and what was published are kept in data_dir, so a restart goes on where it ended: with --once, too,
    only the feeds that are due are polled.
    """
    from producers.rss.feeds import load_feeds
    from producers.rss.runtime import feeds_path
    from streams import logs

    settings = settings_from(ctx, bootstrap_servers=bootstrap_servers, rss_feeds=None if feeds is None else str(feeds))
    path = feeds_path(settings)
    found = load_feeds(path)
    if not found:
        raise DetenteError(f"{path}: no feeds in it", hint="`detente feeds add URL` adds one.")
    _check_watches(settings, found, path)
    logs.configure(settings)
    asyncio.run(_run(settings, found, once))


def _check_watches(settings: Settings, feeds: tuple[Feed, ...], path: Path) -> None:
    """Raise ``InputError`` for a watch that does not exist: articles would be restricted to nothing."""
    from streams.errors import InputError
    from streams.watches.registry import resolve

    folder = Path(settings.watches_dir) if settings.watches_dir else None
    for number, feed in enumerate(feeds, 1):
        for watch in feed.watches:
            try:
                resolve(watch, folder)
            except InputError as error:
                raise InputError(f"{path}: feed {number}: watches: {error.message}", hint=error.hint) from None


async def _run(settings: Settings, feeds: tuple[Feed, ...], once: bool) -> None:
    from producers.rss import watching
    from producers.rss.runtime import producing, state_path
    from producers.rss.sink import KafkaSink
    from producers.rss.store import Store
    from streams import metrics
    from streams.serving import Serving

    if not settings.rss_contact:
        watching.LOG.warning("rss_contact is not set: publishers cannot reach you and may block this poller")
    with Store(state_path(settings), writer=True) as store:
        async with KafkaSink(settings) as sink, producing(settings, feeds, store, sink) as service:
            if once:
                polled = await service.run_due()
                published = sum(service.state(source).published for source in polled)
                click.echo(f"{len(polled)} of {len(service.sources)} feeds were due; {published} articles so far")
                return
            serving = Serving(metrics.FEEDS_REGISTRY, service.problems)
            await serving.start(settings.metrics_host, settings.rss_metrics_port)
            try:
                await _until_told(asyncio.ensure_future(service.run()))
            finally:
                await serving.stop()


async def _until_told(work: asyncio.Future[None]) -> None:
    """Wait for ``work``, ending it at SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows' loop takes no signals: Ctrl-C ends it by exception
            loop.add_signal_handler(name, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work
