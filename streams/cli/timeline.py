"""``detente timeline``: a watch over time, drawn in the terminal."""

from __future__ import annotations

import click
from rich.console import Console

from streams import topics
from streams.cli._settings import settings_from
from streams.cli._state import newest, wanted_watches
from streams.cli._timeline import timeline
from streams.cli.events import standing
from streams.records import Event


@click.command()
@click.option("--watch", "watches", multiple=True, metavar="ID", help="Only this watch; may be repeated.")
@click.pass_context
def command(ctx: click.Context, watches: tuple[str, ...]) -> None:
    """Draw the steps of a watch month by month under its rapprochement index."""
    settings = settings_from(ctx)
    wanted = wanted_watches(settings, watches)
    events = standing(newest(settings, topics.EVENTS, Event), wanted)
    console = Console(highlight=False)
    for watch in dict.fromkeys(event.watch for event in events):
        own = [event for event in events if event.watch == watch]
        console.print(timeline(watch, own, console.width, settings.index_half_life_days))
        console.print()
    if not events:
        click.echo("no events", err=True)
