"""Tallies: what was told and done on each watch, by hour and day of event time.

The state is the Metric records given out; each remembers what it has counted, so that a record that is
handled again, or comes twice, counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from streams.ledger.weights import counted_at
from streams.records import Coding, Event, Metric, stable_id

Window = Literal["hour", "day"]
WINDOWS: tuple[Window, ...] = ("hour", "day")
SEEN_DIGITS = 12  # 48 bits: among ten thousand articles of a day two collide once in five million days
HALF_LIFE_DAYS = 180.0  # the default of the setting index_half_life_days

Place = tuple[str, Window, dt.datetime]


class _Tally:
    """One window of one watch, while it may still change."""

    __slots__ = ("articles", "index", "place", "relevant", "seen", "stances", "steps", "weights")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.articles = 0
        self.relevant = 0
        self.index = 0.0
        self.seen: dict[str, None] = {}
        self.stances: dict[str, int] = {}
        self.steps: dict[str, tuple[str, ...]] = {}
        self.weights: dict[str, float] = {}

    @classmethod
    def of(cls, metric: Metric) -> _Tally:
        tally = cls((metric.watch, metric.window, metric.start))
        tally.articles, tally.relevant, tally.index = metric.articles, metric.relevant, metric.index
        tally.seen = dict.fromkeys(metric.seen)
        tally.stances, tally.steps, tally.weights = dict(metric.stances), dict(metric.steps), dict(metric.weights)
        return tally

    def metric(self) -> Metric:
        watch, window, start = self.place
        events: dict[str, int] = {}
        for labels in self.steps.values():
            for label in labels:
                events[label] = events.get(label, 0) + 1
        return Metric(
            watch=watch,
            window=window,
            start=start,
            articles=self.articles,
            relevant=self.relevant,
            stances=dict(sorted(self.stances.items())),
            events=dict(sorted(events.items())),
            index=self.index,
            seen=tuple(self.seen),
            steps=dict(sorted(self.steps.items())),
            weights=dict(sorted(self.weights.items())),
        )


def window_start(time: dt.datetime, window: Window) -> dt.datetime:
    """Return the start of the hour or day that ``time`` lies in."""
    start = time.replace(minute=0, second=0, microsecond=0)
    return start if window == "hour" else start.replace(hour=0)


class Tallies:
    """The tallies of any number of watches."""

    def __init__(self, half_life_days: float = HALF_LIFE_DAYS) -> None:
        self.half_life_days = half_life_days
        self._tallies: dict[Place, _Tally] = {}
        self._places: dict[str, set[Place]] = {}
        """Where each event is counted."""
        self._days: dict[str, dict[dt.datetime, float]] = {}
        """For each watch the weight that events add on a day."""

    @classmethod
    def from_metrics(cls, metrics: Iterable[Metric], half_life_days: float = HALF_LIFE_DAYS) -> Tallies:
        """Return the state that gave out ``metrics`` (the newest record of each window)."""
        state = cls(half_life_days)
        for metric in metrics:
            tally = _Tally.of(metric)
            state._tallies[tally.place] = tally
            for event_id in {*tally.steps, *tally.weights}:
                state._places.setdefault(event_id, set()).add(tally.place)
            state._sum_day(tally)
        return state

    def apply(self, *records: Coding | Event) -> list[Metric]:
        """Count codings and the newest states of events; return the tallies that changed."""
        changed: set[Place] = set()
        for record in records:
            changed |= self._code(record) if isinstance(record, Coding) else self._event(record)
        since: dict[str, dt.datetime] = {}
        for watch, window, start in changed:
            if window == "day":
                since[watch] = min(start, since.get(watch, start))
        for watch, first in since.items():
            changed |= self._renew_index(watch, first)
        return [self._tallies[place].metric() for place in sorted(changed)]

    def _tally(self, place: Place) -> _Tally:
        tally = self._tallies.get(place)
        if tally is None:
            tally = self._tallies[place] = _Tally(place)
            if place[1] == "day":
                self._days.setdefault(place[0], {})[place[2]] = 0.0
        return tally

    def _code(self, coding: Coding) -> set[Place]:
        if coding.watch is None:
            return set()
        changed = set()
        mark = stable_id(coding.article_id, coding.watch)[:SEEN_DIGITS]
        for window in WINDOWS:
            place = (coding.watch, window, window_start(coding.published_at, window))
            tally = self._tally(place)
            if mark in tally.seen:
                continue
            tally.seen[mark] = None
            tally.articles += 1
            tally.relevant += coding.outcome == "relevant"
            for holder, stance in coding.stances:
                label = f"{holder} {stance}"
                tally.stances[label] = tally.stances.get(label, 0) + 1
            changed.add(place)
        return changed

    def _event(self, event: Event) -> set[Place]:
        """Replace what the event counted before by what its newest state counts."""
        steps: dict[Place, tuple[str, ...]] = {}
        for change in event.status_history if event.merged_into is None else ():
            for window in WINDOWS:
                place = (event.watch, window, window_start(change.published_at, window))
                steps[place] = (*steps.get(place, ()), f"{event.type} {change.status}")
        day = (event.watch, WINDOWS[1], window_start(counted_at(event), "day"))
        weights = {} if event.merged_into is not None else {day: event.weight}
        changed = set()
        for place in self._places.get(event.event_id, set()) | set(steps) | set(weights):
            if self._put(event.event_id, place, steps.get(place), weights.get(place)):
                changed.add(place)
        self._places[event.event_id] = {*steps, *weights}
        if not self._places[event.event_id]:
            del self._places[event.event_id]
        return changed

    def _put(self, event_id: str, place: Place, labels: tuple[str, ...] | None, weight: float | None) -> bool:
        tally = self._tally(place)
        if tally.steps.get(event_id) == labels and tally.weights.get(event_id) == weight:
            return False
        for table, value in ((tally.steps, labels), (tally.weights, weight)):
            table.pop(event_id, None)
            if value is not None:
                table[event_id] = value  # type: ignore[assignment]
        self._sum_day(tally)
        return True

    def _sum_day(self, tally: _Tally) -> None:
        watch, window, start = tally.place
        if window == "day":
            # Summed in the order of the ids, so that equal tallies give equal bytes whatever came first.
            self._days.setdefault(watch, {})[start] = sum(tally.weights[key] for key in sorted(tally.weights))

    def _renew_index(self, watch: str, since: dt.datetime) -> set[Place]:
        """Reckon the index of the days from ``since`` on; return those that it changed for.

        An event that comes late changes the index of all days after it. At the end of a day the index is what
        each day before added, halved by the half-life.
        """
        changed: set[Place] = set()
        added = self._days.get(watch, {})
        total, before = 0.0, None
        for day in sorted(added):
            if before is not None:
                total *= 0.5 ** ((day - before).days / self.half_life_days)
            total, before = total + added[day], day
            tally = self._tallies[watch, "day", day]
            if day >= since and tally.index != round(total, 3):
                tally.index = round(total, 3)
                changed.add(tally.place)
        return changed
