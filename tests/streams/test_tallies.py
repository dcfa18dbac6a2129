"""Tallies count each record once, whatever is repeated, and go on after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams import backtest, tallies
from streams.labels import read_labelled
from streams.records import Coding, Event, Metric
from streams.tallies import Tallies

GOLD = Path(__file__).parents[1] / "gold" / "syria_timeline.jsonl"


def records() -> list[Coding | Event]:
    pipeline = backtest.Pipeline()
    found: list[Coding | Event] = []
    for labelled in sorted(read_labelled([GOLD]), key=lambda one: one.published_at):
        coded = backtest.from_labels(labelled)
        found.append(coded.coding)
        for mention in coded.mentions:
            found += pipeline.ledger.apply(mention).events
    return found


def run(state: Tallies, found: list[Coding | Event]) -> dict[tuple[str, str, str], Metric]:
    return {
        (metric.watch, metric.window, metric.start.isoformat()): metric
        for record in found
        for metric in state.apply(record)
    }


def test_repeats_and_restarts_change_nothing() -> None:
    found = records()
    once = run(Tallies(), found)
    assert run(Tallies(), [one for record in found for one in (record, record)]) == once
    half = len(found) // 2
    state = run(Tallies(), found[:half])
    rest = run(Tallies.from_metrics(state.values()), found[half - 20 :])
    assert state | rest == once


def test_what_rests_packed_counts_as_what_is_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    found = records()
    once = run(Tallies(), found)
    monkeypatch.setattr(tallies, "AWAKE", 1)
    assert run(Tallies(), found) == once


def test_days_and_hours_count_the_same() -> None:
    metrics = run(Tallies(), records()).values()
    for count in ("articles", "relevant"):
        days = sum(getattr(metric, count) for metric in metrics if metric.window == "day")
        assert days == sum(getattr(metric, count) for metric in metrics if metric.window == "hour")
    assert sum(metric.articles for metric in metrics if metric.window == "day") == 120
