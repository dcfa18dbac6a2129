"""Finds expressions of dates in English news prose and resolves them against a day.

A date keeps the precision of its phrase: ``2022-12-28``, ``2022-12`` or ``2022``. Vague phrases ("soon") are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from streams.coder.date_forms import FORMS, Frame, Prefer, first_day
from streams.coder.date_grammar import FIRST_WORDS, HINT, PHRASE

__all__ = ["DatePhrase", "Frame", "Prefer", "first_day", "has_anchored", "matches", "phrases", "resolved"]

Kind = Literal["absolute", "weekday", "relative", "anchored"]

REACH = 40
"""Characters before a hint in which its phrase begins: "the beginning of the following" year."""
NEXT_WORD = 2
"""Characters between the words of "today, Wednesday"."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_ANCHORED = re.compile(r"\b(?:earlier|later|before|after|afterwards|next day|same|following|previous)\b")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """An expression of a date: its place in the text, and the day, month or year that it means."""

    start: int
    end: int
    date: str
    precision: Literal["day", "month", "year"]
    kind: Kind
    form: str
    """The name of its form in the grammar."""


def phrases(text: str, start: int, end: int, frame: Frame) -> Iterator[DatePhrase]:
    """Yield the dates in ``text[start:end]`` in order; "a year earlier" counts from the date before it."""
    return resolved(matches(text, start, end), frame)


def matches(text: str, start: int, end: int) -> list[re.Match[str]]:
    """Return what the grammar finds in ``text[start:end]``, in order; both tenses can be made of it.

    The grammar is dear: it is asked at words only that can begin a phrase, and stand shortly before a hint.
    """
    found: list[re.Match[str]] = []
    reached = start
    for hint in HINT.finditer(text, start, end):
        if hint.start() < reached:
            continue
        for word in _WORD.finditer(text, max(reached, hint.start() - REACH), end):
            if word.start() > hint.start():
                break
            if word.group().lower() not in FIRST_WORDS and not word.group().isdigit():
                continue
            match = PHRASE.match(text, word.start(), end)
            if match is not None:
                found.append(match)
                reached = match.end()
                break
    return found


def resolved(found: Iterable[re.Match[str]], frame: Frame) -> Iterator[DatePhrase]:
    """Yield what the finds of the grammar in one sentence mean in ``frame``."""
    last = -1
    for match in found:
        form = match.lastgroup or ""
        if form == "wd" and match.start() - last <= NEXT_WORD and match.string[last - 3 : last].lower() in _DAY_ENDS:
            continue  # "today, Wednesday": one day told twice
        last = match.end()
        try:
            date = FORMS[form](match, frame)
        except (ValueError, OverflowError):
            continue  # the 31st of June, the year 0: no date
        if date:
            precision: Literal["day", "month", "year"] = ("year", "month", "day")[date.count("-")]
            yield DatePhrase(match.start(), match.end(), date, precision, _kind(form, match), form)
            frame = frame.after(date)


_DAY_ENDS = ("day", "row")
"""How "today", "yesterday" and "tomorrow" end."""


def has_anchored(text: str, start: int, end: int) -> bool:
    """Whether a phrase here counts from a date told before ("a year earlier", "the next day")."""
    return _ANCHORED.search(text, start, end) is not None


def _kind(form: str, found: re.Match[str]) -> Kind:
    if form in ("iso", "dm", "md", "my", "yr", "sea"):
        return "absolute"
    if form == "wd":
        return "weekday"
    if form == "nxt" or (form == "ago" and found["ago_r"].lower() not in ("ago", "from now")):
        return "anchored"
    return "relative"
