"""Cues of attitude in a sentence: which of them speak of ties, and which way they point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.coder.cues import CueHit
from streams.coder.holders import is_verdict
from streams.coder.triggers import is_negated
from streams.coder.view import Frame, View
from streams.records import StanceValue

SURE = 0.75
"""A strong cue of attitude near words of ties."""
UNTIL = 0.8
"""A "no … until": against, whatever would change it (settled case 3)."""
REFUSED = 0.6
"""A plain refusal ("will not sit down", "no talks")."""
TERM = 0.7
"""A tie that holds "as long as" something does."""
LASTING = ("as long as", "so long as")
"""Words of a condition for what is, where no "no" makes them a refusal."""
FLIPPED = 0.65
"""A negated cue of favor says against ("will not restore")."""
SOFT_FLIP = 0.3
"""A negated cue of rejection only hints at favor ("does not oppose")."""
STRONG = 0.9
"""Weight from which a cue governs those behind it in its clause."""
WILLED = frozenset(
    (
        *("will", "would", "won't", "wouldn't", "cannot", "can", "can't", "shall", "does", "doesn't", "must"),
        *("should", "do", "ought", "may", "don't", "shouldn't", "never"),
    )
)
"""Words at or before a "not" that make it a matter of will or rule, not of fact ("did not meet")."""
NO_GAP, WILL_GAP = 25, 60
"""Letters between a "no" and its noun, and between a "will not" and the words of ties that it refuses."""
TEMPORAL = ("once", "as soon as", "after")
"""Conditions that are mere time ("once a partner") unless something shall follow on them."""
MODALS = frozenset(
    (
        *("will", "would", "can", "could", "may", "might", "shall", "must", "should", "ready", "prepared", "willing"),
        *("possible", "only", "then", "until", "not", "if", "be"),
    )
)
"""Words that say of a sentence that it speaks of what may come."""
BARRIER, SHORT_BARRIER = 120, 60
"""Letters between a "no" and its "until"; a "before" or "without" says much else besides and must stand nearer."""
NEAR = 90
"""Letters within which words of ties stand to a cue that speaks of them: about fifteen words."""
VERB_AFTER, VERB_BEFORE = 80, 50
"""Letters behind and before a verb within which its object stands."""
HARM = 45
"""Letters behind a cue within which violence or another object takes it for itself."""
TIES = frozenset({"topic", "step", "noun", "bare", "pair"})
"""Kinds of cues that speak of ties."""
NO_TIES = frozenset({"aid", "troops", "captives", "truce"})
"""Things that can be part of a step and by themselves say nothing of ties."""
IF_REACH = 12
"""Letters at the head of a clause in which its "if" stands."""
CHAIN = 6
"""Sentences back to what a reaction without an object of its own ("Hamas deplored it") may speak of."""
CHAIN_WEIGHT = 0.6
"""Weight from which a cue may stand so far from the words of ties."""
FEW_WORDS = 4
"""Words behind a cue that are too few for an object of its own, or in which a pointer must stand."""
WANT_OBJECT = ("urg", "call", "support", "encourag", "push", "endors", "advocat", "taking part", "took part", "join")
"""Beginnings of cues that say nothing without their object."""
LEAVE_IT = (" not to ", " to refrain ", " against ", " to stop ", " to halt ", " to cancel ", " to scrap ")
"""Words behind an urging that turn it against what follows."""
POINTERS = frozenset(
    (
        *("it", "this", "that", "these", "them", "both", "such", "step", "move", "decision", "news", "result"),
        *("outcome", "gesture", "announcement", "deal", "initiative", "effort", "efforts", "course"),
        *("development", "developments"),
    )
)
"""Words that stand for what was told before."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A cue with the stance that it points to, and how surely."""

    hit: CueHit
    stance: StanceValue
    weight: float


def find_signs(frame: Frame, view: View) -> Iterator[Sign]:
    """Yield the signs of attitude to ties in one sentence, not yet anybody's."""
    for hit in view.of("stance"):
        if _is_name(view, hit) or _is_supposed(view, hit) or _is_past(view, hit) or not _on_ties(frame, view, hit):
            continue
        stance, weight = _direction(view, hit)
        if weight > 0:
            yield Sign(hit, stance, weight)
    for term in _terms(view):
        yield Sign(term, "conditional", TERM)
    said = view.of("stance", "against")
    for refusal in _refusals(view):
        if any(hit.start <= refusal.start and refusal.end <= hit.end for hit in said):
            continue  # the "not" of "does not deserve", read above
        yield Sign(refusal, "against", REFUSED)


def find_barrier(view: View) -> Sign | None:
    """Return the sign of a "no … until …", where the sentence has one."""
    hit = _barrier(view)
    return Sign(hit, "against", UNTIL) if hit is not None else None


def _is_name(view: View, hit: CueHit) -> bool:
    """Whether the cue is part of an actor's name ("the opposition")."""
    return any(mention.start < hit.end and hit.start < mention.end for mention in view.mentions)


def _is_supposed(view: View, hit: CueHit) -> bool:
    """Whether the cue stands in an if-clause: "if the regime wanted to show its willingness"."""
    left, _ = view.clause(hit.start)
    head = view.document.clean[left : left + IF_REACH].lstrip(" ,").lower()
    return hit.cue.value != "conditional" and head.startswith(("if ", "were "))


def _is_past(view: View, hit: CueHit) -> bool:
    """Whether a condition of time speaks of what was: "once a partner", "as soon as he had landed"."""
    if hit.cue.value != "conditional" or hit.cue.surface not in TEMPORAL:
        return False
    return MODALS.isdisjoint(word.strip(".,;\"'") for word in view.text.lower().split())


def _is_hostile(view: View, hit: CueHit) -> bool:
    """Whether the cue's object is isolation or pressure, and nobody lifts it: who supports that is against ties."""
    behind = [other for other in view.cues if other.start >= hit.end and other.start - hit.end <= VERB_AFTER]
    objects = [other for other in behind if other.cue.kind in TIES and other.cue.value != "sanctions"]
    if not objects or objects[0].cue.value != "hostile":
        return False
    return not any(
        other.cue.kind in ("act", "step") and other.cue.value in ("lift", "sanctions_relief") for other in behind
    )


def _urges_not(view: View, hit: CueHit) -> bool:
    """Whether the cue asks others to leave something: "urged Riyadh and Abu Dhabi not to receive him"."""
    _, right = view.clause(hit.start)
    behind = view.document.clean[hit.end : min(right, hit.end + VERB_AFTER)]
    return hit.cue.surface.startswith(WANT_OBJECT) and any(words in behind for words in LEAVE_IT)


def _direction(view: View, hit: CueHit) -> tuple[StanceValue, float]:
    value: StanceValue = hit.cue.value  # type: ignore[assignment]
    weight = hit.cue.weight * SURE
    if value != "conditional" and hit.cue.weight >= STRONG and _is_hostile(view, hit):
        value = "against" if value == "favor" else "favor"
    if value == "favor" and _urges_not(view, hit):
        return "against", weight
    if not is_negated(view, hit.start):
        return value, weight
    if value == "conditional":
        return value, 0.0  # "without preconditions"
    return ("against", FLIPPED) if value == "favor" else ("favor", SOFT_FLIP * hit.cue.weight)


def _on_ties(frame: Frame, view: View, hit: CueHit) -> bool:
    """Whether the cue speaks of ties or of a step, not of violence or of other things.

    A verb has its object behind it ("supports the talks", "condemned it"), or before it in a passive; other cues
    need words of ties near them. A strong cue without an object points back ("Hamas deplored it").
    """
    after, before = (VERB_AFTER, VERB_BEFORE) if hit.cue.form != "fixed" else (NEAR, NEAR)
    near = [
        other
        for other in view.cues
        if _speaks_of_ties(other)
        and (other.end <= hit.start or other.start >= hit.end)
        and (0 <= other.start - hit.end <= after or 0 <= hit.start - other.end <= before)
    ]
    judged = is_verdict(view, hit)  # "a stab in the back of its people" is no violence
    harmed = [] if judged else [other for other in view.of("harm") if 0 <= other.start - hit.end <= HARM]
    if (
        hit.cue.value != "conditional"
        and harmed
        and not any(other.start < harmed[0].start and other.start >= hit.end for other in near)
    ):
        return False
    if near:
        return True
    index = view.sentence.index
    if hit.cue.weight < CHAIN_WEIGHT or not _points_back(view, hit):
        return False
    return any(_ties(one.cues) for one in frame.views[max(0, index - CHAIN) : index])


def _points_back(view: View, hit: CueHit) -> bool:
    """Whether the cue, if it wants an object, has none of its own or one that stands for what was told before."""
    behind = view.document.clean[hit.end : view.sentence.end].lower().split()
    if behind[:1] == ["by"]:
        return False  # a passive has its object before it
    if not hit.cue.surface.startswith(WANT_OBJECT):
        return True
    return len(behind) <= FEW_WORDS or not POINTERS.isdisjoint(word.strip(".,;") for word in behind[:FEW_WORDS])


def _ties(cues: Iterable[CueHit]) -> list[CueHit]:
    return [hit for hit in cues if _speaks_of_ties(hit)]


def _speaks_of_ties(hit: CueHit) -> bool:
    return hit.cue.kind in TIES and hit.cue.value not in NO_TIES


def _refusals(view: View) -> Iterator[CueHit]:
    """Yield the "not" of what somebody does not do or will not do about ties: "would not restore relations"."""
    nots = view.of("neg", "not")
    tied = [hit for hit in _ties(view.cues) if hit.cue.kind != "pair"] if nots else []
    for hit in nots:
        words = view.document.clean[hit.start : hit.end].lower()
        if words == "no":
            refused = any(0 <= tie.start - hit.end <= NO_GAP for tie in tied)
        else:
            willed = words in WILLED or view.word_before(hit.start) in WILLED
            refused = willed and any(0 <= tie.start - hit.end <= WILL_GAP for tie in tied)
        if refused:
            yield hit


def _terms(view: View) -> Iterator[CueHit]:
    """Yield the "as long as" of a sentence of ties that says no "no": what lasts on a condition."""
    lasting = [hit for hit in view.of("neg", "until") if hit.cue.surface in LASTING]
    if lasting and not view.of("neg", "not") and _ties(view.cues):
        yield from lasting


def _barrier(view: View) -> CueHit | None:
    """Return the word of a "no … until …" of the sentence: a refusal with what would end it."""
    for limit in view.of("neg"):
        if limit.cue.value == "not" or view.document.clean[limit.end : limit.end + 1] in ".,;":
            continue
        reach = BARRIER if limit.cue.value == "until" else SHORT_BARRIER
        for no in view.of("neg", "not"):
            gap = limit.start - no.end if no.start < limit.start else no.start - limit.end
            behind = no.start > limit.start
            if no.end == limit.end or not 0 < gap <= reach or (behind and limit.cue.value != "until"):
                continue
            if any(abs(tie.start - no.end) <= reach for tie in _ties(view.cues)):
                return limit
    return None
