"""What all readers share: their results, their options, decoding of bytes, times of publication."""

from __future__ import annotations

import codecs
import datetime as dt
import email.utils
import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

from streams.errors import InputError
from streams.records import Article, DateOrigin
from streams.watches.registry import resolve

MAX_PAGE_BYTES = 5_000_000
"""Bytes of the largest text or HTML file. The largest news pages have 2 MB, most of it scripts; what is larger
is no page, and would have to be held in memory several times over."""
MAX_LINE_BYTES = 5_000_000
"""Bytes of the longest line of JSON, for the same reason."""
EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.timezone.utc)
"""The oldest date of publication: digitised newspapers reach back that far, states' codes hardly further.
Older dates come from a wrong field or a broken export."""
MAX_AHEAD = dt.timedelta(days=2)
"""How far ahead of the clock a publication may lie: time zones and wrong clocks make up to a day and a half.
A later one would move event time forward for all articles that follow."""
MAX_CONTROL_SHARE = 0.02
"""Share of control characters from which a file is binary; text damaged on its way has a few in a thousand."""
MIN_CONTROLS = 4
"""Control characters that even a short text may hold and still be a text."""

_SIGNATURES = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"{\\rtf": "a rich text document",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WHEN = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article and where it was read: the line in a JSONL file, else where its text begins.

    ``offset`` is the place of ``article.text`` in the decoded text of a text file, 0 for other formats.
    """

    article: Article
    path: str
    line: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that cannot be used, and why; reading goes on behind it."""

    path: str
    line: int | None
    field: str
    reason: str

    def __str__(self) -> str:
        """Return one line for people: place, field and reason."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.field}: {self.reason}" if self.field else f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller asks of the readers."""

    date: dt.datetime | None = None
    watches: tuple[str, ...] = ()
    watches_dir: Path | None = None
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))


class UnreadableError(Exception):
    """Bytes that are no text, or a page without an article; the message is the reason of a refusal."""


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the text of ``data``, line ends unchanged, a byte order mark left out.

    Byte order mark, then the declared encoding, then UTF-8, then Windows-1252. Raises ``UnreadableError``
    for bytes that are no text.
    """
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableError(f"{kind}, not text")
    text = _decoded(data, declared)
    if len(_CONTROL.findall(text)) > max(MIN_CONTROLS - 1, MAX_CONTROL_SHARE * len(text)):
        raise UnreadableError("binary data, not text")
    return text


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if declared:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass  # a wrong declaration is common; go on as if there were none
    half = data[: len(data) // 2 * 2]
    if len(half) >= 2 and (half[::2].count(0) > len(half) * 0.4) != (half[1::2].count(0) > len(half) * 0.4):
        return half.decode("utf-16-be" if half[0] == 0 else "utf-16-le", "replace")
    return _utf8_or_windows(data)


def _utf8_or_windows(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        lenient = data.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    sound = sum(char > "\x7f" for char in lenient) - broken
    if sound >= broken:
        return lenient  # UTF-8 with a few broken bytes: cut off in a character, or pasted together
    return "".join(_WINDOWS[byte] for byte in data)


_WINDOWS = [bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]


def well_formed(text: str) -> str:
    """Return ``text`` with each lone surrogate replaced, since no record can carry one; the length stays."""
    return _SURROGATE.sub("\ufffd", text)


def parse_when(text: str) -> dt.datetime | None:
    """Read a time such as ``2023-01-13``, ``2023-01-13T16:20:00Z`` or RFC 2822; without a zone it is UTC."""
    found = _WHEN.match(text.strip())
    try:
        if found is None:
            when = email.utils.parsedate_to_datetime(text)
            return _in_utc(when)
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        when = dt.datetime(year, month, day, hour, minute, second, tzinfo=_zone(found.group(7)))
        return _in_utc(when)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _zone(text: str | None) -> dt.timezone:
    if text is None or text in "Zz":
        return dt.timezone.utc
    digits = text[1:].replace(":", "")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def _in_utc(when: dt.datetime) -> dt.datetime:
    if when.tzinfo is None:
        return when.replace(tzinfo=dt.timezone.utc)
    return when.astimezone(dt.timezone.utc)


def date_problem(when: dt.datetime, now: dt.datetime) -> str:
    """Return why ``when`` cannot be a time of publication, or an empty text."""
    if when < EARLIEST:
        return f"{when:%Y-%m-%d} is before {EARLIEST:%Y-%m-%d}, when no article was published that this reads"
    if when > now + MAX_AHEAD:
        return f"{when:%Y-%m-%d} lies in the future (more than {MAX_AHEAD.days} days from now)"
    return ""


def date_option(text: str, now: dt.datetime | None = None) -> dt.datetime:
    """Read the value of ``--date``. Raises ``InputError`` where it is no date or out of range."""
    when = parse_when(text)
    if when is None:
        raise InputError(f"--date {text}: not a date", hint="Use 2023-01-13 or 2023-01-13T16:20:00Z.")
    problem = date_problem(when, now or dt.datetime.now(dt.timezone.utc))
    if problem:
        raise InputError(f"--date {text}: {problem}")
    return when


def dated(page: dt.datetime | None, options: Options, file_time: dt.datetime | None) -> tuple[dt.datetime, DateOrigin]:
    """Choose an article's time: that of the page, of the option, of the file, of reading; tell which."""
    if page is not None and not date_problem(page, options.now):
        return page, "page"
    if options.date is not None:
        return options.date, "option"
    if file_time is not None and not date_problem(file_time, options.now):
        return file_time, "file"
    return options.now, "retrieved"


@functools.lru_cache(maxsize=1024)
def watch_problem(watch_id: str, directory: Path | None) -> str:
    """Return why ``watch_id`` cannot be watched, or an empty text."""
    try:
        resolve(watch_id, directory)
    except InputError as error:
        return f"{error.message}. {error.hint}"
    return ""
