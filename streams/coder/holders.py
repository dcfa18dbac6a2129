"""Whose attitude a cue tells: its subject, the list that the subject stands in, or whoever speaks."""

from __future__ import annotations

from streams.coder.cues import CueHit
from streams.coder.model import ActorMention
from streams.coder.view import Frame, View

BY_REACH = 28
"""Letters between a passive or a noun and the "by" of who does it."""
STAND_IN = frozenset({"of", "from", "to", "for"})
"""Words before an actor that can stand in for the subject where a sentence names no other."""


def holders_of(frame: Frame, view: View, hit: CueHit) -> list[str]:
    """Return whose attitude the cue at ``hit`` tells: its subject and its list, else whoever speaks."""
    by = _agent_behind(view, hit)
    if by is not None:
        return _codes(view, by)
    left, _ = view.clause(hit.start)
    before = [mention for mention in view.actors() if mention.end <= hit.start]
    subjects = [mention for mention in before if view.is_subject(mention)]
    here = [mention for mention in subjects if mention.start >= left]
    reached = here[-1].end if here else left
    if any(reached <= other.start < hit.start for other in view.of("other")):
        return []  # "any countries that restore their relations"
    if here:
        return _codes(view, here[-1])
    if subjects:
        return _codes(view, subjects[0])
    if view.speaker is not None:
        return [view.speaker]
    # "To the secretary of the PLO it was ...", "the Islamists of the Popular Congress rejected ..."
    behind = [one for one in before if view.word_before(one.start) in STAND_IN and one.code not in frame.sides]
    return _codes(view, behind[0]) if behind else []


def _codes(view: View, mention: ActorMention) -> list[str]:
    return list(dict.fromkeys(member.code for member in view.group(mention)))


def _agent_behind(view: View, hit: CueHit) -> ActorMention | None:
    """Return who stands behind a passive's or a noun's "by"."""
    words = view.document.clean
    for mention in view.actors():
        if hit.end <= mention.start <= hit.end + BY_REACH:
            return mention if words[hit.end : mention.start].strip(" :,").lower() in ("by", "by the") else None
    return None
