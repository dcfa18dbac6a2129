"""Finds expressions of dates in English news prose and resolves them against a day.

A date keeps the precision of its phrase: ``2022-12-28``, ``2022-12`` or ``2022``. Vague phrases ("soon") are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from streams.coder.date_forms import FORMS, Frame, Prefer, first_day
from streams.coder.date_grammar import HINT, PHRASE

__all__ = ["DatePhrase", "Frame", "Prefer", "first_day", "has_anchored", "phrases"]

Kind = Literal["absolute", "weekday", "relative", "anchored"]

REACH = 60
"""Characters around a hint in which its phrase lies; the longest phrases have under fifty."""
NEXT_WORD = 2
"""Characters between the words of "today, Wednesday"."""

_ANCHORED = re.compile(r"\b(?:earlier|later|before|after|afterwards|next day|same|following|previous)\b")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """An expression of a date: its place in the text, and the day, month or year that it means."""

    start: int
    end: int
    date: str
    precision: Literal["day", "month", "year"]
    kind: Kind


def phrases(text: str, start: int, end: int, frame: Frame) -> Iterator[DatePhrase]:
    """Yield the dates in ``text[start:end]`` in order; "a year earlier" counts from the date before it."""
    hints = [found.start() for found in HINT.finditer(text, start, end)]
    if not hints:
        return
    # The grammar is dear: it looks only around the hints, from a blank on so that no word is cut.
    begin = text.rfind(" ", start, max(start, hints[0] - REACH)) + 1
    last = -1
    for found in PHRASE.finditer(text, max(start, begin), min(end, hints[-1] + REACH)):
        form = found.lastgroup or ""
        if form == "wd" and found.start() - last <= NEXT_WORD and text[last - 3 : last].lower() in ("day", "row"):
            continue  # "today, Wednesday": one day told twice
        last = found.end()
        try:
            date = FORMS[form](found, frame)
        except (ValueError, OverflowError):
            continue  # the 31st of June, the year 0: no date
        if date:
            precision: Literal["day", "month", "year"] = ("year", "month", "day")[date.count("-")]
            yield DatePhrase(found.start(), found.end(), date, precision, _kind(form, found))
            frame = Frame(frame.today, frame.prefer, first_day(date))


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
