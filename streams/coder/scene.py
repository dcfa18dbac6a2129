"""The tokens that the binding rules go by: what the automaton found, sentence by sentence."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from streams.coder.lexicon import Hit, longest
from streams.coder.model import ActorForm, Document
from streams.coder.tables import Entry
from streams.records import Level

LAYERS = frozenset({"actor", "office", "word"})
FORMS: dict[str, ActorForm] = {
    "name": "name",
    "demonym": "demonym",
    "people": "demonym",
    "capital": "capital",
    "body": "body",
    "party": "body",
    "ngo": "body",
    "person": "person",
    "surname": "person",
    "default": "office",
}


@dataclass(slots=True)
class Token:
    """One thing that the automaton found: its span, its entries (several: ambiguous), its sentence."""

    start: int
    end: int
    entries: tuple[Entry, ...]
    sentence: int

    @property
    def entry(self) -> Entry:
        """The first entry."""
        return self.entries[0]

    @property
    def noun(self) -> Entry:
        """The entry that counts behind a country: "Security Council" is an office there, not the UN's."""
        return next((entry for entry in self.entries if entry.layer == "office"), self.entries[0])


@dataclass(slots=True)
class Found:
    """A mention in the making."""

    start: int
    end: int
    code: str
    form: ActorForm
    sentence: int
    level: Level = "unknown"
    attributive: bool = False
    office: str = ""
    """The office or body named in it ("foreign minister"), for offices that come back alone."""
    plural: bool = False


@dataclass
class Scene:
    """A document with its tokens and what is bound in it so far."""

    document: Document
    tokens: list[Token]
    day: dt.date
    home: str = ""
    """The state in whose capital the article was written, where its dateline says so."""
    found: list[Found] = field(default_factory=list)
    by_sentence: dict[int, list[Found]] = field(default_factory=dict)
    """The mentions of each sentence, so that no look around goes through a whole book."""
    names: dict[str, tuple[str, Level]] = field(default_factory=dict)
    """Names bound inside the document: a surname or full name to its code and level."""
    used: set[int] = field(default_factory=set)
    """Indexes of tokens that are part of a mention already."""
    context: Counter[str] = field(default_factory=Counter)
    """How often each code is named by words that leave no doubt."""

    @property
    def text(self) -> str:
        """The text that all spans lead into."""
        return self.document.clean

    def add(self, found: Found) -> None:
        """Add a mention."""
        self.found.append(found)
        self.by_sentence.setdefault(found.sentence, []).append(found)

    def covered(self, start: int, end: int) -> bool:
        """Whether a mention lies over the span."""
        sentence = self.document.sentence_at(start).index
        return any(one.start < end and start < one.end for one in self.by_sentence.get(sentence, ()))

    def place(self, position: int) -> int:
        """Return the index of the first token that begins at ``position`` or later."""
        return bisect_left(self._starts, position)

    def at(self, position: int) -> Token | None:
        """Return the token that begins at ``position``, if any."""
        place = self.place(position)
        if place < len(self.tokens) and self.tokens[place].start == position:
            return self.tokens[place]
        return None

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self.tokens]


def set_scene(document: Document, hits: Sequence[Hit]) -> Scene:
    """Return the scene of ``document``: its hits leftmost-longest, each with its sentence."""
    sentences = document.sentences
    tokens: list[Token] = []
    at, last = 0, len(sentences) - 1
    for group in longest(hits, LAYERS):
        start, end, _ = group[0]
        if document.clean[end - 2 : end - 1] == "." == document.clean[end : end + 1]:
            end += 1  # the last point of "U.N."
        while at < last and sentences[at + 1].start <= start:
            at += 1
        entries = tuple(hit[2] for hit in group)
        if len(entries) > 1:
            entries = tuple(sorted(entries, key=lambda entry: entry.kind == "default"))
        tokens.append(Token(start, end, entries, at))
    return Scene(document, tokens, document.published.date(), context=_context(tokens, document.published.date()))


def _context(tokens: Sequence[Token], day: dt.date) -> Counter[str]:
    counts: Counter[str] = Counter()
    for token in tokens:
        first = token.entries[0]
        if first.layer != "actor" or first.flags or first.kind in {"surname", "default"}:
            continue
        codes = {entry.code for entry in token.entries if entry.layer == "actor" and entry.valid(day)}
        if len(codes) == 1:
            counts.update(codes)
    counts.pop("", None)
    return counts
