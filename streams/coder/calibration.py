"""From the rules' weights to probabilities: how often a weight was right on the development corpora.

The weights multiply and add up by hand-set constants; what they come to was counted on the timeline, world_a
and world_b, in bins of some forty decisions, and smoothed by eye into a few straight lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from streams.records import StanceValue

Line = Sequence[tuple[float, float]]

STEP: Line = ((0.0, 0.0), (0.25, 0.5), (0.45, 0.65), (0.6, 0.72), (0.8, 0.86), (1.0, 0.95))
"""Weight and share of right ones, of steps (type and parties)."""
STANCE: Mapping[StanceValue, Line] = {
    "favor": ((0.0, 0.0), (0.3, 0.6), (0.4, 0.72), (0.75, 0.85), (1.0, 0.92)),
    "against": ((0.0, 0.0), (0.4, 0.3), (0.6, 0.5), (0.75, 0.6), (1.0, 0.78)),
    "conditional": ((0.0, 0.0), (0.4, 0.35), (0.6, 0.5), (0.75, 0.65), (1.0, 0.75)),
}
"""The same of stances (holder and stance)."""


def on_line(line: Line, weight: float) -> float:
    """Return the height of ``line`` at ``weight``."""
    for (left, low), (right, high) in pairwise(line):
        if weight <= right:
            return low + (high - low) * (weight - left) / (right - left)
    return line[-1][1]


def stance_probabilities(weights: Mapping[StanceValue, float], best: StanceValue) -> dict[StanceValue, float]:
    """Return probabilities for one holder's stances that keep the order of their weights and add up to one at most."""
    top = on_line(STANCE[best], weights[best])
    room = min(top, 1.0 - top)
    others = {value: weight for value, weight in weights.items() if value != best}
    scale = room / max(room, sum(on_line(STANCE[value], weight) for value, weight in others.items()) or 1.0)
    found = {value: on_line(STANCE[value], weight) * scale for value, weight in others.items()}
    return {best: top} | {value: min(probability, top * 0.99) for value, probability in found.items()}
