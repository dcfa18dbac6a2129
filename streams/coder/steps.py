"""From what a reader found in sentences to the steps of an article: parties, mediators, status, date, once each.

Works on the values of any reader: where a reader does not say which words tell the step, the cues do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from streams.coder.model import ActorMention, ReadStep, Telling
from streams.coder.triggers import find_triggers, is_called_off
from streams.coder.view import Frame, View
from streams.records import EventType, Level, Status

STEP_THRESHOLD = 0.5
"""Probability from which a step counts, where the reader's notes (``step``) do not set another."""
SURE_OF_STATUS = 0.75
"""A plain word of cancelling overrules a reader that is less sure of another status than this."""
AGAIN = 0.6
"""Probability that a further step of one type and parties needs, where the notes (``again``) do not set another:
a step told twice reads like two steps, and the surest telling is mostly the only one."""
OTHER_STATUS = 0.6
"""The same for the surest further step of another status, where ``again`` is not less."""
MAX_PARTIES = 4
"""Parties of one step: a longer list is a conference, and its members are not all sides of one step."""
RANK: dict[Status, int] = {"denied": 3, "occurred": 2, "planned": 1, "proposed": 0}
"""Of two tellings of one step the further status counts; a step planned and then called off is denied."""

JOINT: frozenset[EventType] = frozenset({"agreement"})
"""Steps that a list of partners takes as one: who signs "with Qatar and Turkey" signs one paper."""
DEFINITE = frozenset({"the", "this", "that", "such", "these", "those"})
"""Words before a noun that point back to a step told before: "the visit"."""
DateOf = Callable[["Step", bool], "str | None"]
"""Gives the date of a step; the flag says whether it may be another sentence's or the story's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as one article tells it."""

    type: EventType
    parties: tuple[str, ...]
    mediators: tuple[str, ...]
    status: Status
    date: str | None
    probability: float
    sentence: int
    anchor: tuple[int, int]
    level: Level
    called_off: bool
    definite: bool
    """Told by a noun that points back: "the visit"."""
    reasons: tuple[str, ...]
    statuses: Mapping[Status, float] = field(default_factory=dict)
    """How likely each status is; empty where its own is not in doubt."""
    tellings: tuple[Telling, ...] = ()
    """Other sentences that may tell it."""


def settle_steps(
    frame: Frame, read: Iterable[ReadStep], date_of: DateOf, threshold: float, again: float = AGAIN
) -> list[Step]:
    """Return the article's steps in order of their sentences.

    Of several steps of one type and parties those beside the surest need the probability ``again``.
    """
    sure = [step for step in read if step.probability >= threshold]
    steps = [_settle(frame, step, date_of) for step in _together(frame, sure)]
    told = merge([step for step in steps if len(step.parties) > 1])
    return [_dated(step, date_of) for step in told if step.probability >= _needed(step, told, again)]


def _needed(step: Step, told: Sequence[Step], again: float) -> float:
    """Return the probability that a step needs beside the others of its type and parties."""
    same = [other for other in told if (other.type, other.parties) == (step.type, step.parties)]
    if step is max(same, key=lambda one: one.probability):
        return 0.0
    # What has come about and what is to come are hardly ever one step told twice.
    alike = [other for other in same if other.status == step.status]
    return min(again, OTHER_STATUS) if step is max(alike, key=lambda one: one.probability) else again


def _dated(step: Step, date_of: DateOf) -> Step:
    """Return ``step`` with the date that all of its tellings speak for.

    One that points back has its own sentence's, or the story's where it points to nothing that the article tells.
    """
    if step.definite and (step.date or step.status != "occurred"):
        return step
    return replace(step, date=date_of(step, True))


def _together(frame: Frame, read: Sequence[ReadStep]) -> list[ReadStep]:
    """Join the steps of one sentence whose partners stand in one list with the first side."""
    if frame.watch.is_pair:
        return list(read)
    kept: list[ReadStep] = []
    for step in read:
        other = next((k for k in kept if k.sentence == step.sentence and k.type == step.type), None)
        if other and _is_joint(frame, other, step):
            partners = tuple(dict.fromkeys((*other.partners, *step.partners)))
            best = max(other, step, key=lambda one: one.probability)
            kept[kept.index(other)] = replace(best, partners=partners)
        else:
            kept.append(step)
    return kept


def _is_joint(frame: Frame, one: ReadStep, other: ReadStep) -> bool:
    """Whether two partners of one sentence take one step: all in one list, or both in a list that signs with it."""
    partners = {*one.partners, *other.partners}
    listed = {frame.watch.first, *partners}
    return _listed(frame, listed, one.sentence) or (one.type in JOINT and _listed(frame, partners, one.sentence))


def _listed(frame: Frame, codes: set[str], index: int) -> bool:
    view = frame.views[index]
    if len(codes) > MAX_PARTIES:
        return False
    return any(codes <= {member.code for member in view.group(mention)} for mention in view.actors())


def _settle(frame: Frame, step: ReadStep, date_of: DateOf) -> Step:
    view = frame.views[step.sentence]
    anchor = step.anchor or anchor_of(view, step.type)
    parties = _parties(frame, step)
    status = _status(view, anchor, step)
    definite = is_definite(view, anchor)
    made = Step(
        type=step.type,
        parties=parties,
        mediators=mediators(frame, view, frozenset(parties)),
        status=status,
        date=None,
        probability=step.probability,
        sentence=step.sentence,
        anchor=anchor,
        level=_level(view, frozenset(parties)),
        called_off=is_called_off(view, anchor[0]),
        definite=definite,
        reasons=(*step.reasons, _told(step.status)),
    )
    # Which tellings are one step hangs on what each says by itself: their other meanings are added when it is known.
    date = date_of(made, not definite)
    overruled = step.status.get(status, 0.0) < max(step.status.values())
    return replace(made, date=date, statuses={} if overruled else step.status, tellings=step.tellings)


def is_definite(view: View, anchor: tuple[int, int]) -> bool:
    """Whether a step is told by a noun that points back: "the visit"."""
    before = view.document.clean[view.sentence.start : anchor[0]].split()
    return bool(before) and before[-1].lower() in DEFINITE


def _told(status: Mapping[Status, float]) -> str:
    ranked = sorted(status.items(), key=lambda item: -item[1])
    return " ".join(f"{value} {probability:.2f}" for value, probability in ranked[:2])


def anchor_of(view: View, kind: EventType) -> tuple[int, int]:
    """Return the words of a sentence that tell a step of a type, else the whole of it."""
    for trigger in find_triggers(view):
        if trigger.type == kind:
            return trigger.start, trigger.end
    return view.sentence.start, view.sentence.end


def _parties(frame: Frame, step: ReadStep) -> tuple[str, ...]:
    if frame.watch.is_pair:
        return tuple(sorted(frame.sides))
    return tuple(sorted({frame.watch.first, *step.partners[:MAX_PARTIES]}))


def _status(view: View, anchor: tuple[int, int], step: ReadStep) -> Status:
    best = max(step.status, key=lambda status: step.status[status])
    if best != "denied" and step.status[best] < SURE_OF_STATUS and is_called_off(view, anchor[0]):
        return "denied"
    return best


def _level(view: View, parties: frozenset[str]) -> Level:
    levels = {mention.level for mention in view.mentions if mention.code in parties}
    for level in ("leader", "minister", "official"):
        if level in levels:
            return level
    return "unknown"


def mediators(frame: Frame, view: View, parties: frozenset[str]) -> tuple[str, ...]:
    """Return the third parties that host or broker the step of a sentence."""
    shut_out = {*parties, *frame.watch.inside}
    third = [mention for mention in view.mentions if mention.code not in shut_out and "-" not in mention.code]
    return tuple(sorted({mention.code for mention in third if _is_host(frame, view, mention, parties)}))


def _is_host(frame: Frame, view: View, mention: ActorMention, parties: frozenset[str]) -> bool:
    if any(0 <= mention.start - hit.end <= 5 for hit in view.of("host", "by")):
        return True
    if any(0 <= hit.start - mention.end <= 40 for hit in view.of("host", "acts")) and not mention.attributive:
        return not view.is_oblique(mention)
    if view.is_place(mention):
        return True
    listed = {member.code for member in view.group(mention)}
    return frame.watch.allied(mention.code, view.document.published.date()) and len(listed & parties) > 1


def merge(steps: Sequence[Step]) -> list[Step]:
    """Return ``steps`` with those that tell the same step made one, in order of their sentences."""
    kept: list[Step] = []
    # What points back is settled last, so that there is something to point to ("the visit … Assad visited").
    for step in sorted(steps, key=lambda step: (step.definite, step.sentence)):
        same = _pointed_to if step.definite else _is_same
        place = next((i for i, other in enumerate(kept) if same(other, step)), None)
        if place is None:
            kept.append(step)
        else:
            kept[place] = _merged(kept[place], step)
    return sorted(kept, key=lambda step: (step.sentence, step.anchor))


def _pointed_to(known: Step, step: Step) -> bool:
    """Whether ``step`` ("the visit") can be the known one: all fits, unless it has a date of its own."""
    return known.type == step.type and _within(known.parties, step.parties) and _dates_fit(known, step)


def _dates_fit(one: Step, other: Step) -> bool:
    if one.date is None or other.date is None:
        return True
    return one.date.startswith(other.date) or other.date.startswith(one.date)


def _is_same(one: Step, other: Step) -> bool:
    if one.type != other.type or not _within(one.parties, other.parties):
        return False
    if one.date and other.date:
        return _dates_fit(one, other)
    if one.status == other.status or {one.status, other.status} == {"planned", "proposed"}:
        return True
    # A plan and its cancelling are one step; a plain "no" may speak of another.
    return "occurred" not in (one.status, other.status) and (one.called_off or other.called_off)


def _within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return set(one) <= set(other) or set(other) <= set(one)


def _merged(one: Step, other: Step) -> Step:
    """Keep the telling that is surest; take the further status, the finer date, all parties and mediators."""
    best, rest = (one, other) if one.probability >= other.probability or other.definite else (other, one)
    if other.definite:
        # "The visit would give momentum" says nothing of the visit's status, "the visit is cancelled" does.
        status: Status = "denied" if other.called_off and one.status != "occurred" else one.status
    else:
        status = max(one.status, other.status, key=lambda status: RANK[status])
    again = Telling(rest.sentence, rest.probability, rest.statuses or {rest.status: 1.0})
    return replace(
        best,
        parties=max(one.parties, other.parties, key=len),
        mediators=tuple(sorted({*one.mediators, *other.mediators})),
        status=status,
        date=max(one.date or "", other.date or "", key=len) or None,
        called_off=one.called_off or other.called_off,
        level=best.level if best.level != "unknown" else rest.level,
        statuses=best.statuses if status == best.status else {},
        tellings=(*best.tellings, again, *rest.tellings),
    )
