"""Stances by rules: whose words or deeds a cue of attitude tells, and which way it points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streams.coder.cues import CueHit
from streams.coder.model import ReadStance
from streams.coder.triggers import NEGATION_REACH, is_negated
from streams.coder.view import Frame, View
from streams.records import Basis, StanceValue

SURE = 0.75
"""A strong cue of attitude in a sentence on the sides' ties."""
CONDITION = 0.7
"""A condition set for ties."""
UNTIL = 0.8
"""A "no … until": against, whatever would change it (settled case 3)."""
FLIPPED = 0.7
"""A negated cue of favor says against; a negated cue of rejection only hints at favor."""
SOFT_FLIP = 0.35
AGREEMENT = 0.5
"""How much of what is left to certainty a second cue of the same kind adds."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One cue's word on one holder."""

    holder: str
    stance: StanceValue
    weight: float
    sentence: int
    basis: Basis
    reason: str


def read_stances(frame: Frame) -> list[ReadStance]:
    """Return what the rules take for stances, one entry a holder, at the sentence that says most."""
    opinions: dict[str, list[Opinion]] = {}
    for view in frame.views:
        if view.sentence.is_title or not _relates(frame, view):
            continue
        for opinion in _opinions(frame, view):
            opinions.setdefault(opinion.holder, []).append(opinion)
    return [_sum_up(holder, found) for holder, found in sorted(opinions.items())]


def _sum_up(holder: str, found: list[Opinion]) -> ReadStance:
    scores: dict[StanceValue, float] = {}
    for opinion in sorted(found, key=lambda opinion: -opinion.weight):
        before = scores.get(opinion.stance)
        add = opinion.weight if before is None else AGREEMENT * opinion.weight * (1 - before)
        scores[opinion.stance] = (before or 0.0) + add
    best = max(scores, key=lambda stance: scores[stance])
    total = max(1.0, sum(scores.values()))
    shown = max((opinion for opinion in found if opinion.stance == best), key=lambda opinion: opinion.weight)
    reasons = tuple(dict.fromkeys(opinion.reason for opinion in found if opinion.stance == best))
    probabilities = {stance: score / total for stance, score in scores.items()}
    return ReadStance(holder, probabilities, shown.sentence, shown.basis, reasons[:4])


def _relates(frame: Frame, view: View) -> bool:
    """Whether a sentence speaks of ties of the watch: it has a word of ties, and a side is named or meant."""
    if not (view.of("topic") or view.of("step") or view.of("noun")):
        return False
    index = view.sentence.index
    near = frame.named(index) | frame.recent(index)
    if frame.watch.is_pair:
        return near >= frame.sides or bool(frame.named(index) & frame.sides) or bool(view.of("pair"))
    return frame.watch.first in near


def _opinions(frame: Frame, view: View) -> Iterator[Opinion]:
    conditional = False
    barrier = _barrier(view)
    for hit in view.of("stance"):
        holder = _holder(frame, view, hit)
        if holder is None:
            continue
        stance, weight = _direction(view, hit)
        if weight <= 0:
            continue
        if barrier and stance != "against":
            continue
        conditional = conditional or stance == "conditional"
        yield _opinion(frame, view, holder, stance, weight, hit.cue.id)
    if barrier:
        holder = _holder(frame, view, barrier)
        if holder is not None:
            yield _opinion(frame, view, holder, "against", UNTIL, barrier.cue.id)


def _opinion(frame: Frame, view: View, holder: str, stance: StanceValue, weight: float, reason: str) -> Opinion:
    attributed = view.speaker is not None and view.speaker != holder
    return Opinion(holder, stance, weight, view.sentence.index, "attributed" if attributed else "self", reason)


def _direction(view: View, hit: CueHit) -> tuple[StanceValue, float]:
    value: StanceValue = hit.cue.value  # type: ignore[assignment]
    weight = hit.cue.weight * (CONDITION if value == "conditional" else SURE)
    if value != "conditional" and is_negated(view, hit.start):
        return ("against", FLIPPED * hit.cue.weight) if value == "favor" else ("favor", SOFT_FLIP * hit.cue.weight)
    return value, weight


def _barrier(view: View) -> CueHit | None:
    """Return the word of a "no … until …" of the sentence: a refusal with what would end it."""
    for until in view.of("neg", "until"):
        for no in view.of("neg", "not"):
            if no.start < until.start:
                return until
    return None


def _holder(frame: Frame, view: View, hit: CueHit) -> str | None:
    """Return whose attitude the cue at ``hit`` tells: its subject, else whoever speaks."""
    by = _agent_behind(view, hit)
    if by is not None:
        return by
    left, _ = view.clause(hit.start)
    before = [mention for mention in view.actors() if mention.end <= hit.start]
    subjects = [mention for mention in before if not view.is_oblique(mention)]
    here = [mention for mention in subjects if mention.start >= left]
    if here:
        return here[-1].code
    if view.speaker is not None:
        return view.speaker
    return subjects[0].code if subjects else None


def _agent_behind(view: View, hit: CueHit) -> str | None:
    """Return who stands behind a passive's or a noun's "by"."""
    words = view.document.clean
    for mention in view.actors():
        if mention.start >= hit.end and mention.start - hit.end <= NEGATION_REACH:
            return mention.code if words[hit.end : mention.start].strip().lower() in ("by", "by the") else None
    return None
