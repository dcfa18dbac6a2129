"""The alert topic as a person reads it: in order, filtered, and each alert once."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

import msgspec

from streams import topics
from streams.kafka_read import Read, read_topic
from streams.records import Alert, Severity, decode
from streams.settings import Settings
from streams.watches.registry import split_pair

LEVELS = get_args(Severity)
"""The severities, from the least to the greatest."""
SENT_BEFORE_PUBLISHED = dt.timedelta(days=1)
"""``--since`` is about the time of publication, the broker only knows the time of sending. An article cannot be
sent before it is published, but for outlets whose clocks run ahead or that name a day's end: a day covers them."""
REMEMBERED = 100_000
"""Ids kept to show an alert once. Copies come from a crash and lie near each other, so the oldest may go."""


@dataclass(frozen=True)
class Filter:
    """Which alerts are asked for; empty means all."""

    watches: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    severity: Severity = "routine"
    since: dt.datetime | None = None

    def passes(self, alert: Alert) -> bool:
        """Whether ``alert`` is asked for."""
        return (
            (not self.watches or pair_id(alert.watch) in self.watches)
            and (not self.kinds or alert.kind in self.kinds)
            and LEVELS.index(alert.severity) >= LEVELS.index(self.severity)
            and (self.since is None or alert.published_at >= self.since)
        )


def pair_id(watch: str) -> str:
    """Return a pair's id with its codes in order, so that SAU-IRN finds IRN-SAU; another watch's id as it is."""
    codes = split_pair(watch)
    return "-".join(sorted(codes)) if codes else watch


class Subscription:
    """Reads the alert topic: first what is there in order of publication, then, if followed, what comes.

    ``unreadable`` counts records that are no alerts; ``warn`` is told of each.
    """

    def __init__(self, settings: Settings, wanted: Filter, warn: Callable[[str], None]) -> None:
        self.unreadable = 0
        self._warn = warn
        self._settings = settings
        self._wanted = wanted
        self._next: dict[int, int] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()

    def present(self) -> list[tuple[Alert, bytes]]:
        """Return the alerts that are on the topic now."""
        found = list(self._new(follow=False))
        return sorted(found, key=lambda pair: (pair[0].published_at, pair[0].id))

    def coming(self) -> Iterator[tuple[Alert, bytes]]:
        """Yield the alerts that come after those of ``present``, for ever."""
        return self._new(follow=True)

    def _new(self, *, follow: bool) -> Iterator[tuple[Alert, bytes]]:
        since = self._wanted.since - SENT_BEFORE_PUBLISHED if self._wanted.since else None
        for read in read_topic(self._settings, topics.ALERTS, since=since, follow=follow):
            if read.offset < self._next.get(read.partition, 0):
                continue
            self._next[read.partition] = read.offset + 1
            alert = self._decoded(read)
            if alert is not None and read.value is not None and self._wanted.passes(alert) and self._is_new(alert.id):
                yield alert, read.value

    def _decoded(self, read: Read) -> Alert | None:
        if read.value is None:  # a tombstone: compaction's way of saying that an alert was deleted
            return None
        try:
            return decode(read.value, Alert)
        except msgspec.DecodeError as error:
            self.unreadable += 1
            place = f"{read.topic}[{read.partition}]@{read.offset}"
            self._warn(f"{place}: not an alert of this version: {error}")
            return None

    def _is_new(self, alert_id: str) -> bool:
        if alert_id in self._seen:
            return False
        self._seen[alert_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
