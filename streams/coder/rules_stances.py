"""Stances by rules: what each holder's signs of attitude come to over an article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from streams.coder.attitudes import STRONG, SURE, Sign, find_barrier, find_signs
from streams.coder.calibration import stance_probabilities
from streams.coder.holders import holders_of, refusers_of
from streams.coder.model import ReadStance
from streams.coder.view import Frame, View
from streams.records import Basis, StanceValue

AGREEMENT = 0.25
"""How much of what is left to certainty a further sentence of the same stance adds."""
CRITICAL = 1.4
"""How much more a word of rejection means from an opposition or association, which has no tone of office to keep."""
READY = ("ready", "readiness", "prepared", "willing", "would", "open to")
"""Words of readiness: with an "if" they make a condition."""
REASONS = 4
"""Reasons that are told of one stance."""


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
    for view in frame.views if _relates(frame) else ():
        if view.sentence.is_title:
            continue
        for opinion in opinions_of(frame, view):
            if opinion.holder == frame.watch.first and not _has_other(frame, view):
                continue
            opinions.setdefault(opinion.holder, []).append(opinion)
    return [_sum_up(holder, found) for holder, found in sorted(opinions.items())]


def _sum_up(holder: str, found: Sequence[Opinion]) -> ReadStance:
    """Weigh one holder's opinions; the best sentence of a stance counts, further ones add a little."""
    scores: dict[StanceValue, float] = {}
    for opinion in sorted(found, key=lambda opinion: -opinion.weight):
        before = scores.get(opinion.stance, 0.0)
        scores[opinion.stance] = before + (AGREEMENT if before else 1.0) * opinion.weight * (1 - before)
    best = max(scores, key=lambda stance: (scores[stance], stance != "favor"))
    total = max(1.0, sum(scores.values()))
    shown = max((opinion for opinion in found if opinion.stance == best), key=lambda opinion: opinion.weight)
    reasons = tuple(dict.fromkeys(opinion.reason for opinion in found if opinion.stance == best))
    probabilities = stance_probabilities({stance: score / total for stance, score in scores.items()}, best)
    return ReadStance(holder, probabilities, shown.sentence, shown.basis, reasons[:REASONS])


def _relates(frame: Frame) -> bool:
    """Whether the article can speak of the watch: it names all its sides.

    Reactions follow the news in a chain that does not name the sides again, so that the article is read
    throughout; whether a cue speaks of ties is asked of each cue.
    """
    return frame.actors.codes() >= frame.sides


def _has_other(frame: Frame, view: View) -> bool:
    """Whether a watch's only side speaks of somebody else and not of its own affairs (settled case 14)."""
    if frame.watch.is_pair:
        return True
    index = view.sentence.index
    return bool((frame.named(index) | frame.recent(index)) - {frame.watch.first, *frame.watch.inside})


def opinions_of(frame: Frame, view: View) -> Iterator[Opinion]:
    """Yield what one sentence says of its holders: of each holder and clause the sign that governs."""
    found: dict[str, list[Sign]] = {}
    for sign in find_signs(frame, view):
        for holder in holders_of(frame, view, sign.hit):
            found.setdefault(holder, []).append(sign)
    barrier = find_barrier(view)
    if barrier is not None:
        # "There can be no talks until …": such sentences often have no subject but their speaker.
        for holder in [view.speaker] if view.speaker else refusers_of(frame, view, barrier.hit):
            found.setdefault(holder, []).append(barrier)
    for holder, signs in found.items():
        for sign in _governing(view, signs):
            weight = min(1.0, sign.weight * CRITICAL) if sign.stance == "against" and "-" in holder else sign.weight
            yield Opinion(holder, sign.stance, weight, view.sentence.index, _basis(view, holder), sign.hit.cue.id)


def _basis(view: View, holder: str) -> Basis:
    return "attributed" if view.speaker is not None and view.speaker != holder else "self"


def _governing(view: View, signs: Sequence[Sign]) -> list[Sign]:
    """Keep, of one holder's signs in a sentence, those that decide.

    A barrier outweighs all ("no talks until"); a strong condition outweighs the readiness that it limits; in a
    clause the first strong cue governs those behind it ("discourages others from restoring ties").
    """
    if any(sign.stance == "against" and sign.hit.cue.kind == "neg" and sign.hit.cue.value != "not" for sign in signs):
        return [sign for sign in signs if sign.stance == "against"]
    conditions = [sign for sign in signs if sign.stance == "conditional"]
    if any(sign.hit.cue.weight >= STRONG for sign in conditions):
        return conditions
    ready = any(sign.stance == "favor" and sign.hit.cue.surface.startswith(READY) for sign in signs)
    ifs = [replace(sign, weight=SURE) for sign in conditions if sign.hit.cue.surface == "if"]
    if ready and ifs:
        return ifs
    kept: list[Sign] = []
    ruled: dict[tuple[int, int], StanceValue] = {}
    for sign in sorted(signs, key=lambda sign: sign.hit.start):
        clause = view.clause(sign.hit.start)
        if ruled.get(clause, sign.stance) != sign.stance:
            continue
        if sign.hit.cue.weight >= STRONG or sign.stance == "against":
            ruled.setdefault(clause, sign.stance)
        kept.append(sign)
    return kept
