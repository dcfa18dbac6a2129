"""A feed's bytes to clean entries, with feedparser; pure, and run in a process that can be ended.

feedparser gets bytes and never an address, and leaves HTML alone: it is turned into text here.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import feedparser

from producers.rss import cleaning
from producers.rss.dates import entry_date, when
from producers.rss.limits import ENTRIES, ID_CHARACTERS
from producers.rss.model import Entry, ParsedFeed
from producers.rss.urls import BadUrlError, checked_url, joined
from streams.coder.language import recognise

COMPLETE_CHARACTERS: Final = 1500
"""A summary at least this long (250 words) is an article; teasers end at about 500."""
COMPLETE_CONTENT: Final = 600
"""A content element at least this long (100 words) is taken as the whole text: agencies' items are short."""
NAME_CHARACTERS: Final = 100
"""Of an outlet's or feed's name."""
LONGEST_TTL: Final = 10**7
"""Minutes; what is longer is no wish but a mistake."""
_HOURS: Final = {"hourly": 1.0, "daily": 24.0, "weekly": 168.0, "monthly": 720.0, "yearly": 8760.0}
_REFERENCE: Final = re.compile(rb"&#([xX][0-9a-fA-F]{0,4000}|[0-9]{1,4000})(?:;|(?![0-9a-fA-F;]))")
_EXTENSION: Final = re.compile(
    rb"</?(?:georss|gml|geo|media|itunes|psc|cc|creativecommons)(?::\w+)?\b[^<>]{0,4000}>", re.IGNORECASE
)
_LANGUAGE: Final = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9-]*)?\s*")


def parse_feed(
    data: bytes, url: str, headers: Mapping[str, str], now: dt.datetime, language: str | None = None
) -> ParsedFeed:
    """Return what the feed ``data``, retrieved from ``url`` at ``now``, says; equal input, equal output."""
    told = {"content-location": url}
    told.update({name: headers[name] for name in ("content-type", "content-language") if name in headers})
    data = _REFERENCE.sub(_sound, data)
    found: Any = None
    # The second try is without the elements of extensions that we do not read: feedparser raises on odd coordinates.
    for attempt in (data, _EXTENSION.sub(b"", data)):
        try:
            found = feedparser.parse(
                io.BytesIO(attempt), response_headers=told, sanitize_html=False, resolve_relative_uris=False
            )
            break
        except Exception as error:  # a mistake in feedparser's handlers costs this document, nothing else
            note = f"feedparser failed: {type(error).__name__}: {error}"
    if found is None:
        return ParsedFeed(outcome="parse_failed", note=cleaning.one_line(note, 200))
    if not found.get("version") and not found.entries:
        return ParsedFeed(outcome="not_a_feed", note=_what_else(data))
    entries: list[Entry] = []
    skipped: Counter[str] = Counter()
    declared = language or _language(found.feed.get("language"))
    for raw in found.entries[:ENTRIES]:
        entry = _entry(raw, found.feed, url, now, declared, language)
        if entry is None:
            skipped["empty"] += 1
        else:
            entries.append(entry)
    if len(found.entries) > ENTRIES:
        skipped["over_the_cap"] = len(found.entries) - ENTRIES
    return ParsedFeed(
        version=str(found.get("version") or ""),
        title=cleaning.one_line(_text(found.feed.get("title")), NAME_CHARACTERS),
        language=declared,
        ttl=_ttl(found.feed),
        hub=_hub(found.feed, url),
        entries=tuple(entries),
        skipped=dict(skipped),
        note=cleaning.one_line(_text(found.get("bozo_exception")), 200) if found.get("bozo") else "",
    )


def _sound(found: re.Match[bytes]) -> bytes:
    """Return a character reference as it is, or that of the replacement character where it names no character.

    feedparser gives up a whole feed over one that names half a surrogate pair or lies beyond Unicode.
    """
    digits = found[1].lower()
    number = int(digits[1:9] or b"0", 16) if digits.startswith(b"x") else int(digits[:9])
    sound = len(digits) <= 9 and 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return found[0] if sound else b"&#xFFFD;"


def _entry(
    raw: dict[str, Any],
    feed: dict[str, Any],
    url: str,
    now: dt.datetime,
    declared: str | None,
    forced: str | None,
) -> Entry | None:
    """Return the entry, None where it has neither title nor text."""
    title = cleaning.one_line(_text(raw.get("title")))
    text, complete = _body(raw)
    if not title and not text:
        return None
    published, origin = entry_date(raw, feed, now)
    guid = cleaning.tidy(_text(raw.get("id"))).strip()[:ID_CHARACTERS]
    return Entry(
        title=title or cleaning.shortened(text.partition("\n")[0], 120),
        text=text,
        link=_link(raw, url),
        guid=guid or None,
        guid_is_link=bool(raw.get("guidislink")),
        published_at=published,
        published_at_from=origin,
        updated_at=when(raw, "updated", now),
        language=forced or recognise(text or title, declared),
        source=_source(raw),
        complete=complete,
    )


def _body(raw: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the longest text that the entry carries, and whether it looks like the whole article."""
    best, complete = "", False
    summary = raw.get("summary_detail")
    details = [(item, True) for item in raw.get("content") or ()]
    details += [(summary, False)] if summary else []
    for detail, is_content in details[:20]:
        if not isinstance(detail, Mapping):
            continue
        kind = _text(detail.get("type")).lower()
        if kind and not kind.startswith("text/") and "html" not in kind and "xml" not in kind:
            continue  # pictures and sounds in base64
        text = cleaning.plain(_text(detail.get("value")), is_html="html" in kind)
        if len(text) > len(best):
            floor = COMPLETE_CONTENT if is_content else COMPLETE_CHARACTERS
            best, complete = text, len(text) >= floor and not cleaning.is_cut_off(text)
    return best, complete


def _link(raw: Mapping[str, Any], url: str) -> str | None:
    """Return the entry's own address: ``link``, the first alternate link, or an id that is an address."""
    links = [item for item in (raw.get("links") or ())[:20] if isinstance(item, Mapping)]
    candidates = [_text(raw.get("link"))]
    candidates += [_text(item.get("href")) for item in links if item.get("rel", "alternate") == "alternate"]
    guid = _text(raw.get("id"))
    if guid.startswith(("http://", "https://")):
        candidates.append(guid)
    for text in candidates:
        if text.strip():
            try:
                return joined(url, cleaning.tidy(text))
            except BadUrlError:
                continue
    return None


def _source(raw: Mapping[str, Any]) -> str | None:
    source = raw.get("source")
    name = _text(source.get("title")) if isinstance(source, Mapping) else ""
    return cleaning.one_line(name, NAME_CHARACTERS) or None


def _ttl(feed: Mapping[str, Any]) -> float | None:
    """Return the seconds between polls by ``ttl``, else by the syndication module."""
    text = _text(feed.get("ttl")).strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_TTL) * 60.0
    hours = _HOURS.get(_text(feed.get("sy_updateperiod")).strip().lower())
    if hours is None:
        return None
    times = _text(feed.get("sy_updatefrequency")).strip()
    return hours * 3600.0 / max(1, int(times[:6]) if times.isascii() and times.isdigit() else 1)


def _hub(feed: Mapping[str, Any], url: str) -> str | None:
    for item in (feed.get("links") or ())[:50]:
        if isinstance(item, Mapping) and item.get("rel") == "hub":
            try:
                return checked_url(joined(url, _text(item.get("href"))))
            except BadUrlError:
                return None
    return None


def _language(value: object) -> str | None:
    found = _LANGUAGE.fullmatch(_text(value)[:40])
    return found[1].lower() if found else None


def _text(value: object) -> str:
    """Return ``value`` as text; feedparser leaves None, numbers and lists where documents are odd."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _what_else(data: bytes) -> str:
    """Return what a document that is no feed seems to be, for the status."""
    start = data[:2048].lstrip().lower()
    if not start:
        return "an empty document"
    if b"<html" in start or b"<!doctype html" in start:
        return "a web page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    return "an unknown document"
