"""What a response's headers say about when to come back."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from typing import Final

from producers.rss.limits import PUBLISHER_WISH_LIMIT, RETRY_AFTER_LIMIT, VALIDATOR_CHARACTERS

_DIGITS: Final = re.compile(r"\d{1,15}")
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,15})\"?\s*(?:,|$)", re.IGNORECASE)
_NOT_KEPT: Final = re.compile(r"(?:^|,)\s*(?:no-cache|no-store)\b", re.IGNORECASE)


def http_date(text: str) -> float | None:
    """Return the seconds since 1970 of an HTTP date, None where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text.strip()).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_at(headers: Mapping[str, str], now: float) -> float | None:
    """Return until when Retry-After (seconds, or a date by the server's own clock) asks to wait, None without one."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if _DIGITS.fullmatch(text):
        wait = float(text)
    else:
        until = http_date(text)
        if until is None:
            return None
        server_now = http_date(headers.get("date", ""))
        wait = until - (now if server_now is None else server_now)
    return now + min(max(0.0, wait), RETRY_AFTER_LIMIT)


def fresh_for(headers: Mapping[str, str], now: float) -> float:
    """Return for how many seconds the publisher calls the response fresh, 0 where it says nothing."""
    control = headers.get("cache-control", "")
    if _NOT_KEPT.search(control):
        return 0.0
    found = _MAX_AGE.search(control)
    if found:
        age = headers.get("age", "").strip()
        wish = float(found[1]) - (float(age) if _DIGITS.fullmatch(age) else 0.0)
    else:
        until = http_date(headers.get("expires", ""))
        wish = 0.0 if until is None else until - (http_date(headers.get("date", "")) or now)
    return min(max(0.0, wish), PUBLISHER_WISH_LIMIT)


def validator(headers: Mapping[str, str], name: str) -> str | None:
    """Return an ETag or Last-Modified exactly as it was sent, None where there is none or it is too long."""
    value = headers.get(name)
    return value if value and len(value) <= VALIDATOR_CHARACTERS and value.isprintable() else None
