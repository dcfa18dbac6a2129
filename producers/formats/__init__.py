"""Reads articles from files, folders and standard input: plain text, JSON lines, HTML.

``read_path`` is the way in. Items that cannot be used come out as ``Refused`` and reading goes on.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from producers.formats import html, jsonl, text
from producers.formats.common import (
    MAX_PAGE_BYTES,
    Options,
    ReadArticle,
    Refused,
    UnreadableError,
    date_option,
)
from streams.errors import InputError

if TYPE_CHECKING:
    import io

__all__ = ["Options", "ReadArticle", "Refused", "date_option", "read_path"]

STANDARD_INPUT = "-"
JSONL_SUFFIXES = frozenset((".jsonl", ".ndjson"))
HTML_SUFFIXES = frozenset((".html", ".htm", ".xhtml"))
HEAD_BYTES = 1_024
"""Bytes by which standard input and files without a telling name are told apart."""

Item = ReadArticle | Refused


def read_path(
    path: str | Path,
    *,
    date: dt.datetime | None = None,
    watches: Sequence[str] = (),
    watches_dir: Path | None = None,
    now: dt.datetime | None = None,
) -> Iterator[Item]:
    """Yield the articles of ``path``: a file, a folder (walked in sorted order), or ``-`` for standard input.

    ``date`` stands in where a page tells none, before the file's own time; ``watches`` are asked for on behalf
    of articles that name none. An article's id is its file's name (below a folder: with the folders on the
    way), with ``#1``, ``#2`` … where a page holds several; JSON lines keep the ids that they have.
    Raises ``InputError`` where there is no such path.
    """
    options = Options(date=date, watches=tuple(watches), watches_dir=watches_dir)
    if now is not None:
        options = Options(date=date, watches=tuple(watches), watches_dir=watches_dir, now=now)
    if str(path) == STANDARD_INPUT:
        return _read_stream(sys.stdin.buffer, STANDARD_INPUT, "stdin", "", options, None)
    root = Path(path)
    if not root.exists():
        raise InputError(f"{path}: no such file or folder")
    if root.is_dir():
        return _read_folder(root, options)
    return _read_file(root, root.name, options)


def _read_folder(root: Path, options: Options) -> Iterator[Item]:
    problems: list[OSError] = []
    count = 0
    for folder, folders, files in os.walk(root, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder) / name
            if name.startswith("."):
                continue
            count += 1
            if file.is_file():
                yield from _read_file(file, file.relative_to(root).as_posix(), options)
            else:
                yield Refused(str(file), None, "", "not a regular file")
    for problem in problems:
        yield Refused(str(problem.filename), None, "", f"cannot be read: {problem.strerror}")
    if not count and not problems:
        yield Refused(str(root), None, "", "the folder holds no file")


def _read_file(file: Path, name: str, options: Options) -> Iterator[Item]:
    try:
        with file.open("rb") as stream:
            changed = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.timezone.utc)
            yield from _read_stream(stream, str(file), name, file.suffix.lower(), options, changed)
    except OSError as error:
        yield Refused(str(file), None, "", f"cannot be read: {error.strerror or error}")


def _read_stream(
    stream: IO[bytes] | io.BufferedReader,
    path: str,
    name: str,
    suffix: str,
    options: Options,
    file_time: dt.datetime | None,
) -> Iterator[Item]:
    path, name = _printable(path), _printable(name)
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES] if hasattr(stream, "peek") else b""
    if suffix in JSONL_SUFFIXES or (not suffix and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")):
        yield from jsonl.read(stream, path, name, options, file_time)
        return
    data = stream.read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        reason = f"larger than {MAX_PAGE_BYTES // 1_000_000} MB, which no page is"
        yield Refused(path, None, "", f"{reason}; put many articles into a .jsonl file, one a line")
        return
    try:
        if suffix in HTML_SUFFIXES or html.looks_like_html(head):
            yield html.read(data, path, name, options, file_time)
        else:
            yield from text.read(data, path, name, options, file_time)
    except UnreadableError as error:
        yield Refused(path, None, "", str(error))


def _printable(name: str) -> str:
    """Return a file name that a record can carry: bytes that are no UTF-8 are replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
