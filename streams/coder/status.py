"""Whether a step has happened, is planned, proposed or denied: what the words around it say, weighed.

Each word of status pulls the more the nearer it stands; how much each kind of word counts, in which place and
beside which form of the verb, are weights fitted by ``training/status.py`` (``data/status.json``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import get_args

from streams.coder.cues import CueHit, Form
from streams.coder.triggers import Trigger, is_called_off, is_negated
from streams.coder.view import View
from streams.records import EventType, Status

FILE = "status.json"
STATUSES: tuple[Status, ...] = get_args(Status)
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

TYPES: tuple[EventType, ...] = ("talks", "diplomatic_ties", "agreement", "economic_link", "gesture")
"""Types with a bent of their own; of the others there are too few labelled steps to learn one from."""
_PAST = re.compile(
    r"\b(?:\w{2,}ed|met|had|was|were|said|told|came|went|took|gave|held|spoke|saw|made|sent|put|began|wrote|left|rang|"
    r"flew|sat|stood|did|got|brought|led|shook|paid|found|became|fell|rose|won|lost|ran|kept)\b",
    re.IGNORECASE,
)
"""Verbs in a past form, and what looks like them: participles cannot be told apart by their spelling."""
_PRESENT = re.compile(r"\b(?:is|are|has|have|does|do)\b", re.IGNORECASE)
MANY = 3
"""Past verbs of a sentence beyond which more say nothing new: it is a narrative."""

Weights = Mapping[str, Mapping[str, float]]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Return the bundled weights: by feature, what it counts for each status."""
    text = resources.files("streams.coder.data").joinpath(FILE).read_text(encoding="utf-8")
    weights: Weights = json.loads(text)["weights"]
    return weights


def status_of(view: View, trigger: Trigger, weights: Weights | None = None) -> dict[Status, float]:
    """Return a probability for each status of the step that ``trigger`` tells."""
    table = load_weights() if weights is None else weights
    sums = dict.fromkeys(STATUSES, 0.0)
    for name, value in status_features(view, trigger).items():
        row = table.get(name, {}) if value else {}
        for status in row:
            sums[status] += row[status] * value  # type: ignore[index]
    top = max(sums.values())
    raised = {status: math.exp(value - top) for status, value in sums.items()}
    total = sum(raised.values())
    return {status: value / total for status, value in raised.items()}


def status_features(view: View, trigger: Trigger) -> dict[str, float]:
    """Return what speaks for a status: pulls of the words around, the verb's form, negations."""
    left, right = view.clause(trigger.start)
    features = {"one": 1.0} | {f"{status} {place}": 0.0 for status in STATUSES for place in PLACES}
    for hit in view.of("status"):
        if hit.start < trigger.end and trigger.start < hit.end:
            continue
        place = "behind" if hit.start >= trigger.end else "before"
        name = f"{hit.cue.value} {place if left <= hit.start < right else 'apart'}"
        features[name] += _pull(hit, trigger) * hit.cue.weight
    form = _form(view, trigger)
    features |= {f"form {name}": float(form == name) for name in FORMS}
    denied = float(is_negated(view, trigger.start))
    # "Will not reopen" is no plan: what stands before a "not" speaks otherwise than alone.
    features |= {f"not {status}": denied * features[f"{status} before"] for status in STATUSES}
    features["not"] = denied
    features["called off"] = float(is_called_off(view, trigger.start))
    features["undone"] = float(trigger.undone)
    features["bare"] = float(trigger.reasons[0].startswith(BARE))
    features["condition"] = float(any(left <= hit.start < right for hit in view.of("stance", "conditional")))
    features["negation"] = float(any(left <= hit.start < right for hit in view.of("neg")))
    features["quoted"] = float(view.speaker is not None)
    # Meetings and gestures are mostly reported, embassies and trade often announced.
    features |= {f"type {name}": float(trigger.type == name) for name in TYPES}
    return features | _tense(view, trigger)


def _tense(view: View, trigger: Trigger) -> dict[str, float]:
    """Return in which tense the words around tell: a noun ("a visit") takes its time from the verbs beside it."""
    left, right = view.clause(trigger.start)
    words, sentence = view.document.clean, view.sentence
    return {
        "past clause": float(_PAST.search(words, left, right) is not None),
        "past before": float(_PAST.search(words, left, trigger.start) is not None),
        "present clause": float(_PRESENT.search(words, left, right) is not None),
        "past sentence": min(len(_PAST.findall(words, sentence.start, sentence.end)), MANY) / MANY,
    }


def _form(view: View, trigger: Trigger) -> Form:
    if trigger.form == "base" and not VERBAL.intersection(w.lower() for w in view.words_before(trigger.start)[-2:]):
        return "fixed"  # "a visit", not "to visit"
    if trigger.form == "fixed" and _PAST.match(view.document.clean, trigger.start):
        return "past"  # a phrase that begins with its verb: "exchanged prisoners"
    return trigger.form


def _pull(hit: CueHit, trigger: Trigger) -> float:
    gap = trigger.start - hit.end if hit.end <= trigger.start else hit.start - trigger.end
    return math.exp(-max(gap, 0) / FADE)
