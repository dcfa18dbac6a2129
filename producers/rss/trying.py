"""A trial of one address: what would be published, without sending or remembering anything."""

from __future__ import annotations

import msgspec

from producers.rss.articles import Reading, to_article
from producers.rss.clock import SystemClock, as_datetime
from producers.rss.feeds import check_feed
from producers.rss.fulltext import FullText
from producers.rss.guard import Lookup, system_lookup
from producers.rss.identity import keys_of
from producers.rss.limits import FEED_BYTES
from producers.rss.memory import Decision
from producers.rss.model import Fetched, Outcome, ParsedFeed
from producers.rss.permission import Permission
from producers.rss.plan import Source, plan
from producers.rss.runtime import PRODUCT, fetching, pace
from producers.rss.sandbox import ParseFailedError
from streams.records import Article
from streams.settings import Settings


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial gave."""

    outcome: Outcome
    fetched: Fetched
    detail: str = ""
    parsed: ParsedFeed | None = None
    articles: tuple[Article, ...] = ()


async def attempt(settings: Settings, url: str, pages: bool, lookup: Lookup = system_lookup) -> Attempt:
    """Fetch and parse ``url`` once; with ``pages`` the first entry's page too."""
    (source,) = plan([check_feed({"url": url}, "feeds test")], {}, pace(settings))
    clock = SystemClock()
    async with fetching(settings, clock, lookup) as (fetcher, hosts, sandbox):
        found = await fetcher.get(source.url, limit=FEED_BYTES)
        if found.outcome != "ok":
            return Attempt(outcome=found.outcome, fetched=found, detail=found.detail)
        now = as_datetime(clock.now())
        try:
            parsed = await sandbox.feed(found.body, found.url, found.headers, now)
        except ParseFailedError as error:
            return Attempt(outcome="parse_failed", fetched=found, detail=str(error))
        reader = FullText(fetcher, Permission(fetcher, hosts, clock, PRODUCT), sandbox, clock)
        readings = [
            await reader.read(entry, "auto" if pages and not number else "feed", None)
            for number, entry in enumerate(parsed.entries)
        ]
    articles = _articles(source, parsed, readings, clock)
    return Attempt(outcome=parsed.outcome, fetched=found, detail=parsed.note, parsed=parsed, articles=articles)


def _articles(source: Source, parsed: ParsedFeed, readings: list[Reading], clock: SystemClock) -> tuple[Article, ...]:
    now = as_datetime(clock.now())
    keys = keys_of(parsed.entries, source.identity)
    return tuple(
        to_article(entry, reading, Decision(rule="new", article_id=key.article_id), source, parsed.title, now)
        for entry, reading, key in zip(parsed.entries, readings, keys, strict=True)
    )
