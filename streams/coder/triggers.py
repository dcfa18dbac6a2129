"""Words that tell a step: a cue of its own ("met"), or a thing and what is done to it ("embassy", "reopened")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from streams.coder.cues import CueHit, Form
from streams.coder.view import View
from streams.records import EventType

STEP = 0.8
"""A cue that tells a step by itself."""
THING_AND_ACT = 0.75
"""A thing and what is done to it in one clause."""
BARE_TALKS = 0.6
"""A meeting named without what became of it: it may be one that never came about."""
ABSENCE = 0.7
"""A mission or ties with a "no" before them."""
JOURNEY = 0.45
"""A president, minister or official in another's country: often, not always, a visit."""
ABROAD = frozenset({"in", "to", "at", "into"})
"""Words between somebody who travels and where to."""
REACH = 70
"""Letters between a thing and what is done to it: about twelve words."""
CALLED_REACH = 140
"""Letters behind the step's words within which "has been put off" still speaks of them."""
CALLED_OFF = frozenset(
    (
        *("cancel", "cancels", "cancelled", "canceled", "cancellation", "postpone", "postpones", "postponed"),
        *("postponement", "called off", "calls off", "call off", "put off", "puts off", "shelved", "scrapped"),
    )
)
"""Words that say of any step that it does not take place."""
NEGATION_REACH = 28
"""Letters between a "not" and what it negates: about five words."""

COMBINATIONS: tuple[tuple[str, str, EventType], ...] = (
    ("mission", "open", "diplomatic_ties"),
    ("mission", "restore", "diplomatic_ties"),
    ("envoy", "appoint", "diplomatic_ties"),
    ("ties", "restore", "diplomatic_ties"),
    ("pact", "sign", "agreement"),
    ("sanctions", "lift", "sanctions_relief"),
    ("link", "resume", "economic_link"),
    ("link", "halt", "economic_link"),
    ("seat", "readmit", "readmission"),
    ("troops", "withdraw", "deescalation"),
    ("captives", "swap", "deescalation"),
    ("captives", "release", "gesture"),
    ("truce", "truce", "deescalation"),
    ("aid", "give", "gesture"),
)
"""Thing, act and the step that the two make."""
UNDOING = frozenset({"halt"})
"""Acts that end a link: a step that is denied (settled case 17)."""
COURTESIES = ("condol", "congrat", "wishes", "greetings")
"""Parts of the cues of a gesture that are mere courtesy inside a meeting."""
ABSENT: dict[str, EventType] = {"mission": "diplomatic_ties", "ties": "diplomatic_ties", "envoy": "diplomatic_ties"}
"""Things whose absence is a step denied (settled case 6)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A place in a sentence that tells a step."""

    type: EventType
    start: int
    end: int
    form: Form
    strength: float
    undone: bool
    reasons: tuple[str, ...]


def find_triggers(view: View) -> list[Trigger]:
    """Return the triggers of a sentence, of each type those that are not within or beside a stronger one."""
    known: list[Trigger] | None = view.memo.get("triggers")
    if known is None:
        known = view.memo["triggers"] = _find(view)
    return known


def _find(view: View) -> list[Trigger]:
    found = [*_steps(view), *_combinations(view), *_absences(view), *_bare(view), *_journeys(view)]
    found.sort(key=lambda trigger: (-trigger.strength, trigger.start))
    if any(trigger.type == "talks" and trigger.strength >= STEP for trigger in found):
        # Condolences or congratulations within a call or a visit are part of it (settled case 19).
        found = [trigger for trigger in found if not _is_courtesy(trigger)]
    kept: list[Trigger] = []
    for trigger in found:
        if not any(_same(trigger, other, view) for other in kept):
            kept.append(trigger)
    return kept


def _is_courtesy(trigger: Trigger) -> bool:
    return trigger.type == "gesture" and any(word in trigger.reasons[0] for word in COURTESIES)


def _same(trigger: Trigger, other: Trigger, view: View) -> bool:
    if trigger.type != other.type:
        return False
    overlap = trigger.start < other.end and other.start < trigger.end
    return overlap or view.clause(trigger.start) == view.clause(other.start)


def _steps(view: View) -> Iterable[Trigger]:
    for hit in view.of("step"):
        yield _trigger(hit.cue.value, [hit], hit.cue.form, STEP * hit.cue.weight)


def _combinations(view: View) -> Iterable[Trigger]:
    things = view.of("noun")
    acts = view.of("act")
    if not (things and acts):
        return
    for thing_value, act_value, kind in COMBINATIONS:
        for thing in (hit for hit in things if hit.cue.value == thing_value):
            near = [
                act
                for act in acts
                if act.cue.value == act_value
                and _gap(thing, act) <= REACH
                and view.clause(thing.start) == view.clause(act.start)
                and (act.start >= thing.end or act.end <= thing.start)
            ]
            if near:
                act = min(near, key=lambda act: _gap(thing, act))
                weight = THING_AND_ACT * thing.cue.weight * act.cue.weight
                yield _trigger(kind, [thing, act], act.cue.form, weight, undone=act_value in UNDOING)


def _absences(view: View) -> Iterable[Trigger]:
    for thing in view.of("noun"):
        kind = ABSENT.get(thing.cue.value)
        if kind and view.word_before(thing.start) == "no":
            yield replace(_trigger(kind, [thing], "fixed", ABSENCE), undone=True)


def _bare(view: View) -> Iterable[Trigger]:
    for hit in view.of("noun", "talks"):
        yield _trigger("talks", [hit], "fixed", BARE_TALKS * hit.cue.weight)
    for hit in view.of("bare"):
        yield _trigger(hit.cue.value, [hit], "fixed", hit.cue.weight)


def _journeys(view: View) -> Iterable[Trigger]:
    """Yield talks where somebody who speaks for one actor stands "in" or "to" the place of another."""
    people = [mention for mention in view.actors() if mention.form in ("person", "office")]
    for place in view.actors():
        if place.form not in ("capital", "name") or view.word_before(place.start) not in ABROAD:
            continue
        left, right = view.clause(place.start)
        if any(left <= person.start < right and person.code != place.code for person in people):
            yield Trigger("talks", place.start, place.end, "fixed", JOURNEY, False, ("journey",))


def _gap(one: CueHit, other: CueHit) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _trigger(kind: str, hits: list[CueHit], form: Form, strength: float, *, undone: bool = False) -> Trigger:
    # The act carries the tense, and stands last in ``hits``: its place is where the date belongs.
    last = hits[-1]
    reasons = tuple(hit.cue.id for hit in hits)
    return Trigger(kind, last.start, last.end, form, strength, undone, reasons)  # type: ignore[arg-type]


def is_called_off(view: View, position: int) -> bool:
    """Whether the sentence says behind ``position``, or shortly before it, that the step does not take place."""
    left, _ = view.clause(position)
    return any(
        hit.cue.surface in CALLED_OFF and (hit.start >= left and hit.start - position <= CALLED_REACH)
        for hit in view.of("status", "denied")
    )


def is_negated(view: View, position: int) -> bool:
    """Whether a "not" stands shortly before ``position`` in its clause."""
    left, _ = view.clause(position)
    return any(left <= hit.start and 0 <= position - hit.end <= NEGATION_REACH for hit in view.of("neg", "not"))
