"""``detente lexicon``: checks the tables of actors, and shows what they find in a text."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from streams.errors import InputError

SHOWN = 200
"""Rows that never fire, named one by one; beyond that their number says enough."""


@click.group()
def command() -> None:
    """Check the tables of actors, or see what they find in a text."""


@command.command()
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    help="A text file, or a folder of them: rows that never fire in it are listed.",
)
def check(corpus: Path | None) -> None:
    """Look for double rows, conflicts, odd codes and dates; exit 1 where there is an error."""
    from streams.coder.lexicon import Lexicon
    from streams.coder.lexicon_check import check_tables, never_fire

    findings = check_tables()
    if corpus is not None:
        silent = never_fire(Lexicon.load(), _texts(corpus))
        click.echo(f"{len(silent)} rows never fire in {corpus}.")
        findings += silent[:SHOWN]
    for finding in findings:
        click.echo(f"{finding.severity:<8}{finding.place:<20}{finding.text}")
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{errors} errors, {sum(finding.severity == 'warning' for finding in findings)} warnings.")
    if errors:
        sys.exit(1)


@command.command()
@click.argument("text")
@click.option("--date", "day", help="The day that the text is read as of (YYYY-MM-DD); by default today.")
def find(text: str, day: str | None) -> None:
    """Show the actors in TEXT, or in the file of that name: code, form, words; and who speaks."""
    from streams.coder.actors import find_actors
    from streams.coder.document import prepare
    from streams.coder.lexicon import Lexicon
    from streams.coder.names import display_name
    from streams.records import Article

    published = _day(day) if day else dt.datetime.now(dt.timezone.utc)
    article = Article(id="find", title="", text=_words(text), source="", published_at=published)
    document = prepare(article)
    actors = find_actors(document, Lexicon.load())
    for sentence in document.sentences:
        click.echo(document.words(sentence))
        for mention in actors.in_sentence(sentence.index):
            words = document.clean[mention.start : mention.end]
            note = " (only names what is spoken of)" if mention.attributive else ""
            click.echo(f"  {mention.code:<10}{mention.form:<9}{mention.level:<10}{words}{note}")
        speaker = actors.speakers[sentence.index]
        if speaker is not None:
            click.echo(f"  speaker: {display_name(speaker)}")


def _day(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc)
    except ValueError:
        raise InputError(f"no date: {text!r}", hint="Write it as 2023-05-19.") from None


def _words(text: str) -> str:
    """Return the text, or what the file of that name holds."""
    if len(text) < 256 and "\n" not in text and Path(text).is_file():
        return Path(text).read_text(encoding="utf-8", errors="replace")
    return text


def _texts(corpus: Path) -> Iterator[str]:
    """Yield the corpus file by file."""
    files = sorted(path for path in corpus.rglob("*") if path.is_file()) if corpus.is_dir() else [corpus]
    if not files or not files[0].exists():
        raise InputError(f"{corpus}: nothing to read", hint="Name a text file or a folder of text files.")
    for path in files:
        yield path.read_text(encoding="utf-8", errors="replace")
