"""Whether a step has happened, is planned, proposed or denied: what the words around it say, weighed.

Two kinds of signs: words of status that the cues know, each pulling the more the nearer it stands, by place and
verb form; and all words of the sentence, names masked, likewise. How much each counts are weights fitted by
``training/status.py`` (``data/status.json``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import get_args

from streams.coder.cues import CueHit, Form
from streams.coder.triggers import NEGATION_REACH, Trigger, find_triggers, is_called_off
from streams.coder.view import View
from streams.records import EventType, Status

FILE = "status.json"
STATUSES: tuple[Status, ...] = get_args(Status)
TYPES: tuple[EventType, ...] = get_args(EventType)
FORMS: tuple[Form, ...] = get_args(Form)
PLACES = ("before", "behind", "apart")
"""Where a word of status stands: before or behind the step's words in their clause, or in another one."""
FADE = 45.0
"""Letters after which a word of status counts 1/e: it belongs to a verb nearby."""
BARE = ("bare.", "journey")
"""Beginnings of the reasons of triggers that name a thing and no act."""
VERBAL = frozenset(
    (
        *("to", "will", "would", "shall", "should", "may", "might", "can", "could", "must", "not", "cannot", "let"),
        *("won't", "wouldn't", "can't", "they", "we", "who", "and"),
    )
)
"""Words before a verb in its base form; without them it is the noun of the same spelling."""

ELSEWHERE = 0.5
"""What a word in another clause than the step's keeps of its pull."""
UNPLACED = 0.7
"""The pull of each word of a sentence that has no words known to tell the step: any of them may."""
ANYWHERE = 0.3
"""What a word counts for standing in the sentence at all, however far off."""
CUED = ("cue ", "word ", "far ")
"""Beginnings of the names of features that are words."""
_PAST = re.compile(
    r"\b(?:\w{2,}ed|met|had|was|were|said|told|came|went|took|gave|held|spoke|saw|made|sent|put|began|wrote|left|rang|"
    r"flew|sat|stood|did|got|brought|led|shook|paid|found|became|fell|rose|won|lost|ran|kept)\b",
    re.IGNORECASE,
)
"""Verbs in a past form, and what looks like them: participles cannot be told apart by their spelling."""
_PRESENT = re.compile(r"\b(?:is|are|has|have|does|do)\b", re.IGNORECASE)
BE = frozenset({"is", "are", "was", "were", "be", "been"})
"""Before "to" and a verb they tell a plan: "were to meet"."""
MANY = 3
"""Past verbs of a sentence beyond which more say nothing new: it is a narrative."""

Weights = Mapping[str, Sequence[float]]
"""By feature, what it counts for each status, in the order of ``STATUSES``."""


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Return the bundled weights."""
    text = resources.files("streams.coder.data").joinpath(FILE).read_text(encoding="utf-8")
    weights: Weights = json.loads(text)["weights"]
    return weights


def status_of(view: View, kind: EventType, trigger: Trigger | None) -> dict[Status, float]:
    """Return a probability for each status of the step of a kind that ``trigger`` tells, or the sentence at large."""
    key = ("status", kind, trigger and trigger.start)
    known: dict[Status, float] | None = view.memo.get(key)
    if known is None:
        known = view.memo[key] = weigh(status_features(view, kind, trigger), load_weights())
    return known


def foretell(view: View, weights: Weights) -> None:
    """Let ``status_of`` answer for a sentence by other weights: those of a fit that has not seen it."""
    for kind in TYPES:
        for trigger in [None, *(found for found in find_triggers(view) if found.type == kind)]:
            key = ("status", kind, trigger and trigger.start)
            view.memo[key] = weigh(status_features(view, kind, trigger), weights)


def weigh(features: Mapping[str, float], weights: Weights) -> dict[Status, float]:
    """Return the probabilities that ``features`` come to."""
    sums = [0.0] * len(STATUSES)
    for name, value in features.items():
        row = weights.get(name)
        if row is not None and value:
            for number, weight in enumerate(row):
                sums[number] += weight * value
    top = max(sums)
    raised = [math.exp(value - top) for value in sums]
    total = sum(raised)
    return {status: value / total for status, value in zip(STATUSES, raised, strict=True)}


def status_features(view: View, kind: EventType, trigger: Trigger | None) -> dict[str, float]:
    """Return what speaks for a status: the type, the words, and what the cues know of the clause."""
    # Meetings and gestures are mostly reported, embassies and trade often announced.
    features = {"one": 1.0, f"type {kind}": 1.0, "lead": float(view.sentence.index == 1)}
    if trigger is None:
        features["untold"] = 1.0
    else:
        features |= _clause_features(view, trigger)
        features[f"cue {trigger.reasons[-1]}"] = 1.0
    return features | _word_features(view, trigger)


def _word_features(view: View, trigger: Trigger | None) -> dict[str, float]:
    left, right = view.clause(trigger.start) if trigger else (view.sentence.start, view.sentence.end)
    found: dict[str, float] = {}
    for word, start, end in view.masked:
        if trigger is None:
            pull = UNPLACED
        else:
            pull = math.exp(-max(0, trigger.start - end, start - trigger.end) / FADE)
            pull *= 1.0 if left <= start < right else ELSEWHERE
        name = f"word {word}"
        if pull > found.get(name, 0.0):
            found[name] = pull
        found[f"far {word}"] = ANYWHERE
    return found


def _clause_features(view: View, trigger: Trigger) -> dict[str, float]:
    left, right = view.clause(trigger.start)
    features = {f"{status} {place}": 0.0 for status in STATUSES for place in PLACES}
    for hit in view.of("status"):
        if hit.start < trigger.end and trigger.start < hit.end:
            continue
        place = "behind" if hit.start >= trigger.end else "before"
        name = f"{hit.cue.value} {place if left <= hit.start < right else 'apart'}"
        features[name] += _pull(hit, trigger) * hit.cue.weight
    form = _form(view, trigger)
    features |= {f"form {name}": float(form == name) for name in FORMS}
    denied = float(_is_negated(view, trigger))
    # "Will not reopen" is no plan: what stands before a "not" speaks otherwise than alone.
    features |= {f"not {status}": denied * features[f"{status} before"] for status in STATUSES}
    features["not"] = denied
    before = [word.lower() for word in view.words_before(trigger.start)[-2:]]
    infinitive = trigger.form == "base" and before[-1:] == ["to"]
    features["infinitive"] = float(infinitive)
    features["is to"] = float(infinitive and before[0] in BE)
    features["called off"] = float(is_called_off(view, trigger.start))
    features["undone"] = float(trigger.undone)
    features["bare"] = float(trigger.reasons[0].startswith(BARE))
    features["condition"] = float(any(left <= hit.start < right for hit in view.of("stance", "conditional")))
    features["negation"] = float(any(left <= hit.start < right for hit in view.of("neg")))
    features["quoted"] = float(view.speaker is not None)
    return features | _tense(view, trigger)


def _is_negated(view: View, trigger: Trigger) -> bool:
    """Whether a "not" stands shortly before the step that is no word of refusal itself ("refused to")."""
    left, _ = view.clause(trigger.start)
    refusals = view.of("status", "denied")
    return any(
        left <= hit.start
        and 0 <= trigger.start - hit.end <= NEGATION_REACH
        and not any(hit.start < other.end and other.start < hit.end for other in refusals)
        for hit in view.of("neg", "not")
    )


def _tense(view: View, trigger: Trigger) -> dict[str, float]:
    """Return in which tense the words around tell: a noun ("a visit") takes its time from the verbs beside it."""
    left, right = view.clause(trigger.start)
    past = _past_verbs(view)
    return {
        "past clause": float(any(left <= start and end <= right for start, end in past)),
        "past before": float(any(left <= start and end <= trigger.start for start, end in past)),
        "present clause": float(_PRESENT.search(view.document.clean, left, right) is not None),
        "past sentence": min(len(past), MANY) / MANY,
    }


def _past_verbs(view: View) -> list[tuple[int, int]]:
    """Return where the sentence's verbs in a past form stand; they are asked for at every trigger."""
    known: list[tuple[int, int]] | None = view.memo.get("past")
    if known is None:
        sentence = view.sentence
        found = _PAST.finditer(view.document.clean, sentence.start, sentence.end)
        known = view.memo["past"] = [match.span() for match in found]
    return known


def _form(view: View, trigger: Trigger) -> Form:
    if trigger.form == "base" and not VERBAL.intersection(w.lower() for w in view.words_before(trigger.start)[-2:]):
        return "fixed"  # "a visit", not "to visit"
    if trigger.form == "fixed" and _PAST.match(view.document.clean, trigger.start):
        return "past"  # a phrase that begins with its verb: "exchanged prisoners"
    return trigger.form


def _pull(hit: CueHit, trigger: Trigger) -> float:
    gap = trigger.start - hit.end if hit.end <= trigger.start else hit.start - trigger.end
    return math.exp(-max(gap, 0) / FADE)
