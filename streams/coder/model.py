"""The values that the coder's steps hand to one another.

All spans inside the coder are offsets into ``Document.clean``, which begins with the title as a sentence of
its own; ``Document.origin`` leads from there back to the article's text as published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from streams.records import Basis, EventType, Level, StanceValue, Status
from streams.watches.model import Watch

if TYPE_CHECKING:
    from streams.coder.view import View

ActorForm = Literal["name", "demonym", "capital", "person", "office", "pronoun", "body"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its span in ``Document.clean`` and the paragraph that it stands in (title: -1)."""

    index: int
    start: int
    end: int
    paragraph: int

    @property
    def is_title(self) -> bool:
        """Whether this is the title, which can carry a decision but no evidence."""
        return self.paragraph < 0


@dataclass(frozen=True, slots=True)
class Document:
    """An article made ready for coding.

    ``clean`` is the title, a blank line and the cleaned text; ``origin[i]`` is the index in ``text`` of
    ``clean[i]``, or -1 where the character stands in the title or was put in by cleaning.
    """

    title: str
    text: str
    published: dt.datetime
    clean: str
    origin: Sequence[int]
    sentences: tuple[Sentence, ...]
    language: str = "en"

    def words(self, sentence: Sentence) -> str:
        """Return the sentence's cleaned text."""
        return self.clean[sentence.start : sentence.end]

    def sentence_at(self, position: int) -> Sentence:
        """Return the sentence that holds ``position`` of ``clean``, or the nearest one before it."""
        low, high = 0, len(self.sentences) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.sentences[middle].start <= position:
                low = middle
            else:
                high = middle - 1
        return self.sentences[low]


@dataclass(frozen=True, slots=True)
class ActorMention:
    """One place where an actor is named, meant or carried: a span of ``Document.clean``.

    ``attributive`` marks a demonym or name before a noun that is not the government ("Syrian refugees");
    such a mention says what the text is about but names nobody who acts.
    """

    start: int
    end: int
    code: str
    form: ActorForm
    sentence: int
    level: Level = "unknown"
    attributive: bool = False


@dataclass(frozen=True, slots=True)
class Actors:
    """All actor mentions of a document in order, and who speaks in each sentence (None: the reporter)."""

    mentions: tuple[ActorMention, ...]
    speakers: tuple[str | None, ...]

    def codes(self) -> frozenset[str]:
        """Return the codes of all actors found."""
        return frozenset(mention.code for mention in self.mentions)

    def in_sentence(self, index: int) -> tuple[ActorMention, ...]:
        """Return the mentions of one sentence."""
        return tuple(mention for mention in self.mentions if mention.sentence == index)


@dataclass(frozen=True, slots=True)
class ReadStance:
    """A reader's view of one holder: a probability for each stance (the rest is "none").

    ``quotes`` says by sentence how much it speaks for favor, against and conditional, as logits, where the reader
    weighs sentences.
    """

    holder: str
    probabilities: Mapping[StanceValue, float]
    sentence: int
    basis: Basis = "self"
    reasons: tuple[str, ...] = ()
    quotes: Mapping[int, Sequence[float]] = field(default_factory=dict)
    places: Mapping[StanceValue, int] = field(default_factory=dict)
    """The sentences that show single stances, where they are not ``sentence``."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence that may tell a step: how likely it does, and of which status the step would be there."""

    sentence: int
    probability: float
    status: Mapping[Status, float]


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A reader's view of one step in one sentence.

    ``partners`` are the actors on the other side where the watch has only one; empty for pairs. ``anchor``
    is the span of the words that tell the step, where the reader knows them.
    """

    type: EventType
    sentence: int
    probability: float
    status: Mapping[Status, float]
    partners: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    anchor: tuple[int, int] | None = None
    tellings: tuple[Telling, ...] = ()
    """Other sentences that may tell this very step: a reader that finds it twice shows but one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one document on one watch."""

    watch: Watch
    stances: tuple[ReadStance, ...] = ()
    steps: tuple[ReadStep, ...] = ()
    notes: Mapping[str, float] = field(default_factory=dict)


class Reader(Protocol):
    """Reads a document for the watches that its actors touch."""

    name: str

    def read(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Reading]:
        """Return one reading for each of ``watches``, in their order.

        ``views`` are the document's sentences as ``make_views`` shows them, where the caller has them already:
        what is worked out on a sentence is kept with its view.
        """
        ...
