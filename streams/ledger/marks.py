"""Marks: what the words of a report say about which step it is, beyond type, parties and date.

Facets come from a table (who met, what was reopened); names and telling words come from the text itself.
Nothing here knows any country or person.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from streams.ledger.persons import ranks
from streams.records import Level, Report

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


class Summary(NamedTuple):
    """The marks of several reports of one event."""

    facets: dict[str, tuple[frozenset[str], ...]]
    """By dimension the facets of each report that has any of it."""
    names: frozenset[str]
    places: frozenset[str]
    words: frozenset[str]


def summarize(several: Iterable[Marks]) -> Summary:
    """Return what several reports have in all."""
    found = tuple(several)
    facets: dict[str, tuple[frozenset[str], ...]] = {}
    for one in found:
        for dimension in one.dimensions:
            facets[dimension] = (*facets.get(dimension, ()), one.facets)
    if len(found) == 1:
        only = found[0]
        return Summary(facets, only.names, only.places, only.words)
    empty: frozenset[str] = frozenset()
    return Summary(
        facets,
        empty.union(*(one.names for one in found)),
        empty.union(*(one.places for one in found)),
        empty.union(*(one.words for one in found)),
    )


Phrase = tuple[tuple[str, ...], str]


class _Words(NamedTuple):
    ordinals: Mapping[str, int]
    counted: frozenset[str]
    postponed: frozenset[str]
    undone: frozenset[str]
    undone_off: frozenset[str]
    off: frozenset[str]
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
    sets = (
        frozenset(lists[name]) for name in ("counted", "postponed", "undone", "undone-off", "off", "calendar", "plain")
    )
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


class _Look(NamedTuple):
    """What a single word says, whatever stands around it."""

    facets: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    ordinal: int
    stem: str
    """The word as a telling word; empty where it is grammar, a day or a month."""
    calendar: bool
    put_off: bool
    """Whether it says so alone ("postponed")."""
    is_off: bool
    """Whether it may say so with the word before ("called off")."""


# The words of a language repeat: after some thousand articles nearly every word is known already.
@lru_cache(maxsize=65_536)
def _look(kind: str, token: str) -> _Look:
    listed = _words()
    table = _tables().get(kind, _Table({}, {}, {}))
    facets = [table.words[token]] if token in table.words else []
    facets += [facet for stem, facet in table.starts.get(token[:3], ()) if token.startswith(stem)]
    telling = len(token) >= LEAST_WORD and token not in listed.plain and token not in listed.calendar
    return _Look(
        tuple(facets),
        table.phrases.get(token, ()),
        listed.ordinals.get(token, 0),
        sys.intern(token[:STEM]) if telling else "",
        token in listed.calendar,
        token in listed.postponed or token in listed.undone,
        token in listed.off,
    )


def _begins(tokens: list[str], index: int, parts: tuple[str, ...]) -> bool:
    """Whether the phrase ``parts`` stands at ``index``; its last word may go on."""
    end = index + len(parts)
    return end <= len(tokens) and tokens[end - 1].startswith(parts[-1]) and tuple(tokens[index : end - 1]) == parts[:-1]


_RANKS: Mapping[str, Level] = {
    "who:leader": "leader",
    "who:foreign": "minister",
    "who:defence": "minister",
    "who:interior": "minister",
    "who:economy": "minister",
}


def marks_of(kind: str, report: Report) -> Marks:
    """Return the marks of a report of a step of type ``kind``."""
    return marks(kind, report.level, report.evidence.text, report.parties, report.published_at.year)


@lru_cache(maxsize=32_768)
def marks(kind: str, level: Level, text: str, parties: tuple[str, ...], year: int) -> Marks:
    """Return the marks of a report of a step of type ``kind`` from its words, published in ``year``."""
    raw = _TOKEN.findall(text)
    tokens = [token.lower() for token in raw]
    listed, countries = _words(), _countries()
    facets: set[str] = set()
    names: set[str] = set()
    places: set[str] = set()
    words: set[str] = set()
    put_off = False
    for index, token in enumerate(tokens):
        look = _look(kind, token)
        facets.update(look.facets)
        put_off = put_off or look.put_off
        if index and look.is_off and tokens[index - 1] in listed.undone_off:
            put_off = True
        if look.phrases:
            facets.update(facet for parts, facet in look.phrases if _begins(tokens, index, parts))
        if look.ordinal and not listed.counted.isdisjoint(tokens[index + 1 : index + 4]):
            facets.add(f"round:{look.ordinal}")
        if index and raw[index][0].isupper() and not look.calendar:
            name = token[:-2] if token.endswith(_POSSESSIVE) else token
            if name not in countries:
                names.add(name)
                if tokens[index - 1] in _AFTER_PLACE_WORD:
                    places.add(name)
        elif look.stem:
            words.add(look.stem)
    if kind == "talks":
        facets |= _ranks(facets, level, names, parties, year)
    dimensions = frozenset(facet.partition(":")[0] for facet in facets)
    return Marks(frozenset(facets), dimensions, frozenset(names), frozenset(places), frozenset(words), put_off)


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
