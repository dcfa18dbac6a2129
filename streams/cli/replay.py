"""``detente replay``: puts articles from files on the articles topic."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import click

from producers.corpora import corpora, corpus
from streams.cli._settings import settings_from


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--speed", default="0", metavar="S", help="0: as fast as possible (default), 1: as it happened, 3600x.")
@click.option(
    "--ahead",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Let at most N articles wait for the workers, which must run: live ones queue behind no more (0: any).",
)
@click.option("--watch", "watches", multiple=True, metavar="W", help="Code for this watch only; may be repeated.")
@click.option("--backfill", is_flag=True, help="Background: it fills the ledger and raises no alert.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most so many.")
@click.option("--skip", type=click.IntRange(min=0), default=0, metavar="N", help="Pass over the first N, to resume.")
@click.option("--date", metavar="D", help="Date of publication for pages that tell none.")
@click.option(
    "--order",
    type=click.Choice(["published", "given"]),
    help="published (default): by time of publication, on one partition, so that they are coded in that order. "
    "given (default for -): as they are read, spread over all partitions and workers.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Send articles: PATH is a file, a folder or - for standard input; without any, the bundled corpora.

    Files may be plain text, HTML or JSON lines. The exit code is 0 only if every article was accepted.
    """
    from producers.formats import date_option, read_path
    from producers.replay import parse_speed, stopped
    from streams.cli import _replaying as replaying
    from streams.cli._progress import ReplayProgress
    from streams.watches.registry import resolve

    settings = settings_from(ctx)
    directory = Path(settings.watches_dir) if settings.watches_dir else None
    watches = tuple(resolve(watch, directory).id for watch in options["watches"])
    date = date_option(options["date"]) if options["date"] else None
    chosen = paths or tuple(str(corpus(name)) for name in corpora())
    # All paths are looked at before the first article is sent: a slip of the pen costs nothing then.
    readers = [read_path(path, date=date, watches=watches, watches_dir=directory) for path in chosen]
    order = options["order"] or ("given" if "-" in chosen else "published")
    speed = parse_speed(options["speed"])
    plan = replaying.Plan(speed, options["skip"], options["limit"], order == "published", options["ahead"])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a container is stopped as a person stops it
    began = time.monotonic()
    with ReplayProgress() as progress:
        items = (item for reader in readers for item in reader)
        intake = replaying.Intake(items, "backfill" if options["backfill"] else "replay", watches, progress)
        tally, interrupted = replaying.run(settings, intake, plan)
    summary = replaying.summed(settings, intake, tally, time.monotonic() - began, interrupted)
    click.echo(json.dumps(summary, ensure_ascii=False) if options["as_json"] else "\n".join(replaying.lines(summary)))
    if tally.stopped_by:
        click.echo(f"detente: {stopped(tally.stopped_by)}", err=True)
    ctx.exit(replaying.exit_code(intake, tally, interrupted))
