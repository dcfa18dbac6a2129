"""How feeds, their state and decisions are shown."""

from __future__ import annotations

import json
import time
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
    table.add_row(*(Text(_printable(str(cell))) for cell in cells))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def print_feeds(feeds: Iterable[Feed]) -> None:
    """Print the feeds file, two lines a feed."""
    for feed in feeds:
        told = [
            ", ".join(feed.watches) and f"watches {', '.join(feed.watches)}",
            feed.language,
            feed.text != "auto" and f"text from {feed.text}",
            feed.interval and f"every {feed.interval} at most",
            feed.refresh and f"in full every {feed.refresh}",
            feed.headers and f"with headers {', '.join(feed.headers)}",
            feed.unchecked and "not checked",
        ]
        click.echo(_printable(f"{feed.name or '(no name)'}: {', '.join(str(word) for word in told if word)}"))
        click.echo(f"  {feed.url}")


def print_status(sources: Sequence[Source], states: Mapping[str, FeedState], as_json: bool) -> None:
    """Print how each feed is."""
    from producers.rss.durations import brief
    from producers.rss.watching import clock_time, state_of

    table = _table("feed", "state", "answer", "success", "next", "polls", "articles", "detail")
    now = time.time()
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
        if state is None:
            _row(table, source.label, "waiting", "-", "-", "now", 0, 0, "")
            continue
        success = f"{brief(now - state.last_success)} ago" if state.last_success else "never"
        due = "never" if state.retired else f"in {brief(state.next_poll - now)}" if state.next_poll > now else "now"
        detail = state.retired or state.detail
        counts = (state.polls, state.published)
        _row(table, source.label, state_of(state), state.outcome or "-", success, due, *counts, detail)
    if not as_json:
        Console().print(table)


def print_decisions(counts: Mapping[str, int], rows: Iterable[tuple[float, str, str, str, str, str | None]]) -> None:
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
    for article in tried.articles[:ATTEMPT_ENTRIES]:
        when = article.published_at.strftime("%Y-%m-%d %H:%M")
        length = f"{len(article.text):,} characters ({article.text_from})"
        click.echo(_printable(f"{when} ({article.published_at_from}), {article.language}, {length}, {article.id}"))
        click.echo(_printable(f"  {article.title}"))
    if tried.outcome != "ok":
        raise SystemExit(1)
