"""``detente feeds``: the feeds file, and what became of each feed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli import _feeds_text as text
from streams.cli._settings import settings_from
from streams.errors import InputError

if TYPE_CHECKING:
    from producers.rss.model import Feed


@click.group()
@click.option("--feeds", type=click.Path(path_type=Path), help="The feeds file; else the setting rss_feeds.")
@click.pass_context
def command(ctx: click.Context, feeds: Path | None) -> None:
    """Add, list, check, exchange and try feeds, and see how they are."""
    ctx.obj["feeds"] = feeds


def _path(ctx: click.Context) -> Path:
    from producers.rss.runtime import feeds_path

    return ctx.obj["feeds"] or feeds_path(settings_from(ctx))


def _load(ctx: click.Context) -> tuple[Feed, ...]:
    from producers.rss.feeds import load_feeds

    return load_feeds(_path(ctx))


@command.command()
@click.argument("url", required=False)
@click.option("--starter", is_flag=True, help="Add the starter list: well-known public feeds, not checked from here.")
@click.option("--name", default="", help="The outlet's name.")
@click.option("--watch", "watches", multiple=True, help="Restrict its articles to this watch; several may be given.")
@click.option("--language", help="The language of the feed, such as en.")
@click.option("--text", "mode", type=click.Choice(["auto", "feed", "page"]), default="auto", show_default=True)
@click.option("--interval", help="The shortest time between two polls, such as 30m.")
@click.pass_context
def add(
    ctx: click.Context,
    url: str | None,
    starter: bool,
    name: str,
    watches: tuple[str, ...],
    language: str | None,
    mode: str,
    interval: str | None,
) -> None:
    """Add a feed, or the starter list, to the feeds file."""
    from producers.rss import feeds as file
    from streams.watches.registry import resolve

    path = _path(ctx)
    there = {feed.url for feed in file.load_feeds(path)} if path.exists() else set()
    if starter == (url is not None):
        raise InputError("give a URL, or --starter", hint="For example: detente feeds add https://example.org/feed.xml")
    for watch in watches:
        resolve(watch)
    if starter:
        chosen = file.load_feeds(file.STARTER)
    else:
        row = {"url": url, "name": name, "watches": list(watches), "text": mode}
        row.update({key: value for key, value in (("language", language), ("interval", interval)) if value})
        chosen = (file.check_feed(row, "feeds add"),)
    fresh = [feed for feed in chosen if feed.url not in there]
    for feed in fresh:
        file.append_feed(path, feed)
    click.echo(f"{path}: {len(fresh)} added, {len(chosen) - len(fresh)} there already")


@command.command(name="list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """List the feeds of the feeds file; header values are not shown."""
    text.print_feeds(_load(ctx))


@command.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the feeds file, without the network: fields, watches, doubles, header variables."""
    from producers.rss.feeds import resolved_headers
    from streams.watches.registry import resolve

    feeds = _load(ctx)
    for feed in feeds:
        resolved_headers(feed)
        for watch in feed.watches:
            resolve(watch)
    doubles = len(feeds) - len({(feed.url, tuple(sorted(feed.headers.items()))) for feed in feeds})
    click.echo(f"{_path(ctx)}: {len(feeds)} feeds are sound, {doubles} share another's request")


@command.command(name="import")
@click.argument("opml", type=click.Path(path_type=Path))
@click.pass_context
def import_(ctx: click.Context, opml: Path) -> None:
    """Add the feeds of an OPML file."""
    from producers.rss import feeds as file
    from producers.rss.opml import read_opml

    path = _path(ctx)
    found, left_out = read_opml(file.read_limited(opml), str(opml))
    before = file.load_feeds(path) if path.exists() else ()
    known = {feed.url for feed in before}
    fresh = [feed for feed in found if feed.url not in known]
    for feed in fresh:
        file.append_feed(path, feed)
    for line in left_out:
        click.echo(f"left out: {line}", err=True)
    click.echo(f"{path}: {len(fresh)} added, {len(found) - len(fresh)} there already, {len(left_out)} left out")


@command.command()
@click.argument("opml", type=click.Path(path_type=Path), required=False)
@click.pass_context
def export(ctx: click.Context, opml: Path | None) -> None:
    """Write the feeds as OPML, to a file or to the screen."""
    from producers.rss.opml import write_opml

    content = write_opml(_load(ctx))
    if opml is None:
        click.echo(content, nl=False)
        return
    try:
        opml.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{opml}: {error.strerror}", hint="Name a file that can be written.") from error


@command.command()
@click.argument("url")
@click.option("--pages/--no-pages", default=False, help="Read the first entry's page as well.")
@click.pass_context
def test(ctx: click.Context, url: str, pages: bool) -> None:
    """Fetch URL once and show what would be published; nothing is sent or remembered."""
    from producers.rss.trying import attempt

    asyncio.run(text.print_attempt(attempt(settings_from(ctx), url, pages)))


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show how each feed is: last answer, last success, next poll, articles."""
    from producers.rss.plan import plan
    from producers.rss.runtime import pace, state_path
    from producers.rss.store import Store

    settings = settings_from(ctx)
    feeds = _load(ctx)
    with Store(state_path(settings)) as store:
        sources = plan(feeds, store.moves(), pace(settings))
        text.print_status(sources, store.states(), as_json)


@command.command()
@click.option("--rule", help="Only this rule's decisions.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@click.pass_context
def decisions(ctx: click.Context, rule: str | None, limit: int) -> None:
    """Show which rule decided how often whether an entry is new, and the last such decisions."""
    from producers.rss.memory import RULES, Memory
    from producers.rss.runtime import state_path
    from producers.rss.store import Store

    if rule is not None and rule not in RULES:
        raise InputError(f"--rule {rule}: no such rule", hint=f"Rules: {', '.join(RULES)}.")
    with Store(state_path(settings_from(ctx))) as store:
        memory = Memory(store)
        text.print_decisions(memory.counts(), memory.decisions(rule, limit))


@command.command()
@click.argument("url")
@click.pass_context
def revive(ctx: click.Context, url: str) -> None:
    """Poll a retired feed again, at its old address if it had moved."""
    from producers.rss.runtime import state_path
    from producers.rss.store import Store

    with Store(state_path(settings_from(ctx)), writer=True) as store:
        count = store.revive(url)
    if not count:
        raise InputError(f"{url}: no such feed is known", hint="`detente feeds status` lists the feeds.")
    click.echo(f"{url}: due now")
