"""``detente settings``: the table of settings, with where each value came from."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli._settings import loaded_from
from streams.settings import MASK, Loaded, shown, table

PIPE_WIDTH = 140
"""Columns of the table in a pipe, where there is no terminal to ask: enough for every name, value and source."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON list, one object a setting.")
@click.option("--docs", is_flag=True, help="All settings with their defaults and meaning, in Markdown.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, docs: bool) -> None:
    """Print every setting, its value and where that came from; secrets are masked."""
    if docs:
        click.echo(markdown())
        return
    loaded = loaded_from(ctx)
    if as_json:
        click.echo(json.dumps(_objects(loaded), indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(_grid(loaded))


def markdown() -> str:
    """Return the table of settings for the docs: name, variable, type, default, meaning."""
    lines = ["| setting | environment | type | default | meaning |", "|---|---|---|---|---|"]
    for row in table():
        default = "" if row.default == "" else f"`{row.default}`"
        unit = f" {row.unit}" if row.unit else ""
        text = row.text.replace("|", "\\|")
        secret = " Secret: masked wherever it is shown." if row.secret else ""
        lines.append(f"| `{row.name}` | `{row.variable}` | {row.kind} | {default}{unit} | {text}{secret} |")
    return "\n".join(lines)


def _objects(loaded: Loaded) -> list[dict[str, object]]:
    return [
        {
            "name": row.name,
            "variable": row.variable,
            "value": MASK if row.secret and _value(loaded, row.name) else _value(loaded, row.name),
            "source": loaded.sources[row.name],
            "default": row.default,
            "unit": row.unit,
            "secret": row.secret,
            "help": row.text,
        }
        for row in table()
    ]


def _value(loaded: Loaded, name: str) -> object:
    return getattr(loaded.settings, name)


def _grid(loaded: Loaded) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("setting", "value", "from", "meaning"):
        grid.add_column(title, overflow="fold", no_wrap=title in ("setting", "from"))
    for row in table():
        value = shown(row.name, _value(loaded, row.name))
        unit = f" {row.unit}" if row.unit and value else ""
        source = loaded.sources[row.name]
        style = "dim" if source == "default" else "bold"
        grid.add_row(Text(row.name), Text(value + unit), Text(source, style=style), Text(row.text))
    return grid
