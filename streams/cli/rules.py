"""``detente rules``: checks a file of alert rules and runs the examples in it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from streams.cli._settings import settings_from
from streams.rules import Rules, Subscription, load_rules
from streams.rules.engine import ZERO
from streams.rules.examples import run_examples

WRONG_EXAMPLE_EXIT = 1


@click.group()
def command() -> None:
    """Check alert rules (TOML) and run the examples that they carry."""


def _load(ctx: click.Context, file: str) -> Rules:
    folder = settings_from(ctx).watches_dir
    return load_rules(Path(file), Path(folder) if folder else None)


@command.command()
@click.argument("file")
@click.pass_context
def check(ctx: click.Context, file: str) -> None:
    """Read FILE and say what each subscription asks for."""
    for subscription in _load(ctx, file).subscriptions:
        click.echo(f"{subscription.name}: {describe(subscription)}")


def describe(subscription: Subscription) -> str:
    """Return in words what a subscription asks for."""
    parts = []
    for name in subscription.match.__struct_fields__:
        value = getattr(subscription.match, name)
        if isinstance(value, tuple):
            if value:
                parts.append(f"{name.replace('_', ' ')} {', '.join(value)}")
        elif value not in ("routine", 0.0):
            parts.append(f"{name.replace('_', ' ').replace('min', 'at least')} {value}")
    if subscription.cooldown != ZERO:
        parts.append(f"cool-down {subscription.cooldown}")
    if subscription.digest != ZERO:
        parts.append(f"digest every {subscription.digest}")
    count = len(subscription.examples)
    return f"{'; '.join(parts) or 'every alert'} ({count} example{'s' if count != 1 else ''})"


@command.command("test")
@click.argument("file")
@click.pass_context
def test_rules(ctx: click.Context, file: str) -> None:
    """Run the examples of FILE; exits with 1 if a subscription does otherwise than its example says."""
    results = list(run_examples(_load(ctx, file)))
    for result in results:
        told = "told" if result.told else "not told"
        mark = "ok   " if result.right else "WRONG"
        wanted = "" if result.right else f", but the example says {'raised' if result.wanted else 'not raised'}"
        click.echo(f"{mark} {result.subscription}: {result.example}: {told}{wanted}")
    wrong = sum(not result.right for result in results)
    click.echo(f"{len(results)} examples, {wrong} wrong" if results else "no examples in this file")
    ctx.exit(WRONG_EXAMPLE_EXIT if wrong else 0)


@command.command()
def example() -> None:
    """Print a rules file with every key explained."""
    click.echo(resources.files("streams.rules").joinpath("example.toml").read_text("utf-8"), nl=False)
