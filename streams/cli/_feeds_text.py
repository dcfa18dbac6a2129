"""How feeds, their state and decisions are shown."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from producers.rss.model import Feed
    from producers.rss.plan import Source
    from producers.rss.schedule import FeedState
    from producers.rss.trying import Attempt

ATTEMPT_ENTRIES = 10
"""Entries that a trial shows one by one: enough to judge a feed by."""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: object) -> None:
    # Text, not markup: names and addresses of feeds are not ours, and may hold brackets or escapes.
    table.add_row(*(Text("".join(c if c.isprintable() else " " for c in str(cell))) for cell in cells))


def print_feeds(feeds: Iterable[Feed]) -> None:
    """Print the feeds file as a table."""
    table = _table("name", "url", "watches", "language", "text", "interval", "headers", "")
    for feed in feeds:
        watches, headers = ", ".join(feed.watches) or "all", ", ".join(feed.headers)
        mark = "not checked" if feed.unchecked else ""
        _row(table, feed.name, feed.url, watches, feed.language or "", feed.text, feed.interval or "", headers, mark)
    Console().print(table)


def print_status(sources: Sequence[Source], states: Mapping[str, FeedState], as_json: bool) -> None:
    """Print how each feed is."""
    from producers.rss.watching import clock_time, state_of

    table = _table("feed", "state", "last answer", "last success", "next poll", "polls", "articles", "detail")
    for source in sources:
        state = states.get(source.key)
        row: dict[str, object] = {"feed": source.label, "url": source.url, "state": state_of(state)}
        if state is not None:
            row |= {"outcome": state.outcome, "last_poll": clock_time(state.last_poll)}
            row |= {"last_success": clock_time(state.last_success), "next_poll": clock_time(state.next_poll)}
            row |= {"polls": state.polls, "articles": state.published, "failures": state.failures}
            row |= {"detail": state.retired or state.detail, "hub": state.hub or None}
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        names = ("feed", "state", "outcome", "last_success", "next_poll", "polls", "articles", "detail")
        _row(table, *(row.get(name) or "-" for name in names))
    if not as_json:
        Console().print(table)


def print_decisions(
    counts: Mapping[str, int], rows: Iterable[tuple[float, str, str, str, str, str | None]]
) -> None:
    """Print the counts by rule and the last decisions."""
    from producers.rss.watching import clock_time

    totals = _table("rule", "decided")
    for rule, count in sorted(counts.items()):
        _row(totals, rule, count)
    table = _table("time", "rule", "article", "title", "link", "feed")
    for at, rule, feed, article, title, link in rows:
        _row(table, clock_time(at), rule, article, title, link or "-", feed)
    console = Console()
    console.print(totals)
    console.print()
    console.print(table)


async def print_attempt(work: Awaitable[Attempt]) -> None:
    """Print what a trial of one address gave; exit code 1 where it is no working feed."""
    tried = await work
    found, parsed = tried.fetched, tried.parsed
    table = _table("", "")
    _row(table, "outcome", tried.outcome)
    _row(table, "address", found.url)
    for name, value in (
        ("moved to", found.moved_to),
        ("status", found.status),
        ("detail", tried.detail),
        ("bytes", f"{found.received:,} received, {len(found.body):,} in all"),
        ("seconds", f"{found.seconds:.2f} in {found.requests} requests"),
    ):
        if value:
            _row(table, name, value)
    if parsed is not None:
        _row(table, "feed", f"{parsed.title} ({parsed.version}, {len(parsed.entries)} entries)")
        _row(table, "hub", parsed.hub or "none")
    Console().print(table)
    entries = _table("published", "from", "language", "text", "id", "title")
    for article in tried.articles[:ATTEMPT_ENTRIES]:
        length = f"{len(article.text)} ({article.text_from})"
        when = article.published_at.strftime("%Y-%m-%d %H:%M")
        _row(entries, when, article.published_at_from, article.language or "", length, article.id, article.title)
    Console().print(entries)
    if tried.outcome != "ok":
        raise SystemExit(1)
