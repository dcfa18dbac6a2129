"""Events at rest as bytes: what is not looked at for weeks takes little memory, and nothing of the collector's time.

The form lives in memory only; on the topics an event is JSON. Ids and signatures, which are hex digits, take half of
their length and are not compressed, as they are as good as random. The rest is kept by columns, in which what several
reports share (parties, the words of copies) stands once; ``Packer.press`` compresses it, for events that will rest for
long, with a dictionary made of some events that were pressed before: outlets, addresses and turns of phrase come again.
"""

from __future__ import annotations

import datetime as dt
import itertools
import zlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from streams.ledger.account import Account
from streams.ledger.reports import Key, key_of
from streams.records import Evidence, Level, Origin, Report, Status

LEVEL = 6  # of zlib: a tenth smaller than with the quickest, in a third more time
RAW = -13  # a window of 8 kB, more than an event has, without a header and a sum, which have no use in memory
WORKING = 6  # of zlib: a table that stays in the caches, as 2 kB do not fill a larger one
PARTS = 3  # events of which the dictionary is made; twice as many save a twentieth more, and take a quarter more time
PART_BYTES = 2048  # of each of them: about eight reports, from the last words back
APART = 64  # events pressed between two of them, so that they are of different parties
ID_DIGITS = 20  # of ``records.stable_id``; other ids are kept as text
ID_BYTES = ID_DIGITS // 2
SIZE_BYTES = 4  # of the numbers that say how many reports there are, and how many bytes the ids and signatures take
PLAIN, PRESSED, LEARNED = b"\0", b"\1", b"\2"  # what the bytes begin with
START = len(PLAIN) + 2 * SIZE_BYTES
DEGREES = 10_000  # the coder rounds confidences to so many parts; such ones are kept as whole numbers
MICROSECOND = dt.timedelta(microseconds=1)
ARTICLE = "\0"  # stands for the article's id within its address

STATUSES: tuple[Status, ...] = ("occurred", "planned", "proposed", "denied")
LEVELS: tuple[Level, ...] = ("unknown", "official", "minister", "leader")
_STATUS_NUMBERS = {status: number for number, status in enumerate(STATUSES)}
_LEVEL_NUMBERS = {level: number for number, level in enumerate(LEVELS)}

T = TypeVar("T")
Column = tuple[list[T], list[int]]
"""The different values of a column, and for each row which it is; no numbers where there is one value only."""


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    alerts: int
    merged: int
    repeats: int
    first_seen: dt.datetime
    revision: int
    forgotten: int
    surged: bool
    level: Level
    confidence: float
    corroborated: bool
    paced_as: tuple[int, bool] | None
    """Times are kept as the microseconds since the first report."""
    fresh_since: int | None
    new_at: int | None
    pillars: bytes | list[int]
    """Reports are told by their numbers."""
    turns: bytes | list[int]
    independent: bytes | list[int]
    names: list[str] | None
    """The ids and signatures, where they are no hex digits of the usual length."""
    published: list[int]
    """After the report before."""
    statuses: bytes
    levels: bytes
    degrees: list[int]
    """The confidences as whole numbers, where all are such as the coder gives; else ``confidences``."""
    confidences: Sequence[float]
    starts: Sequence[int]
    spare: list[int]
    """How much longer each evidence is by its place than by its words, where any is."""
    origins: Column[Origin]
    dates: Column[str | None]
    mediators: Column[tuple[str, ...]]
    parties: Column[tuple[str, ...]]
    sources: Column[str]
    whole_urls: bool
    urls: Sequence[str | None]
    """Without the articles' ids, which some publishers' addresses have; ``whole_urls``: as they are."""
    titles: Column[str]
    words: Column[str]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Packed)


class Packer:
    """Packs and unpacks the events of one ledger."""

    __slots__ = ("_dictionary", "_parts", "_pressed")

    def __init__(self) -> None:
        self._dictionary = b""
        self._parts: list[bytes] = []
        self._pressed = 0

    def press(self, data: bytes) -> bytes:
        """Return a packed event in the form that takes least room, in which it may be already."""
        if is_pressed(data):
            return data
        start = _start(data)
        columns = data[start:]
        known = self._dictionary
        engine = zlib.compressobj(
            LEVEL, zlib.DEFLATED, RAW, WORKING, zlib.Z_DEFAULT_STRATEGY, *[known] if known else ()
        )
        if not known:
            self._learn(columns)
        kind = LEARNED if known else PRESSED
        return b"".join((kind, data[len(PLAIN) : start], engine.compress(columns), engine.flush()))

    def _learn(self, columns: bytes) -> None:
        """Make the dictionary of events that are not next to each other; it stays, as events are packed with it."""
        if self._pressed % APART == 0:
            self._parts.append(columns[-PART_BYTES:])
        self._pressed += 1
        if len(self._parts) == PARTS:
            self._dictionary, self._parts = b"".join(self._parts), []

    def unpack(self, data: bytes) -> Account:
        """Return the event that was packed."""
        start = _start(data)
        columns = data[start:]
        if is_pressed(data):
            known = self._dictionary if data.startswith(LEARNED) else b""
            engine = zlib.decompressobj(RAW, zdict=known) if known else zlib.decompressobj(RAW)
            columns = engine.decompress(columns)
        return _account(_DECODER.decode(columns), _rows(data), data[START:start].hex())

    def is_told_by(self, data: bytes, article_id: str) -> bool:
        """Whether an article is one of those that report a packed event."""
        rows, start = _rows(data), _start(data)
        if start == START:
            return any(report.article_id == article_id for report in self.unpack(data).reports)
        ids = data[START + rows * ID_BYTES : START + 2 * rows * ID_BYTES].hex()
        return article_id in [ids[at : at + ID_DIGITS] for at in range(0, len(ids), ID_DIGITS)]

    def last_key(self, data: bytes, last_seen: dt.datetime) -> Key:
        """Return the place of the newest report of a packed event, by when it was published."""
        rows, start = _rows(data), _start(data)
        if start == START:
            return key_of(self.unpack(data).reports[-1])
        mentions, articles = START + (rows - 1) * ID_BYTES, START + (2 * rows - 1) * ID_BYTES
        return last_seen, data[articles : articles + ID_BYTES].hex(), data[mentions : mentions + ID_BYTES].hex()


def is_pressed(data: bytes) -> bool:
    """Whether a packed event is in the form that takes least room."""
    return not data.startswith(PLAIN)


def pack(account: Account) -> bytes:
    """Return an event with at least one report as bytes."""
    reports = account.reports
    (
        mention_ids, article_ids, sources, published, parties, mediators, statuses, dates, levels, confidences, origins,
        signatures, titles, urls, evidence,
    ) = zip(*map(msgspec.structs.astuple, reports), strict=True)  # fmt: skip
    names = [*mention_ids, *article_ids, account.event_id, *account.alerts, *account.merged, *account.repeats]
    hexed = _short(names, signatures)
    places = {id(report): place for place, report in enumerate(reports)}
    words, starts, ends, _, _ = zip(*map(msgspec.structs.astuple, evidence), strict=True)
    spare = [end - start - len(text) for text, start, end in zip(words, starts, ends, strict=True)]
    whole = ARTICLE in "".join(filter(None, urls))
    degrees = list(map(round, [confidence * DEGREES for confidence in confidences]))
    exact = [one / DEGREES for one in degrees] == [*confidences]
    paced = account.paced_as
    packed = _Packed(
        len(account.alerts), len(account.merged), len(account.repeats), published[0], account.revision,
        account.forgotten, account.surged, account.level, account.confidence, account.corroborated,
        (_since(published[0], paced[0]), paced[1]) if paced is not None else None,
        _since(published[0], account.fresh_since) if account.fresh_since is not None else None,
        _since(published[0], account.new_at) if account.new_at is not None else None,
        _numbers([place for place, name in enumerate(mention_ids) if name in account.pillars]),
        _numbers([places[id(report)] for report in account.turns]),
        _numbers([places[id(report)] for report in account.independent]),
        None if hexed is not None else [*names, *signatures],
        [(after - before) // MICROSECOND for before, after in itertools.pairwise(published)],
        bytes(map(_STATUS_NUMBERS.__getitem__, statuses)), bytes(map(_LEVEL_NUMBERS.__getitem__, levels)),
        degrees if exact else [], [] if exact else confidences, starts, spare if any(spare) else [],
        _column(origins), _column(dates), _column(mediators), _column(parties), _column(sources), whole,
        urls if whole else _without(article_ids, urls), _column(titles), _column(words),
    )  # fmt: skip
    hexed = hexed or b""
    sizes = (len(reports).to_bytes(SIZE_BYTES, "little"), len(hexed).to_bytes(SIZE_BYTES, "little"))
    return b"".join((PLAIN, *sizes, hexed, _ENCODER.encode(packed)))


def _rows(data: bytes) -> int:
    """Return how many reports a packed event has."""
    return int.from_bytes(data[len(PLAIN) : len(PLAIN) + SIZE_BYTES], "little")


def _start(data: bytes) -> int:
    """Return where the columns begin."""
    return START + int.from_bytes(data[len(PLAIN) + SIZE_BYTES : START], "little")


def _account(packed: _Packed, rows: int, digits: str) -> Account:
    alerts = 2 * rows + 1 + packed.alerts
    merged = alerts + packed.merged
    end = merged + packed.repeats
    names = packed.names if packed.names is not None else _long(digits, end, rows)
    reports, first, paced = _reports(packed, rows, names, names[end:]), packed.first_seen, packed.paced_as
    return Account(
        event_id=names[2 * rows],
        alerts=tuple(names[2 * rows + 1 : alerts]),
        merged=tuple(names[alerts:merged]),
        revision=packed.revision,
        forgotten=packed.forgotten,
        repeats=tuple(names[merged:end]),
        surged=packed.surged,
        paced_as=(first + paced[0] * MICROSECOND, paced[1]) if paced is not None else None,
        reports=reports,
        last_key=key_of(reports[-1]),
        first_seen=first,
        level=packed.level,
        confidence=packed.confidence,
        fresh_since=first + packed.fresh_since * MICROSECOND if packed.fresh_since is not None else None,
        new_at=first + packed.new_at * MICROSECOND if packed.new_at is not None else None,
        pillars={names[at] for at in packed.pillars},
        turns=tuple([reports[at] for at in packed.turns]),
        independent=tuple([reports[at] for at in packed.independent]),
        corroborated=packed.corroborated,
    )


def _reports(packed: _Packed, rows: int, names: Sequence[str], signatures: Sequence[str]) -> list[Report]:
    time, article_ids = packed.first_seen, names[rows : 2 * rows]
    urls: Iterable[str | None] = packed.urls
    if not packed.whole_urls:
        urls = [url.replace(ARTICLE, own) if url else url for url, own in zip(urls, article_ids, strict=True)]
    words, starts, spare = _values(packed.words, rows), packed.starts, packed.spare or [0] * rows
    ends = [start + len(text) + more for text, start, more in zip(words, starts, spare, strict=True)]
    columns = zip(
        names[:rows], article_ids, signatures, _values(packed.sources, rows),
        [time, *[time := time + after * MICROSECOND for after in packed.published]],
        _values(packed.parties, rows), _values(packed.mediators, rows), map(STATUSES.__getitem__, packed.statuses),
        _values(packed.dates, rows), map(LEVELS.__getitem__, packed.levels),
        [one / DEGREES for one in packed.degrees] or packed.confidences, _values(packed.origins, rows),
        _values(packed.titles, rows), urls, map(Evidence, words, starts, ends), strict=True,
    )  # fmt: skip
    return [
        Report(
            mention_id=mention_id, article_id=article_id, signature=signature, source=source, published_at=published_at,
            parties=parties, mediators=mediators, status=status, date=date, level=level, confidence=confidence,
            origin=origin, title=title, url=url, evidence=evidence,
        )
        for (
            mention_id, article_id, signature, source, published_at, parties, mediators, status, date, level,
            confidence, origin, title, url, evidence,
        ) in columns
    ]  # fmt: skip


def _since(first: dt.datetime, time: dt.datetime) -> int:
    return (time - first) // MICROSECOND


def _numbers(places: list[int]) -> bytes | list[int]:
    try:
        return bytes(places)
    except ValueError:  # too many for one byte each
        return places


def _without(article_ids: Sequence[str], urls: Sequence[str | None]) -> list[str | None]:
    """Return addresses without the articles' ids."""
    return [url.replace(own, ARTICLE) if url and own else url for own, url in zip(article_ids, urls, strict=True)]


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
