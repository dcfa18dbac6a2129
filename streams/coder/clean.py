"""Cleans an article's text as an overlay: every cleaned character knows its place in the original.

What is cut and put in is decided first, on the text with its characters made plain; the overlay is built
from those decisions in one pass, so that the work is linear in the length of the text.
"""

from __future__ import annotations

import itertools
import re
from array import array
from dataclasses import dataclass

from streams.coder.furniture import furniture
from streams.coder.repairs import Edit, Known, dateline, glued, known_actor, quotes, spaces, tail

MAX_DATELINE_LINES = 3
"""Lines at the beginning in which a dateline may stand: the first of the body, after what is left of a header."""
MIN_WRAP, MAX_WRAP = 45, 100
"""Characters of a line that a mail program or an old content system wraps."""
MIN_WRAPPED_LINES = 2
"""Lines going on in lower case from which a page counts as wrapped; one may be an accident."""

_PLAIN_QUOTE = '"“”„‟«»″❝❞＂'  # noqa: RUF001 - the characters are what this table is about
_PLAIN_APOSTROPHE = "'‘’‚‛′`´＇ʼ"  # noqa: RUF001
_PLAIN_HYPHEN = "-‐‑‒–−﹣－"  # noqa: RUF001
_PLAIN_DASH = "—―⸺⸻"
_LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_SPACES = " \t\xa0\u1680\u180e\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INVISIBLE = "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\ufeff\ufffc" + "".join(
    map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
)
GONE = "\x00"
"""Stands in plain text for a character that is left out; plain text keeps the length of the original."""


def _plain_table() -> dict[int, str]:
    table: dict[int, str] = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], GONE)
    groups = {'"': _PLAIN_QUOTE, "'": _PLAIN_APOSTROPHE, "-": _PLAIN_HYPHEN, "—": _PLAIN_DASH}
    groups |= {"\n": _LINE_BREAKS, " ": _SPACES, GONE: _INVISIBLE}
    table |= {ord(old): new for new, group in groups.items() for old in group}
    table |= dict.fromkeys(range(0xD800, 0xE000), GONE)  # lone surrogates
    return table


_TABLE = _plain_table()


_LINE = re.compile(r"[^\s\x00](?:[^\n]*[^\s\x00])?")
_SURPLUS = re.compile(r"(?<= ) +|\x00+|\*+")


@dataclass(frozen=True, slots=True)
class Overlay:
    """Cleaned text; ``origin[i]`` is the place of ``clean[i]`` in the original, -1 where cleaning put it in."""

    clean: str
    origin: array[int]


def plain(text: str) -> str:
    """Return ``text`` with plain quotes, dashes and spaces, character by character: the length stays.

    What has no place in prose (control and zero-width characters, lone surrogates) becomes ``GONE``.
    """
    return text.translate(_TABLE)


def clean_text(text: str, title: str = "", known: Known = known_actor) -> Overlay:
    """Return ``text`` without furniture, one paragraph a line, its words and quotes mended.

    ``title`` (cleaned) is left out where the text repeats it; ``known`` says whether a word names an actor.
    """
    simple = plain(text)
    lines = _lines(simple)
    words = [simple[start:end].replace(GONE, "") for start, end in lines]
    cut = furniture(words, title)
    kept = [line for line, gone in zip(lines, cut, strict=True) if not gone]
    wrapped = _soft_breaks(simple, kept)
    built = _Builder(text, simple, known)
    for number, (start, end) in enumerate(kept):
        if number:
            built.join(start, soft=start in wrapped)
        built.line(start, end, first=number < MAX_DATELINE_LINES)
    return Overlay("".join(built.pieces), built.origin)


def clean_title(title: str) -> str:
    """Return a title on one line with plain characters."""
    return " ".join(plain(title).replace(GONE, "").split())


class _Builder:
    """Writes the cleaned text and its origin side by side."""

    def __init__(self, text: str, simple: str, known: Known) -> None:
        self.pieces: list[str] = []
        self.origin = array("q")
        self._places = array("q", range(len(text)))
        self._text = text
        self._simple = simple
        self._known = known

    def line(self, start: int, end: int, *, first: bool) -> None:
        """Add one kept line with its repairs."""
        line, original = self._simple[start:end], self._text[start:end]
        cursor = 0
        for edit in _edits(line, original, self._known, first):
            if edit.start < cursor:
                continue
            self._copy(start + cursor, start + edit.start)
            self._put(edit.put)
            cursor = edit.end
        self._copy(start + cursor, end)

    def join(self, start: int, *, soft: bool) -> None:
        """Add the break before the line that starts at ``start``: a space where the line was only wrapped."""
        mark = self._simple.rfind("\n", 0, start)
        self.pieces.append(" " if soft else "\n")
        self.origin.append(mark)

    def _copy(self, start: int, end: int) -> None:
        self.pieces.append(self._simple[start:end])
        self.origin += self._places[start:end]

    def _put(self, words: str) -> None:
        self.pieces.append(words)
        self.origin.extend([-1] * len(words))


def _lines(simple: str) -> list[tuple[int, int]]:
    """Return the places of the lines that hold anything, without outer white space."""
    return [(found.start(), found.end()) for found in _LINE.finditer(simple)]


def _soft_breaks(simple: str, lines: list[tuple[int, int]]) -> set[int]:
    """Return the starts of the lines that only go on with the line before, as in mail wrapped at 72 characters.

    A page counts as wrapped when its lines, but for the last of each paragraph, are of nearly one length and
    many go on in lower case. In other pages a line is a paragraph, unless it goes on in lower case after a
    long line without a full stop.
    """
    pairs = [
        (before, after) for before, after in itertools.pairwise(lines) if simple.count("\n", before[1], after[0]) == 1
    ]
    long = [pair for pair in pairs if MIN_WRAP <= pair[0][1] - pair[0][0] <= MAX_WRAP]
    low = [pair for pair in long if simple[pair[1][0]].islower()]
    is_wrapped = len(low) >= MIN_WRAPPED_LINES and len(long) >= 0.6 * len(pairs) and len(low) >= 0.3 * len(long)
    return {
        after[0] for before, after in (long if is_wrapped else low) if is_wrapped or simple[before[1] - 1].isalpha()
    }


def _edits(line: str, original: str, known: Known, first: bool) -> list[Edit]:
    edits = [Edit(found.start(), found.end(), "") for found in _SURPLUS.finditer(line)]
    start = dateline(line) if first else None
    if start is not None:
        edits.append(start)
    end = tail(line)
    if end is not None:
        edits.append(end)
        line, original = line[: end.start], original[: end.start]
    edits += spaces(line)
    seams = list(glued(line, known))
    edits += seams
    if '"' in line:
        edits += quotes(line, original, tuple(edit.start for edit in seams if edit.put == ". "))
    return _merged(edits) if len(edits) > 1 else edits


def _merged(edits: list[Edit]) -> list[Edit]:
    """Return the edits in order; insertions at one place become one: a full stop stands before its quote."""
    edits.sort()
    result: list[Edit] = []
    for edit in edits:
        last = result[-1] if result else None
        if last is None or last.start != edit.start or last.end > last.start or edit.end > edit.start:
            result.append(edit)
        else:
            both = last.put + edit.put
            put = "." * ("." in both) + '"' * both.count('"') + " " * (" " in both)
            result[-1] = Edit(edit.start, edit.start, put)
    return result
