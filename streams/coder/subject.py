"""Whether an article speaks of a watch's sides with each other, or only names them beside another story.

A text on A and B that quotes C in passing touches the watches A-C and B-C as well. Before it is read for them, where
and how often the sides stand in it is weighed: in the title, in the lead, in one sentence, beside others. The weights
(``data/subject.json``) are fitted by ``training/subject.py``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from streams.coder.model import Actors
from streams.watches.model import Watch

FILE = "subject.json"
LEAD = 3
"""Sentences, the title among them, that say what an article is about."""
MOST_RANK = 4
"""Ranks of a state by how often it is named, beyond which it does not matter."""


@dataclass(frozen=True)
class Places:
    """Where each state of an article stands: the numbers of its sentences, in order, and how often in all."""

    sentences: Mapping[str, Sequence[int]]
    count: Mapping[str, int]
    acts: frozenset[str]
    """Who is named at least once other than as an adjective."""


def places_of(actors: Actors) -> Places:
    """Look through the mentions once, for all watches."""
    sentences: dict[str, list[int]] = {}
    for mention in actors.mentions:
        sentences.setdefault(_state(mention.code), []).append(mention.sentence)
    acts = frozenset(_state(mention.code) for mention in actors.mentions if not mention.attributive)
    count = Counter({code: len(numbers) for code, numbers in sentences.items()})
    return Places({code: sorted(set(numbers)) for code, numbers in sentences.items()}, count, acts)


def _state(code: str) -> str:
    """Return the state that an actor belongs to, so that an opposition speaks of its own country."""
    return code.partition("-")[0]


def spoken_of(actors: Actors, watches: Sequence[Watch]) -> list[Watch]:
    """Return those of ``watches`` that the article speaks of; one with names of its own is not judged."""
    places, bars = places_of(actors), load_weights()["bars"]
    return [watch for watch in watches if watch.words or likelihood(places, watch.sides) >= bars[_kind(watch.sides)]]


def _kind(sides: Sequence[str]) -> str:
    return "pair" if len(sides) == len(("one", "other")) else "single"


def likelihood(places: Places, sides: Sequence[str], weights: Mapping[str, Mapping[str, float]] | None = None) -> float:
    """Return how likely the article speaks of ``sides`` (one or two) with each other, or of one with others."""
    table = load_weights() if weights is None else weights
    own = table[_kind(sides)]
    height = sum(own[name] * value for name, value in subject_features(places, sides).items())
    return 1.0 / (1.0 + math.exp(-height))


@lru_cache(maxsize=1)
def load_weights() -> Mapping[str, Mapping[str, float]]:
    """Return the bundled weights, and under ``bars`` the likelihood from which an article is read."""
    text = resources.files("streams.coder.data").joinpath(FILE).read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, float]] = json.loads(text)["weights"]
    return found


def subject_features(places: Places, sides: Sequence[str]) -> dict[str, float]:
    """Return the numbers that speak for or against the sides being what the article is about."""
    found = [set(places.sentences.get(side, ())) for side in sides]
    counts = [places.count.get(side, 0) for side in sides]
    strangers = {code: n for code, n in places.count.items() if code not in sides and len(code) == len("ISO")}
    most = max(strangers.values(), default=0)
    weak = min(counts)
    features = {
        "one": 1.0,
        "titles": float(sum(0 in numbers for numbers in found)) / len(sides),
        "leads": float(sum(any(n < LEAD for n in numbers) for numbers in found)) / len(sides),
        "weak": math.log1p(weak),
        "share": weak / (weak + most) if weak + most else 0.0,
        "rank": min(MOST_RANK, sum(n > weak for n in strangers.values())) / MOST_RANK,
        "acts": float(all(side in places.acts for side in sides)),
        "spread": len(found[counts.index(weak)]) / (1 + max((max(n) for n in found if n), default=0)),
    }
    if len(sides) == 2:
        features |= _together(places, found, strangers)
    return features


def _together(places: Places, found: Sequence[set[int]], strangers: Mapping[str, int]) -> dict[str, float]:
    """Return how the two sides stand to each other, against how the weaker stands to others."""
    first, second = found
    both = first & second
    near = {n for n in first if n + 1 in second or n - 1 in second}
    least = min(found, key=len)
    rivals = max((len(least & set(places.sentences[code])) for code in strangers), default=0)
    return {
        "together": math.log1p(len(both)),
        "together share": len(both) / max(1, len(least)),
        "near": math.log1p(len(near)),
        "both lead": float(any(n < LEAD for n in both)),
        "with others": math.log1p(rivals),
        "others first": float(rivals > len(both)),
    }
