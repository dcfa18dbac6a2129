"""What the blend goes by: a few numbers for each holder and each step, the same in training and at run time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.coder.model import ReadStance
from streams.coder.view import Frame

if TYPE_CHECKING:
    from streams.coder.blend import Candidate

UNSEEN = 0.02
"""Probability that stands for the encoder's word where it has not scored an actor (beyond the twelfth)."""
FLOOR = 0.005
"""The smallest probability whose logarithm is taken: below it, differences mean nothing."""
SILENT = 0.05
"""Below this the rules have found no word of a holder on ties at all."""
LIKELY = 0.15
"""A sentence that the encoder gives this much tells the step a second time."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What an article's steps say of who takes part, by code."""

    part: Mapping[str, float]
    """How surely it takes part in a step of its own will (settled case 1)."""
    denied: Mapping[str, float]
    """How surely it is a party of a step that was refused or called off."""
    supposed: Mapping[str, float]
    """The likeliest step of it that the encoder sees, not denied."""
    concern: float
    """How surely the rules find anything on the relationship in the article: a page that only speaks of one side
    (of its courts, its war) has actors for the encoder to judge, but no words of ties."""


def holder_features(
    frame: Frame, holder: str, learned: ReadStance | None, ruled: ReadStance | None, hints: Hints
) -> dict[str, float]:
    """Return the numbers that speak for or against a holder's stances."""
    first = learned.probabilities if learned else {}
    second = ruled.probabilities if ruled else {}
    own = frame.by_code.get(holder, ())
    part = holder.partition("-")[2]
    apart = float(part in ("OPP", "KRD", "NGO"))  # who governs nothing says no oftener, and in plainer words
    favor, against = logit(first.get("favor", UNSEEN)), logit(first.get("against", UNSEEN))
    return {
        "one": 1.0,
        "encoder favor": favor,
        "encoder against": against,
        "encoder conditional": logit(first.get("conditional", UNSEEN)),
        "rules favor": second.get("favor", 0.0),
        "rules against": second.get("against", 0.0),
        "rules conditional": second.get("conditional", 0.0),
        "takes part": hints.part.get(holder, 0.0),
        "denied": hints.denied.get(holder, 0.0),
        "supposed": hints.supposed.get(holder, 0.0),
        "side": float(holder in frame.sides),
        "opposition": float(part in ("OPP", "KRD")),
        "group": float(part == "NGO"),
        "named": math.log1p(len(own)),
        "speaks": math.log1p(frame.actors.speakers.count(holder)),
        "concern": hints.concern,
        "inside": float(holder in frame.watch.inside),
        "encoder favor, no government": apart * favor,
        "encoder against, no government": apart * against,
        "rules favor, no government": apart * second.get("favor", 0.0),
        "rules against, no government": apart * second.get("against", 0.0),
        "rules silent": float(max(second.values(), default=0.0) < SILENT),
        "acts": float(any(not mention.attributive for mention in own)),
    }


def step_features(frame: Frame, group: Sequence[Candidate], of: Sequence[Candidate]) -> dict[str, float]:
    """Return the numbers that speak for a kind of step with a partner.

    ``group`` are the tellings that are weighed: one, or all of the article (``of``).
    """
    return telling_features(group) | kind_features(frame, of)


def telling_features(group: Sequence[Candidate]) -> dict[str, float]:
    """Return the numbers that tellings bring with them."""
    ruled = max([one.rules for one in group])
    return {
        "one": 1.0,
        "encoder": logit(max([one.encoder for one in group])),
        "rules": ruled,
        "rules see it": float(ruled > 0.0),
    }


def kind_features(frame: Frame, of: Sequence[Candidate]) -> dict[str, float]:
    """Return the numbers that all tellings of a kind of step in an article share."""
    return {
        "rules twice": float(sum([one.rules > 0.0 for one in of]) > 1),
        "encoder twice": float(sum([one.encoder >= LIKELY for one in of]) > 1),
        "pair": float(frame.watch.is_pair),
    }


def logit(chance: float) -> float:
    """Return the log-odds of a probability, kept from its ends."""
    kept = min(max(chance, FLOOR), 1.0 - FLOOR)
    return math.log(kept / (1.0 - kept))
