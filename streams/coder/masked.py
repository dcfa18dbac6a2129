"""A sentence as plain words without its names: what a model of words may learn from, on any relationship."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

ACTOR, NAME, NUMBER, WEEKDAY, MONTH = "<actor>", "<name>", "<number>", "<weekday>", "<month>"
PAST_YEAR, THIS_YEAR, COMING_YEAR = "<past year>", "<this year>", "<coming year>"
WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
MONTHS = frozenset(
    (
        *("january", "february", "march", "april", "may", "june", "july"),
        *("august", "september", "october", "november", "december"),
    )
)
MOST_WORDS = 200
"""Words that are kept of one sentence: what is longer is a table, or text without full stops."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Numbers between these are years."""
_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][a-z]+)?|\d+|[\"\u201c\u201d;:?]")


class Word(NamedTuple):
    """A word in lower case, or what stands for a name, number or date, and its span in the document."""

    text: str
    start: int
    end: int


def masked_words(text: str, start: int, end: int, names: Sequence[tuple[int, int]], year: int) -> list[Word]:
    """Return the words of ``text[start:end]``; ``names`` are the spans of actors in order, ``year`` is this one."""
    found: list[Word] = []
    place = reached = 0
    for match in _WORD.finditer(text, start, end):
        first, last = match.span()
        if first < reached:
            continue
        if len(found) >= MOST_WORDS:
            break
        while place < len(names) and names[place][1] <= first:
            place += 1
        if place < len(names) and names[place][0] <= first:
            reached = names[place][1]
            found.append(Word(ACTOR, first, reached))
        else:
            found.append(Word(_masked(match.group(), first == start, year), first, last))
    return found


def _masked(word: str, begins: bool, year: int) -> str:
    if word.isdigit():
        number = int(word)
        if not FIRST_YEAR <= number <= LAST_YEAR:
            return NUMBER
        return PAST_YEAR if number < year else THIS_YEAR if number == year else COMING_YEAR
    lower = word.lower().replace("\u2019", "'")
    if lower in WEEKDAYS:
        return WEEKDAY
    if not word[0].isupper() or begins or lower == "i":
        return lower
    return MONTH if lower in MONTHS else NAME
