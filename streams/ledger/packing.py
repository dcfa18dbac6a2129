"""Reports as bytes: what is not looked at for weeks takes a third of the memory, and nothing of the collector's time.

The form lives in memory only; on the topics reports are JSON within their events.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence

import msgspec

from streams.records import Evidence, Level, Origin, Report, Status

LEVEL = 1  # the reports of one event share most of their words: even the quickest level halves them


class _Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The fields of a report without their names."""

    mention_id: str
    article_id: str
    source: str
    published_at: dt.datetime
    parties: tuple[str, ...]
    mediators: tuple[str, ...]
    status: Status
    date: str | None
    level: Level
    confidence: float
    origin: Origin
    signature: str
    title: str
    url: str | None
    words: str
    start: int
    end: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Row])


def pack(reports: Sequence[Report]) -> bytes:
    """Return reports as bytes."""
    return zlib.compress(_ENCODER.encode([_row(report) for report in reports]), LEVEL)


def unpack(data: bytes) -> list[Report]:
    """Return the reports that were packed."""
    return [_report(row) for row in _DECODER.decode(zlib.decompress(data))]


def _row(report: Report) -> _Row:
    evidence = report.evidence
    return _Row(
        report.mention_id, report.article_id, report.source, report.published_at, report.parties, report.mediators,
        report.status, report.date, report.level, report.confidence, report.origin, report.signature, report.title,
        report.url, evidence.text, evidence.start, evidence.end,
    )  # fmt: skip


def _report(row: _Row) -> Report:
    return Report(
        mention_id=row.mention_id,
        article_id=row.article_id,
        source=row.source,
        published_at=row.published_at,
        parties=row.parties,
        mediators=row.mediators,
        status=row.status,
        date=row.date,
        level=row.level,
        confidence=row.confidence,
        origin=row.origin,
        signature=row.signature,
        title=row.title,
        url=row.url,
        evidence=Evidence(row.words, row.start, row.end),
    )
