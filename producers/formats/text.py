"""Reads the articles of a plain text file; a messy page may hold several."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from producers.formats.common import Options, ReadArticle, UnreadableError, dated, decode
from producers.formats.pages import split
from streams.records import Article


def read(data: bytes, path: str, name: str, options: Options, file_time: dt.datetime | None) -> Iterator[ReadArticle]:
    """Yield the articles of a text file: ``name``, or ``name#1``, ``name#2`` … where there are several.

    Raises ``UnreadableError`` where the bytes are no text or hold none.
    """
    text = decode(data)
    pieces = split(text)
    if not pieces:
        raise UnreadableError("empty")
    for number, piece in enumerate(pieces, start=1):
        published, origin = dated(piece.published, options, file_time)
        article = Article(
            id=name if len(pieces) == 1 else f"{name}#{number}",
            title=piece.title,
            text=text[piece.start : piece.end],
            source=piece.source or name,
            published_at=published,
            published_at_from=origin,
            watches=options.watches,
        )
        yield ReadArticle(article, path, offset=piece.start)
