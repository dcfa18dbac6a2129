"""Marks: what the words of a report say about which step it is, beyond type, parties and date.

Facets come from a table (who met, what was reopened); names and telling words come from the text itself.
Nothing here knows any country or person.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from streams.ledger.persons import Office
from streams.ledger.vocabulary import LOOKS, TOKEN, Rare, dimensions, facet, facets_of, listed, values
from streams.records import Level, Report

_AFTER_PLACE_WORD = frozenset(("in", "at", "to"))
_RANK_OF_WHO: dict[str, Level] = {
    "leader": "leader",
    "foreign": "minister",
    "defence": "minister",
    "interior": "minister",
    "economy": "minister",
}
"""Those who meet and are no officials."""


class Marks(NamedTuple):
    """What the words of one report tell of its step."""

    facets: int
    """Bits of the facets (``vocabulary.facet``)."""
    names: frozenset[str]
    """Names in the words, without those of the calendar."""
    places: frozenset[str]
    words: frozenset[str]
    """Telling words, cut to their stems."""
    postponed: bool
    """Whether a step is said to be put off or called off: then one had been planned."""


class Summary(NamedTuple):
    """The marks of several reports of one event, in the form that takes least memory."""

    facets: tuple[int, ...]
    """The facets of each report that has any."""
    names: tuple[str, ...]
    places: tuple[str, ...]
    words: tuple[str, ...]

    def plus(self, one: Marks) -> Summary:
        """Return the summary with one report more."""
        return Summary(
            (*self.facets, one.facets) if one.facets else self.facets,
            (*self.names, *one.names.difference(self.names)),
            (*self.places, *one.places.difference(self.places)),
            (*self.words, *one.words.difference(self.words)),
        )


NONE = Summary((), (), (), ())


def summarize(several: Iterable[Marks]) -> Summary:
    """Return what several reports have in all."""
    found = NONE
    for one in several:
        found = found.plus(one)
    return found


def marks_of(kind: str, report: Report) -> Marks:
    """Return the marks of a report of a step of type ``kind``."""
    return marks(kind, report.level, report.evidence.text, report.parties, report.published_at.year)


class _Rest:
    """What the few words that say more add to the marks of a text."""

    __slots__ = ("facets", "offices", "postponed", "small")

    def __init__(self, raw: list[str]) -> None:
        self.small = [token.lower() for token in raw]
        self.facets = 0
        self.postponed = False
        self.offices: list[Office] = []

    def take(self, rare: Rare, index: int) -> None:
        small = self.small
        self.postponed |= rare.put_off or (rare.is_off and index > 0 and small[index - 1] in listed().undone_off)
        for parts, bit in rare.phrases:
            if _begins(small, index, parts):
                self.facets |= bit
        if rare.ordinal and not listed().counted.isdisjoint(small[index + 1 : index + 4]):
            self.facets |= rare.ordinal
        self.offices += rare.offices


# The same words come back at once, as a report and as a part of its event, and in copies of one text.
@lru_cache(maxsize=2048)
def marks(kind: str, level: Level, text: str, parties: tuple[str, ...], year: int) -> Marks:
    """Return the marks of a report of a step of type ``kind`` from its words, published in ``year``."""
    raw = TOKEN.findall(text)
    if raw:
        raw[0] = raw[0].lower()  # a sentence's first word has its capital for another reason
    found = 0
    names: list[str] = []
    places: list[str] = []
    words: list[str] = []
    rest: _Rest | None = None
    before = ""
    for index, token in enumerate(raw):
        facets, stem, name, rare = LOOKS[token]
        found |= facets
        if stem:
            words.append(stem)
        elif name:
            names.append(name)
            if before.lower() in _AFTER_PLACE_WORD:
                places.append(name)
        if rare is not None:
            rest = rest or _Rest(raw)
            rest.take(rare, index)
        before = token
    found = (found | rest.facets if rest else found) & facets_of(kind)
    if kind == "talks":
        found |= _ranks(found, level, rest.offices if rest else (), parties, year)
    postponed = rest is not None and rest.postponed
    return Marks(found, frozenset(names), frozenset(places), frozenset(words), postponed)


def _begins(tokens: list[str], index: int, parts: tuple[str, ...]) -> bool:
    """Whether the phrase ``parts`` stands at ``index``; its last word may go on."""
    end = index + len(parts)
    return end <= len(tokens) and tokens[end - 1].startswith(parts[-1]) and tuple(tokens[index : end - 1]) == parts[:-1]


@lru_cache(maxsize=1)
def _who() -> tuple[tuple[int, int], ...]:
    """Return the bits of those who may hold talks, each with the bit of their rank."""
    ranks = {value: facet("talks", f"rank:{_RANK_OF_WHO.get(value, 'official')}") for value in values("talks", "who")}
    return tuple((facet("talks", f"who:{value}"), rank) for value, rank in ranks.items())


def _ranks(facets: int, level: Level, offices: Iterable[Office], parties: tuple[str, ...], year: int) -> int:
    """Return who met as ranks, from offices, from names and, where neither tells, from the coder's level."""
    found = 0
    for who, rank in _who():
        if facets & who:
            found |= rank
    named = {one.level for one in offices if one.code in parties and one.since <= year <= one.until}
    named.discard("unknown")
    if not found and named == {"leader"}:
        return facet("talks", "rank:leader") | facet("talks", "who:leader")
    for one in named:
        found |= facet("talks", f"rank:{one}")
    if not found and level != "unknown":
        found = facet("talks", f"rank:{level}")
    return found


def agreement(kind: str, mine: int, theirs: Summary) -> list[tuple[str, float]]:
    """Return for each dimension that both have the share of their reports that agree with ``mine``."""
    found = []
    for dimension, bits in dimensions(kind):
        own = mine & bits
        if own:
            others = [one for one in theirs.facets if one & bits]
            if others:
                found.append((dimension, sum(1 for one in others if one & own) / len(others)))
    return found
