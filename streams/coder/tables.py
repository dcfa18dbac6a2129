"""Reads the lexicon's tables: tab-separated files in ``data``, one fact a row, a header naming the columns.

``actors.tsv``  names, demonyms, capitals, bodies of each actor, by code
``persons.tsv`` who speaks for an actor, with the years of office
``words.tsv``   nouns of office and body, words of speech and motion: what the binding rules go by
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from streams.errors import DetenteError
from streams.records import Level

Case = Literal["proper", "exact", "any"]
ACRONYM_LENGTH = 6
"""Letters: a surface of capitals up to this length must stand in capitals in the text ("US", not "us")."""
NAME_SHARE = 3
"""Letters that a surname needs to stand alone: shorter ones ("Li", "Ho") are bound to a full name only."""

COLUMNS = {
    "actors.tsv": ("code", "kind", "surface", "since", "until", "flags"),
    "persons.tsv": ("code", "level", "since", "until", "name", "variants"),
    "words.tsv": ("kind", "level", "surface"),
}
LEVELS: dict[str, Level] = {
    "leader": "leader",
    "minister": "minister",
    "official": "official",
    "unknown": "unknown",
    "-": "unknown",
    "": "unknown",
}
OFFICE_KINDS = frozenset({"office", "body", "forces", "party", "ngo"})
COMMON_NAMES = frozenset(
    {
        "sheikh",
        "prince",
        "king",
        "emir",
        "mohammed",
        "muhammad",
        "mohamed",
        "mohammad",
        "ahmed",
        "ahmad",
        "ali",
        "hassan",
        "hussein",
        "khalid",
        "abdullah",
        "salman",
        "hamad",
        "omar",
        "ibrahim",
        "yusuf",
        "saleh",
        "salem",
        "juan",
        "jose",
        "maria",
        "muslim",
        "arab",
        "john",
        "david",
        "james",
        "peter",
        "paul",
        "united",
    }
)
"""Surnames that half a region has as a given name: they stand for a person only where the document binds them."""
_PARTICLES = frozenset({"al", "el", "de", "da", "do", "dos", "van", "von", "der", "den", "bin", "ben", "ould", "ter"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lexicon knows of one surface.

    ``layer`` tells tables apart: "actor", "office", "word" (the binding rules' own words) or "cue";
    ``kind`` is the table's own word (name, demonym, person, surname, speech ...). ``payload`` is
    whatever a caller of ``Lexicon.load`` has put in with its cue.
    """

    surface: str
    layer: str
    kind: str
    code: str = ""
    level: Level = "unknown"
    since: dt.date | None = None
    until: dt.date | None = None
    flags: frozenset[str] = frozenset()
    case: Case = "any"
    person: str = ""
    place: str = ""
    """File and line of the table, for messages."""
    payload: object = None

    def valid(self, day: dt.date) -> bool:
        """Whether ``day`` lies within the entry's dates."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its file and line, and its cells by column."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """The row's place, for messages."""
        return f"{self.file}:{self.line}"


def read_rows(file: str) -> Iterator[Row]:
    """Yield the rows of a bundled table; empty lines and lines that begin with ``#`` are left out."""
    lines = resources.files("streams.coder.data").joinpath(file).read_text("utf-8").split("\n")
    columns = COLUMNS[file]
    if tuple(lines[0].split("\t")) != columns:
        raise DetenteError(f"{file}: the header is not {' '.join(columns)}", hint="Restore the file.")
    for number, line in enumerate(lines[1:], start=2):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            if len(cells) != len(columns):
                raise DetenteError(
                    f"{file}:{number}: {len(cells)} cells instead of {len(columns)}",
                    hint="Cells are parted by single tabs; write an empty cell for what is unknown.",
                )
            yield Row(file, number, dict(zip(columns, cells, strict=True)))


def read_entries() -> Iterator[Entry]:
    """Yield every surface of all bundled tables."""
    for row in read_rows("actors.tsv"):
        yield _actor(row)
    for row in read_rows("persons.tsv"):
        yield from _person(row)
    for row in read_rows("words.tsv"):
        yield _word(row)


def case_of(surface: str) -> Case:
    """Return how ``surface`` must be written in a text to count."""
    letters = [letter for letter in surface if letter.isalpha()]
    if letters and len(letters) <= ACRONYM_LENGTH and all(letter.isupper() for letter in letters):
        return "exact"
    return "proper" if surface[:1].isupper() else "any"


def day_of(cell: str, row: Row, *, last: bool) -> dt.date | None:
    """Read a date cell (``2014``, ``2014-08``, ``2014-08-28`` or empty); ``last`` takes the end of the period."""
    if not cell:
        return None
    parts = cell.split("-")
    try:
        year, month, day = (int(part) for part in [*parts, "0", "0"][:3])
        if day:
            return dt.date(year, month, day)
        if not last:
            return dt.date(year, month or 1, 1)
        following = dt.date(year + 1, 1, 1) if month in (0, 12) else dt.date(year, month + 1, 1)
        return following - dt.timedelta(days=1)
    except ValueError:
        raise DetenteError(f"{row.place}: no date: {cell!r}", hint="Write 2014, 2014-08 or 2014-08-28.") from None


def _level(cell: str, row: Row) -> Level:
    try:
        return LEVELS[cell]
    except KeyError:
        raise DetenteError(f"{row.place}: no level: {cell!r}", hint="One of: " + ", ".join(LEVELS)) from None


def _actor(row: Row) -> Entry:
    cells = row.cells
    surface = cells["surface"]
    return Entry(
        surface,
        "actor",
        cells["kind"],
        # A row of "-" keeps a longer name ("Washington Post") from being read as the actor within it.
        "" if cells["code"] == "-" else cells["code"],
        since=day_of(cells["since"], row, last=False),
        until=day_of(cells["until"], row, last=True),
        flags=frozenset(cells["flags"].split()),
        case=case_of(surface),
        place=row.place,
    )


def _word(row: Row) -> Entry:
    kind, surface = row.cells["kind"], row.cells["surface"]
    layer = "office" if kind in OFFICE_KINDS else "word"
    level = _level(row.cells["level"], row)
    return Entry(surface, layer, kind, level=level, case=case_of(surface), place=row.place)


def _person(row: Row) -> Iterator[Entry]:
    """Yield a person's full names (always fine) and surnames (good within the dates of office)."""
    cells = row.cells
    level = _level(cells["level"], row)
    since = day_of(cells["since"], row, last=False)
    until = day_of(cells["until"], row, last=True)
    person = clean_name(cells["name"])
    surfaces: dict[str, str] = {}
    for name in [cells["name"], *filter(None, cells["variants"].split("|"))]:
        for surface, kind in surfaces_of(name):
            surfaces.setdefault(surface, kind)
    for surface, kind in surfaces.items():
        yield Entry(
            surface,
            "actor",
            kind,
            cells["code"],
            level,
            since,
            until,
            case="proper",
            person=person,
            place=row.place,
        )


def clean_name(name: str) -> str:
    """Return a name without the marks ``=`` (here begins the surname) and ``!`` (no surname stands alone)."""
    return name.replace("=", "").replace("!", "")


def surname_of(name: str) -> str:
    """Return the part of ``name`` that stands for it later on: the last word, with its particles.

    ``=`` marks it where it is another: ``=Xi Jinping``, ``Mohammed =bin Salman``.
    """
    if name.startswith("="):
        return name[1:].split(" ")[0]
    if "=" in name:
        return name.split("=", 1)[1]
    words = clean_name(name).split(" ")
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return " ".join(words[first:])


def surfaces_of(name: str) -> Iterator[tuple[str, str]]:
    """Yield each surface of a name as (surface, "person" or "surname")."""
    full = clean_name(name)
    surname = surname_of(name)
    if full != surname:
        yield full, "person"
        for part in ("al-", "Al-", "el-", "El-"):
            if f" {part}" in full:
                yield full.replace(f" {part}", " "), "person"
    if name.startswith("!") or len(surname) < NAME_SHARE or surname.lower() in COMMON_NAMES:
        return
    yield surname, "surname"
    for part in ("al-", "Al-", "el-", "El-", "al ", "el "):
        if surname.startswith(part) and len(surname) - len(part) >= NAME_SHARE:
            rest = surname[len(part) :]
            if rest.lower() not in COMMON_NAMES:
                yield rest, "surname"
