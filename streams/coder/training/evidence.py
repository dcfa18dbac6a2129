"""Fits the choice of the sentence that is quoted for a stance, on readings by models that had not seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streams.coder.blend import STANCES, Blend, blend_steps
from streams.coder.evidence_choice import features
from streams.coder.training.choices import Choice, fit_choices
from streams.coder.training.gold import sentence_of

if TYPE_CHECKING:
    from streams.coder.training.blend import Seen

PULL = 0.05
"""How strongly weights are pulled to zero: what is told of a sentence says much the same thing several times."""


def fit_evidence(seen: Sequence[Seen], blended: Blend) -> dict[str, float]:
    """Return the weights under which the labelled sentences are likeliest among all of their articles."""
    return fit_choices([choice for one in seen for choice in choices_of(one, blended)], PULL)


def choices_of(one: Seen, blended: Blend) -> list[Choice]:
    """Return for each labelled stance that a reader can place its sentences, and which of them the labels quote."""
    steps = list(blend_steps(one.frame, one.learned, one.ruled, blended))
    first = {stance.holder: stance for stance in one.learned.stances}
    second = {stance.holder: stance for stance in one.ruled.stances}
    quoted: dict[tuple[str, str], set[int | None]] = {}
    for label in one.row["stances"]:
        place = sentence_of(one.frame.views[0].document, label.get("evidence") or "")
        quoted.setdefault((label["holder"], label["stance"]), set()).add(place)
    found: list[Choice] = []
    for holder in sorted(first.keys() | second.keys()):
        for stance in STANCES:
            places = quoted.get((holder, stance), set())
            rows = features(one.frame, stance, first.get(holder), second.get(holder), steps)
            found.append(Choice(list(rows.values()), [float(index in places) for index in rows]))
    return found
