"""Intervals of the measures by drawing articles anew; chance has no place in the coder itself."""

from __future__ import annotations

import random
from collections.abc import Sequence

from streams.coder.scoring import Counts, measures

INTERVAL = 0.95
"""Share of the bootstrap's runs that an interval holds."""


def intervals(counts: Sequence[Counts], runs: int, seed: int) -> dict[str, tuple[float, float]]:
    """Return a bootstrap interval over articles for each measure."""
    chance = random.Random(seed)  # noqa: S311 - a statistic, no secret
    size = len(counts)
    drawn = [measures([counts[chance.randrange(size)] for _ in range(size)]) for _ in range(runs)]
    found = {}
    for name in drawn[0] if drawn else ():
        values = sorted(run[name] for run in drawn)
        edge = (1 - INTERVAL) / 2
        found[name] = (values[int(edge * (runs - 1))], values[round((1 - edge) * (runs - 1))])
    return found
