"""Tallies: what was told and done on each watch, by hour and day of event time.

The state is the Metric records given out; each remembers what it has counted, so that a record that is
handled again, or comes twice, counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from streams.ledger.weights import counted_at
from streams.records import Coding, Event, Metric, stable_id
from streams.tally import KEYS_A_DAY, SEEN_DIGITS, Key, Packer, Resting, Tally, is_day, key_of, keys_at, window_of
from streams.tally_index import DailyIndex
from streams.tally_places import Places

HALF_LIFE_DAYS = 180.0  # the default of the setting index_half_life_days
AWAKE = 512
"""Tallies that are held unpacked: those of the day on all watches, with the hours and days that stragglers change."""


class Tallies:
    """The tallies of any number of watches."""

    def __init__(self, half_life_days: float = HALF_LIFE_DAYS) -> None:
        self._packer = Packer()
        self._resting: defaultdict[str, Resting] = defaultdict(Resting)
        """By watch, as are the indexes; a tally that is awake lies here as it was before."""
        self._awake: dict[tuple[str, Key], Tally] = {}
        """What was touched last is at the end."""
        self._places = Places()
        self._indexes: defaultdict[str, DailyIndex] = defaultdict(lambda: DailyIndex(half_life_days))

    @classmethod
    def from_metrics(cls, metrics: Iterable[Metric], half_life_days: float = HALF_LIFE_DAYS) -> Tallies:
        """Return the state that gave out ``metrics`` (the newest record of each window)."""
        state = cls(half_life_days)
        for metric in metrics:
            state.take(metric)
        return state

    def take(self, metric: Metric) -> None:
        """Hold a tally that was given out: the newest record of its window, which nothing was counted in yet."""
        key = key_of(metric)
        self._resting[metric.watch].add(key, self._packer.pack(metric))
        for event_id in metric.steps.keys() | metric.weights.keys() if metric.weights else metric.steps:
            self._places.add(event_id, key)
        if is_day(key):
            self._indexes[metric.watch].hold(key // KEYS_A_DAY, _sum(metric), metric.index)

    def apply(self, *records: Coding | Event) -> list[Metric]:
        """Count codings and the newest states of events; return the tallies that changed."""
        changed: set[tuple[str, Key]] = set()
        for record in records:
            changed |= self._code(record) if isinstance(record, Coding) else self._event(record)
        since: dict[str, Key] = {}
        for watch, key in changed:
            if is_day(key):
                since[watch] = min(key, since.get(watch, key))
        for watch, first in since.items():
            renewed = self._indexes[watch].renew(first // KEYS_A_DAY)
            changed.update((watch, day * KEYS_A_DAY + 1) for day in renewed)
        told = sorted((watch, *window_of(key), key) for watch, key in changed)
        found = [self._tally(watch, key).metric(watch, key, self._told(watch, key)) for watch, _, _, key in told]
        self._rest()
        return found

    def _tally(self, watch: str, key: Key) -> Tally:
        tally = self._awake.pop((watch, key), None)
        if tally is None:
            packed = self._resting[watch].get(key)
            tally = self._packer.unpack(packed) if packed is not None else Tally()
            if packed is None and is_day(key):
                self._indexes[watch].add(key // KEYS_A_DAY, 0.0)
        self._awake[watch, key] = tally
        return tally

    def _rest(self) -> None:
        """Pack what was not touched for longest."""
        while len(self._awake) > AWAKE:
            watch, key = next(iter(self._awake))
            self._resting[watch].put(key, self._packer.pack(self._awake.pop((watch, key))))

    def _told(self, watch: str, key: Key) -> float:
        """Return the index for the record of a window; that of an hour has none."""
        return self._indexes[watch].told(key // KEYS_A_DAY) if is_day(key) else 0.0

    def _code(self, coding: Coding) -> set[tuple[str, Key]]:
        if coding.watch is None:
            return set()
        changed = set()
        mark = stable_id(coding.article_id, coding.watch)[:SEEN_DIGITS]
        for key in keys_at(coding.published_at):
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
            for key in keys_at(change.published_at):
                steps[key] = (*steps.get(key, ()), f"{event.type} {change.status}")
        day = keys_at(counted_at(event))[1]
        weights = {} if event.merged_into is not None else {day: event.weight}
        changed = set()
        for key in {*self._places.of(event.event_id), *steps, *weights}:
            if self._put(event, key, steps.get(key), weights.get(key)):
                changed.add((event.watch, key))
        self._places.put(event.event_id, {**steps, **weights})
        return changed

    def _put(self, event: Event, key: Key, labels: tuple[str, ...] | None, weight: float | None) -> bool:
        tally = self._tally(event.watch, key)
        if tally.steps.get(event.event_id) == labels and tally.weights.get(event.event_id) == weight:
            return False
        for table, value in ((tally.steps, labels), (tally.weights, weight)):
            table.pop(event.event_id, None)
            if value is not None:
                table[event.event_id] = value  # type: ignore[assignment]
        if is_day(key):
            self._indexes[event.watch].add(key // KEYS_A_DAY, _sum(tally))
        return True


def _sum(tally: Tally | Metric) -> float:
    """Return what events add to the index on a day."""
    # In the order of the ids, so that equal tallies give equal bytes whatever came first.
    return sum(tally.weights[event] for event in sorted(tally.weights))
