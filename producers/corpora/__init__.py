"""Bundled articles to try and to test with; NOTICE.md says what they are and what they are not.

Articles and labels are files of their own, so that nothing that reads an article sees its labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streams.errors import InputError

FOLDER = Path(__file__).parent
LABELS = FOLDER / "labels"


def corpora() -> tuple[str, ...]:
    """Return the names of the bundled corpora in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.jsonl")))


def corpus(name: str) -> Path:
    """Return the articles of the corpus ``name``, one JSON object a line.

    Raises ``InputError`` where there is no corpus of this name.
    """
    return _known(FOLDER, name)


def labels(name: str) -> Path:
    """Return the labels of the corpus ``name``, one JSON object a line, joined to the articles by ``id``."""
    return _known(LABELS, name)


def labelled(name: str) -> Iterator[dict[str, Any]]:
    """Yield the articles of the corpus ``name`` with their labels, as the gold files hold them."""
    found = {row["id"]: row for row in _rows(labels(name))}
    for article in _rows(corpus(name)):
        yield {**article, **found[article["id"]]}


def _known(folder: Path, name: str) -> Path:
    if name not in corpora():
        raise InputError(
            f"there is no bundled corpus named {name!r}", hint=f"The bundled ones are {', '.join(corpora())}."
        )
    return folder / f"{name}.jsonl"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
