"""OPML, the format in which feed readers exchange their lists: in and out, no DTD, bounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from producers.rss.cleaning import one_line
from producers.rss.model import Feed
from producers.rss.urls import BadUrlError, checked_url
from streams.errors import InputError

OUTLINES: Final = 20_000
"""Feeds of one file; the longest lists that people keep have about two thousand."""
DEPTH: Final = 50
"""Folders inside folders."""


def read_opml(data: bytes, name: str) -> tuple[list[Feed], list[str]]:
    """Return the feeds of an OPML document and what was left out, each with its reason.

    Raises ``InputError`` for what is no XML, and for a document type, of which OPML has none and attacks have many.
    """
    feeds: dict[str, Feed] = {}
    left_out: list[str] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH or len(feeds) >= OUTLINES:
            raise InputError(f"{name}: more than {OUTLINES} feeds or {DEPTH} folders deep", hint="Split the file.")
        given = {key.lower(): value for key, value in attributes.items()}
        if tag.lower() != "outline" or "xmlurl" not in given:
            return
        try:
            url = checked_url(given["xmlurl"])
        except BadUrlError as error:
            left_out.append(f"{given['xmlurl'][:100]}: {error}")
            return
        title = one_line(given.get("title") or given.get("text") or "", 100)
        feeds.setdefault(url, Feed(url=url, name=title))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise InputError(f"{name}: the file has a document type, which OPML never has", hint="Remove the DOCTYPE.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding that Python does not know
        raise InputError(f"{name}: not XML: {error}", hint="Export the list as OPML once more.") from None
    return list(feeds.values()), left_out


def write_opml(feeds: Iterable[Feed]) -> str:
    """Return an OPML 2.0 document; watches travel as categories, headers (they may be secret) stay behind."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += ["  <head><title>D\u00e9tente feeds</title></head>", "  <body>"]
    for feed in feeds:
        # XML has no way to write control characters, not even escaped.
        title = quoteattr("".join(char for char in feed.name if char.isprintable()) or feed.url)
        parts = [f'type="rss" text={title} title={title} xmlUrl={quoteattr(feed.url)}']
        if feed.watches:
            parts.append(f"category={quoteattr(','.join(feed.watches))}")
        if feed.language:
            parts.append(f"language={quoteattr(feed.language)}")
        lines.append(f"    <outline {' '.join(parts)}/>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])
