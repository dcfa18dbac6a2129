"""One poll of one source: fetch, parse, decide, read pages, publish, and only then remember."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from producers.publisher import Failure
from producers.rss import limits, watching
from producers.rss.articles import Reading, to_article
from producers.rss.clock import Clock, as_datetime
from producers.rss.fetch import Fetcher
from producers.rss.freshness import fresh_for, validator
from producers.rss.fulltext import FullText, wants_page
from producers.rss.identity import Keys, keys_of
from producers.rss.memory import Decision, Memory
from producers.rss.model import Entry, Fetched, ParsedFeed
from producers.rss.plan import Source
from producers.rss.sandbox import ParseFailedError, ParseTimeoutError, Sandbox
from producers.rss.schedule import FeedState, PollEnd, wants_full
from producers.rss.sink import Sink
from streams import metrics
from streams.records import Article

BATCH: Final = 10
"""Entries that are published and then remembered together: what a kill can repeat of one feed."""


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a poll with what was fetched on the way."""

    end: PollEnd
    fetched: Fetched
    entries: int = 0
    moved_to: str | None = None


class _Item(msgspec.Struct, frozen=True):
    entry: Entry
    keys: Keys
    reading: Reading | None


class Poller:
    """Polls sources; several polls may run at once."""

    def __init__(
        self, fetcher: Fetcher, sandbox: Sandbox, pages: FullText, memory: Memory, sink: Sink, clock: Clock
    ) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._pages = pages
        self._memory = memory
        self._sink = sink
        self._clock = clock
        # Two feeds with the same story at the same moment: who decides publishes and remembers before the next decides.
        self._deciding = asyncio.Lock()

    async def poll(self, source: Source, state: FeedState) -> Polled:
        """Poll ``source`` once; raises nothing that a feed can cause."""
        full = wants_full(state, source.pace, self._clock.now())
        found = await self._fetcher.get(
            source.url, {**source.headers, **({} if full else _conditions(state))}, limit=limits.FEED_BYTES
        )
        now = self._clock.now()
        end = PollEnd(
            outcome=found.outcome,
            detail=found.detail,
            retry_at=found.retry_at,
            wish=fresh_for(found.headers, now),
            etag=validator(found.headers, "etag"),
            last_modified=validator(found.headers, "last-modified"),
        )
        if found.outcome != "ok":
            return Polled(end=end, fetched=found)
        try:
            when = as_datetime(now)
            parsed = await self._sandbox.feed(found.body, found.url, found.headers, when, source.language)
        except ParseFailedError as error:
            outcome: Final = "parse_timeout" if isinstance(error, ParseTimeoutError) else "parse_failed"
            return Polled(end=msgspec.structs.replace(end, outcome=outcome, detail=str(error)), fetched=found)
        if parsed.outcome != "ok":
            end = msgspec.structs.replace(end, outcome=parsed.outcome, detail=parsed.note)
            return Polled(end=end, fetched=found)
        # Only the way to a feed is worth remembering: a captive portal moves everything "permanently".
        moved = found.moved_to if not source.headers else None
        end = await self._take(source, parsed, end)
        return Polled(end=end, fetched=found, entries=len(parsed.entries), moved_to=moved)

    async def _take(self, source: Source, parsed: ParsedFeed, end: PollEnd) -> PollEnd:
        """Publish what is new in ``parsed``, batch by batch."""
        note = parsed.note
        if parsed.skipped:
            note = "; ".join([note, *(f"{count} entries {word}" for word, count in parsed.skipped.items())]).strip("; ")
        end = msgspec.structs.replace(
            end, title=parsed.title, hub=parsed.hub or "", detail=note, wish=max(end.wish, _bounded(parsed.ttl))
        )
        rows = list(zip(parsed.entries, keys_of(parsed.entries, source.identity), strict=True))
        pages_left = limits.PAGES_A_POLL
        new = 0
        for start in range(0, len(rows), BATCH):
            items: list[_Item] = []
            for entry, keys in rows[start : start + BATCH]:
                reading = None
                if self._memory.decide(entry, keys, source.identity).publishes:
                    if wants_page(entry, source.text):
                        if not pages_left:
                            end = msgspec.structs.replace(end, keep_validators=False)
                            continue
                        pages_left -= 1
                    reading = await self._pages.read(entry, source.text, source.language)
                items.append(_Item(entry, keys, reading))
            published, undecided, failure = await self._publish(source, items, parsed.title)
            new += published
            if undecided:
                end = msgspec.structs.replace(end, keep_validators=False)
            if failure is not None and failure.lasting:
                detail = f"{failure.reason}: {failure.message}"
                return msgspec.structs.replace(end, outcome="publish_failed", detail=detail, new=new)
        return msgspec.structs.replace(end, new=new)

    async def _publish(self, source: Source, items: Sequence[_Item], title: str) -> tuple[int, int, Failure | None]:
        """Decide about ``items``, publish what is new, remember what was acknowledged.

        Returns how many were published, how many are left to the next poll, and the worst failure.
        """
        async with self._deciding:
            decided = self._decide(source, items)
            now = as_datetime(self._clock.now())
            articles: list[Article] = [
                to_article(item.entry, item.reading, decision, source, title, now)
                for item, decision in decided
                if decision.publishes and item.reading is not None
            ]
            failures = await self._sink.publish(articles) if articles else []
            refused = {
                article.id: failure for article, failure in zip(articles, failures, strict=True) if failure is not None
            }
            kept = [(item, decision) for item, decision in decided if decision.article_id not in refused]
            rows = [(item.entry, item.keys, decision, source.identity) for item, decision in kept]
            self._memory.remember(rows, self._clock.now())
        for _, decision in kept:
            metrics.FEED_ENTRIES.labels(decision.rule).inc()
        for article in articles:
            metrics.FEED_TEXTS.labels(article.text_from).inc()
        for failure in refused.values():
            metrics.FEED_REFUSED.labels(failure.reason).inc()
            watching.LOG.error("article %s was not accepted: %s", failure.article_id, failure.message)
        worst = next((failure for failure in refused.values() if failure.lasting), None)
        return len(articles) - len(refused), len(items) - len(decided), worst

    def _decide(self, source: Source, items: Sequence[_Item]) -> list[tuple[_Item, Decision]]:
        """Decide about a batch; of two entries of it that are the same article the first counts."""
        claimed: dict[str, str] = {}
        decided: list[tuple[_Item, Decision]] = []
        for item in items:
            decision = self._memory.decide(item.entry, item.keys, source.identity)
            if decision.publishes:
                twin = next(((rule, claimed[key]) for rule, key in item.keys.present() if key in claimed), None)
                if item.reading is None or (twin is None and decision.article_id in claimed.values()):
                    continue  # another poll changed what is known of it meanwhile: the next poll decides
                if twin is not None:
                    decision = Decision(rule="content" if twin[0] == "content" else "link", article_id=twin[1])
                else:
                    claimed.update({key: decision.article_id for _, key in item.keys.present()})
            decided.append((item, decision))
        return decided


def _conditions(state: FeedState) -> dict[str, str]:
    """Return the validators, exactly as the server sent them."""
    rows = (("If-None-Match", state.etag), ("If-Modified-Since", state.last_modified))
    return {name: value for name, value in rows if value}


def _bounded(seconds: float | None) -> float:
    return min(seconds or 0.0, limits.PUBLISHER_WISH_LIMIT)
