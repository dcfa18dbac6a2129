"""The words of diplomacy: what they are, and where they stand in a document.

``data/cues.tsv`` holds every word that the gate and the rules look for; this module writes out the forms of
its verbs and nouns, gives them to the lexicon's automaton and sorts what the automaton finds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

from streams.coder.lexicon import Hit, Lexicon
from streams.coder.model import Document
from streams.errors import DetenteError

Form = Literal["base", "s", "past", "ing", "fixed"]
KINDS = frozenset(
    (
        *("step", "noun", "act", "bare", "stance", "status", "neg", "pair", "host", "other", "topic", "clause", "mask"),
        *("harm", "sport"),
    )
)
MONTHS = frozenset({"May", "March"})
"""Months that, but for their capital, would be cues."""
MAX_CUES = 200
"""Cues that are kept of one sentence. The longest sentences of news have some sixty; what has more is a table or
text without full stops, and the rules' work grows with the square of the cues."""
COLUMNS = 4
"""Kind, value, surfaces and, where it is not 1, the weight."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One surface with what it is a sign of, in which form of its verb, and how strong a sign it is."""

    kind: str
    value: str
    surface: str
    form: Form = "fixed"
    weight: float = 1.0

    @property
    def id(self) -> str:
        """The name under which reasons mention the cue."""
        return f"{self.kind}.{self.value}:{self.surface}"


@dataclass(frozen=True, slots=True)
class CueHit:
    """A cue at its place in ``Document.clean``."""

    start: int
    end: int
    cue: Cue


@dataclass(frozen=True)
class CueIndex:
    """All cues of a document, by sentence."""

    by_sentence: Sequence[Sequence[CueHit]]

    def of(self, sentence: int, kind: str, value: str | None = None) -> list[CueHit]:
        """Return the hits of ``kind`` (and ``value``) in one sentence, in order."""
        return [
            hit
            for hit in self.by_sentence[sentence]
            if hit.cue.kind == kind and (value is None or hit.cue.value == value)
        ]

    def count(self, kind: str) -> int:
        """Return how many hits of ``kind`` the document has."""
        return sum(hit.cue.kind == kind for hits in self.by_sentence for hit in hits)


@lru_cache(maxsize=1)
def load_cues() -> tuple[Cue, ...]:
    """Return all cues of the bundled table with their forms written out."""
    text = resources.files("streams.coder.data").joinpath("cues.tsv").read_text(encoding="utf-8")
    return parse_cues(text)


def parse_cues(text: str) -> tuple[Cue, ...]:
    """Read a table of cues; raises ``DetenteError`` naming the line that cannot be read."""
    rows = list(_rows(text))
    verbs = {row[1]: tuple(row[2].split("|")) for row in rows if row[0] == "verb"}
    found: dict[tuple[str, str, str, Form], Cue] = {}
    for kind, value, surfaces, weight in rows:
        if kind == "verb":
            continue
        for surface in surfaces.split("|"):
            for written, form in _forms(surface.strip(), verbs):
                key = (kind, value, written, form)
                if key not in found:
                    found[key] = Cue(kind, value, written, form, weight)
    return tuple(found.values())


def cue_surfaces() -> Iterator[tuple[str, object]]:
    """Return each cue with its surface, as :meth:`Lexicon.load` takes them."""
    return ((cue.surface, cue) for cue in load_cues())


def _rows(text: str) -> Iterator[tuple[str, str, str, float]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not COLUMNS - 1 <= len(cells) <= COLUMNS or cells[0] not in KINDS | {"verb"}:
            raise DetenteError(f"cues.tsv:{number}: not a row of kind, value, surfaces and weight")
        yield cells[0], cells[1], cells[2], float(cells[3]) if len(cells) == COLUMNS else 1.0


def _forms(surface: str, verbs: Mapping[str, tuple[str, ...]]) -> list[tuple[str, Form]]:
    """Write out ``*`` (all forms of the verb before it) and ``%`` (the plural of the noun before it)."""
    if "*" in surface:
        verb, _, rest = surface.partition("*")
        head, _, base = verb.rpartition(" ")
        head = head + " " if head else ""
        return [(head + form + rest, kind) for form, kind in _verb_forms(base, verbs)]
    if surface.endswith("%"):
        noun = surface[:-1]
        return [(noun, "fixed"), (_plural(noun), "fixed")]
    return [(surface, "fixed")]


def _verb_forms(base: str, verbs: Mapping[str, tuple[str, ...]]) -> list[tuple[str, Form]]:
    if base in verbs:
        third, past, participle, ing = verbs[base]
        return [(base, "base"), (third, "s"), (past, "past"), (participle, "past"), (ing, "ing")]
    stem = base.removesuffix("e")
    if base.endswith("y") and base[-2] not in "aeiou":
        return [(base, "base"), (base[:-1] + "ies", "s"), (base[:-1] + "ied", "past"), (base + "ing", "ing")]
    return [(base, "base"), (_plural(base), "s"), (stem + "ed", "past"), (stem + "ing", "ing")]


def _plural(noun: str) -> str:
    if noun.endswith(("s", "sh", "ch", "x", "z")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def index_cues(document: Document, hits: Sequence[Hit]) -> CueIndex:
    """Sort the lexicon's hits on ``document.clean``: the cues by sentence, without those under a mask."""
    cues = [CueHit(start, end, entry.payload) for start, end, entry in hits if isinstance(entry.payload, Cue)]
    cues.sort(key=lambda hit: (hit.start, -hit.end, -hit.cue.weight))
    masks = [(hit.start, hit.end) for hit in cues if hit.cue.kind == "mask"]
    by_sentence: list[list[CueHit]] = [[] for _ in document.sentences]
    starts = [sentence.start for sentence in document.sentences]
    reached: dict[tuple[str, str], int] = {}
    for hit in cues:
        cue = hit.cue
        if cue.kind == "mask" or (masks and _masked(hit, masks)) or document.clean[hit.start : hit.end] in MONTHS:
            continue
        place = bisect_right(starts, hit.start) - 1
        key = (cue.kind, cue.value)
        # The longest cue of a kind and value stands for those within it.
        if place < 0 or hit.end <= reached.get(key, -1):
            continue
        reached[key] = hit.end
        if len(by_sentence[place]) < MAX_CUES:
            by_sentence[place].append(hit)
    return CueIndex(by_sentence)


def _masked(hit: CueHit, masks: Sequence[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in masks)


class CueScanner:
    """Finds the cues of a document with the lexicon's automaton; remembers the last document."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._last: tuple[Document, CueIndex] | None = None

    def scan(self, document: Document) -> CueIndex:
        """Return the cues of ``document``; reader and steps ask for the same document one after the other."""
        if self._last is None or self._last[0] is not document:
            self._last = (document, index_cues(document, self._lexicon.scan(document.clean)))
        return self._last[1]
