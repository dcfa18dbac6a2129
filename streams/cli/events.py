"""``detente events``: the known steps, from the compacted topic."""

from __future__ import annotations

import click
from rich.console import Console

from streams import topics
from streams.cli import _results
from streams.cli._settings import settings_from
from streams.cli._state import newest, wanted_watches
from streams.records import Event


@click.command()
@click.option("--watch", "watches", multiple=True, metavar="ID", help="Only of this watch; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as on the topic.")
@click.pass_context
def command(ctx: click.Context, watches: tuple[str, ...], as_json: bool) -> None:
    """Print the steps known today: what, between whom, when, and how each came about."""
    settings = settings_from(ctx)
    wanted = wanted_watches(settings, watches)
    events = standing(newest(settings, topics.EVENTS, Event), wanted)
    if as_json:
        for event in events:
            click.echo(_results.json_line("event", event))
    elif events:
        Console(highlight=False).print(_results.events_table(events))
    else:
        click.echo("no events", err=True)


def standing(events: list[Event], watches: frozenset[str]) -> list[Event]:
    """Return the events of ``watches`` (none: of all) that are no other event, in order of their first report."""
    found = [event for event in events if event.merged_into is None and (not watches or event.watch in watches)]
    return sorted(found, key=lambda event: (event.watch, event.first_seen, event.event_id))
