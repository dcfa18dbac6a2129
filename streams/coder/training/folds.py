"""Parts the labelled articles so that each can be read by a model that has not seen its relationship."""

from __future__ import annotations

import random

from streams.coder.training.gold import Labelled, split

LEFT_OUT = 0.2
"""Share of the relationships in the first part."""
SPLIT_SEED = 7
"""The parts are the same whatever the training's seed, so that figures can be compared."""
PARTS = 4
"""More parts cost a training each and give each model hardly more to learn from."""


def folds(labelled: list[Labelled]) -> list[list[Labelled]]:
    """Return the parts: pairs as a whole and by lot, one-sided watches by time, their newest in the first part."""
    kept, left = split(labelled, LEFT_OUT, SPLIT_SEED)
    parts: list[list[Labelled]] = [left] + [[] for _ in range(PARTS - 1)]
    groups: dict[str, list[Labelled]] = {}
    for article in kept:
        groups.setdefault(article.watch.id, []).append(article)
    pairs = [groups[name] for name in sorted(groups) if groups[name][0].watch.is_pair]
    random.Random(SPLIT_SEED).shuffle(pairs)  # noqa: S311 - a lot that can be drawn again, no secret
    for group in groups.values():
        if not group[0].watch.is_pair:
            _by_time(group, parts[1:])
    for group in sorted(pairs, key=len, reverse=True):
        min(parts[1:], key=len).extend(group)
    return parts


def _by_time(group: list[Labelled], parts: list[list[Labelled]]) -> None:
    """Share a one-sided watch's articles out, a stretch of time to each part."""
    group = sorted(group, key=lambda article: article.document.published)
    size = -(-len(group) // len(parts))
    for number, part in enumerate(parts):
        part.extend(group[number * size : (number + 1) * size])
