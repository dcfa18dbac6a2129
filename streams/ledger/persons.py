"""What rank the persons have that a report names: a leader's meeting is not a minister's.

The table is the coder's own; here only the last part of a name counts, and only for the parties' people.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from streams.records import Level

ARTICLES = ("al-", "el-", "ibn-")
OPEN_END = 9999
YEAR = 4  # digits: the day within it says nothing to the ledger, where it is known


class Office(NamedTuple):
    """One office of a person, and when it is held."""

    code: str
    level: Level
    since: int
    until: int


@lru_cache(maxsize=1)
def _offices() -> Mapping[str, tuple[Office, ...]]:
    text = resources.files("streams.coder.data").joinpath("persons.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    column = {name: place for place, name in enumerate(rows[0])}
    found: dict[str, dict[Office, None]] = {}
    for row in rows[1:]:
        since, until = row[column["since"]], row[column["until"]]
        office = Office(row[0], _level(row[column["level"]]), int(since[:YEAR] or 0), int(until[:YEAR] or OPEN_END))
        for name in (row[column["name"]], *row[column["variants"] :]):
            for variant in filter(None, name.split("|")):
                found.setdefault(last_name(variant), {})[office] = None
    return {name: tuple(offices) for name, offices in found.items()}


def _level(word: str) -> Level:
    levels: Mapping[str, Level] = {"leader": "leader", "minister": "minister", "official": "official"}
    return levels.get(word, "unknown")


def last_name(name: str) -> str:
    """Return the last part of a name, in small letters and without an Arabic article."""
    words = name.split()
    last = words[-1].lower() if words else ""
    for article in ARTICLES:
        last = last.removeprefix(article)
    return last


def offices_of(name: str) -> tuple[Office, ...]:
    """Return the offices of all persons of a name (its last part, in small letters)."""
    return _offices().get(last_name(name), ())
