"""How an alert looks to a person: what, who, when, severity, source and the exact words, as one block.

Titles and evidence come from strangers. What a terminal would take for a command is replaced before it is
shown, and rich gets them as text, never as markup.
"""

from __future__ import annotations

import re

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from streams.records import Alert, Severity
from streams.watches.codes import name_of

KINDS = {
    "new_event": "new event",
    "status_change": "change of status",
    "corroborated": "corroborated",
    "stance_shift": "shift of position",
    "surge": "surge",
}
TYPES = {
    "talks": "talks",
    "diplomatic_ties": "diplomatic ties",
    "agreement": "agreement",
    "sanctions_relief": "sanctions relief",
    "readmission": "readmission",
    "economic_link": "economic link",
    "deescalation": "de-escalation",
    "gesture": "gesture",
}
SEVERITIES: dict[Severity, str] = {"routine": "cyan", "notable": "yellow", "urgent": "bold red"}
"""Each severity with its colour on a terminal, from the least to the greatest."""
LABEL_WIDTH = 9
"""The width of the longest label, "severity", and a space."""

# C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Return ``text`` on one line, with what a terminal would obey replaced by U+FFFD."""
    return _UNSAFE.sub("\ufffd", re.sub(r"\s*[\r\n\t]+\s*", " ", text))


def headline(alert: Alert) -> str:
    """Return the first line of an alert: severity, kind, watch and what it is about."""
    return f"{alert.severity.upper()}  {KINDS[alert.kind]} · {safe(alert.watch)} · {safe(alert.headline)}"


def rows(alert: Alert) -> list[tuple[str, str]]:
    """Return the lines of the block below the first, as label and text."""
    found = [*_event_rows(alert), *_shift_rows(alert)]
    when = alert.published_at.strftime("%Y-%m-%d %H:%M UTC")
    found.append(("source", f"{safe(alert.source)}, {when}: {safe(alert.title)}"))
    if alert.url:
        found.append(("", safe(alert.url)))
    evidence = alert.evidence
    if evidence.text:
        found.append(
            ("words", f"“{safe(evidence.text)}” [{evidence.start}:{evidence.end} of {safe(alert.article_id)}]")
        )
    found.append(("id", f"{safe(alert.id)} (confidence {alert.confidence:.2f})"))
    return found


def _event_rows(alert: Alert) -> list[tuple[str, str]]:
    event = alert.event
    if event is None:
        return []
    course = f"{event.status_before} → {event.status}" if event.status_before else event.status
    who = " and ".join(map(_actor, event.parties))
    if event.mediators:
        who += f"; mediated by {' and '.join(map(_actor, event.mediators))}"
    return [
        ("what", f"{TYPES[event.type]}, {course}"),
        ("who", who),
        ("when", safe(event.date) if event.date else "no date given"),
    ]


def _shift_rows(alert: Alert) -> list[tuple[str, str]]:
    shift = alert.shift
    if shift is None:
        return []
    before = shift.before_evidence
    return [
        ("what", f"{shift.before} → {shift.after}"),
        ("who", _actor(shift.holder)),
        ("before", f"“{safe(before.text)}” [{before.start}:{before.end} of {safe(shift.before_article_id)}]"),
    ]


def _actor(code: str) -> str:
    name = name_of(code)
    return safe(code) if name == code else f"{name} ({safe(code)})"


def plain(alert: Alert) -> str:
    """Return the block as plain lines, the last of them empty, for a pipe or a file."""
    lines = [headline(alert)]
    lines += [f"  {label:<{LABEL_WIDTH}}{text}" for label, text in rows(alert)]
    return "\n".join(lines) + "\n"


def styled(alert: Alert) -> RenderableType:
    """Return the block for a terminal, wrapped to its width."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(style="dim", width=LABEL_WIDTH - 1, no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in rows(alert):
        table.add_row(label, Text(text, style="italic" if label in ("words", "before") else Style.null()))
    first = Text(headline(alert))
    first.stylize(SEVERITIES[alert.severity], 0, len(alert.severity))
    first.stylize("bold", len(alert.severity))
    return Group(first, Padding(table, (0, 0, 1, 2)))
