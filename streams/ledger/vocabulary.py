"""What single words say of a step, looked up once each: facets, names, telling words.

Facets are bits of one number, so that a text's facets are gathered with ``|`` and compared with ``&``. Each
type of step has its own; the rounds ("the third meeting") are shared.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import msgspec

from streams.ledger.persons import Office, offices_of

STEM = 6  # letters: "reopened" and "reopening" are one word, "minister" and "ministry" too
LEAST_WORD = 5  # letters of a telling word; shorter ones are mostly grammar
MOST_LOOKS = 32_768  # words remembered; a language's common words are fewer, the rest are names that come and go
NEXT = 2  # letters by which the second word of a phrase is looked up; no such word is shorter

TOKEN = re.compile("[^\\W_]+(?:[\u2019'-][^\\W_]+)*")
RANKS = ("leader", "minister", "official")
_POSSESSIVE = ("'s", "\u2019s")
_ROUND = "round"
NO_WORD = 0  # the number of no word

Phrase = tuple[tuple[str, ...], int]


class Listed(NamedTuple):
    """The word lists of ``words.tsv``."""

    ordinals: Mapping[str, int]
    counted: frozenset[str]
    postponed: frozenset[str]
    undone: frozenset[str]
    undone_off: frozenset[str]
    off: frozenset[str]
    calendar: frozenset[str]
    plain: frozenset[str]


@lru_cache(maxsize=1)
def listed() -> Listed:
    """Return the word lists."""
    text = resources.files("streams.ledger.data").joinpath("words.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    lists = {name: words.split() for name, words in rows}
    ordinals = {
        word: number for name in ("ordinals", "ordinals-short") for number, word in enumerate(lists[name], start=2)
    }
    sets = (
        frozenset(lists[name]) for name in ("counted", "postponed", "undone", "undone-off", "off", "calendar", "plain")
    )
    return Listed(ordinals, *sets)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Return the words of the names of actors and their people: they say whose step it is, which is known."""
    text = resources.files("streams.coder.data").joinpath("actors.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    kinds = ("name", "demonym", "people")
    return frozenset(word for row in rows if row[1] in kinds for word in TOKEN.findall(row[2].lower()))


class _Table(NamedTuple):
    """The table of facets: words, stems by their first three letters, phrases by their first word."""

    words: Mapping[str, int]
    starts: Mapping[str, tuple[tuple[str, int], ...]]
    phrases: Mapping[str, tuple[Phrase, ...]]
    bits: Mapping[tuple[str, str], int]
    """By type (empty: all) and ``dimension:value``."""


@lru_cache(maxsize=1)
def _table() -> _Table:
    words: dict[str, int] = {}
    starts: dict[str, list[tuple[str, int]]] = {}
    phrases: dict[str, list[Phrase]] = {}
    bits: dict[tuple[str, str], int] = {}
    for number in sorted(set(listed().ordinals.values())):
        bits["", f"{_ROUND}:{number}"] = 1 << len(bits)
    for rank in RANKS:
        bits["talks", f"rank:{rank}"] = 1 << len(bits)
    text = resources.files("streams.ledger.data").joinpath("facets.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        kind, dimension, value, entries = line.split("\t")
        kind = kind.strip("*")
        bit = bits.setdefault((kind, f"{dimension}:{value}"), 1 << len(bits))
        for entry in entries.split(","):
            parts = tuple(TOKEN.findall(entry.rstrip("*")))
            if len(parts) > 1:
                phrases.setdefault(parts[0], []).append((parts, bit))
            elif entry.endswith("*"):
                starts.setdefault(entry[:3], []).append((entry[:-1], bit))
            else:
                words[entry] = words.get(entry, 0) | bit
    return _Table(
        words,
        {key: tuple(value) for key, value in starts.items()},
        {key: tuple(value) for key, value in phrases.items()},
        bits,
    )


@lru_cache(maxsize=1024)
def facet(kind: str, name: str) -> int:
    """Return the bit of a facet (``who:leader``) of a type of step; 0 where the type has none of that name."""
    bits = _table().bits
    return bits.get((kind, name), 0) or bits.get(("", name), 0)


@lru_cache(maxsize=64)
def facets_of(kind: str) -> int:
    """Return all bits of a type of step."""
    return sum(bit for (own, _), bit in _table().bits.items() if own in (kind, ""))


@lru_cache(maxsize=64)
def dimensions(kind: str) -> tuple[tuple[str, int], ...]:
    """Return the dimensions of a type's facets in order of their names, each with its bits."""
    found: dict[str, int] = {}
    for (own, name), bit in _table().bits.items():
        if own in (kind, ""):
            dimension = name.partition(":")[0]
            found[dimension] = found.get(dimension, 0) | bit
    return tuple(sorted(found.items()))


def values(kind: str, dimension: str) -> list[str]:
    """Return the values that a dimension of a type's facets has."""
    names = (name.partition(":") for own, name in _table().bits if own == kind)
    return [value for found, _, value in names if found == dimension]


class Rare(NamedTuple):
    """What few words say: the start of a phrase, an ordinal, that a step is put off, a known person's name."""

    phrases: Mapping[str, tuple[Phrase, ...]]
    """By the first two letters of the word that follows."""
    ordinal: int
    """The bit of the round."""
    put_off: bool
    """Whether it says so alone ("postponed")."""
    is_off: bool
    """Whether it may say so with the word before ("called off")."""
    offices: tuple[Office, ...]


def number_of(word: str) -> int:
    """Return the number that stands for a word in memory, where it takes four bytes.

    Of a language's hundred thousand words about one has the number of another, which then counts as the same.
    """
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) if word else NO_WORD


class Look(msgspec.Struct, frozen=True, gc=False, eq=False):
    """What a word says, as it stands in a text with its punctuation, whatever stands around it."""

    small: str
    """The word in small letters, without punctuation; empty where there is none, or more than one."""
    stem: int = NO_WORD
    """The word as a telling word; none for grammar, days and months, and capitals."""
    special: bool = True
    """Whether there is more to it than its stem."""
    facets: int = 0
    name: int = NO_WORD
    """The word as a name, small and without a possessive; none for words in small letters and for countries."""
    rare: Rare | None = None


class Looks(dict[str, Look]):
    """The words met so far; the first word of a text is to be looked up in small letters."""

    def __missing__(self, piece: str) -> Look:
        """Look a new word up in the lists."""
        if len(self) >= MOST_LOOKS:
            self.clear()
        tokens = TOKEN.findall(piece)
        found = self[piece] = _look(tokens[0]) if len(tokens) == 1 else ODD
        return found


ODD = Look("")
"""What stands between spaces and is no word, or several of them."""


def _look(token: str) -> Look:
    words, table, small = listed(), _table(), token.lower()
    found = table.words.get(small, 0)
    for stem, bit in table.starts.get(small[:3], ()):
        if small.startswith(stem):
            found |= bit
    calendar = small in words.calendar
    capital = token[0].isupper() and not calendar
    telling = not capital and len(small) >= LEAST_WORD and small not in words.plain and not calendar
    name = _name(small) if capital else ""
    rare = Rare(
        _by_next(table.phrases.get(small, ())),
        facet("", f"{_ROUND}:{words.ordinals[small]}") if small in words.ordinals else 0,
        small in words.postponed or small in words.undone,
        small in words.off,
        offices_of(name) if name else (),
    )
    more = rare if any(rare) else None
    return Look(
        sys.intern(small),
        number_of(small[:STEM]) if telling else NO_WORD,
        bool(found or name or more),
        found,
        number_of(name),
        more,
    )


def _by_next(phrases: Iterable[Phrase]) -> Mapping[str, tuple[Phrase, ...]]:
    found: dict[str, tuple[Phrase, ...]] = {}
    for phrase in phrases:
        key = phrase[0][1][:NEXT]
        found[key] = (*found.get(key, ()), phrase)
    return found


def _name(small: str) -> str:
    name = small[:-2] if small.endswith(_POSSESSIVE) else small
    return "" if name in _countries() else name


LOOKS = Looks()
