"""``detente positions``: who stands where, from the compacted topic."""

from __future__ import annotations

import click
from rich.console import Console

from streams import topics
from streams.cli import _results
from streams.cli._settings import settings_from
from streams.cli._state import newest, wanted_watches
from streams.records import Position


@click.command()
@click.option("--watch", "watches", multiple=True, metavar="ID", help="Only of this watch; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as on the topic.")
@click.pass_context
def command(ctx: click.Context, watches: tuple[str, ...], as_json: bool) -> None:
    """Print the standing positions: who is for, against, or sets conditions, since when, in which words."""
    settings = settings_from(ctx)
    wanted = wanted_watches(settings, watches)
    found = [one for one in newest(settings, topics.POSITIONS, Position) if not wanted or one.watch in wanted]
    positions = sorted(found, key=lambda one: (one.watch, one.holder))
    if as_json:
        for position in positions:
            click.echo(_results.json_line("position", position))
    elif positions:
        Console(highlight=False).print(_results.positions_table(positions))
    else:
        click.echo("no positions", err=True)
