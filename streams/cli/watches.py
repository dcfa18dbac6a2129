"""``detente watches``: list the relationships that can be watched, show one, check files of your own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from streams.cli._settings import settings_from
from streams.errors import DetenteError, InputError
from streams.watches.codes import name_of
from streams.watches.model import Ally, Watch
from streams.watches.registry import WORLD, built_in_ids, check_files, load_watches, resolve

PIPE_WIDTH = 100
"""Columns of the table in a pipe: enough for the longest id and title."""


@click.group()
def command() -> None:
    """List, show and check watches: the relationships that can be watched."""


@command.command(name="list")
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_watches(ctx: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """List all watches, or those whose id or title holds all WORDS.

    Any other pair of alpha-3 codes, such as EGY-TUR, is a watch too, without a file.
    """
    own = load_watches(_folder(ctx))
    wanted = [word.casefold() for word in words]
    found = [watch for watch in own.values() if all(word in _searched(watch) for word in wanted)]
    if not found:
        raise InputError(f"No watch holds {' '.join(words)!r}", hint="`detente watches list` shows them all.")
    if as_json:
        for watch in found:
            click.echo(json.dumps(msgspec.to_builtins(watch), ensure_ascii=False))
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("watch", "title", "from"):
        grid.add_column(title, overflow="fold", no_wrap=title == "watch")
    built_in = built_in_ids()
    for watch in found:
        grid.add_row(watch.id, watch.title, "built in" if watch.id in built_in else "watches_dir")
    Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(grid)


@command.command()
@click.argument("watch_id", metavar="WATCH")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def show(ctx: click.Context, watch_id: str, as_json: bool) -> None:
    """Show what WATCH means: its sides, their allies, the actors inside."""
    watch = resolve(watch_id, _folder(ctx))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(watch), ensure_ascii=False))
        return
    click.echo(f"{watch.id}: {watch.title}")
    if watch.id == WORLD:
        click.echo("  sides: every pair of states that an article names")
        return
    second = _named(watch.second) if watch.second else "anybody"
    click.echo(f"  sides: {_named(watch.first)} and {second}")
    for ally in watch.allies:
        click.echo(f"  ally: {_named(ally.code)}{_dates(ally)}")
    if watch.inside:
        click.echo(f"  inside the first side's country: {', '.join(map(_named, watch.inside))}")
    if watch.words:
        click.echo(f"  extra words: {', '.join(watch.words)}")


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Check watch files (TOML) or folders of them; without PATHS the watches in force.

    Every error is told with its file and field; the exit code is 2 where there is one.
    """
    if not paths:
        click.echo(f"{len(load_watches(_folder(ctx)))} watches, no errors")
        return
    count, errors = check_files(paths)
    for error in errors:
        click.echo(f"{error}", err=True)
    if errors:
        raise DetenteError(f"{len(errors)} of {count} watches cannot be used", exit_code=2)
    click.echo(f"{count} watches, no errors")


def _folder(ctx: click.Context) -> Path | None:
    folder = settings_from(ctx).watches_dir
    return Path(folder) if folder else None


def _searched(watch: Watch) -> str:
    return f"{watch.id} {watch.title}".casefold()


def _named(code: str) -> str:
    return f"{name_of(code)} ({code})"


def _dates(ally: Ally) -> str:
    since = f" from {ally.since}" if ally.since else ""
    return since + (f" until {ally.until}" if ally.until else "")
