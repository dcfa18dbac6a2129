"""Reads articles from JSON lines, one object a line, in bounded memory."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import IO

import msgspec

from producers.formats.common import (
    MAX_LINE_BYTES,
    Options,
    ReadArticle,
    Refused,
    UnreadableError,
    date_problem,
    dated,
    decode,
    parse_when,
    watch_problem,
    well_formed,
)
from streams.records import Article

_FIELD = re.compile(r" - at `\$\.?([^`]*)`")


class _Row(msgspec.Struct, frozen=True):
    """The fields that are read; others, such as labels, are left alone."""

    text: str
    id: str | None = None
    title: str | None = None
    source: str | None = None
    url: str | None = None
    language: str | None = None
    published_at: str | None = None
    watch: str | None = None
    watches: tuple[str, ...] = ()


class _BadLineError(Exception):
    """A line that cannot be used: the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def read(
    stream: IO[bytes], path: str, name: str, options: Options, file_time: dt.datetime | None
) -> Iterator[ReadArticle | Refused]:
    """Yield an article for each good line of ``stream`` and a refusal for each bad one.

    ``name`` makes the id of a line that has none: ``name:3``.
    """
    count = 0
    for number, line in _lines(stream):
        count += line is None or bool(line.strip())
        if line is None:
            yield Refused(path, number, "", f"longer than {MAX_LINE_BYTES:,} bytes")
            continue
        if not line.strip():
            continue
        try:
            article = _article(line, f"{name}:{number}", name, options, file_time)
        except _BadLineError as error:
            yield Refused(path, number, error.field, error.reason)
        else:
            yield ReadArticle(article, path, number)
    if not count:
        yield Refused(path, None, "", "empty")


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines; None stands for one that is too long to be held."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield number, None


def _article(line: bytes, made_id: str, name: str, options: Options, file_time: dt.datetime | None) -> Article:
    row = _row(line)
    if not row.text.strip():
        raise _BadLineError("text", "empty")
    if row.published_at is not None:
        published, origin = _published(row.published_at, options), "given"
    else:
        published, origin = dated(None, options, file_time)
    watches = tuple(dict.fromkeys([*([row.watch] if row.watch else []), *row.watches])) or options.watches
    for watch in watches:
        problem = watch_problem(watch, options.watches_dir)
        if problem:
            raise _BadLineError("watch", problem)
    return Article(
        id=well_formed(row.id or made_id),
        title=well_formed(row.title or ""),
        text=well_formed(row.text),
        source=well_formed(row.source or name),
        url=row.url and well_formed(row.url),
        language=row.language and well_formed(row.language),
        published_at=published,
        published_at_from=origin,  # type: ignore[arg-type]
        watches=watches,
    )


def _row(line: bytes) -> _Row:
    try:
        data = json.loads(decode(line))
    except UnreadableError as error:
        raise _BadLineError("", str(error)) from None
    except json.JSONDecodeError as error:
        cut = (
            " (the line is cut off)" if error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg else ""
        )
        raise _BadLineError("", f"not JSON: {error.msg} at column {error.colno}{cut}") from None
    except (RecursionError, ValueError):
        raise _BadLineError("", "not JSON: nested too deeply, or a number too long") from None
    if not isinstance(data, dict):
        raise _BadLineError("", "not a JSON object")
    try:
        return msgspec.convert(data, _Row)
    except msgspec.ValidationError as error:
        message = str(error)
        if "missing required field `text`" in message:
            raise _BadLineError("text", "missing") from None
        found = _FIELD.search(message)
        raise _BadLineError(found.group(1) if found else "", _FIELD.sub("", message)) from None


def _published(text: str, options: Options) -> dt.datetime:
    when = parse_when(text)
    if when is None:
        raise _BadLineError("published_at", f"not a time: {text[:40]!r}; use 2023-01-13T16:20:00Z")
    problem = date_problem(when, options.now)
    if problem:
        raise _BadLineError("published_at", problem)
    return when
