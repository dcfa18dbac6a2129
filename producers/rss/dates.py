"""When an entry was published, and how that is known."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any, Final

from producers.formats.common import parse_when
from streams.records import DateOrigin

EARLIEST: Final = dt.datetime(1990, 1, 1, tzinfo=dt.timezone.utc)
"""Older dates in feeds are a clock at its epoch, or a year written with two digits: there was no web."""
AHEAD: Final = dt.timedelta(minutes=10)
"""How far a publisher's clock may run ahead of ours before the date is not believed."""
LONGEST: Final = 100
"""Characters of a date that are looked at; the longest national forms have about fifty."""
_ZONE: Final = re.compile(
    r"(?:\d\s*Z|[+-]\d{1,2}:?\d{2}|\b(?:UTC?|GMT|[ECMP][SD]T|AK[SD]T|HST|W?ES?T|CES?T|EES?T|MS[KD]|B[SD]T|I[SD]T"
    r"|[JK]ST|[AN][SD]T|A[CEW][SD]T|NZ[SD]T|PKT|TRT|GST|AST|EAT|CAT|WAT|SAST|IRST)\b)\s*(?:\([^)]*\))?\s*\Z",
    re.IGNORECASE,
)


def entry_date(entry: dict[str, Any], feed: dict[str, Any], now: dt.datetime) -> tuple[dt.datetime, DateOrigin]:
    """Return the time of publication and how it was had.

    The entry's own date, else the feed's, else the time of retrieval. A date before the web or in the future is
    no date. One without a zone is taken as UTC and marked ``zone_assumed``.
    """
    for field in ("published", "created", "updated"):
        found = when(entry, field, now)
        if found is not None:
            return found, "given" if has_zone(str(entry.get(field) or "")) else "zone_assumed"
    for field in ("published", "updated"):
        found = when(feed, field, now)
        if found is not None:
            return found, "feed"
    return now, "retrieved"


def when(item: dict[str, Any], field: str, now: dt.datetime) -> dt.datetime | None:
    """Return the date that feedparser read into ``field``, None where it is missing or cannot be true."""
    # feedparser answers ``updated`` with ``published`` where it is missing; only what is really there counts.
    parsed: Any = dict.get(item, f"{field}_parsed")
    try:
        found = dt.datetime.fromtimestamp(calendar.timegm(parsed), tz=dt.timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        # It knows many national forms, but not the commonest mistake: the usual form without a zone.
        fallback = parse_when(str(dict.get(item, field) or "")[:LONGEST])
        if fallback is None:
            return None
        found = fallback
    return found if EARLIEST <= found <= now + AHEAD else None


def has_zone(text: str) -> bool:
    """Whether a date as written says which time zone it is in."""
    return _ZONE.search(text.strip()[-80:]) is not None
