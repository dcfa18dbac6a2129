"""Augmentation by rewriting: the same sentence with the opposite attitude, or with a condition put to it.

Against and conditional are rare, and a model that has seen few of them leans on who usually says what. A
sentence whose attitude hangs on one word is told the other way round; a readiness gets a condition.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from streams.coder.passages import Ints, Markers, Script
from streams.coder.training.gold import STANCES, Labelled, StanceLabel

FAVOR, AGAINST, CONDITIONAL = (STANCES.index(name) for name in ("favor", "against", "conditional"))
OPPOSITES = {
    "welcomed": "condemned",
    "welcomes": "condemns",
    "welcoming": "condemning",
    "praised": "condemned",
    "supports": "opposes",
    "supported": "opposed",
    "supporting": "opposing",
    "hailed": "denounced",
    "backs": "rejects",
    "backed": "rejected",
    "endorsed": "rejected",
    "agreed": "refused",
    "agrees": "refuses",
    "wants": "refuses",
    "wanted": "refused",
    "ready": "unwilling",
    "willing": "unwilling",
    "pleased": "angry",
    "happy": "angry",
    "glad": "angry",
}
"""A word of favor and one of rejection that fits its place."""
BACK = {
    "rejects": "welcomes",
    "rejected": "welcomed",
    "condemns": "welcomes",
    "condemned": "welcomed",
    "opposes": "supports",
    "refused": "agreed",
    "refuses": "agrees",
    "denounced": "welcomed",
    "unwilling": "ready",
}
OPENINGS = frozenset(
    ["ready", "willing", "would", "could", "hopes", "hoped", "wants", "wanted", "open", "prepared", "may", "wishes"]
)
"""Words of a readiness that a condition can be put to."""
CONDITIONS = (
    ", but only if its demands are met first",
    "provided that the prisoners are released",
    ", on condition that the troops leave",
    "once the other side has kept its word",
    "if its security is guaranteed",
    ", as soon as the killings have been investigated",
    "in return for an end of the sanctions",
    ", step for step with what the other side does",
    ", should the border be respected",
    "when the debts are paid, and not before that",
)
FEW = 2
"""An actor named in more sentences than this may show its attitude elsewhere too: only the new one is learned."""


def rewrite(article: Labelled, markers: Markers, rng: random.Random) -> Labelled | None:
    """Return ``article`` with one labelled stance told differently, or None where no sentence lends itself."""
    labels = [label for label in article.stances if label.sentence is not None and not label.optional]
    rng.shuffle(labels)
    for label in labels:
        row = article.script.sentences.index(label.sentence) if label.sentence in article.script.sentences else -1
        if row < 0 or sum(one.holder == label.holder for one in article.stances) > 1:
            continue
        changed = _changed(article.script, row, label.stance, markers, rng)
        if changed is not None:
            return _relabel(article, label, *changed)
    return None


def _changed(source: Script, row: int, stance: int, markers: Markers, rng: random.Random) -> tuple[Script, int] | None:
    """Return the script with one sentence rewritten and the stance that it shows now."""
    start, end = _span(source, row)
    words = [str(markers.tokenizer.id_to_token(int(token))) for token in source.tokens[start:end]]
    if stance == FAVOR and rng.random() < CONDITION_SHARE and OPENINGS & set(words):
        tail = markers.tokenizer.encode(rng.choice(CONDITIONS), add_special_tokens=False).ids
        stop = end - 1 if words[-1] == "." else end
        return _spliced(source, row, stop, stop, np.array(tail)), CONDITIONAL
    table = {FAVOR: OPPOSITES, AGAINST: BACK}.get(stance, {})
    places = [place for place, word in enumerate(words) if word in table]
    number = markers.tokenizer.token_to_id(table[words[places[0]]]) if len(places) == 1 else None
    if number is None:
        return None
    place = start + places[0]
    return _spliced(source, row, place, place + 1, np.array([number])), FAVOR if stance == AGAINST else AGAINST


CONDITION_SHARE = 0.5


def _span(source: Script, row: int) -> tuple[int, int]:
    return source.starts[row], [*source.starts[1:], len(source.tokens)][row]


def _spliced(source: Script, row: int, start: int, end: int, words: Ints) -> Script:
    """Return ``source`` with ``words`` in the place of some tokens of one sentence (none of them a slot)."""
    tokens = np.concatenate([source.tokens[:start], words, source.tokens[end:]])
    shift = len(words) - (end - start)
    starts = tuple(begin + shift if number > row else begin for number, begin in enumerate(source.starts))
    return replace(source, tokens=tokens, starts=starts)


def _relabel(article: Labelled, label: StanceLabel, source: Script, stance: int) -> Labelled:
    """Return the article with the new stance; what else that sentence told is not known any more."""
    sentences = {mention.sentence for mention in article.actors.mentions if mention.code == label.holder}
    stances = [replace(label, stance=stance)]
    if len(sentences) > FEW or stance == CONDITIONAL:
        stances.append(replace(label, optional=True, sentence=None))
    stances += [
        replace(other, optional=True) if other.sentence == label.sentence else other
        for other in article.stances
        if other is not label
    ]
    steps = [
        replace(step, optional=True, sentence=None) if step.sentence == label.sentence else step
        for step in article.steps
    ]
    return replace(article, script=source, stances=stances, steps=steps)
