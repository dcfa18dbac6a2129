"""``detente code``: codes articles from files, without a broker."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from producers.formats import ReadArticle, Refused
from streams.cli._coding import Progress, make_coder, read_articles, tell_refused
from streams.cli._report import show_article
from streams.cli._settings import settings_from
from streams.coder.coder import ArticleCoding
from streams.coder.readers import READERS, ReaderName
from streams.records import Evidence, Mention, Stance

REFUSED_EXIT = 1
"""Exit code where some items could not be read and the others were coded."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--watch", metavar="ID", help="Code for this watch, whatever the articles name (IRN-SAU, syria).")
@click.option("--date", metavar="DATE", help="Date of publication where a page tells none: 2023-01-13.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line an article and watch.")
@click.option("--explain", is_flag=True, help="Show the cues, probabilities and runners-up of each decision.")
@click.option("--reader", type=click.Choice(READERS), help="Read with this reader; default: the best there is.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    watch: str | None,
    date: str | None,
    as_json: bool,
    explain: bool,
    reader: ReaderName | None,
) -> None:
    """Code the articles of files, folders or standard input (-): who stands where, which steps are taken.

    An article is coded for the watch that --watch or the article itself names, else for every built-in watch
    that its actors touch. Items that cannot be read are told on stderr and the others go on; the exit code is
    then 1.
    """
    settings = settings_from(ctx)
    watches_dir = Path(settings.watches_dir) if settings.watches_dir else None
    items = read_articles(paths, date=date, watch=watch, watches_dir=watches_dir)
    coder = make_coder(reader, settings)
    console = Console(highlight=False, soft_wrap=True)
    progress, refused = Progress(), 0
    for item in items:
        if isinstance(item, Refused):
            tell_refused(item)
            refused += 1
            continue
        codings = coder.code(item.article)
        if as_json:
            for coding in codings:
                click.echo(json.dumps(as_line(item, coding), ensure_ascii=False))
        else:
            show_article(console, item, codings, explain=explain)
        progress.step()
    progress.end()
    if refused:
        ctx.exit(REFUSED_EXIT)


def as_line(item: ReadArticle, coding: ArticleCoding) -> dict[str, object]:
    """Return the JSON line of one article on one watch; offsets hold for the text that was read."""
    return {
        "id": item.article.id,
        "watch": coding.coding.watch,
        "relevant": coding.coding.outcome == "relevant",
        "outcome": coding.coding.outcome,
        "published_at": item.article.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "published_at_from": item.article.published_at_from,
        "stances": [_stance(stance, item.offset) for stance in coding.stances],
        "events": [_event(mention, item.offset) for mention in coding.mentions],
    }


def _stance(stance: Stance, offset: int) -> dict[str, object]:
    return {
        "holder": stance.holder,
        "stance": stance.stance,
        "basis": stance.basis,
        "confidence": stance.confidence,
        "evidence": _evidence(stance.evidence, offset),
        "reasons": list(stance.reasons),
    }


def _event(mention: Mention, offset: int) -> dict[str, object]:
    return {
        "type": mention.type,
        "parties": list(mention.parties),
        "mediators": list(mention.mediators),
        "status": mention.status,
        "date": mention.date,
        "confidence": mention.confidence,
        "evidence": _evidence(mention.evidence, offset),
        "reasons": list(mention.reasons),
    }


def _evidence(evidence: Evidence, offset: int) -> dict[str, object]:
    return {"text": evidence.text, "start": evidence.start + offset, "end": evidence.end + offset}
