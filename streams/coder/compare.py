"""Whether a date or a piece of evidence agrees with a labelled one."""

from __future__ import annotations

import itertools
import re

_ENDS = re.compile(r"(?<=[.!?])[\"\u201d\u2019')\]]*\s+|\n+")


def dates_agree(one: str | None, other: str | None) -> bool:
    """Whether two dates of whatever precision can be the same: ``2023-01`` and ``2023-01-12`` can.

    No date agrees with no date only: a date that is missing is an error where the text tells one.
    """
    if one is None or other is None:
        return one is other
    return one.startswith(other) or other.startswith(one)


def overlaps(text: str, one: object, other: object) -> bool:
    """Whether two pieces of evidence share a sentence of ``text``."""
    first, second = _span(text, one), _span(text, other)
    if first is None or second is None:
        return False
    bounds = _sentences(text)
    return any(start < first[1] and first[0] < end and start < second[1] and second[0] < end for start, end in bounds)


def _span(text: str, evidence: object) -> tuple[int, int] | None:
    """Return where evidence stands: by its offsets, or where its words are found first."""
    if isinstance(evidence, dict):
        return int(evidence["start"]), int(evidence["end"])
    words = str(evidence)
    start = text.find(words)
    return (start, start + len(words)) if start >= 0 and words else None


def _sentences(text: str) -> list[tuple[int, int]]:
    edges = [0, *(match.end() for match in _ENDS.finditer(text)), len(text)]
    return [(start, end) for start, end in itertools.pairwise(edges) if end > start]
