"""Stances by rules: whose words or deeds a cue of attitude tells, and which way it points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from streams.coder.cues import CueHit
from streams.coder.model import ActorMention, ReadStance
from streams.coder.triggers import is_negated
from streams.coder.view import Frame, View
from streams.records import Basis, StanceValue

SURE = 0.75
"""A strong cue of attitude near words of ties."""
UNTIL = 0.8
"""A "no … until": against, whatever would change it (settled case 3)."""
REFUSED = 0.6
"""A plain refusal ("will not sit down", "no talks")."""
WILLED = ("will", "would", "won't", "wouldn't", "cannot", "can", "can't", "shall", "does", "doesn't", "must", "should", "do")
"""Words beside a "not" that make it a matter of will or rule, not of fact ("did not meet")."""
NO_GAP, WILL_GAP = 12, 40
"""Letters between a "no" and its noun, and between a "will not" and the words of ties that it refuses."""
FLIPPED = 0.65
"""A negated cue of favor says against ("will not restore")."""
SOFT_FLIP = 0.3
"""A negated cue of rejection only hints at favor ("does not oppose")."""
AGREEMENT = 0.25
"""How much of what is left to certainty a further sentence of the same stance adds."""
STRONG = 0.9
"""Weight from which a cue governs those behind it in its clause."""
NEAR = 90
"""Letters within which words of ties stand to a cue that speaks of them: about fifteen words."""
VERB_AFTER, VERB_BEFORE = 80, 50
"""Letters behind and before a verb within which its object stands."""
HARM = 45
"""Letters behind a cue within which violence or another object takes it for itself."""
BARRIER, SHORT_BARRIER = 120, 60
"""Letters between a "no" and its "until" or "as long as", and a "before" or "without", which say much else besides."""
TIES = frozenset({"topic", "step", "noun", "bare", "pair"})
"""Kinds of cues that speak of ties."""
STAND_IN = frozenset({"of", "from", "to", "for"})
"""Words before an actor that can stand in for the subject where a sentence names no other."""
NO_TIES = frozenset({"aid", "troops", "captives", "truce"})
"""Things that can be part of a step and by themselves say nothing of ties."""
IF_REACH = 12
"""Letters at the head of a clause in which its "if" stands."""
READY = ("ready", "readiness", "prepared", "willing", "would", "open to", "could", "can ")
"""Words of readiness: with an "if" they make a condition."""
CHAIN = 6
"""Sentences back to what a reaction without an object of its own ("Hamas deplored it") may speak of."""
FEW_WORDS = 4
"""Words behind a cue that are too few for an object of its own, or in which a pointer must stand."""
WANT_OBJECT = ("urg", "call", "support", "encourag", "push", "endors", "advocat")
"""Beginnings of verbs that say nothing without their object."""
POINTERS = frozenset(
    (
        *("it", "this", "that", "these", "them", "both", "such", "step", "move", "decision", "news", "result", "outcome"),
        *("gesture", "announcement", "deal", "initiative", "effort", "efforts", "course", "development", "developments"),
    )
)
"""Words that stand for what was told before."""
BY_REACH = 28
"""Letters between a passive or a noun and the "by" of who does it."""
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
    for view in frame.views:
        if view.sentence.is_title or not _relates(frame, view):
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
    probabilities = {stance: score / total for stance, score in scores.items()}
    return ReadStance(holder, probabilities, shown.sentence, shown.basis, reasons[:REASONS])


def _relates(frame: Frame, view: View) -> bool:
    """Whether a sentence can speak of the watch.

    Reactions of third parties follow the news in a chain that does not name the sides again, so that an
    article on both sides is read throughout; one side alone is named in every other article.
    """
    if frame.watch.is_pair:
        return frame.actors.codes() >= frame.sides
    index = view.sentence.index
    return frame.watch.first in frame.named(index) | frame.recent(index)


def _has_other(frame: Frame, view: View) -> bool:
    """Whether a watch's only side speaks of somebody else and not of its own affairs (settled case 14)."""
    if frame.watch.is_pair:
        return True
    index = view.sentence.index
    return bool((frame.named(index) | frame.recent(index)) - {frame.watch.first, *frame.watch.inside})


def opinions_of(frame: Frame, view: View) -> Iterator[Opinion]:
    """Yield what one sentence says of its holders: of each holder and clause the cue that governs."""
    found: dict[str, list[tuple[CueHit, StanceValue, float]]] = {}
    for hit in view.of("stance"):
        if _is_name(view, hit) or not _on_ties(frame, view, hit):
            continue
        stance, weight = _direction(view, hit)
        if weight <= 0 or _is_supposed(view, hit):
            continue
        for holder in _holders(frame, view, hit):
            found.setdefault(holder, []).append((hit, stance, weight))
    barrier = _barrier(view)
    if barrier is not None:
        for holder in [view.speaker] if view.speaker else _holders(frame, view, barrier):
            found.setdefault(holder, []).append((barrier, "against", UNTIL))
    for refusal in _refusals(view):
        for holder in _holders(frame, view, refusal):
            found.setdefault(holder, []).append((refusal, "against", REFUSED))
    for holder, cues in found.items():
        for hit, stance, weight in _governing(view, cues):
            yield Opinion(holder, stance, weight, view.sentence.index, _basis(view, holder), hit.cue.id)


def _basis(view: View, holder: str) -> Basis:
    return "attributed" if view.speaker is not None and view.speaker != holder else "self"


def _governing(
    view: View, cues: Sequence[tuple[CueHit, StanceValue, float]]
) -> list[tuple[CueHit, StanceValue, float]]:
    """Keep, of one holder's cues in a sentence, those that decide.

    A barrier outweighs all ("no talks until"); a strong condition outweighs the readiness that it limits; in a
    clause the first strong cue governs those behind it ("discourages others from restoring ties").
    """
    if any(hit.cue.kind == "neg" and hit.cue.value != "not" for hit, _, _ in cues):
        return [(hit, stance, weight) for hit, stance, weight in cues if stance == "against"]
    conditions = [(hit, stance, weight) for hit, stance, weight in cues if stance == "conditional"]
    if any(hit.cue.weight >= STRONG and weight > 0 for hit, _, weight in conditions):
        return conditions
    ready = any(stance == "favor" and hit.cue.surface.startswith(READY) for hit, stance, _ in cues)
    if ready and any(hit.cue.surface == "if" for hit, _, _ in conditions):
        return [(hit, stance, SURE) for hit, stance, _ in conditions if hit.cue.surface == "if"]
    kept: list[tuple[CueHit, StanceValue, float]] = []
    ruled: set[tuple[int, int]] = set()
    for hit, stance, weight in sorted(cues, key=lambda cue: cue[0].start):
        clause = view.clause(hit.start)
        if clause in ruled:
            continue
        if hit.cue.weight >= STRONG or stance == "against":
            ruled.add(clause)
        kept.append((hit, stance, weight))
    return kept


def _is_name(view: View, hit: CueHit) -> bool:
    """Whether the cue is part of an actor's name ("the opposition")."""
    return any(mention.start < hit.end and hit.start < mention.end for mention in view.mentions)


def _is_supposed(view: View, hit: CueHit) -> bool:
    """Whether the cue stands in an if-clause: "if the regime wanted to show its willingness"."""
    left, _ = view.clause(hit.start)
    head = view.document.clean[left : left + IF_REACH].lstrip(" ,").lower()
    return hit.cue.value != "conditional" and head.startswith(("if ", "were "))


def _is_hostile(view: View, hit: CueHit) -> bool:
    """Whether the cue's object is isolation or pressure, and nobody lifts it: who supports that is against ties."""
    behind = [other for other in view.cues if other.start >= hit.end and other.start - hit.end <= VERB_AFTER]
    objects = [other for other in behind if other.cue.kind in TIES and other.cue.value != "sanctions"]
    if not objects or objects[0].cue.value != "hostile":
        return False
    return not any(
        other.cue.kind in ("act", "step") and other.cue.value in ("lift", "sanctions_relief") for other in behind
    )


def _direction(view: View, hit: CueHit) -> tuple[StanceValue, float]:
    value: StanceValue = hit.cue.value  # type: ignore[assignment]
    weight = hit.cue.weight * SURE
    if value != "conditional" and hit.cue.weight >= STRONG and _is_hostile(view, hit):
        value = "against" if value == "favor" else "favor"
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
    harmed = [other for other in view.of("harm") if 0 <= other.start - hit.end <= HARM]
    if hit.cue.value != "conditional" and harmed and not any(other.start < harmed[0].start and other.start >= hit.end for other in near):
        return False
    if near:
        return True
    index = view.sentence.index
    if hit.cue.weight < STRONG or not _points_back(view, hit):
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
    ties = [hit for hit in _ties(view.cues) if hit.cue.kind != "pair"]
    for hit in view.of("neg", "not"):
        words = view.document.clean[hit.start : hit.end].lower()
        if words == "no":
            refused = any(0 <= tie.start - hit.end <= NO_GAP for tie in ties)
        else:
            willed = words.startswith(WILLED) or view.word_before(hit.start) in WILLED
            refused = willed and any(0 <= tie.start - hit.end <= WILL_GAP for tie in ties)
        if refused:
            yield hit


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


def _holders(frame: Frame, view: View, hit: CueHit) -> list[str]:
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
