"""Finds the actors of a document: who is named, who is meant, who speaks."""

from __future__ import annotations

from collections.abc import Sequence

from streams.coder.binding import bind
from streams.coder.carry import carry_offices
from streams.coder.dateline import dateline
from streams.coder.lexicon import Hit, Lexicon
from streams.coder.model import ActorMention, Actors, Document
from streams.coder.people import find_names
from streams.coder.scene import Scene, set_scene
from streams.coder.speakers import resolve_speech


def find_actors(document: Document, lexicon: Lexicon, hits: Sequence[Hit] | None = None) -> Actors:
    """Return all actor mentions of ``document`` and the speaker of each sentence.

    ``hits`` are those of ``lexicon.scan(document.clean)`` where the caller has them already.
    """
    scene = set_scene(document, lexicon.scan(document.clean) if hits is None else hits)
    scene.home = dateline(document.text, lexicon)
    bind(scene)
    find_names(scene)
    carry_offices(scene)
    find_names(scene)
    speakers = resolve_speech(scene)
    return Actors(_mentions(scene), speakers)


def _mentions(scene: Scene) -> tuple[ActorMention, ...]:
    ordered = sorted(scene.found, key=lambda found: (found.start, -found.end))
    return tuple(
        ActorMention(
            found.start,
            found.end,
            found.code,
            found.form,
            found.sentence,
            found.level,
            found.attributive,
        )
        for found in ordered
    )
