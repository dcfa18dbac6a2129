"""``detente demo``: everything at once, with nothing but Python installed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli._settings import loaded_from

if TYPE_CHECKING:
    from streams import demo
    from streams.demo import Report
    from streams.records import Alert
    from streams.settings import Settings


@click.command()
@click.option("--speed", default="0", metavar="S", help="0: as fast as possible (default), 1: as it happened, 3600x.")
@click.option("--corpus", "paths", multiple=True, metavar="PATH", help="Articles instead of the bundled ones.")
@click.option("--keep", is_flag=True, help="Serve the live page at the end, until Ctrl-C.")
@click.pass_context
def command(ctx: click.Context, speed: str, paths: tuple[str, ...], keep: bool) -> None:
    """Start a broker and a worker, replay the bundled corpus, print alerts as they come and a table at the end.

    With DETENTE_BOOTSTRAP_SERVERS set, nothing embedded starts: that broker is used.
    """
    from producers.corpora import corpora, corpus
    from producers.replay import parse_speed
    from streams import demo, logs

    loaded = loaded_from(ctx)
    factor = parse_speed(speed)
    # The demo's own words are what to read; the worker's log is shown if it fails.
    logs.configure(loaded.settings)
    chosen = [Path(path) for path in paths] or [corpus(name) for name in corpora()]
    own = loaded.sources["bootstrap_servers"] != "default"
    show = _show()
    with demo.broker(loaded.settings, own=own, say=show.say) as (settings, folder):
        report = demo.Demo(settings, show, folder).run(chosen, factor)
        _table(report, settings, own=own, keep=keep)
        if keep:
            _serve(settings)
    ctx.exit(1 if report.refused or report.counts.dead_letters else 0)


def _show() -> demo.Show:
    from rich.console import Console

    from streams import alert_text, demo

    console = Console(highlight=False)
    status = Console(stderr=True).status("")
    on_terminal = console.is_terminal

    def waiting(left: int) -> None:
        # A pipe gets no such lines: the demo takes seconds there, and its alerts show that it lives.
        if on_terminal:
            status.update(f"{left} records to handle")
            status.start()

    def alert(found: Alert) -> None:
        status.stop()
        if on_terminal:
            console.print(alert_text.styled(found))
        else:
            click.echo(alert_text.plain(found))

    def say(line: str) -> None:
        status.stop()
        click.echo(line)

    return demo.Show(
        say=say, alert=alert, refused=lambda line: click.echo(f"refused: {line}", err=True), waiting=waiting
    )


def _table(report: Report, settings: Settings, *, own: bool, keep: bool) -> None:
    counts = report.counts
    rows = [
        ("articles sent", report.sent),
        ("coded", counts.coded),
        ("relevant", counts.relevant),
        ("stances", counts.stances),
        ("mentions", counts.mentions),
        ("events", counts.events),
        ("alerts", counts.alerts),
        ("dead letters", counts.dead_letters),
    ]
    for label, number in rows:
        click.echo(f"{label:<16}{number:>8,}")
    click.echo(f"{'seconds':<16}{report.seconds:>8.1f}")
    if report.first_alert_seconds is not None:
        click.echo(f"{'first alert':<16}{report.first_alert_seconds:>8.1f}  seconds after the worker's start")
    click.echo("")
    if own or keep:
        click.echo(f"Look next: DETENTE_BOOTSTRAP_SERVERS={settings.bootstrap_servers} detente alerts")
    else:
        click.echo("Look next: detente demo --keep (the live page), detente code FILE, detente backtest FILE")


def _serve(settings: Settings) -> None:
    from streams.web.run import serve

    click.echo("")
    try:
        asyncio.run(serve(settings, lambda address: click.echo(f"The live page is at {address} (Ctrl-C ends it).")))
    except KeyboardInterrupt:
        sys.stdout.write("\n")
