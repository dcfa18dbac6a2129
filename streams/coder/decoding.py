"""From the encoder's logits to a reading: windows merged, probabilities calibrated, thresholds applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import msgspec
import numpy as np
import numpy.typing as npt

from streams.coder.model import Reading, ReadStance, ReadStep
from streams.coder.passages import Passage
from streams.records import EventType, StanceValue, Status
from streams.watches.model import Watch

Floats = npt.NDArray[np.float32]

STANCES: tuple[StanceValue, ...] = get_args(StanceValue)
TYPES: tuple[EventType, ...] = get_args(EventType)
STATUSES: tuple[Status, ...] = get_args(Status)


class Line(msgspec.Struct, frozen=True):
    """A calibration: ``probability = sigmoid(slope * logit + shift)``."""

    slope: float = 1.0
    shift: float = 0.0


STARTING_BARS = {"favor": 0.5, "against": 0.4, "conditional": 0.35}
"""Where the tuning of the stances' thresholds begins: rare classes are rarely sure."""


STARTING_STEPS = {"pair": 0.4, "single": 0.5}
RARE_TYPES = frozenset({"sanctions_relief", "readmission", "deescalation", "gesture"})
"""Each is under a tenth of the labelled steps."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of ``reader.json``: how sure is sure enough, by class, tuned on left-out relationships."""

    stance: dict[str, float] = msgspec.field(default_factory=lambda: dict(STARTING_BARS))
    second: float = 0.75
    """A second stance of one holder needs this probability: two entries are rare."""
    step: dict[str, float] = msgspec.field(default_factory=lambda: dict(STARTING_STEPS))
    """By kind of watch: with one side, a step must also be given to the right partner."""
    rare: float = 1.0
    """What the threshold of the rarer types (``RARE_TYPES``) is multiplied with."""
    none: float = 0.8
    """From this probability of no stance on, the reader is believed against the rule that acting is a stance."""
    relevance: float = 0.15
    """Below this an article is not relevant, whatever the other heads say."""
    stance_lines: dict[str, Line] = {}
    step_lines: dict[str, Line] = {}
    relevance_line: Line = Line()


class ReaderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What ``reader.json`` holds: which model it belongs to, and how its answers become decisions."""

    digest: str
    """SHA-256 of ``reader.onnx``."""
    data_digest: str
    """SHA-256 over the labelled articles that the model was trained on."""
    seed: int
    decision: Decision


@dataclass
class Merged:
    """The heads' calibrated probabilities for one article and watch, over all its passes."""

    relevance: float
    stances: dict[str, list[float]] = field(default_factory=dict)
    """By holder: the probability of each stance."""
    quotes: dict[str, dict[int, list[float]]] = field(default_factory=dict)
    """By holder and sentence: how much it speaks for each stance, as logits."""
    attributed: dict[str, float] = field(default_factory=dict)
    steps: dict[tuple[int, str], tuple[list[float], list[list[float]]]] = field(default_factory=dict)
    """By sentence and partner: the probability of each type, and of each status by type."""


def merge(
    passages: Sequence[Passage], outputs: Sequence[Sequence[Floats]], sides: Sequence[str], rule: Decision
) -> Merged:
    """Join the logits of an article's passes; where passes differ, the surest one counts.

    What is worked out on all cells at once is left to numpy; cells one by one are quicker as plain numbers.
    """
    merged = Merged(0.0)
    lines = [rule.stance_lines.get(stance, Line()) for stance in STANCES]
    slopes = np.array([line.slope for line in lines], dtype=np.float32)
    shifts = np.array([line.shift for line in lines], dtype=np.float32)
    line = rule.step_lines.get("pair" if len(sides) > 1 else "single", Line())
    for passage, (stance, evidence, basis, steps, status, relevance) in zip(passages, outputs, strict=True):
        whole = sigmoid(relevance * rule.relevance_line.slope + rule.relevance_line.shift)
        merged.relevance = max(merged.relevance, float(whole))
        chances = sigmoid(stance * slopes + shifts)
        # Of two passes the one that is surer of the stance quotes for it.
        weighed = _quotable(passage, evidence) + np.log(np.maximum(chances, TINY))[:, None]
        seen = sorted({row for row in passage.actor.tolist() if row >= 0})
        cells = list(zip(chances.tolist(), weighed.tolist(), sigmoid(basis).tolist(), strict=True))
        for row in seen:
            _add_stance(merged, passage, passage.actors[row], *cells[row])
        rows = [1] if len(sides) == 2 else [row for row in seen if row > 0]
        found = sigmoid(steps[rows] * line.slope + line.shift).tolist()
        shares = _shares(status[rows]).tolist()
        for row, of_row, shares_of_row in zip(rows, found, shares, strict=True):
            for place, sentence in enumerate(passage.sentences):
                _add_step(merged, (sentence, passage.actors[row]), of_row[place], shares_of_row[place])
    return merged


def _quotable(passage: Passage, evidence: Floats) -> Floats:
    """Return the evidence logits with the title put last: it carries no evidence."""
    if passage.titled and len(passage.sentences) > 1:
        evidence = evidence.copy()
        evidence[:, 0] -= TITLE_PENALTY
    return evidence


TINY = 1e-6
"""The smallest probability whose logarithm is taken."""
TITLE_PENALTY = 1e3
"""More than any logit: the title is chosen only where there is nothing else."""


def _shares(logits: Floats) -> Floats:
    """Return the softmax over the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    result: Floats = raised / raised.sum(-1, keepdims=True)
    return result


def _add_stance(
    merged: Merged, passage: Passage, code: str, chances: list[float], spoken: list[list[float]], said: float
) -> None:
    quotes = merged.quotes.setdefault(code, {})
    for sentence, logits in zip(passage.sentences, spoken, strict=False):
        before = quotes.get(sentence)
        quotes[sentence] = logits if before is None else [*map(max, before, logits)]
    known = merged.stances.get(code)
    if known is None or max(chances) > max(known):
        merged.attributed[code] = said
    merged.stances[code] = chances if known is None else [*map(max, chances, known)]


def _add_step(merged: Merged, key: tuple[int, str], chances: list[float], shares: list[list[float]]) -> None:
    before = merged.steps.get(key)
    if before is None or max(chances) > max(before[0]):
        merged.steps[key] = (chances, shares)


def decide(merged: Merged, watch: Watch, rule: Decision) -> Reading:
    """Return the reading of one watch, with the thresholds in its notes for whoever makes records of it.

    Every holder is in it, those without a stance too: a reader that is sure of none says so. Of the steps
    only those that are sure enough are.
    """
    notes = {"relevance": merged.relevance, "second": rule.second, "none": rule.none, "step": 0.0, **rule.stance}
    if merged.relevance < rule.relevance:
        return Reading(watch, notes=notes)
    stances = tuple(_stance(code, merged, rule) for code in merged.stances)
    bar = rule.step["pair" if watch.is_pair else "single"]
    bars = [bar * (rule.rare if name in RARE_TYPES else 1.0) for name in TYPES]
    steps = tuple(
        _step(() if watch.is_pair else (partner,), sentence, TYPES[number], chance, shares[number])
        for (sentence, partner), (chances, shares) in merged.steps.items()
        for number, chance in enumerate(chances)
        if chance >= bars[number]
    )
    return Reading(watch, stances, steps, notes)


def _stance(code: str, merged: Merged, rule: Decision) -> ReadStance:
    """Return what is thought of a holder, the stance that counts before all others.

    Rare stances need less than common ones, so the one that clears its threshold by the largest factor
    counts; likelier ones that it beats so are left out of the probabilities and told in the reasons.
    """
    chances, quotes = merged.stances[code], merged.quotes[code]
    order = sorted(range(len(STANCES)), key=lambda n: chances[n] / rule.stance[STANCES[n]], reverse=True)
    top = order[0]
    counts = chances[top] >= rule.stance[STANCES[top]]
    kept = [n for n in order if n == top or not counts or chances[n] < chances[top] or chances[n] >= rule.second]
    ranked = sorted(range(len(STANCES)), key=lambda n: chances[n], reverse=True)
    return ReadStance(
        holder=code,
        probabilities={STANCES[n]: chances[n] for n in kept},
        sentence=max(quotes, key=lambda sentence: quotes[sentence][top]),
        basis="attributed" if merged.attributed[code] >= EVEN else "self",
        reasons=("encoder " + " ".join(f"{STANCES[n]} {chances[n]:.2f}" for n in ranked),),
        quotes=quotes,
    )


EVEN = 0.5


def _step(
    partners: tuple[str, ...], sentence: int, kind: EventType, chance: float, shares: Sequence[float]
) -> ReadStep:
    return ReadStep(
        type=kind,
        sentence=sentence,
        probability=chance,
        status=dict(zip(STATUSES, shares, strict=True)),
        partners=partners,
        reasons=(f"encoder {kind} {chance:.2f}",),
    )


def sigmoid(logits: npt.NDArray[np.float32]) -> Floats:
    """Return the logistic function, safe for large logits."""
    result: Floats = (0.5 * (1 + np.tanh(0.5 * np.asarray(logits, dtype=np.float32)))).astype(np.float32, copy=False)
    return result
