"""Times as people give them to a command: a date, a time, or how long ago."""

from __future__ import annotations

import datetime as dt
import re

from streams.errors import InputError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([mhdw])")


def parse_since(text: str, now: dt.datetime) -> dt.datetime:
    """Return the time that ``text`` means: ``2023-01-13``, ``2023-01-13T16:20Z``, ``90m``, ``2h``, ``3d``, ``now``.

    A time without a zone is in UTC. Raises ``InputError`` for anything else.
    """
    if text == "now":
        return now
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return now - dt.timedelta(**{UNITS[ago[2]]: int(ago[1])})
        # Python 3.10 reads no "Z"
        found = dt.datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except (ValueError, OverflowError):
        raise InputError(
            f"--since {text}: not a time", hint="Use 2023-01-13, 2023-01-13T16:20Z, 90m, 2h, 3d, 1w or now."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone.utc)
