"""The whole text of a news page, with trafilatura; paywalls and consent pages are recognised and said so.

Pure, and run in a process that can be ended.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import trafilatura
from trafilatura.settings import Extractor

from producers.rss import cleaning
from producers.rss.dates import AHEAD, EARLIEST
from producers.rss.model import Page, PageVerdict
from streams.coder.language import recognise

SHORT: Final = 1200
"""Characters up to which a page that asks for money or consent is believed to hold nothing else (200 words)."""
EMPTY: Final = 200
"""Characters (a long sentence) under which a page has no article."""
SCRIPT_CHARACTERS: Final = 200_000
"""Of one JSON-LD block; longer ones describe shops."""
_JSON_LD: Final = re.compile(r"<script[^<>]{0,300}application/ld\+json[^<>]{0,300}>([^<]{2,200000})", re.IGNORECASE)
_TIER: Final = re.compile(
    r"<meta[^<>]{0,200}article:content_tier[^<>]{0,200}(?:locked|metered)[^<>]{0,100}>", re.IGNORECASE
)
_PAYWALL: Final = re.compile(
    r"\b(?:subscribe(?: now| today)? to (?:continue|read|unlock|keep reading|access)|"
    r"(?:this|the full) (?:article|story|content|text) is (?:only |exclusively )?(?:available |reserved )?(?:for|to) "
    r"(?:our )?(?:subscribers|members|registered)|"
    r"to (?:continue|keep) reading,? (?:please )?(?:subscribe|log ?in|sign ?in|register|create)|"
    r"already a subscriber\?|(?:subscribers|members)[- ]only|start your (?:free )?(?:trial|subscription)|"
    r"you(?:'|\u2019)?(?:ve| have) (?:reached|used up) your (?:limit|free)|unlock this article)",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"\b(?:before you continue|we value your privacy|we (?:and our|use) (?:\d+ )?(?:partners|cookies)|"
    r"accept (?:all|and continue)|manage (?:your )?(?:cookie|privacy|consent)|cookie (?:settings|preferences|policy)|"
    r"your (?:privacy|consent) choices|enable (?:javascript|cookies)|are you a (?:robot|human)|"
    r"checking your browser|verify (?:that )?you are (?:a )?human|just a moment)",
    re.IGNORECASE,
)
_CONSENT_PLACE: Final = re.compile(
    r"^https?://(?:consent|privacy|cookie|login|auth|account)s?\.|/(?:consent|gdpr|cookiewall|collectconsent)(?:/|\?|$)",
    re.IGNORECASE,
)


def read_page(data: bytes, url: str, now: dt.datetime, language: str | None = None) -> Page:
    """Return the article on the page ``data``, which was found at ``url`` in the end."""
    tree = trafilatura.load_html(data)
    if tree is None:
        return Page(verdict="empty")
    # Before extraction, which takes the tree apart.
    markup = trafilatura.utils.decode_file(data)
    locked = _says_locked(markup)
    asked = cleaning.plain(markup, is_html=True, limit=20_000)
    found: Any = trafilatura.bare_extraction(tree, options=_options(url))
    text = cleaning.plain(str(found.text or ""), is_html=False) if found is not None else ""
    verdict = _verdict(text, asked, url, locked)
    if verdict != "page" or found is None:
        return Page(verdict="empty" if verdict == "page" else verdict, text=text)
    return Page(
        verdict="page",
        text=text,
        title=cleaning.one_line(found.title or ""),
        published_on=_day(found.date, now),
        language=language or recognise(text, found.language),
    )


def _options(url: str) -> Extractor:
    return Extractor(
        output_format="python", url=url, with_metadata=True, comments=False, tables=False, fast=True, lang=None
    )


def _verdict(text: str, asked: str, url: str, locked: bool) -> PageVerdict:
    short = len(text) < SHORT
    if _CONSENT_PLACE.search(url) or (short and len(asked) < 4 * SHORT and _CONSENT.search(asked)):
        return "consent"
    if locked or (short and _PAYWALL.search(asked)):
        return "paywall"
    return "empty" if len(text) < EMPTY else "page"


def _says_locked(markup: str) -> bool:
    """Whether the page says of itself that it is not free to read (schema.org, or Facebook's content tier)."""
    if _TIER.search(markup):
        return True
    for number, found in enumerate(_JSON_LD.finditer(markup)):
        if number == 20:
            break
        try:
            content = json.loads(found[1][:SCRIPT_CHARACTERS])
        except (ValueError, RecursionError):
            continue
        if any(str(node.get("isAccessibleForFree")).lower() == "false" for node in _nodes(content)):
            return True
    return False


def _nodes(content: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD block: itself, a list's items, a graph's nodes."""
    items = content if isinstance(content, list) else [content]
    for item in items[:100]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            if isinstance(graph, list):
                yield from (node for node in graph[:100] if isinstance(node, dict))


def _day(text: object, now: dt.datetime) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
    return day if EARLIEST.date() <= day <= (now + AHEAD).date() else None
