"""``detente webhooks``: sends alerts to a web address."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from streams.cli._settings import settings_from


@click.command()
@click.option("--url", "webhook_url", help="The receiver; else the setting webhook_url.")
@click.option("--rules", "path", type=click.Path(path_type=Path), help="Rules file that chooses and gathers alerts.")
@click.option("--name", default="", help="A name of its own for each receiver: each keeps its own place on the topic.")
@click.option("--from-start", is_flag=True, help="The first time, send what is on the topic already.")
@click.pass_context
def command(ctx: click.Context, webhook_url: str | None, path: Path | None, name: str, from_start: bool) -> None:
    """Send alerts to a web address as they come: signed, in order, repeated until they are taken.

    The secret of the signature is the setting webhook_secret (DETENTE_WEBHOOK_SECRET).
    """
    from streams import topics
    from streams.rules.loading import load_rules
    from streams.webhooks.run import serve

    settings = settings_from(ctx, webhook_url=webhook_url)
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    rules = load_rules(path, folder) if path is not None else None
    topics.require(settings)
    asyncio.run(
        serve(
            settings,
            rules,
            lambda place: click.echo(f"Alerts go to {place} (Ctrl-C ends it)."),
            name=name,
            from_start=from_start,
        )
    )
