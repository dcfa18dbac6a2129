"""Small valid records for tests, each with the fields that a test cares for set by keyword."""

from __future__ import annotations

import datetime as dt
from typing import Any

from streams.records import Alert, Event, Evidence, Metric, Position

DAY = dt.datetime(2023, 1, 13, 9, tzinfo=dt.timezone.utc)
EVIDENCE = Evidence(text="the foreign ministers are to meet in February", start=4, end=49)


def alert(identity: str, **fields: Any) -> Alert:
    given: dict[str, Any] = {
        "kind": "new_event",
        "watch": "syria",
        "severity": "notable",
        "headline": "Türkiye and Syria: foreign ministers to meet in February",
        "article_id": "article",
        "title": "Ministers to meet",
        "source": "Levant Wire",
        "url": "https://example.org/article",
        "published_at": DAY,
        "confidence": 0.9,
        "evidence": EVIDENCE,
    }
    return Alert(id=identity, **{**given, **fields})


def event(identity: str, **fields: Any) -> Event:
    given: dict[str, Any] = {
        "watch": "syria",
        "type": "talks",
        "parties": ("SYR", "TUR"),
        "status": "planned",
        "date": "2023-02",
        "first_seen": DAY,
        "last_seen": DAY,
    }
    return Event(event_id=identity, **{**given, **fields})


def position(holder: str, **fields: Any) -> Position:
    given: dict[str, Any] = {
        "watch": "syria",
        "stance": "favor",
        "confidence": 0.9,
        "since": DAY,
        "last_seen": DAY,
        "evidence": EVIDENCE,
        "article_id": "article",
        "source": "Levant Wire",
    }
    return Position(holder=holder, **{**given, **fields})


def metric(start: dt.datetime, index: float, watch: str = "syria") -> Metric:
    return Metric(watch=watch, window="day", start=start, index=index)
