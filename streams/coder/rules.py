"""The reader that needs no model: general constructions of diplomacy, on any machine."""

from __future__ import annotations

from collections.abc import Sequence

from streams.coder.cues import CueScanner
from streams.coder.model import Actors, Document, Reading
from streams.coder.rules_stances import read_stances
from streams.coder.rules_steps import read_steps
from streams.coder.view import Frame, View, make_views
from streams.watches.model import Watch

NOTES = {"step": 0.5, "deed": 0.4, "favor": 0.6, "against": 0.3, "conditional": 0.35, "second": 0.85, "margin": 0.1}
"""Probabilities from which the rules' finds count: those that gave the best F1 on the development corpora. To
miss a refusal or a condition costs more than to name a wrong one, since they are few."""
ONE_SIDED = NOTES | {"step": 0.54, "deed": 0.47}
"""The same for a watch of one side: whoever stands near the words of a step need not be its partner."""
SPORT = 4
"""Words of sport from which an article is about a contest, where to meet and to beat mean something else."""


class RulesReader:
    """Reads by cues, clauses and the order of words."""

    name = "rules"

    def __init__(self, scanner: CueScanner) -> None:
        self._scanner = scanner

    def read(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Reading]:
        """Return one reading for each of ``watches``, in their order."""
        return [self.read_frame(frame) for frame in self.frames(document, actors, watches, views)]

    def frames(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Frame]:
        """Return the document as it looks on each of ``watches``."""
        shown = make_views(document, actors, self._scanner.scan(document)) if views is None else views
        return [Frame(watch, shown, actors) for watch in watches]

    def read_frame(self, frame: Frame) -> Reading:
        """Return what the rules find in a document on one watch."""
        sport = sum(len(view.of("sport")) for view in frame.views)
        if sport >= SPORT:
            return Reading(frame.watch)
        notes = NOTES if frame.watch.is_pair else ONE_SIDED
        return Reading(frame.watch, tuple(read_stances(frame)), tuple(read_steps(frame)), notes)
