"""Tallies count each record once, whatever is repeated, and go on after a restart."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import msgspec
import pytest

from streams import backtest, tallies
from streams.labels import read_labelled
from streams.ledger.weights import counted_at
from streams.records import Coding, Event, Metric
from streams.tallies import HALF_LIFE_DAYS, Tallies

UTC = dt.timezone.utc

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


Counts = dict[tuple[str, str, str], Metric]


def recount(found: list[Coding | Event]) -> Counts:
    """Count all records at once, with nothing that is kept between them."""
    counts: Counts = {}
    for coding in {(one.article_id, one.watch): one for one in reversed(found) if isinstance(one, Coding)}.values():
        if coding.watch is not None:
            recount_coding(coding, counts)
    for event in {one.event_id: one for one in found if isinstance(one, Event)}.values():
        if event.merged_into is None:
            recount_event(event, counts)
    return {place: indexed(metric, counts) for place, metric in counts.items() if tells(metric)}


def tells(metric: Metric) -> bool:
    return bool(metric.articles or metric.steps or metric.weights)


def metrics_at(watch: str, time: dt.datetime, counts: Counts) -> list[Metric]:
    hour = time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    empty = [
        Metric(watch=watch, window="hour", start=hour),
        Metric(watch=watch, window="day", start=hour.replace(hour=0)),
    ]
    return [counts.setdefault((one.watch, one.window, one.start.isoformat()), one) for one in empty]


def recount_coding(coding: Coding, counts: Counts) -> None:
    for metric in metrics_at(coding.watch or "", coding.published_at, counts):
        for label in (f"{holder} {stance}" for holder, stance in coding.stances):
            metric.stances[label] = metric.stances.get(label, 0) + 1
        counts[metric.watch, metric.window, metric.start.isoformat()] = msgspec.structs.replace(
            metric, articles=metric.articles + 1, relevant=metric.relevant + (coding.outcome == "relevant")
        )


def recount_event(event: Event, counts: Counts) -> None:
    for change in event.status_history:
        label = f"{event.type} {change.status}"
        for metric in metrics_at(event.watch, change.published_at, counts):
            metric.steps[event.event_id] = (*metric.steps.get(event.event_id, ()), label)
            metric.events[label] = metric.events.get(label, 0) + 1
    metrics_at(event.watch, counted_at(event), counts)[1].weights[event.event_id] = event.weight


def indexed(metric: Metric, counts: Counts) -> Metric:
    """Return a day's tally with its index."""
    if metric.window == "hour":
        return metric
    days = [one for one in counts.values() if one.watch == metric.watch and one.window == "day"]
    ages = [((metric.start - one.start).days, sum(one.weights.values())) for one in days if one.start <= metric.start]
    return msgspec.structs.replace(metric, index=sum(added * 0.5 ** (age / HALF_LIFE_DAYS) for age, added in ages))


def test_every_tally_is_what_a_recount_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "AWAKE", 5)
    found = records()
    random.Random(3).shuffle(found)  # noqa: S311 - an order that is the same each time
    state: Counts = {}
    for begin in range(0, len(found), 70):
        state |= run(Tallies.from_metrics(state.values()), found[begin : begin + 70])
    told = {place: metric for place, metric in state.items() if tells(metric)}
    expected = recount(found)
    assert told.keys() == expected.keys()
    for place, metric in told.items():
        assert metric.index == pytest.approx(expected[place].index, abs=1e-3), place
        assert msgspec.structs.replace(metric, index=0.0, seen=()) == msgspec.structs.replace(
            expected[place], index=0.0
        ), place


def test_windows_are_those_of_utc_whatever_the_zone() -> None:
    time = dt.datetime(2023, 1, 1, 23, 20, tzinfo=UTC)
    coding = Coding(article_id="a", watch="w", outcome="relevant", mentions=0, published_at=time)
    expected = Tallies().apply(coding)
    assert [(one.window, one.start) for one in expected] == [
        ("day", dt.datetime(2023, 1, 1, tzinfo=UTC)),
        ("hour", dt.datetime(2023, 1, 1, 23, tzinfo=UTC)),
    ]
    for minutes in (330, -570, 840):
        there = time.astimezone(dt.timezone(dt.timedelta(minutes=minutes)))
        assert Tallies().apply(msgspec.structs.replace(coding, published_at=there)) == expected
    before = msgspec.structs.replace(coding, published_at=dt.datetime(1969, 12, 31, 23, 30, tzinfo=UTC))
    assert [one.start for one in Tallies().apply(before)] == [
        dt.datetime(1969, 12, 31, tzinfo=UTC),
        dt.datetime(1969, 12, 31, 23, tzinfo=UTC),
    ]
