"""Makes an article ready for coding: cleaned text that knows where it comes from, cut into sentences."""

from __future__ import annotations

from streams.coder.clean import clean_text, clean_title
from streams.coder.language import recognise
from streams.coder.model import Document, Sentence
from streams.coder.sentences import split
from streams.records import Article

TITLE_GAP = "\n\n"
"""What parts the title from the text in ``Document.clean``."""


def prepare(article: Article) -> Document:
    """Return ``article`` cleaned and cut into sentences; a title is sentence 0 with paragraph -1.

    Without a title ``clean`` begins with the text. Never fails, whatever the text holds.
    """
    title = clean_title(article.title)
    body = clean_text(article.text, title)
    head = title + TITLE_GAP if title else ""
    clean = head + body.clean
    origin = body.origin
    if head:
        origin = type(origin)("q", [-1] * len(head)) + origin
    sentences = [Sentence(0, 0, len(title), -1)] if title else []
    sentences += [
        Sentence(index, span.start, span.end, span.paragraph)
        for index, span in enumerate(split(clean, len(head)), start=len(sentences))
    ]
    return Document(
        title=article.title,
        text=article.text,
        published=article.published_at,
        clean=clean,
        origin=origin,
        sentences=tuple(sentences),
        language=recognise(body.clean, article.language),
    )
