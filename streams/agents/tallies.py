"""Codings and events to the tallies of hours and days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams import topics
from streams.agents.shell import Output
from streams.records import Coding, Event, Metric, Record
from streams.tallies import Tallies


class TalliesRestoring:
    """The tallies in the making, from the metrics that were sent."""

    def __init__(self, half_life_days: float) -> None:
        self._tallies = Tallies(half_life_days)

    def take(self, record: Record) -> None:
        """Hold one tally."""
        if isinstance(record, Metric):
            self._tallies.take(record)

    def finish(self) -> Tallies:
        """Return the tallies."""
        return self._tallies


class TalliesCore:
    """The tallies as an agent; its state is the metrics that it has sent.

    It reads two topics. Codings and events of one watch lie in partitions of the same number, and the app's
    assignor gives partitions of the same number to the same worker, so that both meet in one state.
    """

    name = "tallies"
    sources = (topics.CODINGS, topics.EVENTS)
    state = (topics.METRICS,)

    def __init__(self, half_life_days: float) -> None:
        self._half_life_days = half_life_days

    def restore(self, records: Sequence[Record]) -> Tallies:
        """Return the tallies that were sent."""
        return Tallies.from_metrics((item for item in records if isinstance(item, Metric)), self._half_life_days)

    def restoring(self) -> TalliesRestoring:
        """Return what takes the metrics that were sent one after another."""
        return TalliesRestoring(self._half_life_days)

    def handle(self, state: Tallies, record: Coding | Event) -> Iterator[Output]:
        """Count one record."""
        for metric in state.apply(record):
            yield Output(topics.METRICS, f"{metric.watch}|{metric.window}|{metric.start.isoformat()}", metric)
