"""From what a reader thinks of each holder, and from the steps taken, to the stances of an article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from streams.coder.model import Reading, ReadStance
from streams.coder.steps import Step
from streams.coder.view import Frame, View
from streams.records import Basis, EventType, StanceValue

STANCE_THRESHOLD = 0.5
"""Probability from which a stance counts, where the reader's notes (by stance) do not set another."""
SECOND_THRESHOLD = 0.75
"""Probability from which a holder gets a second stance beside the first (``second`` in the notes, or ``second
conditional`` and the like for one stance): the guide wants two entries only where the text really tells two."""
PARTICIPATION = 0.85
"""How surely one who takes part in a step of its own will favors it; times the step's own probability."""
NEVER = 1.0
"""Margin by which a deed must be surer than a rejection to go before it (``margin`` in the notes): as a rule
what the article says of a holder goes before what the holder's part in a step lets one think."""
OFFER = 0.75
"""The same for one who proposes a step, the subject of what is proposed."""
SURE_OF_NONE = 0.8
"""A reader that gives a holder this much for "no stance" is believed against the participation rule
(``none`` in the notes)."""
MUTUAL: frozenset[EventType] = frozenset({"talks", "agreement", "deescalation"})
"""Steps that no side takes alone; of the others only the one that acts gets a stance (settled case 2)."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A stance that counts."""

    holder: str
    stance: StanceValue
    basis: Basis
    confidence: float
    sentence: int
    reasons: tuple[str, ...]


def settle_stances(frame: Frame, reading: Reading, steps: Sequence[Step]) -> list[Settled]:
    """Return the stances of an article on a watch: the reader's, then those that taking part shows."""
    found: dict[str, list[Settled]] = {}
    silent: set[str] = set()
    for stance in reading.stances:
        found[stance.holder] = list(_accepted(stance, reading.notes))
        # Only a reader that weighs all stances can be sure of none; one that gives a hint or two cannot.
        none = 1.0 - sum(stance.probabilities.values())
        if none >= reading.notes.get("none", SURE_OF_NONE + 1):
            silent.add(stance.holder)
    for deed in deeds(frame, steps, reading.notes.get("deed", STANCE_THRESHOLD)):
        said = found.get(deed.holder)
        if deed.holder not in silent and (not said or _outdoes(deed, said[0], reading.notes.get("margin", NEVER))):
            found[deed.holder] = [deed]
    return [stance for holder in sorted(found) for stance in found[holder]]


def _outdoes(deed: Settled, said: Settled, margin: float) -> bool:
    return said.stance == "against" and deed.confidence > said.confidence + margin


def _accepted(stance: ReadStance, notes: Mapping[str, float]) -> Iterator[Settled]:
    # Favor is said more lightly than the others: where two weigh the same, it yields.
    ranked = sorted(stance.probabilities.items(), key=lambda item: (-item[1], item[0] == "favor"))
    for number, (value, probability) in enumerate(ranked):
        further = notes.get(f"second {value}", notes.get("second", SECOND_THRESHOLD))
        floor = notes.get(value, STANCE_THRESHOLD) if number == 0 else further
        if probability >= floor:
            place = stance.places.get(value, stance.sentence)
            reasons = (*stance.reasons, _told(ranked))
            yield Settled(stance.holder, value, stance.basis, probability, place, reasons)


def _told(ranked: Sequence[tuple[StanceValue, float]]) -> str:
    return " ".join(f"{value} {probability:.2f}" for value, probability in ranked)


def deeds(frame: Frame, steps: Sequence[Step], floor: float) -> Iterator[Settled]:
    """Yield favor for whoever takes part in a step that came about or is decided (settled case 1)."""
    best: dict[str, Settled] = {}
    for step in steps:
        if step.status == "denied":
            continue
        confidence = step.probability * (OFFER if step.status == "proposed" else PARTICIPATION)
        if confidence < floor:
            continue
        for holder in _participants(frame, step):
            if holder not in best or best[holder].confidence < confidence:
                reasons = (f"takes part: {step.type} {step.status}", *step.reasons)
                best[holder] = Settled(holder, "favor", "self", confidence, step.sentence, reasons)
    yield from best.values()


def _participants(frame: Frame, step: Step) -> set[str]:
    view = frame.views[step.sentence]
    named = {mention.code for mention in view.actors()}
    parties = set(step.parties)
    if step.type in MUTUAL and step.status != "proposed":
        taking = parties if frame.watch.is_pair else parties - _owners_only(frame, view) - (frame.sides - named)
    else:
        taking = _agents(view, step) & parties
        if not taking and step.status != "proposed":
            taking = parties & named if frame.watch.is_pair else (parties & named) - frame.sides
    hosts = {mention.code for mention in view.mentions if mention.form == "capital" or not mention.attributive}
    return taking | (set(step.mediators) & hosts)


def _owners_only(frame: Frame, view: View) -> frozenset[str]:
    """Return the only side where the sentence names it as an owner alone ("Syria's friends met")."""
    own = [mention for mention in view.mentions if mention.code == frame.watch.first]
    owned = [view.document.clean[mention.end : mention.end + 2] == "'s" and view.is_oblique(mention) for mention in own]
    return frame.sides if own and all(owned) else frozenset()


def _agents(view: View, step: Step) -> set[str]:
    """Return who acts in a one-sided step: the subject before the words that tell it, with its list."""
    left, _ = view.clause(step.anchor[0])
    before = [mention for mention in view.actors() if mention.end <= step.anchor[0]]
    subjects = [mention for mention in before if view.is_subject(mention)]
    nearest = [mention for mention in subjects if mention.start >= left] or subjects
    if not nearest:
        return set()
    return {mention.code for mention in view.group(nearest[-1])}
