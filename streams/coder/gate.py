"""The gate: who is named in an article and whether it speaks of diplomacy, from one pass of the automaton.

Nothing is cleaned or cut into sentences here: nine in ten articles of a news stream leave after this pass.
The gate knows no words of its own; it goes by the lexicon's actors and the cues of ``data/cues.tsv``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.coder.cues import Cue
from streams.coder.lexicon import Lexicon
from streams.records import Article
from streams.watches.model import Watch

DIPLOMACY = frozenset({"step", "noun", "topic"})
"""Kinds of cues that make an article one of diplomacy; attitudes alone do not (they are everywhere)."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What one pass shows: the actors by how often they are named, and whether there is a cue of diplomacy."""

    codes: tuple[str, ...]
    diplomacy: bool


class Gate:
    """Lets an article through to the watches that it can concern."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def glance(self, article: Article) -> Glance:
        """Scan title and text as they stand."""
        counts: Counter[str] = Counter()
        diplomacy = False
        for _, _, entry in self._lexicon.scan(f"{article.title}\n{article.text}"):
            if entry.code:
                counts[entry.code] += 1
            elif not diplomacy:
                cue = entry.payload
                diplomacy = isinstance(cue, Cue) and cue.kind in DIPLOMACY
        return Glance(tuple(code for code, _ in counts.most_common()), diplomacy)


def touched(watches: Iterable[Watch], codes: Sequence[str], *, asked: bool = False) -> list[Watch]:
    """Return the watches whose sides are among ``codes``: both of a pair, or the one side and anybody else.

    A watch that the article itself asks for (``asked``) needs one side only: who asks knows that the article
    is about it, and the other side may be called by a name that the lexicon lacks.
    """
    present = set(codes)
    if asked:
        return [watch for watch in watches if present & set(watch.sides)]
    return [
        watch
        for watch in watches
        if watch.first in present and (watch.second in present if watch.second else len(present) > 1)
    ]
