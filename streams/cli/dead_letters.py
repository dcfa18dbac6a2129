"""``detente dead-letters``: what could not be handled, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from streams.cli._settings import settings_from
from streams.errors import InputError
from streams.records import DeadLetter, encode

if TYPE_CHECKING:
    from streams.dead_letter_box import Wanted

F = TypeVar("F", bound=Callable[..., Any])
VALUE_CHARACTERS = 20_000
"""How much of a value `show` prints; `--json` prints all of it."""


def _filters(function: F) -> F:
    """Add the options that choose letters."""
    for option in (
        click.option("--agent", help="Only of this agent."),
        click.option("--reason", help="Only for this reason."),
        click.option("--stage", type=click.Choice(["decode", "process", "produce"]), help="Only of this stage."),
    ):
        function = option(function)
    return function


def _wanted(ids: tuple[str, ...], options: dict[str, Any]) -> Wanted:
    from streams.dead_letter_box import Wanted

    return Wanted(frozenset(ids), options["stage"], options["reason"], options["agent"])


@click.group()
def command() -> None:
    """List, show, replay or drop records that could not be handled."""


@command.command(name="list")
@_filters
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as on the topic.")
@click.pass_context
def list_(ctx: click.Context, /, as_json: bool, **options: Any) -> None:
    """List the letters that wait, oldest first."""
    from streams import dead_letter_box as box

    letters = box.waiting(settings_from(ctx), _wanted((), options))
    for dead in letters:
        click.echo(encode(dead).decode() if as_json else _line(dead))
    if not as_json:
        click.echo(f"{len(letters)} dead letters wait")


def _line(dead: DeadLetter) -> str:
    when = dead.failed_at.strftime("%Y-%m-%d %H:%M:%S")
    place = f"{dead.topic}[{dead.partition}]@{dead.offset}"
    return f"{dead.id}  {when}  {dead.stage}/{dead.reason}  {dead.agent}  {place}  {_last_line(dead.error)}"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


@command.command()
@click.argument("letter")
@click.option("--json", "as_json", is_flag=True, help="As on the topic, the original bytes in base64.")
@click.pass_context
def show(ctx: click.Context, letter: str, as_json: bool) -> None:
    """Show one letter: where and why it failed, its headers and its original bytes."""
    from streams import dead_letter_box as box

    dead = box.waiting(settings_from(ctx), box.Wanted(frozenset([letter])))[0]
    if as_json:
        click.echo(encode(dead).decode())
        return
    click.echo(_line(dead))
    click.echo(f"\nkey      {_text(dead.key or b'')}")
    for name, value in dead.headers:
        click.echo(f"header   {name}: {_text(value)}")
    click.echo(f"value    {len(dead.value):,} bytes\n\n{_body(dead.value)[:VALUE_CHARACTERS]}\n\nerror\n{dead.error}")


def _text(value: bytes) -> str:
    """Return ``value`` as text that does no harm to a terminal."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in value.decode(errors="replace"))


def _body(value: bytes) -> str:
    try:
        return json.dumps(json.loads(value), ensure_ascii=False, indent=2)
    except ValueError:
        return _text(value)


@command.command()
@click.argument("letters", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that wait and pass the filters.")
@_filters
@click.pass_context
def replay(ctx: click.Context, /, letters: tuple[str, ...], every: bool, **options: Any) -> None:
    """Send the original bytes of LETTERS (ids) back to their topic, once the cause is mended."""
    from streams import dead_letter_box as box

    _require_choice(letters, every)
    settings = settings_from(ctx)
    count = box.replay(settings, box.waiting(settings, _wanted(letters, options)))
    click.echo(f"{count} dead letters sent back")


@command.command()
@click.argument("letters", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that wait and pass the filters.")
@_filters
@click.pass_context
def drop(ctx: click.Context, /, letters: tuple[str, ...], every: bool, **options: Any) -> None:
    """Put LETTERS (ids) aside for good; their bytes stay on the topic until its retention ends."""
    from streams import dead_letter_box as box

    _require_choice(letters, every)
    settings = settings_from(ctx)
    count = box.drop(settings, box.waiting(settings, _wanted(letters, options)))
    click.echo(f"{count} dead letters dropped")


def _require_choice(letters: tuple[str, ...], every: bool) -> None:
    if bool(letters) == every:
        raise InputError("name the letters by id, or all with --all", hint="`detente dead-letters list` shows them.")
