"""Tallies: what was told and done on each watch, by hour and day of event time.

The state is the Metric records given out; each remembers what it has counted, so that a record that is
handled again, or comes twice, counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec

from streams.ledger.weights import counted_at
from streams.records import Coding, Event, Metric, stable_id

Window = Literal["hour", "day"]
WINDOWS: tuple[Window, ...] = ("hour", "day")
SEEN_DIGITS = 12  # 48 bits: among ten thousand articles of a day two collide once in five million days
HALF_LIFE_DAYS = 180.0  # the default of the setting index_half_life_days
AWAKE = 512
"""Tallies that are held unpacked: those of the day on all watches, with the hours and days that stragglers change."""
HOUR_SECONDS = 3600
KEYS_A_DAY = 48

Place = tuple[str, Window, dt.datetime]
Key = int
"""A window of a watch in a number: the hours since 1970 at its start, times two, and one more for a day."""


class _Tally(msgspec.Struct, array_like=True):
    """One window of one watch; most rest packed, in a tenth of the memory."""

    articles: int = 0
    relevant: int = 0
    index: float = 0.0
    seen: dict[str, None] = {}
    stances: dict[str, int] = {}
    steps: dict[str, tuple[str, ...]] = {}
    weights: dict[str, float] = {}

    @classmethod
    def of(cls, metric: Metric) -> _Tally:
        return cls(
            metric.articles,
            metric.relevant,
            metric.index,
            dict.fromkeys(metric.seen),
            dict(metric.stances),
            dict(metric.steps),
            dict(metric.weights),
        )

    def metric(self, place: Place) -> Metric:
        watch, window, start = place
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


_PACK = msgspec.msgpack.Encoder().encode
_UNPACK = msgspec.msgpack.Decoder(_Tally).decode


def _key(place: Place) -> Key:
    return int(place[2].timestamp()) // HOUR_SECONDS * 2 + (place[1] == "day")


def _place(watch: str, key: Key) -> Place:
    start = dt.datetime.fromtimestamp(key // 2 * HOUR_SECONDS, dt.timezone.utc)
    return watch, "day" if key % 2 else "hour", start


def window_start(time: dt.datetime, window: Window) -> dt.datetime:
    """Return the start of the hour or day that ``time`` lies in."""
    start = time.replace(minute=0, second=0, microsecond=0)
    return start if window == "hour" else start.replace(hour=0)


class Tallies:
    """The tallies of any number of watches."""

    def __init__(self, half_life_days: float = HALF_LIFE_DAYS) -> None:
        self.half_life_days = half_life_days
        self._resting: dict[str, dict[Key, bytes]] = {}
        """By watch; what is awake is not here."""
        self._awake: dict[tuple[str, Key], _Tally] = {}
        """What was touched last is at the end."""
        self._places: dict[str, tuple[Key, ...]] = {}
        """Where each event is counted."""
        self._days: dict[str, dict[Key, float]] = {}
        """For each watch the weight that events add on a day."""
        self._indexes: dict[str, dict[Key, float]] = {}
        """For each watch the index at the end of a day."""

    @classmethod
    def from_metrics(cls, metrics: Iterable[Metric], half_life_days: float = HALF_LIFE_DAYS) -> Tallies:
        """Return the state that gave out ``metrics`` (the newest record of each window)."""
        state = cls(half_life_days)
        for metric in metrics:
            key, tally = _key((metric.watch, metric.window, metric.start)), _Tally.of(metric)
            state._resting.setdefault(metric.watch, {})[key] = _PACK(tally)
            for event_id in {*tally.steps, *tally.weights}:
                state._places[event_id] = (*state._places.get(event_id, ()), key)
            if metric.window == "day":
                state._sum_day(metric.watch, key, tally)
                state._indexes.setdefault(metric.watch, {})[key] = metric.index
        return state

    def apply(self, *records: Coding | Event) -> list[Metric]:
        """Count codings and the newest states of events; return the tallies that changed."""
        changed: set[tuple[str, Key]] = set()
        for record in records:
            changed |= self._code(record) if isinstance(record, Coding) else self._event(record)
        since: dict[str, Key] = {}
        for watch, key in changed:
            if key % 2:
                since[watch] = min(key, since.get(watch, key))
        for watch, first in since.items():
            changed |= self._renew_index(watch, first)
        told = sorted((_place(watch, key), key) for watch, key in changed)
        found = [self._tally(place[0], key).metric(place) for place, key in told]
        self._rest()
        return found

    def _tally(self, watch: str, key: Key) -> _Tally:
        tally = self._awake.pop((watch, key), None)
        if tally is None:
            packed = self._resting.setdefault(watch, {}).pop(key, None)
            tally = _Tally() if packed is None else _UNPACK(packed)
            if packed is None and key % 2:
                self._days.setdefault(watch, {})[key] = 0.0
                self._indexes.setdefault(watch, {})[key] = 0.0
        self._awake[watch, key] = tally
        return tally

    def _rest(self) -> None:
        """Pack what was not touched for longest."""
        while len(self._awake) > AWAKE:
            watch, key = next(iter(self._awake))
            self._resting.setdefault(watch, {})[key] = _PACK(self._awake.pop((watch, key)))

    def _code(self, coding: Coding) -> set[tuple[str, Key]]:
        if coding.watch is None:
            return set()
        changed = set()
        mark = stable_id(coding.article_id, coding.watch)[:SEEN_DIGITS]
        for window in WINDOWS:
            key = _key((coding.watch, window, window_start(coding.published_at, window)))
            tally = self._tally(coding.watch, key)
            if mark in tally.seen:
                continue
            tally.seen[mark] = None
            tally.articles += 1
            tally.relevant += coding.outcome == "relevant"
            for holder, stance in coding.stances:
                label = f"{holder} {stance}"
                tally.stances[label] = tally.stances.get(label, 0) + 1
            changed.add((coding.watch, key))
        return changed

    def _event(self, event: Event) -> set[tuple[str, Key]]:
        """Replace what the event counted before by what its newest state counts."""
        steps: dict[Key, tuple[str, ...]] = {}
        for change in event.status_history if event.merged_into is None else ():
            for window in WINDOWS:
                key = _key((event.watch, window, window_start(change.published_at, window)))
                steps[key] = (*steps.get(key, ()), f"{event.type} {change.status}")
        day = _key((event.watch, WINDOWS[1], window_start(counted_at(event), "day")))
        weights = {} if event.merged_into is not None else {day: event.weight}
        changed = set()
        for key in {*self._places.get(event.event_id, ()), *steps, *weights}:
            if self._put(event, key, steps.get(key), weights.get(key)):
                changed.add((event.watch, key))
        self._places[event.event_id] = tuple({**steps, **weights})
        if not self._places[event.event_id]:
            del self._places[event.event_id]
        return changed

    def _put(self, event: Event, key: Key, labels: tuple[str, ...] | None, weight: float | None) -> bool:
        tally = self._tally(event.watch, key)
        if tally.steps.get(event.event_id) == labels and tally.weights.get(event.event_id) == weight:
            return False
        for table, value in ((tally.steps, labels), (tally.weights, weight)):
            table.pop(event.event_id, None)
            if value is not None:
                table[event.event_id] = value  # type: ignore[assignment]
        if key % 2:
            self._sum_day(event.watch, key, tally)
        return True

    def _sum_day(self, watch: str, key: Key, tally: _Tally) -> None:
        # Summed in the order of the ids, so that equal tallies give equal bytes whatever came first.
        self._days.setdefault(watch, {})[key] = sum(tally.weights[event] for event in sorted(tally.weights))

    def _renew_index(self, watch: str, since: Key) -> set[tuple[str, Key]]:
        """Reckon the index of the days from ``since`` on; return those that it changed for.

        An event that comes late changes the index of all days after it. At the end of a day the index is what
        each day before added, halved by the half-life.
        """
        changed: set[tuple[str, Key]] = set()
        added, indexes = self._days.get(watch, {}), self._indexes.setdefault(watch, {})
        total, before = 0.0, None
        for day in sorted(added):
            if before is not None:
                total *= 0.5 ** ((day - before) // KEYS_A_DAY / self.half_life_days)
            total, before = total + added[day], day
            if day >= since and indexes[day] != round(total, 3):
                indexes[day] = self._tally(watch, day).index = round(total, 3)
                changed.add((watch, day))
        return changed
