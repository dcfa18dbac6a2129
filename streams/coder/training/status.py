"""Fits the weights of status: ``python -m streams.coder.training.status --gold tests/gold --out FILE``.

A softmax over what ``streams.coder.status`` sees in the sentences that tell the labelled steps: the labels' own, and
those in which the rules find the same step again. The articles of the first part (``folds.py``) are left aside: the
figures told are those on them, and those cross-validated by relationship within the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from streams.coder.coder import load_lexicon
from streams.coder.compare import overlaps
from streams.coder.cues import CueScanner
from streams.coder.encoder import TOKENIZER, data_folder
from streams.coder.evidence import quote
from streams.coder.passages import Markers
from streams.coder.rules import RulesReader
from streams.coder.status import CUED, STATUSES, Weights, status_features, weigh
from streams.coder.training.folds import LEFT_OUT, SPLIT_SEED
from streams.coder.training.gold import TYPES, Labelled, split
from streams.coder.training.prepare import load
from streams.coder.triggers import find_triggers
from streams.coder.view import Frame

PULL, WORD_PULL = 0.3, 3.0
"""How strongly weights are pulled to zero, those of single words more: there are thousands of them."""
SEEN_IN = 3
"""Relationships in which a word stands at least: what only one relationship says tells nothing about others."""
STEPS = 250
"""Steps downhill (with momentum): more change no figure."""
FAR = 0.5
"""What a telling counts that stands in another sentence than the label's evidence."""
FOLDS = 8
SMALL = 0.03
"""Features whose weights are all smaller are left out of the file: they change no answer."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """One telling of a labelled step: its features, its status, what it counts, and whose steps it is about."""

    features: dict[str, float]
    status: int
    weight: float
    group: str


def points(one: Labelled, rules: RulesReader) -> Iterator[Point]:
    """Yield the tellings of an article's labelled steps."""
    frame = rules.frames(one.document, one.actors, [one.watch])[0]
    group = one.watch.id if one.watch.is_pair else f"{one.watch.id} {one.document.published:%Y-%m}"
    for step in one.steps:
        if step.sentence is not None:
            view, kind = frame.views[step.sentence], TYPES[step.type]
            trigger = next((found for found in find_triggers(view) if found.type == kind), None)
            yield Point(status_features(view, kind, trigger), step.status, 1.0, group)  # type: ignore[arg-type]
    for features, status in _told_again(frame, one.row, rules):
        yield Point(features, status, FAR, group)


def _told_again(frame: Frame, row: Mapping[str, Any], rules: RulesReader) -> Iterator[tuple[dict[str, float], int]]:
    """Yield what the rules take for a labelled step in other sentences than the labels name."""
    known: set[tuple[str, int]] = set()
    for step in rules.read_frame(frame).steps:
        view = frame.views[step.sentence]
        parties = {*frame.watch.sides, *step.partners}
        labels = [e for e in row["events"] if e["type"] == step.type and parties <= set(e["parties"])]
        words = quote(view.document, view.sentence.start, view.sentence.end)
        span = {"start": words.start, "end": words.end}
        said = {e["status"] for e in labels}
        if len(said) != 1 or any(overlaps(row["text"], e["evidence"], span) for e in labels):
            continue
        for trigger in find_triggers(view):
            fits = (trigger.start, trigger.end) == step.anchor and trigger.type == step.type
            if fits and (step.type, trigger.start) not in known:
                known.add((step.type, trigger.start))
                yield status_features(view, step.type, trigger), STATUSES.index(said.pop())
                break


@dataclass
class Table:
    """Features as a sparse matrix, row by row."""

    names: list[str]
    starts: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, found: Sequence[Point]) -> Table:
        """Return the features of ``found``, without the words of too few relationships."""
        seen: dict[str, set[str]] = {}
        for point in found:
            for name, value in point.features.items():
                if value:
                    seen.setdefault(name, set()).add(point.group)
        table = cls(sorted(name for name, groups in seen.items() if len(groups) >= SEEN_IN))
        places = {name: place for place, name in enumerate(table.names)}
        for point in found:
            table.starts.append(len(table.columns))
            for name, value in point.features.items():
                if value and name in places:
                    table.columns.append(places[name])
                    table.values.append(value)
        return table


def fit(found: Sequence[Point]) -> dict[str, list[float]]:
    """Fit the softmax by accelerated steps downhill."""
    table = Table.of(found)
    starts, columns, values = np.array(table.starts), np.array(table.columns), np.array(table.values)[:, None]
    rows = np.repeat(np.arange(len(found)), np.diff(np.append(starts, len(columns))))
    order = np.argsort(columns, kind="stable")
    back_starts = np.searchsorted(columns[order], np.arange(len(table.names)))
    back_rows, back_values = rows[order], values[order]
    truth = np.eye(len(STATUSES))[[point.status for point in found]]
    counts = np.array([point.weight for point in found])[:, None]
    pulls = np.array([WORD_PULL if name.startswith(CUED) else PULL for name in table.names])[:, None]

    def forward(weights: Floats) -> Floats:
        return np.add.reduceat(weights[columns] * values, starts, 0)

    def backward(rest: Floats) -> Floats:
        return np.add.reduceat(rest[back_rows] * back_values, back_starts, 0)

    steepest = _steepest(lambda one: backward(counts * forward(one)), len(table.names)) / 2 + pulls.max()
    weights = ahead = np.zeros((len(table.names), len(STATUSES)))
    momentum = 1.0
    for _ in range(STEPS):
        raised = forward(ahead)
        share = np.exp(raised - raised.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        before, weights = weights, ahead - (backward(counts * (share - truth)) + pulls * ahead) / steepest
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = weights + (momentum - 1) / following * (weights - before)
        momentum = following
    rounded = {name: [round(float(v), 2) for v in row] for name, row in zip(table.names, weights, strict=True)}
    return {name: row for name, row in rounded.items() if max(map(abs, row)) >= SMALL}


def _steepest(bend: Callable[[Floats], Floats], size: int) -> float:
    """Return the largest eigenvalue of ``bend`` by the power method."""
    direction, length = np.ones((size, 1)), 1.0
    for _ in range(20):
        direction = bend(direction)
        length = float(np.linalg.norm(direction))
        direction = direction / length
    return length


def right(found: Sequence[Point], weights: Weights) -> tuple[float, float]:
    """Return how many of the labels' own tellings are told right, and how many there are."""
    own = [point for point in found if point.weight == 1.0]
    told = [weigh(point.features, weights) for point in own]
    hits = [
        max(one, key=lambda status: one[status]) == STATUSES[point.status] for one, point in zip(told, own, strict=True)
    ]
    return sum(hits), len(hits)


def cross_validated(found: Sequence[Point]) -> float:
    """Return the share told right by weights that have not seen a telling's relationship."""
    groups = sorted({point.group for point in found})
    hits = total = 0.0
    for fold in range(FOLDS):
        held = set(groups[fold::FOLDS])
        weights = fit([point for point in found if point.group not in held])
        some, all_of_them = right([point for point in found if point.group in held], weights)
        hits, total = hits + some, total + all_of_them
    return hits / total


def unseen(parts: Sequence[Sequence[Labelled]], rules: RulesReader) -> list[Weights]:
    """Return for each of ``parts`` the weights of a fit on the others."""
    found = [[point for one in part for point in points(one, rules)] for part in parts]
    return [fit([p for other, part in enumerate(found) if other != own for p in part]) for own in range(len(found))]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on the relationships that the encoder learns from, tell how it does on the others, write."""
    options = _parser().parse_args(arguments)
    rules = RulesReader(CueScanner(load_lexicon()))
    markers = Markers(Tokenizer.from_file(str(data_folder() / TOKENIZER)))
    kept, left = split(load(options.gold, markers, _say), LEFT_OUT, SPLIT_SEED)
    learn, judge = ([point for one in part for point in points(one, rules)] for part in (kept, left))
    weights = fit(learn)
    hits, total = right(judge, weights)
    told = f"{len(learn)} tellings, {cross_validated(learn):.3f} right (cross-validated by relationship); "
    told += f"{total} on relationships left out, {hits / total:.3f} right"
    _say(told)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(row)}" for name, row in weights.items())
    text = f'{{\n  "fitted": {json.dumps(told)},\n  "weights": {{\n{lines}\n  }}\n}}\n'
    options.out.write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--out", type=Path, required=True, help="file that the weights are written to")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
