"""Reads the actors of a short text: what the tests of actors and speakers have in common."""

from __future__ import annotations

import datetime as dt

from streams.coder.actors import find_actors
from streams.coder.document import prepare
from streams.coder.lexicon import Lexicon
from streams.coder.model import Actors, Document
from streams.records import Article

LEXICON = Lexicon.load()


def read(text: str, title: str = "", day: str = "2023-05-19") -> tuple[Document, Actors]:
    """Return the document and its actors, as of ``day``."""
    published = dt.datetime.fromisoformat(day).replace(tzinfo=dt.timezone.utc)
    document = prepare(Article(id="x", title=title, text=text, source="x", published_at=published))
    return document, find_actors(document, LEXICON)
