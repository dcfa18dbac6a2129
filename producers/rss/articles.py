"""From a feed's entry, and its page where one was read, to the article that goes on the topic."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from producers.rss import cleaning
from producers.rss.memory import Decision
from producers.rss.model import Entry, Page
from producers.rss.plan import Source
from producers.rss.urls import host_of, site_of
from streams.records import Article, DateOrigin, Origin, TextOrigin

LIVE_DAYS: Final = 7
"""Entries that are older when they are first seen are background: a feed that is added brings its archive along,
and old news must not alert. A week covers weekend editions and a feed that was away."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The text that was had for an entry, and how."""

    text_from: TextOrigin
    page: Page | None = None


def to_article(
    entry: Entry, reading: Reading, decision: Decision, source: Source, feed_title: str, now: dt.datetime
) -> Article:
    """Return the article for ``entry``; the longer of the feed's and the page's text is taken."""
    page = reading.page
    text, text_from = entry.text, reading.text_from
    if page is not None and len(page.text) > len(text):
        text = page.text
    elif text_from == "page":
        text_from = "feed" if entry.complete else "summary"
    published, date_from = _published(entry, page, decision)
    language = page.language if page is not None and text is page.text and page.language else entry.language
    return Article(
        id=decision.article_id,
        title=entry.title,
        text=text or entry.title,
        source=outlet(entry, source, feed_title),
        published_at=published,
        published_at_from=date_from,
        url=entry.link,
        language=language,
        origin=_origin(published, now),
        watches=source.watches,
        retrieved_at=now,
        version=decision.version,
        text_from=text_from,
    )


def outlet(entry: Entry, source: Source, feed_title: str) -> str:
    """Return who publishes the entry: an aggregator's word for it, else the feed's name, title or host."""
    host = host_of(entry.link or "")
    if host and site_of(host) != site_of(host_of(source.url)) and entry.source:
        return entry.source
    return source.name or feed_title or host_of(source.url) or cleaning.shortened(source.url, 100)


def _published(entry: Entry, page: Page | None, decision: Decision) -> tuple[dt.datetime, DateOrigin]:
    """Return the article's time; a later version has the time of its change, where the feed tells it."""
    if decision.rule == "version" and entry.updated_at is not None and entry.updated_at > entry.published_at:
        return entry.updated_at, entry.published_at_from
    if entry.published_at_from in ("feed", "retrieved") and page is not None and page.published_on is not None:
        day = dt.datetime.combine(page.published_on, dt.time(), tzinfo=dt.timezone.utc)
        return day, "page"
    return entry.published_at, entry.published_at_from


def _origin(published: dt.datetime, now: dt.datetime) -> Origin:
    return "live" if now - published <= dt.timedelta(days=LIVE_DAYS) else "backfill"
