"""Events at rest as bytes: what is not looked at for weeks takes little memory, and nothing of the collector's time.

The form lives in memory only; on the topics an event is JSON. Ids and signatures, which are hex digits, take half of
their length and are not compressed, as they are as good as random. The rest is kept by columns, in which what several
reports share (parties, the words of copies) stands once; ``press`` compresses it, for events that will rest for long.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from streams.records import Evidence, Level, Origin, Report, Status

LEVEL = 1  # the quickest; slower ones save a twentieth of the room more
ID_DIGITS = 20  # of ``records.stable_id``; other ids are kept as text
SIZE_BYTES = 4  # of the number before the hex digits that says how many bytes they take
PLAIN, PRESSED = b"\0", b"\1"  # what the bytes begin with
START = len(PLAIN) + SIZE_BYTES

T = TypeVar("T")
Column = tuple[list[T], list[int]]
"""The different values of a column, and for each row which it is; no numbers where there is one value only."""


class Identity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event is beyond what follows from its reports."""

    event_id: str
    alerts: tuple[str, ...]
    merged: tuple[str, ...]
    revision: int
    forgotten: int
    repeats: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What follows from the reports, so that it need not be made again; reports by their numbers."""

    level: Level
    confidence: float
    fresh_since: dt.datetime | None
    new_at: dt.datetime | None
    corroborated: bool
    pillars: list[int]
    turns: list[int]
    independent: list[int]


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    standing: Standing
    alerts: int
    merged: int
    revision: int
    forgotten: int
    repeats: int
    names: list[str] | None
    """The ids and signatures, where they are no hex digits of the usual length."""
    sources: Column[str]
    published: Sequence[dt.datetime]
    parties: Column[tuple[str, ...]]
    mediators: Column[tuple[str, ...]]
    statuses: Sequence[Status]
    dates: Column[str | None]
    levels: Sequence[Level]
    confidences: Sequence[float]
    origins: Column[Origin]
    titles: Column[str]
    urls: Sequence[str | None]
    words: Column[str]
    starts: list[int]
    ends: list[int]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Packed)


def pack(identity: Identity, standing: Standing, reports: Sequence[Report]) -> bytes:
    """Return an event as bytes."""
    (
        mention_ids, article_ids, sources, published, parties, mediators, statuses, dates, levels, confidences, origins,
        signatures, titles, urls, evidence,
    ) = zip(*map(msgspec.structs.astuple, reports), strict=True)  # fmt: skip
    names = [identity.event_id, *identity.alerts, *identity.merged, *identity.repeats, *mention_ids, *article_ids]
    hexed = _short(names, signatures)
    packed = _Packed(
        standing, len(identity.alerts), len(identity.merged), identity.revision, identity.forgotten,
        len(identity.repeats), None if hexed is not None else [*names, *signatures], _column(sources), published,
        _column(parties), _column(mediators), statuses, _column(dates), levels, confidences, _column(origins),
        _column(titles), urls, _column([one.text for one in evidence]), [one.start for one in evidence],
        [one.end for one in evidence],
    )  # fmt: skip
    hexed = hexed or b""
    return b"".join((PLAIN, len(hexed).to_bytes(SIZE_BYTES, "little"), hexed, _ENCODER.encode(packed)))


def press(data: bytes) -> bytes:
    """Return a packed event in the form that takes least room, in which it may be already."""
    if data.startswith(PRESSED):
        return data
    start = _start(data)
    return b"".join((PRESSED, data[len(PLAIN) : start], zlib.compress(data[start:], LEVEL)))


def _start(data: bytes) -> int:
    """Return where the columns begin."""
    return START + int.from_bytes(data[len(PLAIN) : START], "little")


def unpack(data: bytes) -> tuple[Identity, Standing, list[Report]]:
    """Return the event that was packed."""
    start = _start(data)
    packed = _DECODER.decode(zlib.decompress(data[start:]) if data.startswith(PRESSED) else data[start:])
    rows, alerts = len(packed.published), 1 + packed.alerts
    merged = alerts + packed.merged
    first = merged + packed.repeats
    names = packed.names
    if names is None:
        names = _long(data[START:start].hex(), first + 2 * rows, rows)
    identity = Identity(
        names[0], tuple(names[1:alerts]), tuple(names[alerts:merged]), packed.revision, packed.forgotten,
        tuple(names[merged:first]),
    )  # fmt: skip
    return identity, packed.standing, _reports(packed, names[first:])


def _reports(packed: _Packed, names: Sequence[str]) -> list[Report]:
    rows = len(packed.published)
    columns = zip(
        names[:rows], names[rows : 2 * rows], names[2 * rows :], _values(packed.sources, rows), packed.published,
        _values(packed.parties, rows), _values(packed.mediators, rows), packed.statuses, _values(packed.dates, rows),
        packed.levels, packed.confidences, _values(packed.origins, rows), _values(packed.titles, rows), packed.urls,
        _values(packed.words, rows), packed.starts, packed.ends, strict=True,
    )  # fmt: skip
    return [
        Report(
            mention_id=mention_id, article_id=article_id, signature=signature, source=source, published_at=published,
            parties=parties, mediators=mediators, status=status, date=date, level=level, confidence=confidence,
            origin=origin, title=title, url=url, evidence=Evidence(words, start, end),
        )
        for (
            mention_id, article_id, signature, source, published, parties, mediators, status, date, level, confidence,
            origin, title, url, words, start, end,
        ) in columns
    ]  # fmt: skip


def _short(ids: Iterable[str], signatures: Sequence[str]) -> bytes | None:
    """Return ids and signatures as the bytes that their hex digits stand for; None where they are not all usual."""
    digits = len(signatures[0])
    if set(map(len, ids)) != {ID_DIGITS} or set(map(len, signatures)) != {digits}:
        return None
    text = "".join([*ids, *signatures])
    try:
        short = bytes.fromhex(text)
    except ValueError:
        return None
    return short if short.hex() == text else None


def _long(digits: str, ids: int, signatures: int) -> list[str]:
    """Return the ids and signatures whose hex digits these are."""
    end = ids * ID_DIGITS
    size = (len(digits) - end) // signatures
    found = [digits[at : at + ID_DIGITS] for at in range(0, end, ID_DIGITS)]
    return found + [digits[at : at + size] for at in range(end, end + size * signatures, size)] if size else [
        *found, *[""] * signatures
    ]  # fmt: skip


def _column(values: Sequence[T]) -> Column[T]:
    if values.count(values[0]) == len(values):
        return [values[0]], []
    known: dict[T, int] = {}
    places = [known.setdefault(value, len(known)) for value in values]
    return list(known), places


def _values(column: Column[T], rows: int) -> list[T]:
    values, places = column
    return [values[place] for place in places] if places else values * rows
