"""A conditional logit: weights under which the right ones of several candidates are likeliest (McFadden, 1974)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STEPS, RATE, SLOWER = 300, 0.1, 100
"""Steps downhill, how far each goes, and after how many they are half as long."""
MOMENTUM, SCALE = 0.9, 0.99
"""How much of the slope and of its size is kept from step to step (Adam)."""
RARE = 3
"""Choices that a feature needs for a weight of its own."""
TINY = 0.005
"""Weights that are left out."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """The candidates of one choice by their features, and what each is worth as an answer (0: wrong, 1: right)."""

    features: Sequence[Mapping[str, float]]
    worth: Sequence[float]
    weight: float = 1.0
    """What the choice counts beside others."""


def fit_choices(choices: Sequence[Choice], pull: float) -> dict[str, float]:
    """Return the weights by feature; ``pull`` says how strongly they are pulled to zero.

    Choices of whose candidates none is right teach nothing and are left out.
    """
    usable = [choice for choice in choices if any(choice.worth)]
    counts = Counter(name for choice in usable for name in {n for one in choice.features for n in one})
    names = sorted(name for name, count in counts.items() if count >= RARE)
    weights = _downhill(_slope(usable, names, pull), len(names))
    return {name: round(float(one), 2) for name, one in zip(names, weights, strict=True) if abs(one) >= TINY}


def _slope(usable: Sequence[Choice], names: Sequence[str], pull: float) -> Callable[[Floats], Floats]:
    """Return the slope of the loss as a function of the weights."""
    place = {name: number for number, name in enumerate(names)}
    every = [one for choice in usable for one in choice.features]
    cells = [(row, place[n], value) for row, one in enumerate(every) for n, value in one.items() if n in place]
    row, column = np.array([cell[:2] for cell in cells]).T
    size = np.array([cell[2] for cell in cells])
    sizes = [len(choice.features) for choice in usable]
    group = np.repeat(np.arange(len(usable)), sizes)
    start = np.cumsum([0, *sizes[:-1]])
    right = np.array([worth for choice in usable for worth in choice.worth])
    weight = np.array([choice.weight for choice in usable])

    def slope(weights: Floats) -> Floats:
        raised = np.bincount(row, size * weights[column], len(every))
        chance = np.exp(raised - np.maximum.reduceat(raised, start)[group])
        chance /= np.add.reduceat(chance, start)[group]
        good = chance * right
        good /= np.add.reduceat(good, start)[group]
        pushed = ((chance - good) * weight[group])[row] * size
        down: Floats = np.bincount(column, pushed, len(names)) / weight.sum() + pull * weights
        return down

    return slope


def _downhill(slope: Callable[[Floats], Floats], size: int) -> Floats:
    weights = np.zeros(size)
    mean, spread = np.zeros(size), np.zeros(size)
    for number in range(1, STEPS + 1):
        now = slope(weights)
        mean = MOMENTUM * mean + (1 - MOMENTUM) * now
        spread = SCALE * spread + (1 - SCALE) * now**2
        stride = RATE / (1 + number / SLOWER)
        weights = weights - stride * (mean / (1 - MOMENTUM**number)) / (np.sqrt(spread / (1 - SCALE**number)) + 1e-6)
    return weights
