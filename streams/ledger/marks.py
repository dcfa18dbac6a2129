"""Marks: what the words of a report say about which step it is, beyond type, parties and date.

Facets come from a table (who met, what was reopened); names and telling words come from the text itself.
Nothing here knows any country or person.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Literal

import msgspec

from streams.ledger.persons import Office
from streams.ledger.vocabulary import LOOKS, NEXT, NO_WORD, ODD, TOKEN, Look, Rare, facet, facets_of, listed, values
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


NUMBER: Literal["I"] = "I"  # four bytes, as ``number_of`` needs
HEAD = 3  # numbers before the words of a packed summary: how many names and places there are, and whether put off


class Marks(msgspec.Struct, frozen=True, gc=False):
    """What the words of one report tell of its step; words as numbers (``vocabulary.number_of``)."""

    facets: int
    """Bits of the facets (``vocabulary.facet``)."""
    names: frozenset[int]
    """Names in the words, without those of the calendar."""
    places: frozenset[int]
    words: frozenset[int]
    """Telling words, cut to their stems."""
    postponed: bool
    """Whether a step is said to be put off or called off: then one had been planned."""


class Summary(msgspec.Struct, gc=False):
    """The marks of several reports of one event."""

    facets: tuple[int, ...]
    """The facets of each report that has any, in order, so that those of many events are the same."""
    names: Collection[int]
    places: Collection[int]
    words: Collection[int]
    postponed: bool = False
    """Whether any of them says that the step is put off, which is more than that it is refused."""

    def plus(self, one: Marks) -> Summary:
        """Return the summary with one report more."""
        facets, names, places, words = self.facets, self.names, self.places, self.words
        if isinstance(names, set) and isinstance(places, set) and isinstance(words, set):
            if one.facets:
                self.facets = tuple(sorted((*facets, one.facets)))
            names |= one.names
            places |= one.places
            words |= one.words
            self.postponed = self.postponed or one.postponed
            return self
        return Summary(facets, set(names), set(places), set(words), self.postponed).plus(one)

    def packed(self) -> bytes:
        """Return all but the facets in the form that takes least memory."""
        sizes = (len(self.names), len(self.places), int(self.postponed))
        return array(NUMBER, (*sizes, *self.names, *self.places, *self.words)).tobytes()


def unpacked(facets: tuple[int, ...], data: bytes) -> Summary:
    """Return a summary that was packed; its words are fit to be compared, and copied once one is to be added."""
    numbers = memoryview(data).cast(NUMBER)
    names = HEAD + numbers[0]
    places = names + numbers[1]
    return Summary(facets, numbers[HEAD:names], numbers[names:places], numbers[places:], bool(numbers[2]))


# A few thousand combinations of facets are those of a hundred thousand events.
@lru_cache(maxsize=65_536)
def one_tuple(facets: tuple[int, ...]) -> tuple[int, ...]:
    """Return one and the same tuple for equal ones."""
    return facets


def summarize(several: Iterable[Marks]) -> Summary:
    """Return what several reports have in all."""
    found = Summary((), set(), set(), set())
    for one in several:
        found.plus(one)
    return found


def marks_of(kind: str, report: Report) -> Marks:
    """Return the marks of a report of a step of type ``kind``."""
    return marks(kind, report.level, report.evidence.text, report.parties, report.published_at.year)


# The same words come back at once, as a report and as a part of its event, and in copies of one text.
@lru_cache(maxsize=1024)
def marks(kind: str, level: Level, text: str, parties: tuple[str, ...], year: int) -> Marks:
    """Return the marks of a report of a step of type ``kind`` from its words, published in ``year``."""
    looks = _looks(text.split())
    if ODD in looks:
        looks = _looks(TOKEN.findall(text))
    found = 0
    names: list[int] = []
    places: list[int] = []
    rare: list[tuple[int, Rare]] = []
    for index in [index for index, look in enumerate(looks) if look.special]:
        look = looks[index]
        found |= look.facets
        if look.name:
            names.append(look.name)
            if looks[index - 1].small in _AFTER_PLACE_WORD:
                places.append(look.name)
        if look.rare is not None:
            rare.append((index, look.rare))
    words = {look.stem for look in looks}
    words.discard(NO_WORD)
    postponed = False
    if rare:
        more, postponed = _rest(looks, rare)
        found |= more
    found &= facets_of(kind)
    if kind == "talks":
        offices = [office for _, one in rare for office in one.offices]
        found |= _ranks(found, level, offices, parties, year)
    return Marks(found, frozenset(names), frozenset(places), frozenset(words), postponed)


def _looks(pieces: list[str]) -> list[Look]:
    """Return what the words of a text say, each by itself."""
    if pieces:
        pieces[0] = pieces[0].lower()  # a sentence's first word has its capital for another reason
    return list(map(LOOKS.__getitem__, pieces))


def _rest(looks: list[Look], rare: Iterable[tuple[int, Rare]]) -> tuple[int, bool]:
    """Return the facets that words have together, and whether they say that a step is put off."""
    found, postponed = 0, False
    for index, more in rare:
        if more.put_off or (more.is_off and index and looks[index - 1].small in listed().undone_off):
            postponed = True
        if more.phrases and index + 1 < len(looks):
            second = looks[index + 1].small
            for parts, bit in more.phrases.get(second[:NEXT], ()):
                if second.startswith(parts[1]) if len(parts) == 2 else _begins(looks, index, parts):
                    found |= bit
        if more.ordinal:
            following = (look.small for look in looks[index + 1 : index + 4])
            if not listed().counted.isdisjoint(following):
                found |= more.ordinal
    return found, postponed


def _begins(looks: list[Look], index: int, parts: tuple[str, ...]) -> bool:
    """Whether the phrase ``parts`` stands at ``index``; its last word may go on."""
    end = index + len(parts)
    if end > len(looks) or not looks[end - 1].small.startswith(parts[-1]):
        return False
    return all(looks[at].small == part for at, part in enumerate(parts[1:-1], index + 1))


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
