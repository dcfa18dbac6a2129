"""``detente alerts``: subscribes to the alert topic and prints what is on it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from streams.cli._settings import settings_from
from streams.cli._times import parse_since
from streams.records import Alert, AlertKind, Severity

if TYPE_CHECKING:
    from streams.alert_feed import Subscription


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with new alerts as they come; Ctrl-C ends it.")
@click.option("--since", metavar="TIME", help="Only of articles published since: 2023-01-13, 2h, 3d, now.")
@click.option("--watch", "watches", multiple=True, metavar="W", help="Only of this watch; may be repeated.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(AlertKind)), help="Only of this kind.")
@click.option("--severity", type=click.Choice(get_args(Severity)), default="routine", help="At least this severe.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as on the topic.")
@click.pass_context
def command(
    ctx: click.Context,
    follow: bool,
    since: str | None,
    watches: tuple[str, ...],
    kinds: tuple[str, ...],
    severity: Severity,
    limit: int | None,
    as_json: bool,
) -> None:
    """Print the alerts: what, who, when, how severe, from where, and the exact words. Each is shown once."""
    from streams.alert_feed import Filter, Subscription, pair_id
    from streams.watches.registry import resolve

    settings = settings_from(ctx)
    directory = Path(settings.watches_dir) if settings.watches_dir else None
    wanted = Filter(
        watches=frozenset(pair_id(resolve(watch, directory).id) for watch in watches),
        kinds=frozenset(kinds),
        severity=severity,
        since=parse_since(since, dt.datetime.now(dt.timezone.utc)) if since else None,
    )
    subscription = Subscription(settings, wanted, lambda told: click.echo(f"detente: {told}", err=True))
    printed = _print_all(subscription, follow, limit, _printer(as_json))
    if not printed and not follow and not as_json:
        click.echo("no alerts" if wanted == Filter() else "no alerts that match", err=True)
    ctx.exit(1 if subscription.unreadable else 0)


def _print_all(
    subscription: Subscription, follow: bool, limit: int | None, show: Callable[[Alert, bytes], None]
) -> int:
    """Print until the end, the limit or Ctrl-C, and return how many were printed."""
    printed = 0
    try:
        for stage in (subscription.present, subscription.coming) if follow else (subscription.present,):
            for alert, value in stage():
                show(alert, value)
                printed += 1
                if printed == limit:
                    return printed
    except KeyboardInterrupt:
        if not follow:
            raise
        # Ctrl-C is how following ends; nothing went wrong.
    return printed


def _printer(as_json: bool) -> Callable[[Alert, bytes], None]:
    if as_json:
        return lambda alert, value: _line(value.decode())
    from rich.console import Console

    from streams import alert_text

    if sys.stdout.isatty():
        console = Console(highlight=False)
        return lambda alert, value: console.print(alert_text.styled(alert))
    return lambda alert, value: _line(alert_text.plain(alert))


def _line(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()  # a follower's reader waits for each alert, not for a full buffer
