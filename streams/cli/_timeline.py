"""Draws a watch over time: its index as a row of bars, and its steps month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from streams.alert_text import safe
from streams.ledger.weights import counted_at, index_at
from streams.records import Event
from streams.watches.codes import name_of

BARS = "▁▂▃▄▅▆▇█"
MARKS = {"occurred": ("●", "green"), "planned": ("◐", "cyan"), "proposed": ("○", "blue"), "denied": ("✕", "red")}


def index_series(events: Sequence[Event], points: int, half_life_days: float) -> list[tuple[dt.datetime, float]]:
    """Return the rapprochement index at ``points`` times from the first event to the last."""
    parts = [(event.weight, counted_at(event)) for event in events]
    if not parts:
        return []
    first, last = min(at for _, at in parts), max(at for _, at in parts)
    step = (last - first) / max(points - 1, 1)
    times = [first + step * number for number in range(points)] if last > first else [first]
    return [(time, index_at(parts, time, half_life_days)) for time in times]


def bars(values: Sequence[float]) -> str:
    """Return numbers as a row of bars between the least and the greatest of them and zero."""
    low, high = min(0.0, *values), max(0.0, *values)
    if high == low:
        return BARS[0] * len(values)
    return "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1))] for value in values)


def timeline(watch: str, events: Sequence[Event], width: int, half_life_days: float) -> RenderableType:
    """Return the timeline of one watch for a terminal of ``width`` columns."""
    title = Text(safe(watch), style="bold")
    series = index_series(events, max(width - 2, 2), half_life_days)
    values = [value for _, value in series]
    lines: list[RenderableType] = [title]
    if len(values) > 1:
        first, last = series[0][0], series[-1][0]
        lines.append(Text(bars(values), style="cyan", no_wrap=True))
        lines.append(
            Text(f"index {values[0]:.1f} on {first:%Y-%m-%d}, {values[-1]:.1f} on {last:%Y-%m-%d}", style="dim")
        )
    month = ""
    for event in sorted(events, key=lambda one: (one.date or f"{one.first_seen:%Y-%m-%d}", one.event_id)):
        shown = (event.date or f"{event.first_seen:%Y-%m}")[:7]
        lines.append(_line(event, shown if shown != month else ""))
        month = shown
    lines.append(Text("  ".join(f"{mark} {status}" for status, (mark, _) in MARKS.items()), style="dim"))
    return Group(*lines)


def _line(event: Event, month: str) -> Text:
    mark, colour = MARKS[event.status]
    parties = " + ".join(map(name_of, event.parties))
    day = (event.date or "")[8:] or "  "
    what = f"{event.type.replace('_', ' ')}: {safe(parties)}"
    if event.mediators:
        what += f" ({', '.join(map(name_of, event.mediators))})"
    return Text.assemble((f"{month:<8}", "bold"), f"{day} ", (mark, colour), f" {what}")
