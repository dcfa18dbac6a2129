"""``detente web``: the live page."""

from __future__ import annotations

import asyncio

import click

from streams.cli._settings import settings_from


@click.command()
@click.option("--host", "page_host", help="Address to listen on.")
@click.option("--port", "page_port", type=int, help="Port to listen on; 0 takes a free one.")
@click.pass_context
def command(ctx: click.Context, page_host: str | None, page_port: int | None) -> None:
    """Serve the live page: alerts as they come, who stands where, events and the index."""
    from streams import topics
    from streams.web.run import serve

    settings = settings_from(ctx, page_host=page_host, page_port=page_port)
    topics.require(settings)
    asyncio.run(serve(settings, lambda address: click.echo(f"The live page is at {address} (Ctrl-C ends it).")))
