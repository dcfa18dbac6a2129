"""One hour or day of a watch: what was told in it, and the form in which thousands of them rest in memory.

At rest a tally is bytes. Ids, which are hex digits, take half of their length; labels and weights, of which there are
few kinds, are kept as numbers. The form lives in memory only: on the topic a tally is a ``Metric``, in JSON. What
counts a hundred thousand events in two hundred thousand hours and days takes 14 MB, with the indexes and the places of
the events.
"""

from __future__ import annotations

import datetime as dt
import struct
from array import array
from bisect import bisect_left
from collections.abc import Collection
from typing import Literal, TypeVar

import msgspec

from streams.records import Metric

Window = Literal["hour", "day"]
ID_DIGITS = 20  # of ``records.stable_id``
SEEN_DIGITS = 12  # 48 bits: among ten thousand articles of a day two collide once in five million days
NONE = b""  # no names, packed
HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
KEYS_A_DAY = 48

Key = int
"""A window in a number: the hours since 1970 (UTC) at its start, times two, and one more for a day."""
T = TypeVar("T")


def keys_at(time: dt.datetime) -> tuple[Key, Key]:
    """Return the hour and the day (of UTC, whatever the zone of ``time``) that a time lies in."""
    seconds = time.timestamp()
    return int(seconds // HOUR_SECONDS) * 2, int(seconds // DAY_SECONDS) * KEYS_A_DAY + 1


def is_day(key: Key) -> bool:
    """Whether a window is a day."""
    return key % 2 == 1


def window_of(key: Key) -> tuple[Window, dt.datetime]:
    """Return what kind of window it is and when it starts."""
    start = dt.datetime.fromtimestamp(key // 2 * HOUR_SECONDS, dt.timezone.utc)
    return "day" if is_day(key) else "hour", start


def key_of(metric: Metric) -> Key:
    """Return the window of a record."""
    return int(metric.start.timestamp()) // HOUR_SECONDS * 2 + (metric.window == "day")


class Tally(msgspec.Struct):
    """What is counted in one window; the names are those of ``Metric``."""

    articles: int = 0
    relevant: int = 0
    seen: dict[str, None] = {}
    stances: dict[str, int] = {}
    steps: dict[str, tuple[str, ...]] = {}
    weights: dict[str, float] = {}

    def metric(self, watch: str, key: Key, index: float) -> Metric:
        """Return the record of it; equal tallies give equal bytes."""
        window, start = window_of(key)
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
            index=index,
            seen=tuple(self.seen),
            steps=dict(sorted(self.steps.items())),
            weights=dict(sorted(self.weights.items())),
        )


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    articles: int
    relevant: int
    seen: bytes | list[str]
    stances: dict[str, int]
    stepped: bytes | list[str]
    """The ids of the events that have steps."""
    labels: list[int]
    """For each of them the number of its labels."""
    weighed: bytes | list[str]
    weights: list[int]


_HEAD = struct.Struct("<BI").pack  # before a tally among those of its day: which window it is of, and its length
HEAD_BYTES = 5
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(_Packed).decode


class _Numbers(dict[T, int]):
    """A number for each value that was asked for; ``values`` leads back."""

    def __init__(self) -> None:
        self.values_of: list[T] = []

    def __missing__(self, value: T) -> int:
        number = self[value] = len(self.values_of)
        self.values_of.append(value)
        return number


class Packer:
    """Packs and unpacks the tallies of one partition."""

    __slots__ = ("_labels", "_weights")

    def __init__(self) -> None:
        self._labels: _Numbers[tuple[str, ...]] = _Numbers()
        self._weights: _Numbers[float] = _Numbers()

    def pack(self, tally: Tally | Metric) -> bytes:
        """Return a tally, or the record of one, as bytes."""
        steps, weights = tally.steps, tally.weights
        return _ENCODE(
            _Packed(
                tally.articles,
                tally.relevant,
                _short(tally.seen, SEEN_DIGITS) if tally.seen else NONE,
                tally.stances,
                _short(steps, ID_DIGITS) if steps else NONE,
                list(map(self._labels.__getitem__, steps.values())),
                _short(weights, ID_DIGITS) if weights else NONE,
                list(map(self._weights.__getitem__, weights.values())),
            )
        )

    def unpack(self, data: bytes) -> Tally:
        """Return the tally that was packed."""
        packed = _DECODE(data)
        labels, weights = self._labels.values_of, self._weights.values_of
        return Tally(
            packed.articles,
            packed.relevant,
            dict.fromkeys(_long(packed.seen, SEEN_DIGITS)),
            packed.stances,
            dict(zip(_long(packed.stepped, ID_DIGITS), [labels[number] for number in packed.labels], strict=True)),
            dict(zip(_long(packed.weighed, ID_DIGITS), [weights[number] for number in packed.weights], strict=True)),
        )


def _short(names: Collection[str], digits: int) -> bytes | list[str]:
    """Return names of so many hex digits as the bytes that these stand for, others as they are."""
    text = "".join(names)
    try:
        short = bytes.fromhex(text)
    except ValueError:
        return list(names)
    return short if short.hex() == text and {*map(len, names)} == {digits} else list(names)


def _long(names: bytes | list[str], digits: int) -> list[str]:
    if isinstance(names, list):
        return names
    text = names.hex()
    return [text[at : at + digits] for at in range(0, len(text), digits)]


class Resting:
    """The packed tallies of one watch, those of a day and its hours in one piece: by themselves most are some bytes."""

    __slots__ = ("_days", "_pieces")

    def __init__(self) -> None:
        self._days = array("i")
        """The days that there are, in order."""
        self._pieces: list[bytes] = []
        """For each the tallies, each with its window and its length before it."""

    def get(self, key: Key) -> bytes | None:
        """Return the tally of a window, if there is one."""
        at = bisect_left(self._days, key // KEYS_A_DAY)
        if at == len(self._days) or self._days[at] != key // KEYS_A_DAY:
            return None
        piece = self._pieces[at]
        start, end = _part(piece, key % KEYS_A_DAY)
        return piece[start + HEAD_BYTES : end] if start < end else None

    def put(self, key: Key, packed: bytes) -> None:
        """Hold the tally of a window, in place of an older one."""
        at = self._place(key)
        piece = self._pieces[at]
        start, end = _part(piece, key % KEYS_A_DAY)
        self._pieces[at] = b"".join((piece[:start], _HEAD(key % KEYS_A_DAY, len(packed)), packed, piece[end:]))

    def add(self, key: Key, packed: bytes) -> None:
        """Hold the tally of a window of which there is none yet."""
        self._pieces[self._place(key)] += _HEAD(key % KEYS_A_DAY, len(packed)) + packed

    def _place(self, key: Key) -> int:
        """Return where the day of a window stands, which is new perhaps."""
        day = key // KEYS_A_DAY
        at = bisect_left(self._days, day)
        if at == len(self._days) or self._days[at] != day:
            self._days.insert(at, day)
            self._pieces.insert(at, b"")
        return at


def _part(piece: bytes, window: int) -> tuple[int, int]:
    """Return where the tally of a window begins and ends, both the end of the piece where there is none."""
    start = 0
    while start < len(piece):
        end = start + HEAD_BYTES + int.from_bytes(piece[start + 1 : start + HEAD_BYTES], "little")
        if piece[start] == window:
            return start, end
        start = end
    return start, start
