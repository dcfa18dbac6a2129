"""Steps by rules: which triggers of a sentence are steps between the sides of the watch, and with whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.coder.calibration import STEP, on_line
from streams.coder.model import ActorMention, ReadStep
from streams.coder.status import status_of
from streams.coder.triggers import BARE_TALKS, Trigger, find_triggers, is_negated
from streams.coder.view import Frame, View
from streams.watches.codes import BODIES

BOTH_NAMED = 1.0
"""Both sides stand in the sentence."""
BOTH_MEANT = 0.9
"""The sentence speaks of "the two countries" shortly after both were named."""
ONE_NAMED = 0.8
"""One side stands in the sentence, the other shortly before it."""
ONE_AND_STRANGER = 0.4
"""One side stands in the sentence with somebody else: the step is likely with that one."""
CARRIED = 0.7
"""Only the first side is named: the step is likely with the partner that the article is about."""
UNNAMED = 0.6
"""The partner only stands in front of a thing ("a Saudi aircraft", "the Iraqi border")."""
BARE = 0.5
"""A thing without an act beside a watch's only side: it is mostly somebody else's."""
MAX_LIST = 3
CROWD = 0.3
"""What a step with one of a longer list of partners keeps of its weight."""
ELSEWHERE = 80
"""Letters that a partner in another clause counts as further away."""
PLACE = 60
"""Letters that a partner counts as further away where it only says where the step took place."""
DEFAULT_BODY = "LAS"
"""The body that Arab states return to; other bodies are named where a return to them is told."""
NONE_NAMED = 0.6
"""Nobody is named: it depends on how much the article is about the sides."""


def read_steps(frame: Frame) -> Iterator[ReadStep]:
    """Yield what the rules take for steps of the frame's watch; the title is not read."""
    for view in frame.views:
        if view.sentence.is_title:
            continue
        for trigger in find_triggers(view):
            if _is_demand(view, trigger) or _is_refusal(view, trigger):
                continue
            related = _pair(frame, view) if frame.watch.is_pair else 1.0
            if related <= 0:
                continue
            if frame.watch.is_pair:
                yield _step(view, trigger, trigger.strength * related, ())
            else:
                yield from _with_partners(frame, view, trigger)


def _is_demand(view: View, trigger: Trigger) -> bool:
    """Whether a withdrawal is only asked for: a condition, not a step (settled case 10)."""
    if trigger.type != "deescalation" or not any(reason.startswith("act.withdraw") for reason in trigger.reasons):
        return False
    status = status_of(view, trigger.type, trigger)
    return status["proposed"] >= max(status["occurred"], status["planned"])


def _is_refusal(view: View, trigger: Trigger) -> bool:
    """Whether relief or trade is only refused in general ("no lifting of sanctions until …"): a stance, no step."""
    if trigger.type not in ("sanctions_relief", "economic_link") or trigger.undone:
        return False
    return is_negated(view, trigger.start) and bool(view.of("neg", "until") or view.of("neg", "before"))


def _step(view: View, trigger: Trigger, probability: float, partners: tuple[str, ...]) -> ReadStep:
    return ReadStep(
        type=trigger.type,
        sentence=view.sentence.index,
        probability=on_line(STEP, probability),
        status=status_of(view, trigger.type, trigger),
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
    if not (here or first in frame.recent(index)) or not _can_be_own(frame, view, trigger, here):
        return
    strength = trigger.strength * (BOTH_NAMED if here else ONE_NAMED)
    if trigger.reasons[0].startswith("bare."):
        strength *= BARE
    if trigger.type == "readmission":
        yield _step(view, trigger, strength, (_body(frame, index),))
        return
    group = _partners(frame, view, trigger)
    if group:
        yield from _with_group(frame, view, trigger, group, strength)
    elif here and trigger.strength > BARE_TALKS and not (frame.named(index) - {first}) and frame.main_partner:
        yield _step(view, trigger, strength * CARRIED, (frame.main_partner,))


def _can_be_own(frame: Frame, view: View, trigger: Trigger, here: bool) -> bool:
    """Whether the step can be one of the first side and not of others at large or of its own opposition."""
    if _of_others(view, trigger) or _with_inside(frame, view, trigger):
        return False
    return trigger.type != "agreement" or (here and bool(view.of("noun", "pact")))


def _with_group(
    frame: Frame, view: View, trigger: Trigger, group: Sequence[ActorMention], strength: float
) -> Iterator[ReadStep]:
    codes = tuple(dict.fromkeys(mention.code for mention in group if mention.code in frame.partners))
    if any(mention.code == frame.watch.first for mention in group):
        yield _step(view, trigger, strength, codes)
        return
    if all(mention.attributive or view.is_place(mention) for mention in group):
        if trigger.type not in ("talks", "diplomatic_ties"):
            return
        strength *= UNNAMED
    # A long list without the first side is a list of signatories or guests, not of partners.
    strength *= 1.0 if len(codes) <= MAX_LIST else CROWD
    yield from (_step(view, trigger, strength, (code,)) for code in codes)


def _with_inside(frame: Frame, view: View, trigger: Trigger) -> bool:
    """Whether the step is one with the opposition or a region of the first side, which is nearer than the side."""
    left, _ = view.clause(trigger.start)
    acting = [mention.code for mention in view.actors() if left <= mention.start < trigger.start]
    if acting and acting[0] in frame.watch.inside:
        return True
    inside = [_gap(mention, trigger) for mention in view.mentions if mention.code in frame.watch.inside]
    own = [_gap(mention, trigger) for mention in view.mentions if mention.code == frame.watch.first]
    return bool(inside) and (not own or min(inside) < min(own))


def _gap(mention: ActorMention, trigger: Trigger) -> int:
    return max(mention.start - trigger.end, trigger.start - mention.end, 0)


def _of_others(view: View, trigger: Trigger) -> bool:
    """Whether the step is one of "countries" or "partners" at large, of whom somebody else speaks."""
    left, _ = view.clause(trigger.start)
    return any(left <= hit.start < trigger.start for hit in view.of("other"))


def _body(frame: Frame, index: int) -> str:
    """Return the body that the first side returns to: the one named here or nearest before."""
    for at in range(index, -1, -1):
        bodies = frame.named(at) & BODIES.keys()
        if bodies:
            return min(bodies)
    return DEFAULT_BODY


def _partners(frame: Frame, view: View, trigger: Trigger) -> list[ActorMention]:
    """Return the list of actors nearest to the trigger that holds a partner."""
    candidates = [mention for mention in view.actors() if mention.code in frame.partners]
    if not candidates:
        # "A Saudi aircraft landed": nobody acts in so many words.
        candidates = [mention for mention in view.mentions if mention.code in frame.partners]
    if not candidates:
        return []
    left, right = view.clause(trigger.start)

    def distance(mention: ActorMention) -> float:
        outside = not left <= mention.start < right
        return _gap(mention, trigger) + ELSEWHERE * outside + PLACE * view.is_place(mention)

    return view.group(min(candidates, key=distance))
