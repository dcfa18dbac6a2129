"""``detente topics``: making the topics, and saying where the broker's differ from what they should be."""

from __future__ import annotations

from collections.abc import Sequence

import click

from streams.cli._settings import settings_from
from streams.errors import DetenteError


@click.group()
def command() -> None:
    """Make the topics, or check them."""


@command.command()
@click.option("--partitions", type=int, help="Partitions of each topic.")
@click.option("--replication-factor", type=int, help="Copies of each partition.")
@click.pass_context
def create(ctx: click.Context, partitions: int | None, replication_factor: int | None) -> None:
    """Make the topics that are missing; what is there stays as it is."""
    from streams import topics

    settings = settings_from(ctx, partitions=partitions, replication_factor=replication_factor)
    made = topics.create(settings)
    for name in made:
        click.echo(f"made {name} with {settings.partitions} partitions")
    kept = len(topics.TOPICS) - len(made)
    if kept:
        click.echo(f"{kept} of {len(topics.TOPICS)} topics were there already")
    _report(topics.check(settings))


@command.command()
@click.option("--partitions", type=int, help="Partitions that each topic should have.")
@click.pass_context
def check(ctx: click.Context, partitions: int | None) -> None:
    """Say where the broker's topics differ from what they should be; exit code 1 if they do."""
    from streams import topics

    settings = settings_from(ctx, partitions=partitions)
    _report(topics.check(settings))
    click.echo(f"all {len(topics.TOPICS)} topics are as they should be")


@command.command(name="list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """List the topics with their keys, how they are kept, and what they hold."""
    from rich.console import Console
    from rich.table import Table

    from streams import topics

    settings = settings_from(ctx)
    table = Table("topic", "key", "cleanup", "holds", box=None, pad_edge=False)
    for topic in topics.TOPICS:
        table.add_row(topics.full_name(settings, topic), topic.key, topic.cleanup, topic.help)
    Console().print(table)


def _report(drifts: Sequence[object]) -> None:
    """Raise a ``DetenteError`` that lists ``drifts``, if there are any."""
    if drifts:
        raise DetenteError(
            "\n  ".join([f"{len(drifts)} differences:", *map(str, drifts)]),
            hint="`detente topics create` makes missing ones. Settings of topics that are there are the operator's to "
            "change (kafka-configs.sh); the number of partitions cannot be lowered.",
        )
