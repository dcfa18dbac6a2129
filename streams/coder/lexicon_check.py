"""Finds what is wrong in the lexicon's tables: double rows, conflicts, odd codes and dates, rows that never fire."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from streams.coder.lexicon import Lexicon, fold
from streams.coder.tables import Entry, Row, day_of, read_entries, read_rows

Severity = Literal["error", "warning", "note"]
CODE = re.compile(r"-|[A-Z][A-Z0-9]{1,7}(?:-[A-Z]{3})?")
FLAG = re.compile(r"bound|lone|given|display|(?:with|not):[A-Z0-9,-]+")
ACTOR_KINDS = frozenset({"name", "demonym", "people", "capital", "body", "party", "default"})
SHARED_KINDS = frozenset({"surname", "person", "party", "default"})
"""Kinds whose surfaces may belong to several codes: date, company and context tell them apart."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a row, or with several."""

    severity: Severity
    place: str
    text: str


def check_tables() -> list[Finding]:
    """Return all findings on the bundled tables, worst first."""
    findings = [*_malformed(), *_duplicates(), *_conflicts(read_entries())]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def never_fire(lexicon: Lexicon, texts: Iterable[str]) -> list[Finding]:
    """Return the rows of the actor tables of which no surface stands in any of ``texts``."""
    fired: set[str] = set()
    for text in texts:
        fired.update(entry.place for _, _, entry in lexicon.scan(text))
    silent = {
        entry.place: entry.person or entry.surface
        for entry in lexicon.entries
        if entry.place and entry.place not in fired
    }
    return [
        Finding("note", place, f"never found: {surface}") for place, surface in sorted(silent.items(), key=_by_line)
    ]


def _by_line(item: tuple[str, str]) -> tuple[str, int]:
    file, _, line = item[0].partition(":")
    return file, int(line)


def _malformed() -> Iterator[Finding]:
    for row in read_rows("actors.tsv"):
        cells = row.cells
        if not CODE.fullmatch(cells["code"]):
            yield Finding("error", row.place, f"no code: {cells['code']!r}")
        if cells["kind"] not in ACTOR_KINDS:
            yield Finding("error", row.place, f"no kind: {cells['kind']!r}")
        for flag in cells["flags"].split():
            if not FLAG.fullmatch(flag):
                yield Finding("error", row.place, f"no flag: {flag!r}")
        yield from _dates(row)
        yield from _surface(row, cells["surface"])
    for row in read_rows("persons.tsv"):
        if not CODE.fullmatch(row.cells["code"]):
            yield Finding("error", row.place, f"no code: {row.cells['code']!r}")
        yield from _dates(row)
        yield from _surface(row, row.cells["name"])


def _dates(row: Row) -> Iterator[Finding]:
    since, until = day_of(row.cells["since"], row, last=False), day_of(row.cells["until"], row, last=True)
    if since and until and since > until:
        yield Finding("error", row.place, f"ends ({until}) before it begins ({since})")


def _surface(row: Row, surface: str) -> Iterator[Finding]:
    if not fold(surface).strip():
        yield Finding("error", row.place, "an empty surface")
    elif surface != surface.strip() or "  " in surface:
        yield Finding("warning", row.place, f"blanks too many: {surface!r}")


def _duplicates() -> Iterator[Finding]:
    for file in ("actors.tsv", "persons.tsv", "words.tsv"):
        seen: dict[tuple[str, ...], str] = {}
        for row in read_rows(file):
            key = tuple(row.cells.values())
            if key in seen:
                yield Finding("warning", row.place, f"the same row as {seen[key]}: {' '.join(filter(None, key))}")
            seen.setdefault(key, row.place)


def _conflicts(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Yield surfaces that name two actors at one time with nothing to tell them apart."""
    by_surface: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.layer == "actor" and entry.code and entry.kind not in SHARED_KINDS and not entry.flags:
            by_surface[fold(entry.surface).strip()].append(entry)
    for surface, found in by_surface.items():
        for number, one in enumerate(found):
            for other in found[number + 1 :]:
                if one.code != other.code and _overlap(one, other):
                    severity: Severity = "warning" if one.kind == "demonym" == other.kind else "error"
                    text = f"{surface!r} names {one.code} and {other.code} ({other.place}): context decides"
                    yield Finding(severity, one.place, text)


def _overlap(one: Entry, other: Entry) -> bool:
    begins = [entry.since for entry in (one, other) if entry.since]
    ends = [entry.until for entry in (one, other) if entry.until]
    return not begins or not ends or max(begins) <= min(ends)
