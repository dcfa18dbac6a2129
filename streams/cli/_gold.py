"""Labelled articles for commands that measure: read, checked, and paired with what the coder says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from producers.formats import Refused, read_path
from streams.cli._coding import Progress
from streams.coder.coder import ArticleCoding, Coder
from streams.errors import InputError
from streams.records import Article

Row = dict[str, Any]
NEEDED = ("id", "watch", "text", "published_at")


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with its labels."""

    article: Article
    labels: Row


def read_gold(paths: Sequence[str], watches_dir: Path | None = None) -> list[Labelled]:
    """Read labelled articles from JSONL files.

    Raises ``InputError`` naming file, line and field for a line that is no labelled article: a measure of half
    a file would pass for a measure of the whole.
    """
    found: dict[str, Labelled] = {}
    for path in paths:
        labels = list(_labels(path))
        items = list(read_path(path, watches_dir=watches_dir))
        for item in items:
            if isinstance(item, Refused):
                raise InputError(str(item), hint="Gold files must be sound: mend the line or take it out.")
        for item, row in zip(items, labels, strict=True):
            if row["id"] in found:
                raise InputError(f"{path}: id: {row['id']!r} occurs twice")
            found[row["id"]] = Labelled(item.article, row)  # type: ignore[union-attr]
    return list(found.values())


def _labels(path: str) -> Iterator[Row]:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file", hint="Give JSONL files of labelled articles.")
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}:{number}: not JSON: {error.msg}") from None
            missing = [field for field in NEEDED if not isinstance(row, dict) or not row.get(field)]
            if missing:
                raise InputError(f"{path}:{number}: {missing[0]}: missing", hint="A gold line is a labelled article.")
            yield row


def read_codings(path: str, gold: Sequence[Labelled]) -> list[tuple[Labelled, Row]]:
    """Return the labelled articles that ``path`` (JSONL, in the form of the labels) holds a coding of, with it.

    Raises ``InputError`` for a line that is no coding, and where no article is coded at all.
    """
    known = {one.labels["id"]: one for one in gold}
    found = []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}", hint="Give the JSONL file that `make train` writes.") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            labelled = known.get(row["id"])
            sound = isinstance(row["stances"], list) and isinstance(row["events"], list)
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: no coding: {error}") from error
        if not sound:
            raise InputError(f"{path}:{number}: stances, events: not lists")
        if labelled is not None:
            found.append((labelled, row))
    if not found:
        raise InputError(f"{path}: no coding of any of the articles", hint="Name the gold files that it was made of.")
    return found


def code_gold(coder: Coder, gold: Sequence[Labelled]) -> Iterator[tuple[Labelled, ArticleCoding]]:
    """Yield each labelled article with its coding on the watch that the label names."""
    progress = Progress()
    for labelled in gold:
        yield labelled, coder.code(labelled.article)[0]
        progress.step()
    progress.end()
