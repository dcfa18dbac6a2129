"""What events, positions, the timeline and the backtest print: tables for people, JSON lines for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from streams.alert_text import SEVERITIES, safe
from streams.records import Alert, Event, Metric, Position, Record
from streams.watches.codes import name_of

COLOURS = {
    "occurred": "green",
    "planned": "cyan",
    "proposed": "blue",
    "denied": "red",
    "favor": "green",
    "against": "red",
    "conditional": "yellow",
}


def json_line(kind: str, record: Record) -> str:
    """Return a record as one line of JSON with ``"record": kind``; equal records give equal lines."""
    return as_json({"record": kind, **msgspec.to_builtins(record)})


def as_json(row: Mapping[str, object]) -> str:
    """Return a row as one line of JSON, the same for equal rows."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("date", "seen", "since", "severity"))
    return table


def events_table(events: Iterable[Event]) -> Table:
    """Return events as a table, one row each."""
    table = _table("date", "step", "parties", "course", "seen", "outlets", "watch")
    for event in events:
        hosts = f" ({', '.join(map(name_of, event.mediators))})" if event.mediators else ""
        table.add_row(
            safe(event.date or "no date"),
            event.type.replace("_", " "),
            Text(safe(", ".join(map(name_of, event.parties)) + hosts)),
            _course([change.status for change in event.status_history]),
            event.last_seen.strftime("%Y-%m-%d"),
            f"{event.outlets} of {event.reports_total}",
            Text(safe(event.watch)),
        )
    return table


def _course(statuses: Iterable[str]) -> Text:
    parts: list[str | tuple[str, str]] = []
    for status in statuses:
        parts += [" → "] if parts else []
        parts.append((status, COLOURS[status]))
    return Text.assemble(*parts)


def positions_table(positions: Iterable[Position]) -> Table:
    """Return positions as a table, one row each."""
    table = _table("watch", "who", "stance", "since", "seen", "evidence")
    for position in positions:
        stance = position.stance or "none"
        before = [change.stance for change in position.history[:-1]]
        told = Text.assemble((stance, COLOURS.get(stance, "dim")), (f" (was {before[-1]})" if before else ""))
        table.add_row(
            Text(safe(position.watch)),
            Text(safe(name_of(position.holder))),
            told,
            position.since.strftime("%Y-%m-%d"),
            position.last_seen.strftime("%Y-%m-%d"),
            Text(f"“{safe(position.evidence.text)}” ({safe(position.source)})"),
        )
    return table


def alerts_table(alerts: Iterable[Alert]) -> Table:
    """Return alerts as a table, one row each."""
    table = _table("date", "severity", "kind", "headline", "source")
    for alert in alerts:
        table.add_row(
            alert.published_at.strftime("%Y-%m-%d"),
            Text(alert.severity, style=SEVERITIES[alert.severity]),
            alert.kind.replace("_", " "),
            Text(safe(alert.headline)),
            Text(safe(alert.source)),
        )
    return table


def index_rows(metrics: Iterable[Metric]) -> list[tuple[str, str, float]]:
    """Return watch, day and rapprochement index of the daily tallies, in order."""
    days = [metric for metric in metrics if metric.window == "day"]
    return sorted((metric.watch, metric.start.strftime("%Y-%m-%d"), metric.index) for metric in days)
