"""Marks: what the words of a report say about which step it is, beyond type, parties and date.

Facets come from a table (who met, what was reopened); names and telling words come from the text itself.
Nothing here knows any country or person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from streams.ledger.persons import ranks
from streams.records import Evidence, Level, Report

STEM = 6  # letters: "reopened" and "reopening" are one word, "minister" and "ministry" too
LEAST_WORD = 5  # letters of a telling word; shorter ones are mostly grammar

_TOKEN = re.compile("[^\\W_]+(?:[\u2019'-][^\\W_]+)*")
_AFTER_PLACE_WORD = frozenset(("in", "at", "to"))
_POSSESSIVE = ("'s", "\u2019s")


class Marks(NamedTuple):
    """What the words of one report tell of its step."""

    facets: frozenset[str]
    """``dimension:value``, for example ``who:defence``."""
    dimensions: frozenset[str]
    names: frozenset[str]
    """Names in the words, without those of the calendar."""
    places: frozenset[str]
    words: frozenset[str]
    """Telling words, cut to their stems."""
    postponed: bool
    """Whether a step is said to be put off or called off: then one had been planned."""


Phrase = tuple[tuple[str, ...], str]


class _Words(NamedTuple):
    ordinals: Mapping[str, int]
    counted: frozenset[str]
    postponed: frozenset[str]
    undone: frozenset[str]
    undone_off: frozenset[str]
    calendar: frozenset[str]
    plain: frozenset[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    text = resources.files("streams.ledger.data").joinpath("words.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    lists = {name: words.split() for name, words in rows}
    ordinals = {
        word: number for name in ("ordinals", "ordinals-short") for number, word in enumerate(lists[name], start=2)
    }
    sets = (frozenset(lists[name]) for name in ("counted", "postponed", "undone", "undone-off", "calendar", "plain"))
    return _Words(ordinals, *sets)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Return the words of the names of actors and their people: they say whose step it is, which is known."""
    text = resources.files("streams.coder.data").joinpath("actors.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    kinds = ("name", "demonym", "people")
    return frozenset(word for row in rows if row[1] in kinds for word in _TOKEN.findall(row[2].lower()))


class _Table(NamedTuple):
    words: Mapping[str, str]
    starts: Mapping[str, tuple[tuple[str, str], ...]]
    phrases: Mapping[str, tuple[Phrase, ...]]


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, _Table]:
    """Read the table of facets: for each type its words, stems (by their first three letters) and phrases."""
    words: dict[str, dict[str, str]] = {}
    starts: dict[str, dict[str, list[tuple[str, str]]]] = {}
    phrases: dict[str, dict[str, list[Phrase]]] = {}
    text = resources.files("streams.ledger.data").joinpath("facets.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        kind, dimension, value, listed = line.split("\t")
        facet = f"{dimension}:{value}"
        for entry in listed.split(","):
            parts = tuple(_TOKEN.findall(entry.rstrip("*")))
            if len(parts) > 1:
                phrases.setdefault(kind, {}).setdefault(parts[0], []).append((parts, facet))
            elif entry.endswith("*"):
                stem = entry[:-1]
                starts.setdefault(kind, {}).setdefault(stem[:3], []).append((stem, facet))
            else:
                words.setdefault(kind, {})[entry] = facet
    return {
        kind: _Table(
            words.get(kind, {}),
            {key: tuple(value) for key, value in starts.get(kind, {}).items()},
            {key: tuple(value) for key, value in phrases.get(kind, {}).items()},
        )
        for kind in {*words, *starts, *phrases}
    }


def _facets(kind: str, tokens: list[str]) -> set[str]:
    table = _tables().get(kind)
    listed = _words()
    found: set[str] = set()
    if table is None:
        return found
    for index, token in enumerate(tokens):
        if token in table.words:
            found.add(table.words[token])
        for stem, facet in table.starts.get(token[:3], ()):
            if token.startswith(stem):
                found.add(facet)
        for parts, facet in table.phrases.get(token, ()):
            end = index + len(parts)
            if (
                tuple(tokens[index : end - 1]) == parts[:-1]
                and tokens[end - 1 : end]
                and (tokens[end - 1].startswith(parts[-1]))
            ):
                found.add(facet)
        if token in listed.ordinals and not listed.counted.isdisjoint(tokens[index + 1 : index + 4]):
            found.add(f"round:{listed.ordinals[token]}")
    return found


def _put_off(tokens: list[str]) -> bool:
    listed = _words()
    if not listed.postponed.isdisjoint(tokens) or not listed.undone.isdisjoint(tokens):
        return True
    return any(second == "off" and first in listed.undone_off for first, second in pairwise(tokens))


_RANKS: Mapping[str, Level] = {
    "who:leader": "leader",
    "who:foreign": "minister",
    "who:defence": "minister",
    "who:interior": "minister",
    "who:economy": "minister",
}


def marks_of(kind: str, report: Report) -> Marks:
    """Return the marks of a report of a step of type ``kind``."""
    return marks(kind, report.level, report.evidence, report.parties, report.published_at.year)


@lru_cache(maxsize=8_192)
def marks(kind: str, level: Level, evidence: Evidence, parties: tuple[str, ...], year: int) -> Marks:
    """Return the marks of a report of a step of type ``kind`` from its evidence, published in ``year``."""
    raw = _TOKEN.findall(evidence.text)
    tokens = [token.lower() for token in raw]
    facets = _facets(kind, tokens)
    listed, countries = _words(), _countries()
    names: set[str] = set()
    places: set[str] = set()
    words: set[str] = set()
    for index, (shown, token) in enumerate(zip(raw, tokens, strict=True)):
        if shown[0].isupper() and index and token not in listed.calendar:
            name = token[:-2] if token.endswith(_POSSESSIVE) else token
            if name in countries:
                continue
            names.add(name)
            if tokens[index - 1] in _AFTER_PLACE_WORD:
                places.add(name)
        elif len(token) >= LEAST_WORD and token not in listed.plain and token not in listed.calendar:
            words.add(token[:STEM])
    if kind == "talks":
        facets |= _ranks(facets, level, names, parties, year)
    return Marks(
        frozenset(facets),
        frozenset(facet.partition(":")[0] for facet in facets),
        frozenset(names),
        frozenset(places),
        frozenset(words),
        _put_off(tokens),
    )


def _ranks(facets: set[str], level: Level, names: set[str], parties: tuple[str, ...], year: int) -> set[str]:
    """Return who met as ranks, from offices, from names and, where neither tells, from the coder's level."""
    found: set[str] = {_RANKS.get(facet, "official") for facet in facets if facet.startswith("who:")}
    named = ranks(names, parties, year)
    if named and not any(facet.startswith("who:") for facet in facets) and named == {"leader"}:
        return {"rank:leader", "who:leader"}
    found |= named
    if not found and level != "unknown":
        found.add(level)
    return {f"rank:{rank}" for rank in found}
