"""What commands share that code articles without a broker: the coder, the articles, the progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO, cast

import click
import msgspec

from producers.formats import ReadArticle, Refused, date_option, read_path
from streams.coder.coder import Coder, load_lexicon
from streams.coder.readers import ReaderName, make_reader
from streams.settings import Settings
from streams.watches.model import Watch
from streams.watches.registry import WORLD, load_watches, resolve

QUIET_SECONDS = 2.0
"""Work that ends sooner needs no progress."""
STEP_SECONDS = 0.5
"""How often the progress is renewed."""


def make_coder(reader: ReaderName | None, settings: Settings) -> Coder:
    """Return a coder for all built-in and own watches but ``world``, which is coded only where asked for.

    Without ``reader`` the settings' is taken.
    """
    lexicon = load_lexicon()
    watches_dir = Path(settings.watches_dir) if settings.watches_dir else None
    if reader is None and settings.reader != "auto":
        reader = cast("ReaderName", settings.reader)
    watches: list[Watch] = [watch for watch in load_watches(watches_dir).values() if watch.id != WORLD]
    return Coder(make_reader(lexicon, reader), lexicon, watches, watches_dir=watches_dir)


def read_articles(
    paths: Sequence[str], *, date: str | None, watch: str | None, watches_dir: Path | None
) -> Iterator[ReadArticle | Refused]:
    """Yield the articles of ``paths``; ``watch`` takes the place of the watches that they name themselves.

    Raises ``InputError`` for a path, date or watch that cannot be used.
    """
    when = date_option(date) if date is not None else None
    if watch is not None:
        resolve(watch, watches_dir)
    for path in paths:
        asked = (watch,) if watch is not None else ()
        for item in read_path(path, date=when, watches=asked, watches_dir=watches_dir):
            if watch is not None and isinstance(item, ReadArticle):
                yield _asking(item, watch)
            else:
                yield item


def _asking(item: ReadArticle, watch: str) -> ReadArticle:
    article = msgspec.structs.replace(item.article, watches=(watch,))
    return ReadArticle(article, item.path, item.line, item.offset)


class Progress:
    """Tells on stderr, where a person looks at it, how many articles are done once that takes a while."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._start = self._told = time.monotonic()
        self._shown = False
        self._done = 0

    def step(self) -> None:
        """Count one article."""
        self._done += 1
        now = time.monotonic()
        if now - self._start < QUIET_SECONDS or now - self._told < STEP_SECONDS:
            return
        self._told, self._shown = now, True
        rate = self._done / (now - self._start)
        if self._stream.isatty():
            self._stream.write(f"\r{self._done} articles coded, {rate:.0f}/s ")
            self._stream.flush()

    def end(self) -> None:
        """Close the line of progress."""
        if self._shown and self._stream.isatty():
            self._stream.write("\n")


def tell_refused(item: Refused) -> None:
    """Report on stderr an item that cannot be used."""
    click.echo(f"detente: {item}", err=True)
