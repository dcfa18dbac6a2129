"""The dates that a step can have, and what speaks for each: the candidates of ``streams.coder.date_choice``.

What speaks for a date are names; ``training/dates.py`` fits what each of them counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from streams.coder.date_book import DateBook, Reading
from streams.coder.date_phrases import Prefer
from streams.coder.dates import (
    BOUNDARY,
    Span,
    cost,
    gap,
    is_ahead,
    is_frame,
    is_spoken,
    spoken_verbs,
    step_date,
    tense_before,
)
from streams.coder.model import Sentence
from streams.coder.steps import Step
from streams.coder.triggers import COMBINATIONS
from streams.coder.view import Frame, View
from streams.records import Status

LETTERS = (10, 25, 50, 100)
"""Letters between a step and a date, or two words, at which the distance counts anew."""
NEIGHBOURS = 2
"""Sentences before and behind whose dates can be the step's, whatever they tell."""
STEM = 5
"""Letters by which a word is known again in another form: "visit", "visited"."""
MANY = 3
"""Dates, clauses and ranks beyond which more make no difference."""
EARLY = 4
"""Sentences from the start that have a place of their own: the lead and what follows at once."""
BEFORE = 20
"""Letters before a date in which its preposition stands."""

_AT_STEP = (
    ("had", re.compile(r"\bhad\b")),
    ("has", re.compile(r"\b(?:has|have)\b")),
    ("will", re.compile(r"\b(?:will|would|shall|could|may|might|to)\b")),
)
_WORD_BEFORE = re.compile(r"([A-Za-z]+)\W{1,2}(?:the\s|early\s|late\s)?\Z")
_PREPOSITIONS = frozenset(
    ("in", "on", "for", "by", "since", "until", "before", "after", "from", "during", "at", "of", "to", "and", "between")
)
_THINGS = {thing: kind for thing, _, kind in COMBINATIONS}
_SIDES: dict[Status, str] = {"occurred": "o", "planned": "p", "proposed": "p", "denied": "d"}
_PREFER: dict[str, Prefer | None] = {"o": "past", "p": "future", "d": None}
_CARRIED = frozenset({"definite", "had", "will", "has", "no anchor"})
"""What of a step's own words bears on the dates of other sentences."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that the step can have (None: none is told) and the names of what speaks for or against it."""

    date: str | None
    features: tuple[str, ...]
    own: bool = False
    """Whether the step's own sentence tells it."""


@dataclass(frozen=True)
class Scene:
    """What all candidates of one step share."""

    book: DateBook
    frame: Frame
    step: Step

    @cached_property
    def view(self) -> View:
        """The step's sentence."""
        return self.frame.views[self.step.sentence]

    @cached_property
    def side(self) -> str:
        """The status, plans and proposals as one: of single statuses there are few labels with some features."""
        return _SIDES[self.step.status]

    @cached_property
    def whole(self) -> bool:
        """Whether nobody knows which words tell the step."""
        return self.step.anchor == (self.view.sentence.start, self.view.sentence.end)

    @cached_property
    def anchor(self) -> Span:
        """Where the step stands: where it is not known, at the first word of diplomacy or at its partner."""
        if not self.whole:
            return self.step.anchor
        for hit in self.view.cues:
            if hit.cue.kind in ("step", "act", "noun"):
                return hit.start, hit.end
        partners = self.partners or set(self.step.parties)
        named = [(m.start, m.end) for m in self.view.mentions if m.code in partners]
        return named[0] if named else (self.view.sentence.start, self.view.sentence.start)

    @cached_property
    def partners(self) -> set[str]:
        """The step's parties but the watch's first side."""
        return set(self.step.parties) - {self.frame.watch.first}

    @cached_property
    def stem(self) -> str:
        """How the step's last long word begins, by which it is known again; "" where there is none."""
        if self.whole:
            return ""
        words = self.book.lower[slice(*self.step.anchor)].split()
        return next((word[:STEM] for word in reversed(words) if len(word) >= STEM), "")

    @cached_property
    def dated(self) -> int:
        """How many dates the step's sentence has, up to some."""
        return min(len({one.phrase.start for one in self.book.readings(self.step.sentence)}), MANY)

    @cached_property
    def context(self) -> tuple[str, ...]:
        """What of the step and its clause bears on where its date stands."""
        step, view, at = self.step, self.view, self.anchor[0]
        left, right = view.clause(at)
        clean, document = self.book.document.clean, self.book.document
        found = [f"place {min(step.sentence - (not document.sentences[0].is_title), EARLY)}"]
        found += [name for name, pattern in _AT_STEP if pattern.search(clean, left, at)]
        told = {
            "definite": step.definite,
            "no anchor": self.whole,
            "had in sentence": _AT_STEP[0][1].search(clean, view.sentence.start, view.sentence.end),
            "condition": any(left <= hit.start < right for hit in view.of("stance", "conditional")),
            "negation": any(left <= hit.start < right for hit in view.of("neg")),
        }
        return (*found, *(name for name, true in told.items() if true))


def candidates(book: DateBook, frame: Frame, step: Step) -> list[Candidate]:
    """Return all dates that ``step`` can have: its sentence's, other sentences', the story's, and none."""
    scene = Scene(book, frame, step)
    return [*_own(scene), *_elsewhere(scene), *_general(scene)]


def _shape(scene: Scene, reading: Reading) -> tuple[str, ...]:
    """Return what a date says by itself, wherever it stands."""
    status = scene.step.status
    return (
        f"{reading.relation} {status}",
        f"{reading.phrase.precision} {status}",
        f"{reading.name} {scene.side}",
        f"rival {reading.rival} {reading.name}",
        f"rival {reading.rival} {reading.name} {scene.side}",
        f"form {reading.phrase.form} {reading.relation}",
    )


def _own(scene: Scene) -> Iterator[Candidate]:
    readings = scene.book.readings(scene.step.sentence)
    if not readings:
        return
    words, sentence = scene.book.document.clean, scene.view.sentence
    rule = step_date(scene.book, sentence, scene.anchor, (), _PREFER[scene.side], carry=False)
    verbs = spoken_verbs(words, sentence)
    costs = sorted({cost(words, scene.anchor, _span(reading)) for reading in readings})
    for reading in readings:
        side, status, phrase = scene.side, scene.step.status, reading.phrase
        tense = tense_before(words, sentence, phrase)
        features = ["own", f"own {status}", f"own {reading.order}", f"form {phrase.form} {side}"]
        features += [*_shape(scene, reading), f"tense {tense} {status}", f"tense {tense} {reading.relation}"]
        features.append(f"rank {min(costs.index(cost(words, scene.anchor, _span(reading))), MANY)}")
        if phrase.date == rule:
            features += ["rule", f"rule {status}"]
        if is_ahead(words, sentence, phrase):
            features.append(f"ahead {side}")
        if is_frame(words, sentence, phrase):
            features += ["measure", f"measure {side}"]
        if is_spoken(words, sentence, scene.anchor, phrase, verbs):
            features += ["spoken", f"spoken {side}"]
        features += _way(scene, _span(reading))
        features += _neighbours(scene, _span(reading))
        yield Candidate(phrase.date, tuple(features), own=True)


def _span(reading: Reading) -> Span:
    return reading.phrase.start, reading.phrase.end


def _way(scene: Scene, span: Span) -> Iterator[str]:
    """Yield what stands between a step and a date of its sentence, and right before the date."""
    words, view, anchor = scene.book.document.clean, scene.view, scene.anchor
    between = gap(words, anchor, span)
    breaks = BOUNDARY.findall(between)
    where = "behind" if span[0] >= anchor[1] else "before"
    yield f"breaks {min(len(breaks), MANY)}"
    yield f"breaks {min(len(breaks), MANY)} {where} {scene.side}"
    yield f"letters {_distance(between)} {where}"
    yield f"clause {view.clause(span[0]) == view.clause(anchor[0])}"
    for word in sorted({word.lower() for word in breaks}):
        yield f"between {word} {where}"
    before = _WORD_BEFORE.search(words, max(view.sentence.start, span[0] - BEFORE), span[0])
    word = before.group(1).lower() if before else "start"
    if word in _PREPOSITIONS or word == "start":
        yield f"after {word} {scene.side}"


def _distance(between: str) -> int:
    return sum(len(between) > limit for limit in LETTERS)


def _neighbours(scene: Scene, span: Span) -> Iterator[str]:
    """Yield who and what stands nearest to a date: the step's own words and partners, or others."""
    words, view = scene.book.document.clean, scene.view
    mentions = [mention for mention in view.mentions if mention.code != scene.frame.watch.first]
    if mentions and not scene.frame.watch.is_pair:
        near = min(mentions, key=lambda mention: cost(words, (mention.start, mention.end), span))
        yield "near partner" if near.code in scene.partners else "near stranger"
    acts = [hit for hit in view.cues if hit.cue.kind in ("step", "act", "harm")]
    if acts:
        best = min(acts, key=lambda hit: cost(words, (hit.start, hit.end), span))
        own = cost(words, scene.anchor, span) <= cost(words, (best.start, best.end), span)
        yield "own act" if own else f"other act {best.cue.value == scene.step.type}"


def _elsewhere(scene: Scene) -> Iterator[Candidate]:
    """Yield the dates of other sentences: the neighbours, and those that tell of the same thing."""
    book, at = scene.book, scene.step.sentence
    for sentence in book.document.sentences:
        readings = book.readings(sentence.index)
        distance = sentence.index - at
        if not readings or not distance:
            continue
        told = _tells(scene.frame.views[sentence.index], scene.step.type)
        shared = book.lower.find(scene.stem, sentence.start, sentence.end) if scene.stem else -1
        if abs(distance) <= NEIGHBOURS or told or shared >= 0:
            yield from _of_sentence(scene, sentence, readings, told, shared)


def _tells(view: View, kind: str) -> bool:
    """Whether a sentence has words for steps of a type."""
    return any(
        hit.cue.value == kind if hit.cue.kind == "step" else _THINGS.get(hit.cue.value) == kind
        for hit in view.cues
        if hit.cue.kind in ("step", "noun")
    )


def _of_sentence(
    scene: Scene, sentence: Sentence, readings: tuple[Reading, ...], told: bool, shared: int
) -> Iterator[Candidate]:
    side, status, words = scene.side, scene.step.status, scene.book.document.clean
    distance = sentence.index - scene.step.sentence
    where = f"{distance:+d}" if abs(distance) <= NEIGHBOURS else "before" if distance < 0 else "behind"
    where = "title" if sentence.is_title else where
    same = sentence.paragraph == scene.view.sentence.paragraph
    base = ["elsewhere", f"elsewhere {status}", f"at {where} {status}", f"at {where} {same} {scene.dated > 0} {side}"]
    if told:
        base += ["told", f"told {status}"]
    if shared >= 0:
        base += ["shared", f"shared {status}"]
    if scene.partners & scene.frame.named(sentence.index):
        base.append(f"partner there {side}")
    base += [f"elsewhere {name}" for name in scene.context if name in _CARRIED]
    for reading in readings:
        phrase = reading.phrase
        features = [*base, *(f"far {name}" for name in _shape(scene, reading))]
        features += [f"far {reading.order} {where[0]}", f"far form {phrase.form}"]
        features.append(f"far tense {tense_before(words, sentence, phrase)} {side}")
        if is_frame(words, sentence, phrase):
            features.append("far measure")
        if shared >= 0:
            between = gap(words, (shared, shared + len(scene.stem)), _span(reading))
            features.append(f"shared letters {_distance(between)}")
        yield Candidate(phrase.date, tuple(features))


def _general(scene: Scene) -> Iterator[Candidate]:
    """Yield the story's day, the day and month of publication, and none."""
    book, step = scene.book, scene.step
    today = book.today.isoformat()
    found: list[tuple[str, str | None]] = [("none", None), ("day", today), ("month", today[:7])]
    if book.story:
        found.append(("story", book.story))
    story = "story" if book.story else "no story"
    for name, date in found:
        features = [name, f"{name} {story}", f"{name} {step.type}", f"{name} {step.status}"]
        features.append(f"{name} {step.type} {step.status}")
        features.append(f"{name} dated {scene.dated} {step.status}")
        features += [f"{name} {what}" for what in scene.context]
        features += [f"{name} {what} {scene.side}" for what in scene.context]
        yield Candidate(date, tuple(features))
