"""The dates of one document: what its sentences tell, read once however many steps ask for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from streams.coder.date_phrases import DatePhrase, Frame, Prefer, first_day, has_anchored, matches, resolved
from streams.coder.model import Document, Sentence

LOOK_BACK = 2
"""Sentences before in which "a year earlier" looks for the date that it counts from."""
STORY_SENTENCES = 4
"""Sentences from the start in which a report tells its day: the lead and what follows at once."""
STORY_DAYS = 7
"""Days before publication in which that day lies: weekday names reach no further back."""
HALF_YEAR = 183
"""Days from publication beyond which a meaning with a nearer rival is hardly meant: a bare month is mostly near."""
NEAR_DAYS, FAR_DAYS = 7, 60
"""Days from publication within which a date is near, and beyond which it is far: this week, and two months."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A date of a sentence in one of its meanings: "in May" is the last one or the next."""

    phrase: DatePhrase
    name: str
    """By which tense it is meant so: past, future, both, or "today" where it counts from no date told before."""
    order: str
    """Whether it is the first, the last, the only or another date of its sentence."""
    relation: str
    """Where it lies from the day of publication."""
    rival: str
    """Whether its words have another meaning that lies nearer to the day of publication, or further off."""


class DateBook:
    """Finds the dates of a document's sentences when they are asked for, and keeps them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.today: dt.date = document.published.date()
        self.memo: dict[object, dict[str | None, float]] = {}
        """What dates of a step are likely, by the step."""
        self._matches: dict[int, list[re.Match[str]]] = {}
        self._phrases: dict[tuple[int, Prefer], tuple[DatePhrase, ...]] = {}
        self._readings: dict[int, tuple[Reading, ...]] = {}

    def phrases(self, index: int, prefer: Prefer) -> tuple[DatePhrase, ...]:
        """Return the dates of a sentence in order, as the tense makes them."""
        key = (index, prefer)
        if key not in self._phrases:
            sentence = self.document.sentences[index]
            told = self._told_before(sentence, prefer) if self._counts_from(sentence) else Frame(self.today, prefer)
            self._phrases[key] = tuple(resolved(self._found(index), told))
        return self._phrases[key]

    def readings(self, index: int) -> tuple[Reading, ...]:
        """Return the dates of a sentence in all their meanings."""
        if index not in self._readings:
            self._readings[index] = tuple(self._read(index)) if self._found(index) else ()
        return self._readings[index]

    def _read(self, index: int) -> Iterator[Reading]:
        past, future = self.phrases(index, "past"), self.phrases(index, "future")
        starts = sorted({phrase.start for phrase in (*past, *future)})
        both = {(p.start, p.date) for p in past} & {(p.start, p.date) for p in future}
        named = [("past", past), ("future", future)]
        if self._counts_from(self.document.sentences[index]):
            named.append(("today", tuple(resolved(self._found(index), Frame(self.today, "past")))))
        off = {name: {phrase.start: self._days_off(phrase.date) for phrase in found} for name, found in named[:2]}
        seen: set[tuple[int, str]] = set()
        for name, found in named:
            for phrase in found:
                key = (phrase.start, phrase.date)
                if key in seen or phrase.start not in starts:
                    continue
                seen.add(key)
                order = _order(starts.index(phrase.start), len(starts))
                other = None if key in both else off["past" if name == "future" else "future"].get(phrase.start)
                rival = self._rival(phrase.date, other)
                yield Reading(phrase, "both" if key in both else name, order, self._relation(phrase.date), rival)

    def _rival(self, date: str, other: int | None) -> str:
        if other is None:
            return "none"
        days = self._days_off(date)
        return "further" if days < other else "nearer" if days <= HALF_YEAR else "much nearer"

    def _days_off(self, date: str) -> int:
        return abs((first_day(date) - self.today).days)

    def _relation(self, date: str) -> str:
        if self.today.isoformat().startswith(date):
            return "now"
        days = (first_day(date) - self.today).days
        side = "past" if days < 0 else "future"
        return f"{side} near" if abs(days) <= NEAR_DAYS else side if abs(days) <= FAR_DAYS else f"{side} far"

    @cached_property
    def lower(self) -> str:
        """The document's text in lower case."""
        return self.document.clean.lower()

    @cached_property
    def story(self) -> str | None:
        """The day that the article reports on: the first of the week before publication in its lead."""
        for sentence in self.document.sentences[:STORY_SENTENCES]:
            for phrase in self.phrases(sentence.index, "past"):
                if phrase.precision == "day" and 0 <= (self.today - first_day(phrase.date)).days <= STORY_DAYS:
                    return phrase.date
        return None

    def _counts_from(self, sentence: Sentence) -> bool:
        return bool(self._found(sentence.index)) and has_anchored(self.document.clean, sentence.start, sentence.end)

    def _found(self, index: int) -> list[re.Match[str]]:
        if index not in self._matches:
            sentence = self.document.sentences[index]
            self._matches[index] = matches(self.document.clean, sentence.start, sentence.end)
        return self._matches[index]

    def _told_before(self, sentence: Sentence, prefer: Prefer) -> Frame:
        """Return the frame with the last date, and the last day, of the sentences just before."""
        frame = Frame(self.today, prefer)
        for index in range(max(0, sentence.index - LOOK_BACK), sentence.index):
            for phrase in resolved(self._found(index), Frame(self.today, prefer)):
                frame = frame.after(phrase.date)
        return frame


def _order(place: int, number: int) -> str:
    if number == 1:
        return "only"
    return "first" if place == 0 else "last" if place == number - 1 else "mid"
