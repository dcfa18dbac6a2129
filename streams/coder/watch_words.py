"""A watch's own words: surfaces that name its first side in this watch only ("the junta", "Pristina's rulers")."""

from __future__ import annotations

import re
from functools import lru_cache

from streams.coder.model import ActorMention, Actors, Document
from streams.watches.model import Watch


def names_first(watch: Watch, text: str) -> bool:
    """Return whether ``text`` has one of the watch's own words for its first side."""
    return bool(watch.words) and _pattern(watch.words).search(text) is not None


def with_words(document: Document, actors: Actors, watch: Watch) -> Actors:
    """Return ``actors`` as they are on ``watch``: where its own words stand, they name its first side.

    What the lexicon reads into such a place ("the northern government") gives way.
    """
    if not watch.words:
        return actors
    places = [match.span() for match in _pattern(watch.words).finditer(document.clean)]
    if not places:
        return actors
    kept = [
        mention
        for mention in actors.mentions
        if not any(mention.start < end and start < mention.end for start, end in places)
    ]
    own = [ActorMention(start, end, watch.first, "name", document.sentence_at(start).index) for start, end in places]
    return Actors(tuple(sorted((*kept, *own), key=lambda mention: (mention.start, -mention.end))), actors.speakers)


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for whole words, the longest first; those written in lower case fit any case."""
    pieces = []
    for word in sorted(words, key=len, reverse=True):
        body = r"\s+".join(re.escape(part) for part in word.split())
        pieces.append(f"(?i:{body})" if word.islower() else body)
    return re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)")
