"""Finds the articles in a page of plain text: where each begins, its headline, its date, its source.

It is careful: a page is split, and a headline or date taken, only where the page shows it plainly. The
furniture between the articles stays in the text and is left to the coder's cleaning.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.coder.clean import GONE, plain
from streams.coder.furniture import is_caption, is_furniture, key

MIN_PROSE = 250
"""Characters of prose that make an article; a link with its teaser has fewer."""
MIN_SENTENCE = 60
"""Characters of the shortest line that counts as prose by its length alone."""
MAX_HEADLINE, MIN_HEADLINE_WORDS = 200, 3
"""What a headline may measure."""
STANDFIRST = 120
"""Characters from which the last line before the prose is rather a standfirst than the headline."""
REPEAT_WITHIN = 10
"""Lines in which a page repeats its headline below the picture."""
HEADER_LINES, FOOTER_LINES = 12, 6
"""Lines above and below the prose where a page tells its date and source."""
MIN_GAP = 3
"""Empty lines that can part two articles."""

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ -]({_MONTH}),?[ -](\d{{4}})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE)
_SLASHED = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.]([0-5]\d)\b(?!\s?(?:%|percent))")
_LABEL = re.compile(
    r"\W*(?:date|published|posted|updated|last updated|first published|publication date)\b", re.IGNORECASE
)
_TITLE_LABEL = re.compile(r"\s*(?:title|headline)\s?:\s*(\S.{5,})", re.IGNORECASE)
_SOURCE_LABEL = re.compile(r"\W*source\s?:\s*([^|]{2,60}?)\W*\Z", re.IGNORECASE)
_RULE = re.compile(r"\s*(?:[-=_*#~]\s?){3,}\s*\Z|\x0c")
_END = re.compile(r"[.!?…][\"')\]]*\Z")
_NO_HEADLINE = re.compile(r"[.…:;,][\"')\]]*\Z|[a-z][.!?] [A-Z]|\A[QA][.:] ")
_BYLINE = re.compile(r"(?:By|BY)\s[A-Z]")
_LINE = re.compile(r"[^\n]*\n?")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of a page: its stretch of the text and what the page says about it."""

    start: int
    end: int
    title: str
    published: dt.datetime | None
    source: str


class _Line(NamedTuple):
    """A line that holds anything: its place, its plain words, and what parts it from the line before."""

    start: int
    end: int
    words: str
    gap: int
    ruled: bool
    prose: bool

    @property
    def headline(self) -> bool:
        """Whether this could be a headline by its form."""
        words = self.words
        if self.prose or len(words) > MAX_HEADLINE or _NO_HEADLINE.search(words) or is_furniture(words):
            return False
        return len(_WORD.findall(words)) >= MIN_HEADLINE_WORDS and any(char.isupper() for char in words)


def _is_prose(words: str) -> bool:
    if len(words) < MIN_SENTENCE or is_furniture(words):
        return False
    return _END.search(words) is not None or len(words) > MAX_HEADLINE


def split(text: str) -> list[Piece]:
    """Return the articles of a page in order; together they hold all of its text but outer white space."""
    lines = _lines(text)
    starts = _starts(lines)
    pieces: list[Piece] = []
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        part = lines[begin:end]
        if part:
            title, published, source = _facts(part, text)
            pieces.append(Piece(part[0].start, part[-1].end, title, published, source))
    return pieces


def _lines(text: str) -> list[_Line]:
    """Return the lines that hold anything, each with the number of empty lines and rules before it."""
    simple = plain(text)
    result: list[_Line] = []
    gap, ruled = 0, False
    for found in _LINE.finditer(simple):
        raw = found.group()
        words = raw.replace(GONE, "").strip()
        ruled = ruled or "\x0c" in text[found.start() : found.end()] or _RULE.match(words) is not None
        if not words or _RULE.match(words):
            gap += 1
            continue
        body = raw.replace(GONE, " ")
        start = found.start() + len(body) - len(body.lstrip())
        result.append(_Line(start, found.start() + len(body.rstrip()), words, gap, ruled, _is_prose(words)))
        gap, ruled = 0, False
    return result


def _starts(lines: Sequence[_Line]) -> list[int]:
    """Return the numbers of the lines at which articles begin; each article has prose of its own."""
    starts = [0]
    prose = 0
    ahead = _prose_ahead(lines)
    for number, line in enumerate(lines):
        if prose >= MIN_PROSE and ahead[number] >= MIN_PROSE and _begins(lines, number):
            starts.append(number)
            prose = 0
        prose += len(line.words) if line.prose else 0
    return starts


def _prose_ahead(lines: Sequence[_Line]) -> list[int]:
    total = 0
    result = [0] * len(lines)
    for number in range(len(lines) - 1, -1, -1):
        total += len(lines[number].words) if lines[number].prose else 0
        result[number] = total
    return result


def _begins(lines: Sequence[_Line], number: int) -> bool:
    line = lines[number]
    if _TITLE_LABEL.match(line.words):
        return True
    if not line.headline:
        return False
    if _repeated(lines, number):
        return True
    return (line.ruled or line.gap >= MIN_GAP) and _has_stamp(lines[number + 1 : number + 4])


def _repeated(lines: Sequence[_Line], number: int) -> bool:
    """Whether the line comes again below, with nothing between but furniture and captions."""
    name = key(lines[number].words)
    between = lines[number + 1 : number + 1 + REPEAT_WITHIN]
    for place, other in enumerate(between):
        if key(other.words) == name:
            # Two copies with nothing between are a caption or a glitch, not the head of a page.
            return place > 0 or _has_stamp(between[1:4]) or lines[number].gap >= MIN_GAP
        if other.prose and sum(line.words == other.words for line in between) < 2:
            return False
    return False


def _has_stamp(lines: Sequence[_Line]) -> bool:
    return any(not line.prose and (_BYLINE.match(line.words) or _full_date(line.words)) for line in lines)


def _facts(lines: Sequence[_Line], text: str) -> tuple[str, dt.datetime | None, str]:
    """Return title, time and source as the page states them; empty or None where it does not."""
    first = next((number for number, line in enumerate(lines) if line.prose), len(lines))
    header = lines[: min(first, HEADER_LINES)]
    footer = lines[max(first, len(lines) - FOOTER_LINES) :]
    title, cut = _title(lines, header)
    words = " ".join(text[title.start : title.end].split())[cut:].strip() if title else ""
    return words, _date(header, footer), _source([*header, *footer])


def _title(lines: Sequence[_Line], header: Sequence[_Line]) -> tuple[_Line | None, int]:
    """Return the line of the headline and the length of the label before it."""
    for line in header:
        labelled = _TITLE_LABEL.match(line.words)
        if labelled:
            return line, labelled.start(1)
    names = [key(line.words) for line in lines[: HEADER_LINES * 2]]
    candidates = [line for line in header if line.headline and not _full_date(line.words)]
    for line in candidates:
        if names.count(key(line.words)) > 1:
            return line, 0
    if len(header) == len(lines) or not candidates:
        return None, 0
    return _likeliest(candidates), 0


def _likeliest(candidates: Sequence[_Line]) -> _Line:
    """Return the last line that is neither an outlet's name, a question as a subhead, nor a standfirst."""
    for line in reversed(candidates):
        words = line.words
        if len(_WORD.findall(words)) > MIN_HEADLINE_WORDS and len(words) <= STANDFIRST and not words.endswith("?"):
            return line
    return candidates[-1]


def _date(header: Sequence[_Line], footer: Sequence[_Line]) -> dt.datetime | None:
    for line in header:
        if not is_caption(line.words):
            when = _full_date(line.words)
            if when is not None:
                return when
    dates = (_full_date(line.words) for line in footer if _LABEL.match(line.words) and not line.prose)
    return next((when for when in dates if when is not None), None)


def _source(lines: Sequence[_Line]) -> str:
    found = (_SOURCE_LABEL.match(line.words) for line in lines)
    return next((match.group(1).strip() for match in found if match), "")


def _full_date(words: str) -> dt.datetime | None:
    """Return the one full date of a line, with the time of day if that stands beside it."""
    dates = list(_dates(words))
    if len(dates) != 1:
        return None
    clock = _CLOCK.search(_ISO_DATE.sub(" ", _SLASHED.sub(" ", words)))
    hour, minute = (int(clock.group(1)), int(clock.group(2))) if clock else (0, 0)
    try:
        year, month, day = dates[0]
        return dt.datetime(year, month, day, hour, minute, tzinfo=dt.timezone.utc)
    except ValueError:
        return None


def _dates(words: str) -> Iterator[tuple[int, int, int]]:
    for found in _ISO_DATE.finditer(words):
        yield int(found.group(1)), int(found.group(2)), int(found.group(3))
    for found in _DAY_FIRST.finditer(words):
        yield int(found.group(3)), _month(found.group(2)), int(found.group(1))
    for found in _MONTH_FIRST.finditer(words):
        yield int(found.group(3)), _month(found.group(1)), int(found.group(2))
    for found in _SLASHED.finditer(words):
        day, month = int(found.group(1)), int(found.group(2))
        if day > 12 or day == month:
            yield int(found.group(3)), month, day
        elif month > 12:
            yield int(found.group(3)), day, month


def _month(name: str) -> int:
    return _MONTH_NAMES.index(name[:3].lower()) + 1
