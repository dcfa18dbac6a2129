"""Marks: what the words of a report say about which step it is, beyond type, parties and date.

Facets come from a table (who met, what was reopened); names and telling words come from the text itself.
Nothing here knows any country or person.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from streams.ledger.persons import Office
from streams.ledger.vocabulary import LOOKS, NEXT, TOKEN, Rare, facet, facets_of, listed, values
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
    rare: list[tuple[int, Rare]] = []
    for index, token in enumerate(raw):
        facets, stem, name, more = LOOKS[token]
        found |= facets
        if stem:
            words.append(stem)
        elif name:
            names.append(name)
            if raw[index - 1].lower() in _AFTER_PLACE_WORD:
                places.append(name)
        if more is not None:
            rare.append((index, more))
    more_facets, postponed = _rest(raw, rare)
    found = (found | more_facets) & facets_of(kind)
    if kind == "talks":
        offices = [office for _, one in rare for office in one.offices]
        found |= _ranks(found, level, offices, parties, year)
    return Marks(found, frozenset(names), frozenset(places), frozenset(words), postponed)


def _rest(raw: list[str], rare: Iterable[tuple[int, Rare]]) -> tuple[int, bool]:
    """Return the facets that words have together, and whether they say that a step is put off."""
    found, postponed = 0, False
    for index, more in rare:
        if more.put_off or (more.is_off and index and raw[index - 1].lower() in listed().undone_off):
            postponed = True
        if more.phrases and index + 1 < len(raw):
            for parts, bit in more.phrases.get(raw[index + 1][:NEXT].lower(), ()):
                if _begins(raw, index, parts):
                    found |= bit
        if more.ordinal and not listed().counted.isdisjoint(map(str.lower, raw[index + 1 : index + 4])):
            found |= more.ordinal
    return found, postponed


def _begins(raw: list[str], index: int, parts: tuple[str, ...]) -> bool:
    """Whether the phrase ``parts`` stands at ``index``; its last word may go on."""
    end = index + len(parts)
    if end > len(raw) or not raw[end - 1].lower().startswith(parts[-1]):
        return False
    return all(raw[at].lower() == part for at, part in enumerate(parts[1:-1], index + 1))


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
