"""Chooses a step's date among those that its article tells: each candidate is weighed, the likeliest wins.

What is not sure of the step itself, its status and the sentence that tells it, is weighed as well: a date counts
under each of its meanings as much as that is likely. The weights are those of a conditional logit, fitted by
``training/dates.py`` (``data/dates.json``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from streams.coder.date_book import DateBook
from streams.coder.date_features import Candidate, candidates
from streams.coder.model import Telling
from streams.coder.steps import Step, anchor_of, is_definite
from streams.coder.view import Frame

FILE = "dates.json"
COARSE = 0.95
"""What a date is worth that agrees with the true one but is less precise: a month too wide is told less finely, a wrong
day makes an event of its own. At .9 a date is right or compatible in .793 of the steps, and the label's very date in
.49; at .95 in .802 and .46."""
MAY_BE, MAY_TELL = 0.1, 0.25
"""Probabilities from which another status of a step, or another sentence that may tell it, speaks for its date."""

Weights = Mapping[str, float]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Return the bundled weights by feature."""
    text = resources.files("streams.coder.data").joinpath(FILE).read_text(encoding="utf-8")
    weights: Weights = json.loads(text)["weights"]
    return weights


def date_of(book: DateBook, frame: Frame, weights: Weights, step: Step, carry: bool) -> str | None:
    """Return the date of ``step``; without ``carry`` only where its own sentence tells it."""
    chances: dict[str | None, float] = {}
    for share, meant in meanings(frame, step):
        for date, chance in _likely(book, frame, weights, meant).items():
            chances[date] = chances.get(date, 0.0) + share * chance
    date = best(chances)
    return date if carry or any(one.phrase.date == date for one in book.readings(step.sentence)) else None


def _likely(book: DateBook, frame: Frame, weights: Weights, step: Step) -> dict[str | None, float]:
    """Return the probability of each date of a step, kept with the book: tellings of one step ask for the same."""
    key = (frame.watch.id, step.type, step.parties, step.status, step.sentence, step.anchor, step.definite)
    known = book.memo.get(key)
    if known is None:
        known = book.memo[key] = likelihoods(candidates(book, frame, step), weights)
    return known


def meanings(frame: Frame, step: Step) -> Iterator[tuple[float, Step]]:
    """Yield what a step may be, and how likely: of other statuses, or told by other sentences than its own.

    Its status and its sentence are the reader's guesses, and its date hangs on both: what is likely under all of
    them is likelier right than what the best guess alone makes of it.
    """
    told = step.statuses or {step.status: 1.0}
    for status, chance in told.items():
        if status == step.status:
            yield chance, step
        elif chance >= MAY_BE:
            yield chance, replace(step, status=status)
    for telling in step.tellings:
        if telling.probability >= MAY_TELL and telling.sentence != step.sentence:
            # A sentence that gives it another status tells of another step of its kind.
            alike = sum(told.get(status, 0.0) * chance for status, chance in telling.status.items())
            yield telling.probability * alike, _told_at(frame, step, telling)


def _told_at(frame: Frame, step: Step, telling: Telling) -> Step:
    """Return ``step`` as another sentence tells it."""
    view = frame.views[telling.sentence]
    anchor = anchor_of(view, step.type)
    status = max(telling.status, key=lambda one: telling.status[one])
    definite = is_definite(view, anchor)
    return replace(step, status=status, sentence=telling.sentence, anchor=anchor, definite=definite)


def choose(found: Sequence[Candidate], weights: Weights) -> str | None:
    """Return the date that agrees best with what is likely."""
    return best(likelihoods(found, weights))


def best(chances: Mapping[str | None, float]) -> str | None:
    """Return the date that agrees best with what is likely."""
    return max(chances, key=lambda date: (_worth(date, chances), len(date or "")))


def likelihoods(found: Sequence[Candidate], weights: Weights) -> dict[str | None, float]:
    """Return the probability of each date."""
    sums = [sum([weights.get(name, 0.0) for name in one.features]) for one in found]
    top = max(sums)
    chances: dict[str | None, float] = {}
    for one, value in zip(found, sums, strict=True):
        chances[one.date] = chances.get(one.date, 0.0) + math.exp(value - top)
    total = sum(chances.values())
    return {date: chance / total for date, chance in chances.items()}


def _worth(date: str | None, chances: Mapping[str | None, float]) -> float:
    if date is None:
        return chances[None]
    finer = sum(chance for other, chance in chances.items() if other and other != date and other.startswith(date))
    return chances[date] + COARSE * finer
