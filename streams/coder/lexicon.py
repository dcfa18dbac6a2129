"""One automaton over all words that the coder looks for: actors, offices and cues.

The text is folded (lower case, accents and punctuation away, letter for letter) and every pattern is
written between two blanks, so that the automaton itself checks the word boundaries and one pass over the
text, some microseconds long, finds everything. What a table says about letter case is checked on the text
as it stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.coder.tables import Entry, read_entries

_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


_UNSPLIT = dict(zip("ıİøØłŁđĐßæÆœəƏðþ", "iioollddsaaoeedt", strict=True))
"""Letters that Unicode does not split into a plain letter and a mark."""

Hit = tuple[int, int, Entry]


def fold(text: str) -> str:
    """Return ``text`` letter for letter in lower case without accents, all else turned to blanks."""
    if not text.isascii():
        for letter in {letter for letter in text if letter > "\x7f"}:
            text = text.replace(letter, _plain(letter))
    return text.translate(_ASCII)


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """Return one ASCII letter for ``letter`` (or itself where it has none), so that offsets stay."""
    if letter in _UNSPLIT:
        return _UNSPLIT[letter]
    base = unicodedata.normalize("NFKD", letter)[0]
    if base.isascii():
        return base
    return letter.lower()[0] if letter.isalnum() else " "


def _fits(entry: Entry, words: str) -> bool:
    """Whether ``words``, as they stand in the text, are written as the entry wants it."""
    if entry.case == "any":
        return True
    if entry.case == "exact":
        return words.isupper()
    return words[0].isupper() and (words.rfind(" ") < 0 or not words.islower())


class Lexicon:
    """All surfaces in one automaton."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        by_pattern: dict[str, list[Entry]] = {}
        for entry in entries:
            by_pattern.setdefault(_pattern(entry.surface), []).append(entry)
        self._entries: list[tuple[Entry, ...]] = [tuple(found) for found in by_pattern.values()]
        self._automaton = AhoCorasick(
            list(by_pattern), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    @classmethod
    def load(cls, cues: Iterable[tuple[str, object]] = ()) -> Lexicon:
        """Load the bundled tables; ``cues`` adds surfaces of other tables, each with its own payload.

        A cue matches whole words in any case; with a ``*`` at its end it matches the beginning of a
        word ("normali*").
        """
        entries = list(read_entries())
        entries += [Entry(surface, "cue", "cue", payload=payload) for surface, payload in cues]
        return cls(entries)

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries, in no particular order."""
        return (entry for found in self._entries for entry in found)

    def scan(self, text: str) -> list[Hit]:
        """Return every (start, end, entry) found in ``text``, overlapping ones too, by their ends."""
        hits: list[Hit] = []
        haystack = f" {fold(text)} "
        entries = self._entries
        for index, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
            stop = end - 2 if haystack[end - 1] == " " else haystack.index(" ", end) - 1
            for entry in entries[index]:
                if entry.case == "any" or _fits(entry, text[start:stop]):
                    hits.append((start, stop, entry))  # noqa: PERF401 - the loop is nested and hot
        return hits


def longest(hits: Sequence[Hit], layers: frozenset[str]) -> list[list[Hit]]:
    """Return the hits of ``layers`` leftmost-longest, those of one span (ambiguous ones) together."""
    ordered = sorted((hit for hit in hits if hit[2].layer in layers), key=lambda hit: (hit[0], -hit[1]))
    groups: list[list[Hit]] = []
    reached = 0
    for hit in ordered:
        if hit[0] >= reached:
            groups.append([hit])
            reached = hit[1]
        elif hit[0] == groups[-1][0][0] and hit[1] == reached:
            groups[-1].append(hit)
    return groups


def _pattern(surface: str) -> str:
    if surface.endswith("*"):
        return f" {fold(surface[:-1]).strip()}"
    return f" {fold(surface).strip()} "
