"""``detente recode``: codes the articles of the past again, with the coder of today."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from streams.cli._settings import settings_from

FAILED_EXIT = 1


@click.command()
@click.option("--since", required=True, metavar="T", help="Articles sent since: 2023-01-13, 90m, 2h, 3d, 1w.")
@click.option("--watch", "watches", multiple=True, metavar="W", help="Code for this watch only; may be repeated.")
@click.pass_context
def command(ctx: click.Context, since: str, watches: tuple[str, ...]) -> None:
    """Code the articles of the past again: after a change of the coder, or for a watch that is new.

    What is found anew goes onto the same topics as background: it raises no alert. What was found before keeps its
    ids and counts once; what a former coder found and this one does not stays. Live articles are not held up. The
    exit code is 1 where articles became dead letters.
    """
    from streams import topics
    from streams.agents.coder import CoderCore
    from streams.cli._coding import Progress, make_coder
    from streams.cli._times import parse_since
    from streams.recode import recode
    from streams.watches.registry import resolve

    settings = settings_from(ctx)
    start = parse_since(since, dt.datetime.now(dt.timezone.utc))
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    chosen = [resolve(watch, folder).id for watch in watches]
    topics.require(settings)
    progress = Progress()
    done = recode(settings, CoderCore(make_coder(None, settings)), start, watches=chosen, step=progress.step)
    progress.end()
    click.echo(f"{done.coded} articles coded again, {done.relevant} relevant, {done.failed} dead letters")
    ctx.exit(FAILED_EXIT if done.failed else 0)
