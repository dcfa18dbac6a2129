"""Steps by rules: which triggers of a sentence are steps between the sides of the watch, and with whom."""

from __future__ import annotations

from collections.abc import Iterator

from streams.coder.model import ActorMention, ReadStep
from streams.coder.triggers import Trigger, find_triggers, status_of
from streams.coder.view import Frame, View

BOTH_NAMED = 1.0
"""Both sides stand in the sentence."""
BOTH_MEANT = 0.9
"""The sentence speaks of "the two countries" shortly after both were named."""
ONE_NAMED = 0.8
"""One side stands in the sentence, the other shortly before it."""
ONE_AND_STRANGER = 0.4
"""One side stands in the sentence with somebody else: the step is likely with that one."""
NONE_NAMED = 0.6
"""Nobody is named: it depends on how much the article is about the sides."""


def read_steps(frame: Frame) -> Iterator[ReadStep]:
    """Yield what the rules take for steps of the frame's watch; the title is not read."""
    for view in frame.views:
        if view.sentence.is_title:
            continue
        for trigger in find_triggers(view):
            related = _pair(frame, view) if frame.watch.is_pair else 1.0
            if related <= 0:
                continue
            if frame.watch.is_pair:
                yield _step(view, trigger, trigger.strength * related, ())
            else:
                yield from _with_partners(frame, view, trigger)


def _step(view: View, trigger: Trigger, probability: float, partners: tuple[str, ...]) -> ReadStep:
    return ReadStep(
        type=trigger.type,
        sentence=view.sentence.index,
        probability=probability,
        status=status_of(view, trigger.start, trigger.end, trigger.form, undone=trigger.undone),
        partners=partners,
        reasons=trigger.reasons,
        anchor=(trigger.start, trigger.end),
    )


def _pair(frame: Frame, view: View) -> float:
    """Return how surely a sentence is about the two sides of a pair."""
    index = view.sentence.index
    named = frame.named(index)
    sides = named & frame.sides
    strangers = {code.partition("-")[0] for code in named} - frame.sides
    recent = frame.recent(index)
    if sides == frame.sides:
        return BOTH_NAMED
    if view.of("pair") and (sides | recent) >= frame.sides:
        return BOTH_MEANT
    if sides:
        if strangers:
            return ONE_AND_STRANGER
        return ONE_NAMED if (sides | recent) >= frame.sides else ONE_NAMED * max(frame.focus, 0.5)
    if strangers:
        return 0.0
    return NONE_NAMED * frame.focus


def _with_partners(frame: Frame, view: View, trigger: Trigger) -> Iterator[ReadStep]:
    """Yield a step for each partner where the watch has one side only."""
    index = view.sentence.index
    first = frame.watch.first
    here = first in frame.named(index)
    if not here and first not in frame.recent(index):
        return
    related = BOTH_NAMED if here else ONE_NAMED
    group = _partners(frame, view, trigger)
    if group:
        together = any(mention.code == first for mention in group)
        codes = tuple(dict.fromkeys(mention.code for mention in group if mention.code in frame.partners))
        strength = trigger.strength * related
        if together:
            yield _step(view, trigger, strength, codes)
        else:
            for code in codes:
                yield _step(view, trigger, strength, (code,))
    elif here and not (frame.named(index) - {first}):
        carried = frame.recent(index) & frame.partners
        if len(carried) == 1:
            yield _step(view, trigger, trigger.strength * ONE_NAMED * BOTH_MEANT, tuple(carried))


def _partners(frame: Frame, view: View, trigger: Trigger) -> list[ActorMention]:
    """Return the list of actors nearest to the trigger that holds a partner."""
    candidates = [mention for mention in view.actors() if mention.code in frame.partners]
    if not candidates:
        candidates = [mention for mention in view.mentions if mention.code in frame.partners]
    if not candidates:
        return []
    left, right = view.clause(trigger.start)

    def distance(mention: ActorMention) -> float:
        gap = max(mention.start - trigger.end, trigger.start - mention.end, 0)
        outside = not left <= mention.start < right
        place = mention.form == "capital" and view.word_before(mention.start) in ("in", "at")
        return gap + 80 * outside + 60 * place

    return view.group(min(candidates, key=distance))
