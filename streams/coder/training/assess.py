"""Measures a network on labelled articles, and tunes the thresholds and calibrations it is used with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from streams.coder.decoding import STANCES, STATUSES, TYPES, Decision, Line, Merged, decide, merge
from streams.coder.model import Reading, ReadStance
from streams.coder.passages import Markers, Passage, passages
from streams.coder.training.gold import Labelled

Keys = tuple[set[Any], ...]
Run = Callable[[Passage], Sequence[np.ndarray]]
PLAIN = Decision()


@dataclass
class Read:
    """One article's raw logits, kept so that calibrations and thresholds can be tried without the network."""

    article: Labelled
    passages: list[Passage]
    outputs: list[Sequence[np.ndarray]]

    def merged(self, rule: Decision) -> Merged:
        """Return the calibrated probabilities under ``rule``."""
        return merge(self.passages, self.outputs, self.article.watch.sides, rule)


def read(articles: Iterable[Labelled], markers: Markers, run: Run) -> list[Read]:
    """Read every article for its watch."""
    found = []
    for article in articles:
        windows = passages(article.script, article.watch.sides, markers)
        found.append(Read(article, windows, [run(window) for window in windows]))
    return found


def gold_keys(article: Labelled, *, optional: bool) -> Keys:
    """Return what the labels say as sets of keys, one set a measure."""
    stances = {(s.holder, STANCES[s.stance]) for s in article.stances if optional or not s.optional}
    steps = [step for step in article.steps if optional or not step.optional]
    events = {(TYPES[step.type], tuple(sorted(step.parties)), STATUSES[step.status]) for step in steps}
    return (
        {"relevant"} if article.relevant else set(),
        stances,
        {event[:2] for event in events},
        events,
        *({holder for holder, stance in stances if stance == name} for name in STANCES),
    )


def said_keys(article: Labelled, reading: Reading) -> Keys:
    """Return what a reading says, before the rules that turn it into records.

    The surest stance of a holder and each step's likeliest status count; contacts of allies are left out.
    """
    stances = set()
    for stance in reading.stances:
        stances |= {(stance.holder, name) for name in accepted(stance, reading)}
    events = set()
    for step in reading.steps:
        parties = set(article.watch.sides) | set(step.partners)
        if any(article.allied(code) or code in article.watch.inside for code in step.partners):
            continue
        events.add((step.type, tuple(sorted(parties)), max(step.status, key=lambda name: step.status[name])))
    return (
        {"relevant"} if stances or events else set(),
        stances,
        {event[:2] for event in events},
        events,
        *({holder for holder, stance in stances if stance == name} for name in STANCES),
    )


def accepted(stance: ReadStance, reading: Reading) -> list[str]:
    """Return the stances that pass the thresholds in the reading's notes, likeliest first."""
    ranked = sorted(stance.probabilities.items(), key=lambda item: -item[1])
    return [
        name
        for place, (name, chance) in enumerate(ranked)
        if chance >= (reading.notes[name] if place == 0 else reading.notes["second"])
    ]


MEASURES = ("relevance", "stance", "event", "event+status", *STANCES)


def measure(reads: Sequence[Read], rule: Decision) -> dict[str, float]:
    """Return F1 by measure, the macro F1 of the stances, relevance as accuracy, evidence as share right."""
    counts = np.zeros((len(MEASURES), 3))
    right = 0
    near = [0, 0]
    for one in reads:
        reading = decide(one.merged(rule), one.article.watch, rule)
        need, allowed = gold_keys(one.article, optional=False), gold_keys(one.article, optional=True)
        said = said_keys(one.article, reading)
        right += said[0] == allowed[0]
        for n in range(len(MEASURES)):
            counts[n] += (len(need[n] & said[n]), len(said[n] - allowed[n]), len(need[n] - said[n]))
        _evidence(one.article, reading, near)
    result = {name: _f1(*counts[n]) for n, name in enumerate(MEASURES)}
    for n in (1, 2):
        result[MEASURES[n] + " P"] = counts[n][0] / max(1, counts[n][0] + counts[n][1])
        result[MEASURES[n] + " R"] = counts[n][0] / max(1, counts[n][0] + counts[n][2])
    result["relevance"] = right / max(1, len(reads))
    result["macro"] = sum(result[name] for name in STANCES) / len(STANCES)
    result["evidence"] = near[0] / max(1, near[1])
    return result


def _evidence(article: Labelled, reading: Reading, near: list[int]) -> None:
    """Count stances that are right and whose sentence is the labelled one."""
    where: dict[tuple[str, str], set[int | None]] = {}
    for label in article.stances:
        where.setdefault((label.holder, STANCES[label.stance]), set()).add(label.sentence)
    for stance in reading.stances:
        key = (stance.holder, next(iter(accepted(stance, reading)), ""))
        if key in where:
            near[1] += 1
            near[0] += stance.sentence in where[key]


def _f1(hit: float, wrong: float, missed: float) -> float:
    return 2 * hit / max(1e-9, 2 * hit + wrong + missed)


def objective(result: Mapping[str, float]) -> float:
    """Return the one number that thresholds are tuned for: what the project's targets count."""
    return result["stance"] + result["macro"] + result["event"] + result["event+status"] + result["relevance"]


GRID = tuple(round(0.1 + 0.05 * n, 2) for n in range(16))


def tune(reads: Sequence[Read], rule: Decision) -> Decision:
    """Return ``rule`` with the thresholds that serve ``objective`` best, one at a time, twice over."""
    kept = [(one, one.merged(rule)) for one in reads]

    def score(candidate: Decision) -> float:
        return objective(_measure_merged(kept, candidate))

    best, top = rule, score(rule)
    for _ in range(2):
        for candidates in _moves():
            for change in candidates:
                candidate = change(best)
                value = score(candidate)
                if value > top + 1e-6:
                    best, top = candidate, value
    return best


def _measure_merged(kept: Sequence[tuple[Read, Merged]], rule: Decision) -> dict[str, float]:
    return measure([_Fixed(one.article, merged) for one, merged in kept], rule)  # type: ignore[misc]


@dataclass
class _Fixed:
    """A reading whose probabilities are known already."""

    article: Labelled
    known: Merged

    def merged(self, rule: Decision) -> Merged:
        del rule
        return self.known


def _moves() -> list[list[Callable[[Decision], Decision]]]:
    """Return the changes to try, grouped by the number that they change."""
    replace = msgspec.structs.replace
    moves: list[list[Callable[[Decision], Decision]]] = [
        [lambda rule, n=name, v=v: replace(rule, stance={**rule.stance, n: v}) for v in GRID]  # type: ignore[misc]
        for name in STANCES
    ]
    moves += [
        [lambda rule, k=kind, v=v: replace(rule, step={**rule.step, k: v}) for v in GRID]  # type: ignore[misc]
        for kind in ("pair", "single")
    ]
    moves.append([lambda rule, v=v: replace(rule, rare=v) for v in (0.5, 0.7, 1.0)])  # type: ignore[misc]
    moves.append([lambda rule, v=v: replace(rule, relevance=v) for v in (0.02, 0.05, *GRID)])  # type: ignore[misc]
    return moves


def calibrate(reads: Sequence[Read], rule: Decision) -> Decision:
    """Return ``rule`` with lines that make the probabilities honest, fitted on ``reads``."""
    stance: dict[str, list[tuple[float, float]]] = {name: [] for name in STANCES}
    steps: dict[str, list[tuple[float, float]]] = {"pair": [], "single": []}
    relevance: list[tuple[float, float]] = []
    for one in reads:
        merged = one.merged(PLAIN)
        need, allowed = gold_keys(one.article, optional=False), gold_keys(one.article, optional=True)
        for holder, chances in merged.stances.items():
            for n, name in enumerate(STANCES):
                if ((holder, name) in allowed[1]) == ((holder, name) in need[1]):
                    stance[name].append((_logit(chances[n]), float((holder, name) in need[1])))
        relevance.append((_logit(merged.relevance), float(one.article.relevant)))
        steps["pair" if one.article.watch.is_pair else "single"] += _step_points(one.article, merged)
    return msgspec.structs.replace(
        rule,
        stance_lines={name: _line(points) for name, points in stance.items()},
        step_lines={kind: _line(points) for kind, points in steps.items()},
        relevance_line=_line(relevance),
    )


def _step_points(article: Labelled, merged: Merged) -> list[tuple[float, float]]:
    """Return (logit, truth) of each type and partner: the article's surest sentence against the labels."""
    need, allowed = gold_keys(article, optional=False), gold_keys(article, optional=True)
    best: dict[tuple[str, str], float] = {}
    key: tuple[str, tuple[str, ...]]
    for (_, partner), (chances, _) in merged.steps.items():
        for n, name in enumerate(TYPES):
            best[(name, partner)] = max(best.get((name, partner), 0.0), float(chances[n]))
    first = article.watch.first
    other = article.watch.second
    points = []
    for (kind, partner), chance in best.items():
        key = (kind, tuple(sorted({first, other or partner})))
        if (key in need[2]) == (key in allowed[2]):
            points.append((_logit(chance), float(key in need[2])))
    return points


def _logit(chance: float) -> float:
    chance = min(max(float(chance), 1e-5), 1 - 1e-5)
    return float(np.log(chance / (1 - chance)))


def _line(points: Sequence[tuple[float, float]]) -> Line:
    """Fit a logistic line by Newton's method, held near (1, 0) by a weak prior."""
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    design = np.stack([x, np.ones_like(x)], 1)
    w, prior = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ w))
        gradient = design.T @ (p - y) + (w - prior)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.eye(2)
        w = w - np.linalg.solve(hessian, gradient)
    return Line(round(float(w[0]), 4), round(float(w[1]), 4))
