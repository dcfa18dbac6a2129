"""The reports of the last weeks, in order of publication: where each stands, and of which event it is.

A report's place is one string of bytes, in which order it sorts: its time, its article, its mention. The events have
the reports themselves, packed.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from streams.ledger.cluster import Cluster
from streams.ledger.reports import NO_TIME
from streams.records import Report

TIME_BYTES = 8
MICROSECOND = dt.timedelta(microseconds=1)
END = b"\0"  # of an article's id, before which the shorter one of two stands first

Place = bytes


def time_of(time: dt.datetime) -> Place:
    """Return the place before all reports that were published at ``time``."""
    since = time - NO_TIME
    seconds = since.days * 86_400 + since.seconds
    return (seconds * 1_000_000 + since.microseconds).to_bytes(TIME_BYTES, "big")


def article_of(report: Report) -> Place:
    """Return the place before all reports of the same article."""
    return time_of(report.published_at) + report.article_id.encode("utf-8", "surrogatepass") + END


def place_of(report: Report, article: Place | None = None) -> Place:
    """Return the place of a report, from that of its ``article`` where it is known."""
    return (article or article_of(report)) + report.mention_id.encode("utf-8", "surrogatepass")


class Window:
    """The places of reports, and their events."""

    __slots__ = ("_first", "_last", "_newest", "_oldest", "_owners", "_places")

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._owners: list[Cluster] = []
        self._first = self._last = b""
        """The places that ``_oldest`` and ``_newest`` were read from."""
        self._oldest = self._newest = NO_TIME

    def __bool__(self) -> bool:
        """Whether there is any report."""
        return bool(self._places)

    @property
    def newest(self) -> dt.datetime:
        """When the newest report was published, of one at least."""
        if self._last is not self._places[-1]:
            self._last = self._places[-1]
            self._newest = _read(self._last)
        return self._newest

    @property
    def oldest(self) -> dt.datetime:
        """When the oldest report was published, of one at least."""
        if self._first is not self._places[0]:
            self._first = self._places[0]
            self._oldest = _read(self._first)
        return self._oldest

    def follows_all(self, article: Place) -> bool:
        """Whether an article comes after those of all reports, of one at least."""
        last = self._places[-1]
        return article > last and not last.startswith(article)

    def reaches(self, time: dt.datetime) -> bool:
        """Whether any report was published at ``time`` or before."""
        return bool(self._places) and self.oldest <= time

    def put(self, place: Place, owner: Cluster) -> None:
        """Note of which event a report is, whether it was there or not."""
        places = self._places
        if not places or place > places[-1]:
            places.append(place)
            self._owners.append(owner)
            return
        at = bisect_left(places, place)
        if places[at] == place:
            self._owners[at] = owner
        else:
            places.insert(at, place)
            self._owners.insert(at, owner)

    def owner(self, report: Report) -> Cluster | None:
        """Return the event that a report is of, if it is here."""
        if not self.reaches(report.published_at):
            return None
        place = place_of(report)
        at = bisect_left(self._places, place)
        return self._owners[at] if at < len(self._places) and self._places[at] == place else None

    def take_out(self, report: Report) -> bool:
        """Take a report out; return whether it was here."""
        place = place_of(report)
        at = bisect_left(self._places, place)
        if at == len(self._places) or self._places[at] != place:
            return False
        del self._places[at], self._owners[at]
        return True

    def since(self, place: Place) -> Iterator[tuple[Place, Cluster]]:
        """Yield the reports from ``place`` on."""
        at = bisect_left(self._places, place)
        return zip(self._places[at:], self._owners[at:], strict=True)

    def owners(self, start: dt.datetime, end: dt.datetime) -> Sequence[Cluster]:
        """Return the events of the reports from ``start`` to before ``end``."""
        first, last = (bisect_left(self._places, time_of(time)) for time in (start, end))
        return self._owners[first:last]

    def cut(self, start: dt.datetime) -> Sequence[Cluster]:
        """Take out what was published before ``start``; return the events that it was of."""
        at = bisect_left(self._places, time_of(start))
        owners = self._owners[:at]
        del self._places[:at], self._owners[:at]
        return owners


def _read(place: Place) -> dt.datetime:
    return NO_TIME + int.from_bytes(place[:TIME_BYTES], "big") * MICROSECOND
