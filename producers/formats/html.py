"""Reads one article from an HTML page: trafilatura finds title, date and text."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from producers.formats.common import Options, ReadArticle, UnreadableError, dated, decode, parse_when, well_formed
from streams.records import Article

HEAD_BYTES = 4_096
"""Bytes at the beginning in which a page declares its encoding; the standard says 1,024, pages are laxer."""

_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"<meta[^>]{0,80}article:published_time[^>]{0,40}content=[\"']([^\"']{8,40})|"
    r"<meta[^>]{0,40}content=[\"']([^\"']{8,40})[\"'][^>]{0,40}article:published_time"
)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def looks_like_html(head: bytes) -> bool:
    """Whether the first bytes of a file begin a page of HTML."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in start


def declared_charset(data: bytes) -> str | None:
    """Return the encoding that a page declares in its head."""
    found = _CHARSET.search(data[:HEAD_BYTES])
    return found.group(1).decode("ascii") if found else None


def read(data: bytes, path: str, name: str, options: Options, file_time: dt.datetime | None) -> ReadArticle:
    """Return the article of a page. Raises ``UnreadableError`` where there is none."""
    page = _XML_DECLARATION.sub("", decode(data, declared_charset(data))).replace("\x00", "")
    found = _extract(page)
    text = (found.text if found is not None else None) or ""
    if not text.strip():
        raise UnreadableError("no article found in the page" if page.strip() else "empty")
    when = _published(page) or (parse_when(found.date) if found.date else None)
    published, origin = dated(when, options, file_time)
    article = Article(
        id=name,
        title=well_formed(found.title or ""),
        text=well_formed(text),
        source=well_formed(found.sitename or found.hostname or name),
        url=well_formed(found.url) if found.url else None,
        language=found.language,
        published_at=published,
        published_at_from=origin,
        watches=options.watches,
    )
    return ReadArticle(article, path)


def _published(page: str) -> dt.datetime | None:
    """Return the time to the minute where the page states it; trafilatura keeps the day only."""
    found = _PUBLISHED.search(page)
    return parse_when(found.group(1) or found.group(2)) if found else None


def _extract(page: str) -> Any:
    import trafilatura  # takes half a second to import; only HTML needs it

    return trafilatura.bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
