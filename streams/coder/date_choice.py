"""Chooses a step's date among those that its article tells: each candidate is weighed, the likeliest wins.

The weights are those of a conditional logit, fitted by ``training/dates.py`` (``data/dates.json``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

from streams.coder.date_book import DateBook
from streams.coder.date_features import Candidate, candidates
from streams.coder.steps import Step
from streams.coder.view import Frame

FILE = "dates.json"
COARSE = 0.8
"""What a date is worth that agrees with the true one but is less precise."""

Weights = Mapping[str, float]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Return the bundled weights by feature."""
    text = resources.files("streams.coder.data").joinpath(FILE).read_text(encoding="utf-8")
    weights: Weights = json.loads(text)["weights"]
    return weights


def date_of(book: DateBook, frame: Frame, weights: Weights, step: Step, carry: bool) -> str | None:
    """Return the date of ``step``; without ``carry`` only where its own sentence tells it."""
    found = candidates(book, frame, step)
    date = choose(found, weights)
    return date if carry or any(one.own and one.date == date for one in found) else None


def choose(found: Sequence[Candidate], weights: Weights) -> str | None:
    """Return the date that agrees best with what is likely."""
    chances = likelihoods(found, weights)
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
