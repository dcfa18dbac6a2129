"""Chooses the sentence that is quoted for a stance: a few numbers for each sentence, weighed together.

The encoder's own choice errs between sentences that say much the same, the rules know a clause where there is a cue
for it; what analysts quote besides is where the holder acts or speaks, in full sentences more than in short ones.
The weights are those of a conditional logit, fitted by ``training/evidence.py`` and kept with the blend's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from streams.coder.model import ReadStance, ReadStep
from streams.coder.view import Frame, View
from streams.records import StanceValue

STANCES: tuple[StanceValue, ...] = get_args(StanceValue)
LEAST = -6.0
"""The logarithm of a share below which differences mean nothing."""
SHORT = 50
"""Characters under which a sentence is a heading or half a one."""
USUAL, LEAST_LENGTH = 150, 10
"""Characters of a sentence of middling length, to which others are held, and of the shortest that differ."""
MANY_CUES, MANY_MENTIONS = 2, 3
"""Cues of the stance, and mentions of the holder, beyond which more of them say nothing new."""


def choose(
    frame: Frame,
    stance: StanceValue,
    learned: ReadStance | None,
    ruled: ReadStance | None,
    steps: Sequence[ReadStep],
    weights: Mapping[str, float],
) -> int | None:
    """Return the number of the sentence that shows ``stance`` best; None where the text is a title only."""
    rows = features(frame, stance, learned, ruled, steps)
    if not rows:
        return None
    return max(rows, key=lambda index: (sum(weights.get(n, 0.0) * value for n, value in rows[index].items()), -index))


def features(
    frame: Frame, stance: StanceValue, learned: ReadStance | None, ruled: ReadStance | None, steps: Sequence[ReadStep]
) -> dict[int, dict[str, float]]:
    """Return by sentence of the body the numbers that speak for quoting it for the holder's ``stance``."""
    holder = next(reader.holder for reader in (learned, ruled) if reader is not None)
    shares = _shares(learned, stance)
    best = max(shares, key=lambda index: shares[index], default=-1)
    told = _told(holder, steps, frame.sides)
    shown = ruled.sentence if ruled is not None else -1
    agreed = ruled is not None and max(ruled.probabilities, key=lambda one: ruled.probabilities[one]) == stance
    named = {view.sentence.index for view in frame.views if any(m.code == holder for m in view.mentions)}
    body = [view for view in frame.views if not view.sentence.is_title]
    first = next((view.sentence.index for view in body if view.sentence.index in named), -1)
    found: dict[int, dict[str, float]] = {}
    for view in body:
        index = view.sentence.index
        step = told.get(index, 0.0)
        found[index] = {
            "encoder": max(shares.get(index, LEAST), LEAST),
            "encoder's": float(index == best),
            "rules'": float(index == shown and agreed),
            "step in favor": step if stance == "favor" else 0.0,
            "step not in favor": step if stance != "favor" else 0.0,
            "lead": float(view is body[0]),
            "first": float(index == first),
            "named before": float(index - 1 in named),
            "place": index / len(frame.views),
            "cues": min(len(view.of("stance", stance)), MANY_CUES) / MANY_CUES,
            **_of_holder(view, holder, frame.sides),
            **_of_words(view),
        }
    return found


def _of_holder(view: View, holder: str, sides: frozenset[str]) -> dict[str, float]:
    """Return what a sentence has to do with the holder and the relationship."""
    own = [mention for mention in view.mentions if mention.code == holder]
    return {
        "named": float(bool(own)),
        "acts": float(any(not mention.attributive for mention in own)),
        "foremost": float(bool(own) and own[0] is view.mentions[0]),
        "by pronoun": float(any(mention.form == "pronoun" for mention in own)),
        "mentions": min(len(own), MANY_MENTIONS) / MANY_MENTIONS,
        "speaks": float(view.speaker == holder),
        "another speaks": float(view.speaker not in (None, holder)),
        "sides": len({mention.code for mention in view.mentions} & sides) / len(sides),
    }


def _of_words(view: View) -> dict[str, float]:
    """Return what a sentence is like, whoever stands in it: how long it is, and whether it names ties at large."""
    length = len(view.text)
    return {
        "short": float(length < SHORT),
        "length": math.log(max(length, LEAST_LENGTH) / USUAL),
        "ties": float(bool(view.of("topic"))),
    }


def _shares(learned: ReadStance | None, stance: StanceValue) -> dict[int, float]:
    """Return the logarithm of the share that the encoder gives each sentence."""
    if learned is None or not learned.quotes:
        return {}
    place = STANCES.index(stance)
    raw = {index: logits[place] for index, logits in learned.quotes.items()}
    top = max(raw.values())
    whole = top + math.log(sum(math.exp(value - top) for value in raw.values()))
    return {index: value - whole for index, value in raw.items()}


def _told(holder: str, steps: Iterable[ReadStep], sides: frozenset[str]) -> dict[int, float]:
    """Return how surely each sentence tells a step of the holder."""
    found: dict[int, float] = {}
    for step in steps:
        if holder in sides or holder in step.partners:
            found[step.sentence] = max(found.get(step.sentence, 0.0), step.probability)
    return found
