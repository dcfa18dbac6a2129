"""Splits text into sentences: rules for English news, linear in the length of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SENTENCE = 1_200
"""Characters of the longest sentence handed on. News sentences stay below 900; text without full stops
(tables, scrapes, attacks) is cut at a space, so that no later step works on a megabyte at a time."""

_PARAGRAPH = re.compile(r"[^\n]+")
_END = re.compile(
    r"(?:(?<![.!?…])[.!?…]+[\"'»)\]]*(?:\s+|(?<=[a-z]{2}[.!?])(?=[A-Z][a-z])|(?<=[a-z]{2}[.!?]\")(?=[A-Z])))"
)
_BEFORE = re.compile(r"[\w.'&-]{1,24}\Z")
_NEW_SENTENCE = re.compile(r"[\"'«(\[]*[^\W_a-z]")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]\.")
_CLOSING = "\"'»)]"
_TITLE_WORDS = """
mr mrs ms mx dr prof gen lt col maj capt cmdr sgt adm brig cpl sen rep gov amb hon rev fr sr jr st ste mt messrs
pres min sec dep asst supt insp vs v viz cf e.g i.e etc al approx ca no nos vol art arts para fig dept div inc ltd
co corp bros est
"""
_TITLES = frozenset(_TITLE_WORDS.split())
"""After these a full stop ends no sentence."""
_MONTHS = frozenset(("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"))
_STARTER_WORDS = """
The This That These Those It He She They We In On At But And A An Its His Her Their After Before Both Some Many Such
There However Meanwhile Earlier For As If When While Last Mr Ms Mrs
"""
_STARTERS = re.compile(rf"[\"']?(?:{'|'.join(_STARTER_WORDS.split())})\b")


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence's place: offsets into the text and the number of its paragraph (a line of the text)."""

    start: int
    end: int
    paragraph: int


def split(text: str, start: int = 0) -> Iterator[Span]:
    """Yield the sentences of ``text`` from ``start`` on; a line break always ends one.

    Spans are in order, do not overlap and hold no outer white space. The text is
    cleaned text: its quotes and dashes are plain.
    """
    for number, found in enumerate(_PARAGRAPH.finditer(text, start)):
        for begin, end in _in_paragraph(text, found.start(), found.end()):
            yield from _cut(text, begin, end, number)


def _in_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for found in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, found.start(), found.end()):
            yield begin, found.end()
            begin = found.end()
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, stop: int, after: int) -> bool:
    if not _NEW_SENTENCE.match(text, after):
        return False
    if text[stop] != "." or text[stop + 1 : stop + 2] == "." or text[stop + 1 : stop + 2] in _CLOSING:
        # No plain full stop: a question, three dots, or a full stop inside quotes.
        return True
    before = _BEFORE.search(text, max(begin, stop - 24), stop)
    if before is None:
        return True
    word = before.group().lstrip("'-").casefold()
    if word in _TITLES:
        return False
    if word in _MONTHS:
        return not text[after].isdigit()
    if _INITIALS.fullmatch(word + "."):
        return _initials_end(text, word, after)
    return True


def _initials_end(text: str, word: str, after: int) -> bool:
    """Whether initials end a sentence: "in the U.S. The …" does, "the U.S. Congress", "George W. Bush" do not."""
    return "." in word and _STARTERS.match(text, after) is not None


def _cut(text: str, start: int, end: int, paragraph: int) -> Iterator[Span]:
    start, end = _strip(text, start, end)
    while end - start > MAX_SENTENCE:
        cut = text.rfind(" ", start + MAX_SENTENCE // 2, start + MAX_SENTENCE)
        cut = cut if cut > 0 else start + MAX_SENTENCE
        left, right = _strip(text, start, cut)
        if left < right:
            yield Span(left, right, paragraph)
        start, _ = _strip(text, cut, end)
    if start < end:
        yield Span(start, end, paragraph)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
