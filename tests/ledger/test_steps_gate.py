"""The gate: what the ledger scored on the labelled steps must not be lost in silence."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from streams import backtest
from streams.labels import read_labelled
from streams.ledger.evaluate_steps import StepScores, evaluate_steps, label_matches, read_steps

HERE = Path(__file__).parent
GOLD = HERE.parent / "gold"


def beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scores_of(name: str) -> StepScores:
    articles, steps = beside("steps_text").read(HERE / name)
    result = backtest.run(map(backtest.from_labels, articles))
    events = list(result.events.values())
    return evaluate_steps(steps, events, result.alerts, label_matches(events))


def test_syria_timeline_reaches_the_targets() -> None:
    result = backtest.run(map(backtest.from_labels, read_labelled([GOLD / "syria_timeline.jsonl"])))
    events = list(result.events.values())
    steps = read_steps(GOLD / "syria_steps.jsonl")
    scores = evaluate_steps(steps, events, result.alerts, label_matches(events))
    assert scores.precision >= 0.97
    assert scores.recall >= 0.97
    assert not scores.twice
    assert scores.history >= 0.90
    assert scores.cluster_f1 >= 0.95


def test_other_relationships_with_near_misses() -> None:
    scores = scores_of("world_steps.txt")
    assert scores.precision >= 0.95
    assert scores.recall >= 0.95
    assert scores.history >= 0.90
    assert scores.cluster_f1 >= 0.90


def test_twins_of_other_relationships() -> None:
    scores = scores_of("twin_steps.txt")
    assert scores.precision >= 0.97
    assert scores.recall >= 0.97
    assert scores.history >= 0.95
    assert scores.cluster_f1 >= 0.95
