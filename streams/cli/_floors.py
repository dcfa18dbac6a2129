"""The gate on quality: floors under the scores, kept with a digest of what they were measured on.

A floors file is TOML with one table for each reader, its name in ``reader``::

    [rules]
    data = "5f0c…"                             # digest of the labelled articles
    model = ""                                 # digest of the reader's model, empty where it has none
    [rules.least]
    "stance macro F1" = 0.50
    [rules.lowered]                            # why a floor is lower than it once was; required for each such floor
    "stance macro F1" = "from 0.52: …"

The pattern, floors with a digest of the corpus, is trafilatura's evaluation gate.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from streams.errors import DetenteError, InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DIGEST_LETTERS = 16
"""Letters of a digest that are kept: 64 bits tell versions apart, and a person can compare them."""


def data_digest(paths: Sequence[str]) -> str:
    """Return the digest of labelled files, whatever folder they lie in and in whatever order they are named."""
    digest = hashlib.sha256()
    for path in sorted(map(Path, paths), key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:DIGEST_LETTERS]


def model_digest(reader: str) -> str:
    """Return the digest of the model that ``reader`` reads with; empty for the rules."""
    if reader == "rules":
        return ""
    card = json.loads(resources.files("streams.coder.data").joinpath("reader.json").read_text(encoding="utf-8"))
    return str(card["digest"])[:DIGEST_LETTERS]


def require(file: str, reader: str, gold: Sequence[str], measures: dict[str, Sequence[float]]) -> list[str]:
    """Hold ``measures`` (value first) against the floors of ``reader`` and return a line for each floor.

    Raises ``InputError`` for a file that cannot be used or was made for other data or another model, and
    ``DetenteError`` naming the scores that lie under their floors.
    """
    table = _table(file, reader)
    for what, digest in (("data", data_digest(gold)), ("model", model_digest(reader))):
        if table.get(what, "") != digest:
            raise InputError(
                f"{file}: {reader}.{what}: the floors are for {table.get(what)!r}, this is {digest!r}",
                hint="Measure anew, and set floors and digest together.",
            )
    under, lines = [], []
    for name, least in table["least"].items():
        if name not in measures:
            raise InputError(f"{file}: {reader}.least: there is no measure {name!r}")
        value = measures[name][0]
        lines.append(f"{name:<32}{value:.3f}  at least {least:.3f}")
        if value < least:
            under.append(f"{name} is {value:.3f}, not {least:.3f}")
    if under:
        raise DetenteError(
            f"{reader} reads worse than its floors: {'; '.join(under)}",
            hint="Find out why. A floor is lowered only with its reason, in the table `lowered`.",
        )
    return lines


def _table(file: str, reader: str) -> dict[str, Any]:
    try:
        with Path(file).open("rb") as stream:
            found = tomllib.load(stream)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}", hint="Name a floors file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not valid TOML: {error}") from error
    table = found.get(reader)
    if not isinstance(table, dict) or not isinstance(table.get("least"), dict):
        raise InputError(f"{file}: {reader}: no floors for this reader")
    return table
