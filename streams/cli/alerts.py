"""``detente alerts``: subscribes to the alert topic and prints what is on it."""

from __future__ import annotations

import datetime as dt
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click
import msgspec
from rich.console import Console

from streams import alert_text, topics
from streams.cli._settings import settings_from
from streams.cli._times import parse_since
from streams.kafka_read import Read, read_topic
from streams.records import Alert, AlertKind, Severity, decode
from streams.settings import Settings
from streams.watches.registry import resolve, split_pair

SENT_BEFORE_PUBLISHED = dt.timedelta(days=1)
"""``--since`` is about the time of publication, the broker only knows the time of sending. An article cannot be
sent before it is published, but for outlets whose clocks run ahead or that name a day's end: a day covers them."""
REMEMBERED = 100_000
"""Ids kept to show an alert once. Copies come from a crash and lie near each other, so the oldest may go."""


@dataclass(frozen=True)
class Filter:
    """Which alerts are asked for; empty means all."""

    watches: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    severity: Severity = "routine"
    since: dt.datetime | None = None

    def passes(self, alert: Alert) -> bool:
        """Whether ``alert`` is asked for."""
        levels = list(alert_text.SEVERITIES)
        return (
            (not self.watches or _pair(alert.watch) in self.watches)
            and (not self.kinds or alert.kind in self.kinds)
            and levels.index(alert.severity) >= levels.index(self.severity)
            and (self.since is None or alert.published_at >= self.since)
        )


def _pair(watch: str) -> str:
    """Return a pair's id with its codes in order, so that SAU-IRN finds IRN-SAU; another watch's id as it is."""
    codes = split_pair(watch)
    return "-".join(sorted(codes)) if codes else watch


class Subscription:
    """Reads the alert topic: first what is there in order of publication, then, if followed, what comes."""

    def __init__(self, settings: Settings, wanted: Filter) -> None:
        self.unreadable = 0
        self._settings = settings
        self._wanted = wanted
        self._next: dict[int, int] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()

    def present(self) -> list[tuple[Alert, bytes]]:
        """Return the alerts that are on the topic now."""
        found = list(self._new(follow=False))
        return sorted(found, key=lambda pair: (pair[0].published_at, pair[0].id))

    def coming(self) -> Iterator[tuple[Alert, bytes]]:
        """Yield the alerts that come after those of ``present``, for ever."""
        return self._new(follow=True)

    def _new(self, *, follow: bool) -> Iterator[tuple[Alert, bytes]]:
        since = self._wanted.since - SENT_BEFORE_PUBLISHED if self._wanted.since else None
        for read in read_topic(self._settings, topics.ALERTS, since=since, follow=follow):
            if read.offset < self._next.get(read.partition, 0):
                continue
            self._next[read.partition] = read.offset + 1
            alert = self._decoded(read)
            if alert is not None and read.value is not None and self._wanted.passes(alert) and self._is_new(alert.id):
                yield alert, read.value

    def _decoded(self, read: Read) -> Alert | None:
        if read.value is None:  # a tombstone: compaction's way of saying that an alert was deleted
            return None
        try:
            return decode(read.value, Alert)
        except msgspec.DecodeError as error:
            self.unreadable += 1
            place = f"{read.topic}[{read.partition}]@{read.offset}"
            click.echo(f"detente: {place}: not an alert of this version: {error}", err=True)
            return None

    def _is_new(self, alert_id: str) -> bool:
        if alert_id in self._seen:
            return False
        self._seen[alert_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with new alerts as they come; Ctrl-C ends it.")
@click.option("--since", metavar="TIME", help="Only of articles published since: 2023-01-13, 2h, 3d, now.")
@click.option("--watch", "watches", multiple=True, metavar="W", help="Only of this watch; may be repeated.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(AlertKind)), help="Only of this kind.")
@click.option(
    "--severity", type=click.Choice(list(alert_text.SEVERITIES)), default="routine", help="At least this severe."
)
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
    settings = settings_from(ctx)
    directory = Path(settings.watches_dir) if settings.watches_dir else None
    wanted = Filter(
        watches=frozenset(_pair(resolve(watch, directory).id) for watch in watches),
        kinds=frozenset(kinds),
        severity=severity,
        since=parse_since(since, dt.datetime.now(dt.timezone.utc)) if since else None,
    )
    subscription = Subscription(settings, wanted)
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
    if sys.stdout.isatty():
        console = Console(highlight=False)
        return lambda alert, value: console.print(alert_text.styled(alert))
    return lambda alert, value: _line(alert_text.plain(alert))


def _line(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()  # a follower's reader waits for each alert, not for a full buffer
