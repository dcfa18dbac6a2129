"""The reader that asks both others: what the encoder and the rules say of a holder or a step, weighed together.

The two err in different places: the encoder reads constructions that no cue tells, the rules hold on to who did
what in which clause. The weights (``data/blend.json``) are those of a few logistic lines, fitted by
``training/blend.py`` on articles that the encoder had not seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from streams.coder.blend_features import SILENT, Hints, holder_features, kind_features, telling_features
from streams.coder.evidence_choice import choose
from streams.coder.model import Actors, Document, Reading, ReadStance, ReadStep, Telling
from streams.coder.rules import RulesReader
from streams.coder.stances import deeds
from streams.coder.status import status_of
from streams.coder.steps import settle_steps
from streams.coder.triggers import Trigger, find_triggers
from streams.coder.view import Frame, View
from streams.errors import DetenteError
from streams.records import StanceValue, Status
from streams.watches.model import Watch

if TYPE_CHECKING:
    from streams.coder.encoder import EncoderReader

FILE = "blend.json"
STANCES: tuple[StanceValue, ...] = get_args(StanceValue)
STATUSES: tuple[Status, ...] = get_args(Status)
NO_DEEDS = 2.0
"""No deed is that sure: taking part is among the features here, and no rule of its own."""
NEVER_SILENT = 2.0
"""No reader is so sure of "no stance": as there are no deeds, nobody has to be silenced."""
FAINT = 0.02
"""Steps that the encoder gives less are no candidates; they would only cost time."""
AGAIN = 0.85
"""What a further step of one type and parties needs: below, it is mostly the first one told again."""
SECOND: Mapping[str, float] = {"favor": 0.5, "against": 0.5, "conditional": 0.4}
"""A further stance counts where it is likelier than not. A condition needs less: who takes part and states one is
conditional, and favor beside it does no harm (settled case 18)."""
EVEN = 0.5
RETOLD = 0.5
"""What the sentence of one step counts as a telling of another of its kind: it may be that one told again, or not."""
TINY = 1e-3
"""The smallest probability of a status that is weighed."""

Weights = Mapping[str, float]


class Blend(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of ``blend.json``: logistic weights by feature, and from which probability a find counts."""

    fitted: str = ""
    """On what, and with which scores, for whoever reads the file."""
    stance: dict[str, dict[str, float]]
    bars: dict[str, float]
    """The probability from which a stance counts: about half the F1 that all reach, which is where that F1 is best."""
    second: dict[str, float] = msgspec.field(default_factory=lambda: dict(SECOND))
    """The same for a further stance of one holder."""
    step: dict[str, float]
    step_bar: float = 0.4
    evidence: dict[str, float] = {}
    """What speaks for quoting a sentence (``evidence_choice.py``); empty: the rules' sentence, else the encoder's."""
    status: dict[str, float]
    """What the logarithms of the two readers' probabilities count, and what each status starts from."""
    relevance: float = 0.3
    """Below this the encoder's word that an article says nothing on a watch is taken."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step at a sentence, as both readers see it: their own weights are 0 where they see none."""

    step: ReadStep
    encoder: float
    rules: float

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What makes two candidates tellings of one kind of step."""
        return self.step.type, self.step.partners


class BlendReader:
    """Reads with the encoder and with the rules, and weighs what they say."""

    name = "blend"

    def __init__(self, encoder: EncoderReader, rules: RulesReader, weights: Blend | None = None) -> None:
        """Take both readers; the encoder is made to tell all that it thinks, not only what it is sure of.

        Raises ``DetenteError`` where the weights are not there.
        """
        self._rules = rules
        self._encoder = encoder
        self._weights = weights or load_blend()
        frank = dict.fromkeys(STANCES, NO_DEEDS)
        decision = msgspec.structs.replace(
            encoder.settings.decision, relevance=0.0, rare=1.0, step={"pair": FAINT, "single": FAINT}, stance=frank
        )
        encoder.settings = msgspec.structs.replace(encoder.settings, decision=decision)

    def read(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Reading]:
        """Return one reading for each of ``watches``, in their order."""
        learned = self._encoder.read(document, actors, watches)
        frames = self._rules.frames(document, actors, watches, views)
        return [self._blend(frame, one) for frame, one in zip(frames, learned, strict=True)]

    def _blend(self, frame: Frame, learned: Reading) -> Reading:
        """Ask the rules too, unless the encoder's word is taken that there is nothing."""
        silent = says_nothing(learned, self._weights)
        ruled = Reading(frame.watch) if silent else self._rules.read_frame(frame)
        return blend(frame, learned, ruled, self._weights)


def load_blend(folder: Path | None = None) -> Blend:
    """Return the weights of ``folder`` (default: the bundled ones)."""
    from streams.coder.encoder import data_folder

    path = (folder or data_folder()) / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Blend)
    except (OSError, msgspec.MsgspecError) as error:
        raise DetenteError(f"{path}: {error}", hint="Read by one reader: --reader encoder or rules.") from error


def blend(frame: Frame, learned: Reading, ruled: Reading, weights: Blend) -> Reading:
    """Return what the two readings of one article and watch come to."""
    relevance = learned.notes.get("relevance", 1.0)
    if "unread" in learned.notes:
        return ruled
    notes = {**weights.bars, "step": weights.step_bar, "again": AGAIN}
    notes |= {f"second {stance}": bar for stance, bar in weights.second.items()}
    notes |= {"deed": NO_DEEDS, "none": NEVER_SILENT, "relevance": relevance}
    if says_nothing(learned, weights):
        return Reading(frame.watch, notes=notes)
    steps = tuple(blend_steps(frame, learned, ruled, weights))
    if not steps and concern(ruled) < SILENT:
        # Where there are no words of ties at all, the encoder judges home affairs (settled case 14).
        return Reading(frame.watch, notes=notes)
    stances = tuple(blend_stances(frame, learned, ruled, steps, weights))
    return Reading(frame.watch, stances, steps, notes)


def says_nothing(learned: Reading, weights: Blend) -> bool:
    """Whether the encoder has read the article and is sure that it says nothing on the watch."""
    return "unread" not in learned.notes and learned.notes.get("relevance", 1.0) < weights.relevance


def blend_stances(
    frame: Frame, learned: Reading, ruled: Reading, steps: Sequence[ReadStep], weights: Blend
) -> Iterable[ReadStance]:
    """Yield each holder's stances, likeliest first; ``steps`` tell who takes part in what."""
    first = {stance.holder: stance for stance in learned.stances}
    second = {stance.holder: stance for stance in ruled.stances}
    hints = hints_of(frame, learned, ruled, steps, weights)
    for holder in sorted(first.keys() | second.keys()):
        one, other = first.get(holder), second.get(holder)
        features = holder_features(frame, holder, one, other, hints)
        chances = {stance: sigmoid(dot(weights.stance[stance], features)) for stance in STANCES}
        read = _stance(holder, chances, one, other, weights)
        told = [s for s in read.probabilities if chances[s] >= min(weights.bars[s], weights.second[s])]
        shown = {s: choose(frame, s, one, other, steps, weights.evidence) for s in told if weights.evidence}
        yield replace(read, places={s: place for s, place in shown.items() if place is not None})


def hints_of(frame: Frame, learned: Reading, ruled: Reading, steps: Sequence[ReadStep], weights: Blend) -> Hints:
    """Return what an article's steps say of their parties' stances."""
    settled = settle_steps(frame, steps, lambda *_: None, weights.step_bar, 0.0)
    part: dict[str, float] = {}
    for deed in deeds(frame, settled, 0.0):
        part[deed.holder] = max(part.get(deed.holder, 0.0), deed.confidence)
    denied: dict[str, float] = {}
    for step in settled:
        if step.status == "denied":
            for code in step.parties:
                denied[code] = max(denied.get(code, 0.0), step.probability)
    chances = [read.probability * (1.0 - read.status.get("denied", 0.0)) for read in learned.steps]
    supposed = dict.fromkeys(frame.watch.sides, max(chances, default=0.0))
    for read, chance in zip(learned.steps, chances, strict=True):
        for code in read.partners:
            supposed[code] = max(supposed.get(code, 0.0), chance)
    return Hints(part, denied, supposed, concern(ruled))


def concern(ruled: Reading) -> float:
    """Return how surely the rules find anything on the relationship."""
    told = [max(stance.probabilities.values(), default=0.0) for stance in ruled.stances]
    return max([*told, *(step.probability for step in ruled.steps)], default=0.0)


def _stance(
    holder: str, chances: dict[StanceValue, float], one: ReadStance | None, other: ReadStance | None, weights: Blend
) -> ReadStance:
    """Return a holder's stance, with the sentence and basis of the reader that knows better."""
    order = sorted(STANCES, key=lambda stance: -chances[stance] / weights.bars[stance])
    top = order[0]
    counts = chances[top] >= weights.bars[top]
    kept = [s for s in order if s == top or not counts or chances[s] < chances[top] or chances[s] >= weights.second[s]]
    # The rules know the very clause; the encoder's attention is a guess between sentences.
    ruled = other is not None and max(other.probabilities, key=lambda s: other.probabilities[s]) == top
    shown = other if ruled or one is None else one
    if shown is None:
        raise ValueError("neither reader has a word on the holder")
    reasons = (*(one.reasons if one else ()), *(other.reasons if other else ()))
    return ReadStance(holder, {s: chances[s] for s in kept}, shown.sentence, shown.basis, reasons)


def blend_steps(frame: Frame, learned: Reading, ruled: Reading, weights: Blend) -> Iterable[ReadStep]:
    """Yield the steps whose kind and partner the two readers make likely, at the sentences that tell them."""
    groups: dict[tuple[str, tuple[str, ...]], list[Candidate]] = {}
    for candidate in candidates(frame, learned, ruled):
        groups.setdefault(candidate.key, []).append(candidate)
    for group in groups.values():
        shared = kind_features(frame, group)
        whole = sigmoid(dot(weights.step, telling_features(group) | shared))
        if whole < weights.step_bar:
            continue
        body = [n for n, one in enumerate(group) if not frame.views[one.step.sentence].sentence.is_title]
        own = {n: sigmoid(dot(weights.step, telling_features([group[n]]) | shared)) for n in body or range(len(group))}
        best = max(own, key=lambda n: own[n])
        # A second telling needs words that tell it: the encoder alone sees one step in all sentences about it.
        more = [n for n in body if group[n].rules >= EVEN and own[n] >= weights.step_bar and n != best]
        shown = {best, *more}
        places = {n: own[n] * (RETOLD if n in shown else 1.0) for n in own}
        tellings = tuple(Telling(group[n].step.sentence, share, group[n].step.status) for n, share in places.items())
        for n in sorted(shown):
            read = _weighed(frame, group[n], whole if n == best else min(whole, own[n]), weights)
            yield replace(read, tellings=tellings)


def candidates(frame: Frame, learned: Reading, ruled: Reading) -> list[Candidate]:
    """Return the steps of both readers, those of one type, partner and sentence as one."""
    found: dict[tuple[str, int, tuple[str, ...]], Candidate] = {}
    day = frame.views[0].document.published.date() if frame.views else None
    for step in learned.steps:
        shut_out = [code for code in step.partners if code in frame.watch.inside or "-" in code]
        if shut_out or (day and any(frame.watch.allied(code, day) for code in step.partners)):
            continue
        found[(step.type, step.sentence, step.partners)] = Candidate(step, step.probability, 0.0)
    for step in ruled.steps:
        alone: list[tuple[str, ...]] = [(code,) for code in step.partners]
        for partners in alone or [()]:
            key = (step.type, step.sentence, partners)
            before = found.get(key)
            if before is None:
                found[key] = Candidate(replace(step, partners=partners), 0.0, step.probability)
            elif before.rules < step.probability:
                both = replace(before.step, anchor=step.anchor, reasons=(*before.step.reasons, *step.reasons))
                found[key] = Candidate(both, before.encoder, step.probability)
    return list(found.values())


def _weighed(frame: Frame, one: Candidate, chance: float, weights: Blend) -> ReadStep:
    trigger = _trigger(frame, one.step)
    anchor = one.step.anchor or ((trigger.start, trigger.end) if trigger else None)
    told = status_of(frame.views[one.step.sentence], one.step.type, trigger)
    status = mixed_status(one.step.status if one.encoder else None, told, weights.status)
    return replace(one.step, probability=chance, status=status, anchor=anchor)


def _trigger(frame: Frame, step: ReadStep) -> Trigger | None:
    """Return the words that tell the step: those that the rules went by, else the first of its type."""
    found = [trigger for trigger in find_triggers(frame.views[step.sentence]) if trigger.type == step.type]
    at = step.anchor[0] if step.anchor else None
    return next((trigger for trigger in found if trigger.start == at), found[0] if found else None)


def mixed_status(
    learned: Mapping[Status, float] | None, told: Mapping[Status, float], weights: Weights
) -> dict[Status, float]:
    """Return the statuses' probabilities from what the encoder and the rules think of them."""
    if learned is None:
        return dict(told)
    logs = {
        status: weights["encoder"] * math.log(max(learned[status], TINY))
        + weights["rules"] * math.log(max(told[status], TINY))
        + weights.get(status, 0.0)
        for status in STATUSES
    }
    top = max(logs.values())
    raised = {status: math.exp(value - top) for status, value in logs.items()}
    total = sum(raised.values())
    return {status: value / total for status, value in raised.items()}


def dot(weights: Weights, features: Mapping[str, float]) -> float:
    """Return the weighted sum of ``features``."""
    return sum([weights.get(name, 0.0) * value for name, value in features.items()])


def sigmoid(value: float) -> float:
    """Return the logistic function, safe for large values."""
    return 0.5 * (1.0 + math.tanh(0.5 * value))
