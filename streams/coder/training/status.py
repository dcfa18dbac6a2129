"""Fits the weights of status: ``python -m streams.coder.training.status --gold tests/gold --out FILE``.

A softmax over what ``streams.coder.status`` sees around each step that the rules find and the labels have. The
figures told are those on the relationships that the training of the encoder leaves out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from streams.coder.status import STATUSES, Weights, status_features, status_of
from streams.coder.training.gold import Labelled, split
from streams.coder.training.prepare import load
from streams.coder.triggers import Trigger, find_triggers
from streams.coder.view import Frame, View

LEFT_OUT, SPLIT_SEED = 0.2, 7
"""The split that the training of the encoder leaves out: the blend is fitted on it, so nothing else may see it."""
PULL = 10.0
"""How strongly weights are pulled to zero."""
STEPS, RATE = 1500, 0.5
FAR = 0.5
"""What a telling counts that stands in another sentence than the label's evidence."""


@dataclass(frozen=True)
class Point:
    """One telling of a labelled step."""

    view: View
    trigger: Trigger
    status: int
    weight: float


def points(frame: Frame, row: Mapping[str, Any], rules: RulesReader) -> Iterator[Point]:
    """Yield the tellings of an article that the rules take for a labelled step of one status."""
    known: set[tuple[str, int]] = set()
    for step in rules.read_frame(frame).steps:
        view = frame.views[step.sentence]
        parties = {*frame.watch.sides, *step.partners}
        labels = [e for e in row["events"] if e["type"] == step.type and parties <= set(e["parties"])]
        words = quote(view.document, view.sentence.start, view.sentence.end)
        span = {"start": words.start, "end": words.end}
        near = [e for e in labels if overlaps(row["text"], e["evidence"], span)]
        said = {e["status"] for e in near or labels}
        for trigger in find_triggers(view):
            fits = (trigger.start, trigger.end) == step.anchor and trigger.type == step.type
            if fits and len(said) == 1 and (step.type, trigger.start) not in known:
                known.add((step.type, trigger.start))
                yield Point(view, trigger, STATUSES.index(said.pop()), 1.0 if near else FAR)
                break


def fit(found: Sequence[Point]) -> dict[str, dict[str, float]]:
    """Fit the softmax by steps downhill."""
    rows = [status_features(point.view, point.trigger) for point in found]
    names = list(rows[0])
    raw = np.array([[row[name] for name in names] for row in rows])
    truth = np.eye(len(STATUSES))[[point.status for point in found]]
    weight = np.array([point.weight for point in found])[:, None]
    spread = raw.std(0) + 1e-6
    spread[names.index("one")] = 1.0
    design = raw / spread
    weights: npt.NDArray[np.float64] = np.zeros((len(names), len(STATUSES)))
    for _ in range(STEPS):
        raised = design @ weights
        share = np.exp(raised - raised.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        weights = weights - RATE * (design.T @ (weight * (share - truth)) + PULL * weights) / len(found)
    weights = weights / spread[:, None]
    return {
        name: {status: round(float(value), 2) for status, value in zip(STATUSES, row, strict=True)}
        for name, row in zip(names, weights, strict=True)
    }


def right(found: Sequence[Point], weights: Weights) -> float:
    """Return the share of tellings whose status is told right."""
    hits = 0
    for point in found:
        told = status_of(point.view, point.trigger, weights)
        hits += max(told, key=lambda status: told[status]) == STATUSES[point.status]
    return hits / len(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on the relationships that the encoder learns from, tell how it does on the others, write."""
    options = _parser().parse_args(arguments)
    rules = RulesReader(CueScanner(load_lexicon()))
    markers = Markers(Tokenizer.from_file(str(data_folder() / TOKENIZER)))
    kept, left = split(load(options.gold, markers, _say), LEFT_OUT, SPLIT_SEED)
    learn, judge = ([point for one in part for point in _of(one, rules)] for part in (kept, left))
    weights = fit(learn)
    told = (
        f"{len(learn)} tellings, {right(learn, weights):.3f} right; {len(judge)} left out, {right(judge, weights):.3f}"
    )
    _say(told)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(row)}" for name, row in weights.items())
    text = f'{{\n  "fitted": {json.dumps(told)},\n  "weights": {{\n{lines}\n  }}\n}}\n'
    options.out.write_text(text, encoding="utf-8")


def _of(one: Labelled, rules: RulesReader) -> Iterator[Point]:
    return points(rules.frames(one.document, one.actors, [one.watch])[0], one.row, rules)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--out", type=Path, required=True, help="file that the weights are written to")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
