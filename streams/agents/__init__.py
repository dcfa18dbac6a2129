"""The agents: thin shells, one a file, around the pure cores."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path
from typing import Any, cast

from streams import metrics
from streams.agents.shell import Core
from streams.settings import Settings

DIGEST_DIGITS = 12
"""Enough to tell a few hundred versions of the word lists apart at a glance."""


def cores(settings: Settings) -> list[Core[Any]]:
    """Return the cores of the four agents; the coder's lexicon and model are loaded here."""
    from streams.agents.coder import CoderCore
    from streams.agents.ledger import LedgerCore
    from streams.agents.positions import PositionsCore
    from streams.agents.tallies import TalliesCore
    from streams.coder.coder import Coder, load_lexicon
    from streams.coder.readers import ReaderName, make_reader
    from streams.ledger.config import LedgerConfig
    from streams.watches.registry import WORLD, load_watches

    lexicon = load_lexicon()
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    reader = make_reader(lexicon, cast("ReaderName | None", None if settings.reader == "auto" else settings.reader))
    metrics.CODER.info({"reader": reader.name, "lexicon": lexicon_digest()})
    # Every pair of the world is a matter of asking: an article names it, or an operator's own watch does.
    watches = [watch for watch in load_watches(folder).values() if watch.id != WORLD]
    config = LedgerConfig.of(settings)
    return [
        CoderCore(Coder(reader, lexicon, watches, watches_dir=folder)),
        LedgerCore(config),
        PositionsCore(config),
        TalliesCore(settings.index_half_life_days),
    ]


def lexicon_digest() -> str:
    """Return a short digest of the coder's word lists: two workers that show the same code alike."""
    found = hashlib.sha256()
    for entry in sorted(resources.files("streams.coder.data").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".tsv"):
            found.update(entry.read_bytes())
    return found.hexdigest()[:DIGEST_DIGITS]
