"""Labelled articles as the training sees them: marked scripts with labels by actor and by sentence."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from streams.coder.model import Actors, Document
from streams.coder.passages import Markers, Script, script
from streams.records import Article, EventType, StanceValue, Status
from streams.watches.model import Watch
from streams.watches.registry import resolve

STANCES: tuple[str, ...] = get_args(StanceValue)
TYPES: tuple[str, ...] = get_args(EventType)
STATUSES: tuple[str, ...] = get_args(Status)

LEFT_OUT_FILES = ("seeds.jsonl", "syria_steps.jsonl")
"""The seeds are for testing on real pages only; the steps are labels of the ledger."""


@dataclass(frozen=True)
class StanceLabel:
    """One labelled stance; ``sentence`` is the document's sentence that holds the evidence, or None."""

    holder: str
    stance: int
    attributed: bool
    optional: bool
    sentence: int | None


@dataclass(frozen=True)
class StepLabel:
    """One labelled step; ``partners`` are its parties but the first side."""

    type: int
    parties: tuple[str, ...]
    status: int
    optional: bool
    sentence: int | None


@dataclass
class Labelled:
    """One article, its watch, its marked text and its labels."""

    row: Mapping[str, Any]
    watch: Watch
    document: Document
    actors: Actors
    script: Script
    stances: list[StanceLabel] = field(default_factory=list)
    steps: list[StepLabel] = field(default_factory=list)

    @property
    def relevant(self) -> bool:
        """Whether the article says anything on its watch."""
        return bool(self.row["relevant"])

    def allied(self, code: str) -> bool:
        """Whether contacts with ``code`` are none between the sides."""
        return self.watch.allied(code, self.document.published.date())


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the labelled articles of every gold file in ``folder``, in the order of the files' names."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        if path.name not in LEFT_OUT_FILES:
            lines = path.read_text(encoding="utf-8").splitlines()
            rows += [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if "stances" in row]


def article_of(row: Mapping[str, Any]) -> Article:
    """Return a labelled article as the record that the coder gets."""
    return Article(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        source=row["source"],
        published_at=dt.datetime.fromisoformat(row["published_at"].replace("Z", "+00:00")),
        watches=(row["watch"],),
    )


def label(row: Mapping[str, Any], document: Document, actors: Actors, markers: Markers) -> Labelled:
    """Return ``row`` with its labels put on the document's sentences."""
    watch = resolve(row["watch"])
    found = Labelled(row, watch, document, actors, script(document, actors, markers))
    for stance in row["stances"]:
        found.stances.append(
            StanceLabel(
                holder=stance["holder"],
                stance=STANCES.index(stance["stance"]),
                attributed=stance.get("basis") == "attributed",
                optional=bool(stance.get("opt")),
                sentence=sentence_of(document, stance.get("evidence") or ""),
            )
        )
    for event in row["events"]:
        found.steps.append(
            StepLabel(
                type=TYPES.index(event["type"]),
                parties=tuple(event["parties"]),
                status=STATUSES.index(event["status"]),
                optional=bool(event.get("opt")),
                sentence=sentence_of(document, event.get("evidence") or ""),
            )
        )
    return found


def sentence_of(document: Document, evidence: str) -> int | None:
    """Return the number of the sentence that holds the middle of ``evidence``."""
    start = document.text.find(evidence) if evidence else -1
    if start < 0:
        return None
    middle = start + len(evidence) // 2
    places = {origin: place for place, origin in enumerate(document.origin) if origin >= 0}
    for place in (middle, start, start + len(evidence) - 1):
        if place in places:
            return document.sentence_at(places[place]).index
    return None


def coverage(labelled: Iterable[Labelled]) -> dict[str, tuple[int, int]]:
    """Count what can be learned at all: labelled holders and parties that were found, and evidence placed."""
    seen: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for article in labelled:
        codes = article.actors.codes()
        for stance in article.stances:
            total["holders"] += 1
            seen["holders"] += stance.holder in codes
            total["stance evidence"] += 1
            seen["stance evidence"] += stance.sentence is not None
        for step in article.steps:
            total["parties"] += len(step.parties)
            seen["parties"] += sum(party in codes for party in step.parties)
            total["step evidence"] += 1
            seen["step evidence"] += step.sentence is not None
    return {name: (seen[name], total[name]) for name in total}


def split(labelled: list[Labelled], share: float, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Leave relationships out: return (train, left out), the latter about ``share`` of the articles.

    Pairs are left out as a whole and by lot; one-sided watches by time, their newest articles.
    """
    pairs = sorted({article.watch.id for article in labelled if article.watch.is_pair})
    random.Random(seed).shuffle(pairs)  # noqa: S311 - a lot that can be drawn again, no secret
    by_watch = Counter(article.watch.id for article in labelled)
    goal = share * sum(by_watch[pair] for pair in pairs)
    chosen: set[str] = set()
    for pair in pairs:
        if sum(by_watch[one] for one in chosen) < goal:
            chosen.add(pair)
    newest: set[str] = set()
    for watch in {article.watch.id for article in labelled if not article.watch.is_pair}:
        ordered = sorted((a for a in labelled if a.watch.id == watch), key=lambda a: a.document.published)
        newest |= {str(a.row["id"]) for a in ordered[int(len(ordered) * (1 - share)) :]}
    left = [a for a in labelled if a.watch.id in chosen or a.row["id"] in newest]
    kept = [a for a in labelled if not (a.watch.id in chosen or a.row["id"] in newest)]
    return kept, left
