"""``detente status``: one screen on topics, lag, workers, feeds and the last alerts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from streams.cli._settings import settings_from

if TYPE_CHECKING:
    from rich.console import RenderableType

    from streams.status import Status


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--alerts", "count", type=click.IntRange(0, 100), default=5, show_default=True, help="Last alerts shown.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, count: int) -> None:
    """Show how everything is: topics, what waits, who works, feeds, and what was told last."""
    import msgspec

    from streams import status

    found = status.gather(settings_from(ctx), alerts=count)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for part in (_problems(found), _topics(found), _workers(found), _feeds(found), *_alerts(found)):
        console.print(part, soft_wrap=True)


def _problems(found: Status) -> RenderableType:
    from rich.text import Text

    from streams.alert_text import safe

    if not found.problems:
        return Text(f"All is well on {found.brokers}.\n", style="green")
    lines = [f"{found.brokers}:", *(f"  ! {safe(problem)}" for problem in found.problems)]
    return Text("\n".join(lines) + "\n", style="yellow")


def _topics(found: Status) -> RenderableType:
    groups = sorted({group for topic in found.topics for group in topic.lag})
    rows = [
        (
            topic.topic,
            str(topic.partitions) if topic.there else "missing",
            f"{topic.records:,}" if topic.there else "",
            *(f"{topic.lag[group]:,}" if group in topic.lag else "" for group in groups),
        )
        for topic in found.topics
    ]
    return _table(("topic", "partitions", "records", *(f"waiting for {group}" for group in groups)), rows)


def _workers(found: Status) -> RenderableType:
    if not found.workers:
        return "workers: none\n"
    rows = [(worker.group, worker.member, worker.host, str(worker.partitions)) for worker in found.workers]
    return _table(("group", "member", "host", "partitions"), rows)


def _feeds(found: Status) -> RenderableType:
    if found.feeds is None:
        return "feeds: none polled from this data_dir\n"
    now = dt.datetime.now(dt.timezone.utc)
    states = ", ".join(f"{count} {word}" for word, count in found.feeds.states.items()) or "none polled yet"
    last, due = found.feeds.last_success, found.feeds.next_poll
    told = [f"feeds: {states}"]
    told += [f"last good answer {_ago(now - last)} ago"] if last else []
    told += [f"next poll {'due' if due <= now else 'in ' + _ago(due - now)}"] if due else []
    return "; ".join(told) + "\n"


def _alerts(found: Status) -> list[RenderableType]:
    from rich.text import Text

    from streams.alert_text import SEVERITIES, headline

    if not found.alerts:
        return [Text("alerts: none yet")]
    return [
        Text(f"{alert.published_at:%Y-%m-%d %H:%M}  ").append(headline(alert), SEVERITIES[alert.severity])
        for alert in found.alerts
    ]


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> RenderableType:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from streams.alert_text import safe

    numbers = ("partitions", "records", "waiting")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in heads:
        table.add_column(Text(head), justify="right" if head.startswith(numbers) else "left")
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    return Padding(table, (0, 0, 1, 0))


def _ago(span: dt.timedelta) -> str:
    """Return a time in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
