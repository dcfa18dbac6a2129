"""Cleans an article's text as an overlay: every cleaned character knows its place in the original.

What is cut and put in is decided first, on the text with its characters made plain; the overlay is built
from those decisions in one pass, so that the work is linear in the length of the text.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

_PLAIN_QUOTE = '"“”„‟«»″❝❞＂'  # noqa: RUF001 - the characters are what this table is about
_PLAIN_APOSTROPHE = "'‘’‚‛′`´＇ʼ‹›"  # noqa: RUF001
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
    table: dict[int, str] = {code: GONE for code in [*range(0x20), *range(0x7F, 0xA0)]}
    groups = {'"': _PLAIN_QUOTE, "'": _PLAIN_APOSTROPHE, "-": _PLAIN_HYPHEN, "—": _PLAIN_DASH}
    groups |= {"\n": _LINE_BREAKS, " ": _SPACES, GONE: _INVISIBLE}
    table |= {ord(old): new for new, group in groups.items() for old in group}
    table |= dict.fromkeys(range(0xD800, 0xE000), GONE)  # lone surrogates
    return table


_TABLE = _plain_table()


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


def clean_text(text: str, title: str = "") -> Overlay:
    """Return ``text`` cleaned."""
    simple = plain(text)
    if GONE not in simple:
        return Overlay(simple, array("q", range(len(text))))
    origin = array("q", (i for i, char in enumerate(simple) if char != GONE))
    return Overlay(simple.replace(GONE, ""), origin)


def clean_title(title: str) -> str:
    """Return a title on one line with plain characters."""
    return " ".join(plain(title).replace(GONE, "").split())
