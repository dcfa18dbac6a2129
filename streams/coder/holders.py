"""Whose attitude a cue tells: its subject, the list that the subject stands in, or whoever speaks."""

from __future__ import annotations

from streams.coder.cues import CueHit
from streams.coder.model import ActorMention
from streams.coder.view import Frame, View

BY_REACH = 28
"""Letters between a passive or a noun and the "by" of who does it."""
BE = frozenset({"was", "were", "been", "being", "be"})
"""Words that make a participle a passive."""
BORNE = frozenset(
    (
        *("despite", "amid", "faces", "faced", "facing", "face", "drew", "draws", "sparked", "sparks", "provoked"),
        *("prompted", "ignored", "ignoring", "dismissed", "rejected", "overcame", "overcome", "fears"),
        *("defied", "defying", "met", "under", "brought", "caused", "triggered", "stirred", "raised"),
    )
)
"""Words before the outcry of others that the subject meets with."""
PERSONAL = ("no intention", "no interest", "no desire", "no wish", "no appetite", "no longer", "no part", "no response")
"""Beginnings of cues that look like verdicts and tell the subject's own mind."""
VERDICT_HEADS = """
premature|not the|no |too early|too soon|a step|step back|unaccept|betrayal|treason|capitulation|
surrender|sell-out|sellout|stab in|a reward|as a reward|reward for|rewards|rewarding|appeasement|
a mistake|mistake|hypocrisy|lifeline|shame|disgrace|humiliat|nothing to|gift|a gift|defeat|crime|wrong|
dangerous|naive|illeg|scandal|out of the|not on|off the table|not up for|not for|unthinkable|
inconceivable|can be|could be|will be|would be|shall be|must|should|be |bad |slap|insult|an affront|
affront|grave |historic |strategic |big |huge |terrible |the mistake|an error|error|blunder|folly|
misguided|ill-|unwise|short|foolish|reckless|irrespons|a trap|a farce|charade|a sham|a stunt|free pass|
blank |blood |legitimacy|unforgiv|inexcus|indefens|disast|catastroph|calamity|dark day|black day|sad day|
day of|unconstitutional|null and|does not|do not deserve|did not deserve|not deserve|not merit|not worth|
cannot be|can't be|could not be|not to be|impossible|what it was|as it was|nothing has|nothing had|
nothing changes|sanctions in|kowtowing|killer|murder|butcher|criminal|war criminal|terrorist|pariah|
dictator|tyrant
"""
VERDICTS = tuple(VERDICT_HEADS.replace("\n", "").split("|"))
"""Beginnings of cues whose subject is the thing judged."""
STAND_IN = frozenset({"of", "from", "to", "for"})
"""Words before an actor that can stand in for the subject where a sentence names no other."""


def holders_of(frame: Frame, view: View, hit: CueHit) -> list[str]:
    """Return whose attitude the cue at ``hit`` tells: its subject and its list, else whoever speaks."""
    by = _agent_behind(view, hit)
    if by is not None:
        return _codes(view, by)
    if _is_suffered(view, hit):
        return []
    if view.speaker is not None and is_verdict(view, hit):
        return [view.speaker]
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
    if behind:
        return _codes(view, behind[0])
    return _carried(frame, view, hit) if hit.cue.value != "favor" else []


def is_verdict(view: View, hit: CueHit) -> bool:
    """Whether the cue judges and its subject is what is judged: in "Syria does not merit it" it is the speaker's."""
    surface = hit.cue.surface
    return hit.cue.value == "against" and surface.startswith(VERDICTS) and not surface.startswith(PERSONAL)


def _is_suffered(view: View, hit: CueHit) -> bool:
    """Whether others hold the cue and the subject only bears it: "was condemned", "despite criticism"."""
    words = [word.lower().strip(".,") for word in view.words_before(hit.start)[-2:]]
    if hit.cue.form == "past":
        return bool(words) and words[-1] in BE
    return hit.cue.form == "fixed" and hit.cue.value == "against" and not BORNE.isdisjoint(words)


def _carried(frame: Frame, view: View, hit: CueHit) -> list[str]:
    """Return who spoke right before, where the sentence names nobody who could hold the cue: free indirect speech."""
    index = view.sentence.index
    if not index or any(view.is_subject(one) for one in view.actors() if one.start < hit.start):
        return []
    before = frame.views[index - 1]
    if before.sentence.paragraph != view.sentence.paragraph:
        return []
    return [before.speaker] if before.speaker is not None else []


def refusers_of(frame: Frame, view: View, limit: CueHit) -> list[str]:
    """Return who says the "no" of a "no … until": never the subject of what is waited for."""
    comma = view.document.clean.find(",", limit.end, view.sentence.end)
    waited = comma if comma >= 0 else view.sentence.end
    free = [one for one in view.actors() if view.is_subject(one) and not limit.start <= one.start < waited]
    if free:
        return _codes(view, free[0])
    return _carried(frame, view, limit)


def _codes(view: View, mention: ActorMention) -> list[str]:
    return list(dict.fromkeys(member.code for member in view.group(mention)))


def _agent_behind(view: View, hit: CueHit) -> ActorMention | None:
    """Return who stands behind a passive's or a noun's "by"."""
    words = view.document.clean
    for mention in view.actors():
        if hit.end <= mention.start <= hit.end + BY_REACH:
            return mention if words[hit.end : mention.start].strip(" :,").lower() in ("by", "by the") else None
    return None
