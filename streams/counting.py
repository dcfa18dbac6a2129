"""Counts what the agents have handled and confirmed, in the metrics that `metrics.py` declares.

Gauges of positions and of the index belong to partitions: a worker that loses one must not go on telling of it, or
the sum over all workers would count it twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from streams import metrics
from streams.records import (
    Alert,
    Article,
    Coding,
    Event,
    Mention,
    Metric,
    Outcome,
    Position,
    Record,
    Stance,
)
from streams.watches.registry import split_pair

ARTICLE_TIME = "detente-article-time"
RETRIEVED_TIME = "detente-retrieved-time"
"""Headers of mentions and stances, in milliseconds: when the article's record was sent, and when the producer got the
article. They ride along for measuring delay; no rule reads them, and the records stay the same on a replay."""
BEST = get_args(Outcome)
"""Outcomes from the best: an article that is relevant to one watch is relevant."""

Header = tuple[str, bytes]


class Counting:
    """One worker's counts."""

    def __init__(self, watches: Iterable[str] = ()) -> None:
        """Count under the ids of ``watches``; all others are counted together."""
        self._watches = metrics.know_watches(watches)
        self._stances: dict[int, dict[tuple[str, str], str]] = {}
        """For each partition, what each holder thinks on each watch."""
        self._days: dict[int, dict[str, Metric]] = {}

    def label(self, watch: str) -> str:
        """Return the label of ``watch``: its id (a pair's in the order of the codes) if it is known."""
        if watch in self._watches:
            return watch
        pair = split_pair(watch)
        name = "-".join(sorted(pair)) if pair else watch
        return name if name in self._watches else metrics.OTHER

    def handled(self, partition: int, given: Record, headers: Sequence[Header], found: Sequence[Record]) -> None:
        """Count the records ``found`` that came of ``given``, once they are confirmed."""
        self._articles([record for record in found if isinstance(record, Coding)])
        for record in found:
            if isinstance(record, Stance):
                metrics.STANCES.labels(self.label(record.watch), record.stance).inc()
            elif isinstance(record, Mention):
                metrics.MENTIONS.labels(record.type).inc()
            elif isinstance(record, Event):
                self._event(given, record)
            elif isinstance(record, Alert):
                metrics.ALERTS.labels(record.kind, record.severity).inc()
                _delays(given, record, dict(headers))
        self.standing(partition, found)

    def standing(self, partition: int, found: Iterable[Record]) -> None:
        """Take in positions and tallies, new ones or those that were read back."""
        for record in found:
            if isinstance(record, Position):
                self._position(partition, record)
            elif isinstance(record, Metric) and record.window == "day":
                self._day(partition, record)

    def forget(self, agent: str, partitions: Iterable[int]) -> None:
        """Tell no more of ``partitions``, as far as ``agent`` knew of them."""
        for partition in partitions:
            if agent == "positions":
                for (watch, _), stance in self._stances.pop(partition, {}).items():
                    metrics.POSITIONS.labels(self.label(watch), stance).dec()
            elif agent == "tallies":
                for watch in self._days.pop(partition, {}):
                    metrics.INDEX.remove(watch)
                    metrics.INDEX_DAY.remove(watch)

    def _articles(self, codings: Sequence[Coding]) -> None:
        best: dict[str, Coding] = {}
        for coding in codings:
            metrics.CODINGS.labels(coding.outcome).inc()
            before = best.get(coding.article_id)
            if before is None or BEST.index(coding.outcome) < BEST.index(before.outcome):
                best[coding.article_id] = coding
        for coding in best.values():
            metrics.ARTICLES.labels(coding.origin, coding.outcome).inc()

    def _event(self, given: Record, event: Event) -> None:
        """Count ``event`` if the report in hand brought it to its present status."""
        if event.merged_into is not None or not event.status_history or not isinstance(given, Mention):
            return
        if event.status_history[-1].article_id == given.article_id:
            metrics.EVENTS.labels(self.label(event.watch), event.type, event.status).inc()

    def _position(self, partition: int, position: Position) -> None:
        held = self._stances.setdefault(partition, {})
        key = position.watch, position.holder
        before = held.pop(key, None)
        if before is not None:
            metrics.POSITIONS.labels(self.label(position.watch), before).dec()
        if position.stance is not None:
            held[key] = position.stance
            metrics.POSITIONS.labels(self.label(position.watch), position.stance).inc()

    def _day(self, partition: int, metric: Metric) -> None:
        watch = self.label(metric.watch)
        if watch == metrics.OTHER:
            return  # an index of many pairs together says nothing
        days = self._days.setdefault(partition, {})
        before = days.get(watch)
        if before is None or metric.start >= before.start:
            days[watch] = metric
            metrics.INDEX.labels(watch).set(metric.index)
            metrics.INDEX_DAY.labels(watch).set(metric.start.timestamp())


def travelling(given: Record, sent_at: float | None) -> tuple[Header, ...]:
    """Return the headers for what comes of ``given``: none unless it is an article."""
    if not isinstance(given, Article):
        return ()
    times = {ARTICLE_TIME: sent_at, RETRIEVED_TIME: given.retrieved_at.timestamp() if given.retrieved_at else None}
    return tuple((name, str(int(at * 1000)).encode()) for name, at in times.items() if at is not None)


def _delays(given: Record, alert: Alert, headers: Mapping[str, bytes]) -> None:
    now = time.time()
    if getattr(given, "origin", None) == "live":  # a replay's articles are old by design
        metrics.ALERT_DELAY_SECONDS.labels("publication").observe(max(0.0, now - alert.published_at.timestamp()))
    for since, name in (("arrival", RETRIEVED_TIME), ("record", ARTICLE_TIME)):
        text = headers.get(name, b"")
        if text.isdigit():
            metrics.ALERT_DELAY_SECONDS.labels(since).observe(max(0.0, now - int(text) / 1000))
