"""Evidence: the words of the article as published that show a stance or a step, with their place."""

from __future__ import annotations

from collections.abc import Iterable

from streams.coder.model import Document, Sentence
from streams.records import Evidence

CONTEXT_CHARACTERS = 240
"""The most that is told of a sentence next to the evidence: 97 in 100 sentences of the bundled articles are shorter,
and an alert stays a thing to take in at a glance."""
CUT = "…"


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
    return _in_context(document, sentence)


def _in_context(document: Document, sentence: Sentence) -> Evidence:
    """Return ``sentence`` with its neighbours in the body."""
    found = quote(document, sentence.start, sentence.end)
    if not found.text:
        return found
    before, after = (_neighbour(document, sentence.index + step) for step in (-1, 1))
    return Evidence(found.text, found.start, found.end, _last(before), _first(after))


def _neighbour(document: Document, index: int) -> str:
    if not 0 <= index < len(document.sentences) or document.sentences[index].is_title:
        return ""
    sentence = document.sentences[index]
    return " ".join(document.words(sentence).split())


def _first(text: str) -> str:
    """Return the beginning of ``text``, cut between words."""
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    cut = text[:CONTEXT_CHARACTERS]
    return cut[: cut.rfind(" ")] + CUT if " " in cut else cut + CUT


def _last(text: str) -> str:
    """Return the end of ``text``, cut between words."""
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    cut = text[-CONTEXT_CHARACTERS:]
    return CUT + cut[cut.find(" ") + 1 :]


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
