"""Events at rest as bytes: what is not looked at for weeks takes little memory, and nothing of the collector's time.

The form lives in memory only; on the topics an event is JSON. Ids and signatures, which are hex digits, take half of
their length; the rest shrinks by compression, since the reports of one event share most of their words.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence

import msgspec

from streams.records import Evidence, Level, Origin, Report, Status

LEVEL = 1  # the quickest; slower ones save a twentieth of the room more


class Identity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event is beyond what follows from its reports."""

    event_id: str
    alerts: tuple[str, ...]
    merged: tuple[str, ...]
    revision: int
    forgotten: int
    repeats: tuple[str, ...]


class _Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The fields of a report without their names."""

    mention_id: bytes
    article_id: bytes
    source: str
    published_at: dt.datetime
    parties: tuple[str, ...]
    mediators: tuple[str, ...]
    status: Status
    date: str | None
    level: Level
    confidence: float
    origin: Origin
    signature: bytes
    title: str
    url: str | None
    words: str
    start: int
    end: int


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    event_id: bytes
    alerts: tuple[bytes, ...]
    merged: tuple[bytes, ...]
    revision: int
    forgotten: int
    repeats: tuple[bytes, ...]
    rows: list[_Row]


_AS_HEX, _AS_TEXT = b"\0", b"\1"
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Packed)


def pack(identity: Identity, reports: Sequence[Report]) -> bytes:
    """Return an event as bytes."""
    packed = _Packed(
        _short(identity.event_id),
        tuple(map(_short, identity.alerts)),
        tuple(map(_short, identity.merged)),
        identity.revision,
        identity.forgotten,
        tuple(map(_short, identity.repeats)),
        [_row(report) for report in reports],
    )
    return zlib.compress(_ENCODER.encode(packed), LEVEL)


def unpack(data: bytes) -> tuple[Identity, list[Report]]:
    """Return the event that was packed."""
    packed = _DECODER.decode(zlib.decompress(data))
    identity = Identity(
        _long(packed.event_id),
        tuple(map(_long, packed.alerts)),
        tuple(map(_long, packed.merged)),
        packed.revision,
        packed.forgotten,
        tuple(map(_long, packed.repeats)),
    )
    return identity, [_report(row) for row in packed.rows]


def _short(text: str) -> bytes:
    """Return hex digits as the bytes that they stand for, another text as it is, each marked as what it is."""
    try:
        short = bytes.fromhex(text)
    except ValueError:
        return _AS_TEXT + text.encode("utf-8", "surrogatepass")
    return _AS_HEX + short if short.hex() == text else _AS_TEXT + text.encode()


def _long(short: bytes) -> str:
    return short[1:].hex() if short.startswith(_AS_HEX) else short[1:].decode("utf-8", "surrogatepass")


def _row(report: Report) -> _Row:
    evidence = report.evidence
    return _Row(
        _short(report.mention_id), _short(report.article_id), report.source, report.published_at, report.parties,
        report.mediators, report.status, report.date, report.level, report.confidence, report.origin,
        _short(report.signature), report.title, report.url, evidence.text, evidence.start, evidence.end,
    )  # fmt: skip


def _report(row: _Row) -> Report:
    return Report(
        mention_id=_long(row.mention_id),
        article_id=_long(row.article_id),
        source=row.source,
        published_at=row.published_at,
        parties=row.parties,
        mediators=row.mediators,
        status=row.status,
        date=row.date,
        level=row.level,
        confidence=row.confidence,
        origin=row.origin,
        signature=_long(row.signature),
        title=row.title,
        url=row.url,
        evidence=Evidence(row.words, row.start, row.end),
    )
