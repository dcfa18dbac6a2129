"""Evidence: the words of the article as published that show a stance or a step, with their place."""

from __future__ import annotations

from collections.abc import Iterable

from streams.coder.model import Document
from streams.records import Evidence


def evidence_of(document: Document, index: int, codes: Iterable[str], named: list[frozenset[str]]) -> Evidence:
    """Return sentence ``index`` as it stands in the article's text.

    The title carries no evidence: for it stands the first sentence of the body that names most of
    ``codes`` (``named`` holds the codes by sentence).
    """
    sentence = document.sentences[index]
    if sentence.is_title:
        wanted = frozenset(codes)
        body = [one for one in document.sentences if not one.is_title]
        if not body:
            return Evidence("", 0, 0)
        sentence = max(body, key=lambda one: (len(named[one.index] & wanted), -one.index))
    return quote(document, sentence.start, sentence.end)


def quote(document: Document, start: int, end: int) -> Evidence:
    """Return the article's own words behind a span of ``document.clean``, without blanks at their ends."""
    places = [place for place in document.origin[start:end] if place >= 0]
    if not places:
        return Evidence("", 0, 0)
    first, last = min(places), max(places) + 1
    words = document.text[first:last]
    first += len(words) - len(words.lstrip())
    words = words.strip()
    return Evidence(words, first, first + len(words))
