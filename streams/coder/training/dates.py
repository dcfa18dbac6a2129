"""Fits the weights of dates: ``python -m streams.coder.training.dates --gold tests/gold --out FILE``.

A conditional logit over the candidates of ``streams.coder.date_features`` for each labelled step, at the sentence
of its evidence and at those where the rules find it. The figures told are measured by relationship: no weights
are judged on one that they have seen.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from streams.coder.coder import load_lexicon
from streams.coder.compare import dates_agree
from streams.coder.cues import CueScanner
from streams.coder.date_book import DateBook
from streams.coder.date_choice import Weights, choose
from streams.coder.date_features import Candidate, candidates
from streams.coder.encoder import TOKENIZER, data_folder
from streams.coder.model import Document, Reading
from streams.coder.passages import Markers
from streams.coder.rules import RulesReader
from streams.coder.steps import STEP_THRESHOLD, Step, is_definite, settle_steps
from streams.coder.training.choices import Choice, fit_choices
from streams.coder.training.folds import LEFT_OUT, SPLIT_SEED
from streams.coder.training.gold import Labelled, split
from streams.coder.training.prepare import load
from streams.coder.triggers import find_triggers
from streams.coder.view import Frame, View

FOLDS, FOLD_SEED = 5, 7
PULL = 0.002
"""How strongly weights are pulled to zero."""
COARSE_LABEL = 0.5
"""What a date counts in learning that is right but less precise than the label."""
FOUND = 0.1
"""What a step counts at a sentence where the rules find it: it may be another one of its kind."""


@dataclass(frozen=True)
class Point:
    """One step with the dates that it could have and those that are right."""

    article: Labelled
    step: Step
    dates: tuple[str | None, ...]
    candidates: tuple[Candidate, ...]
    labelled: bool
    """Whether its label places it; else the rules do."""


def points(article: Labelled, rules: RulesReader) -> Iterator[Point]:
    """Yield the steps of an article: where the labels place them, and where the rules find them."""
    frame = rules.frames(article.document, article.actors, [article.watch])[0]
    book = DateBook(article.document)
    places = {origin: place for place, origin in enumerate(article.document.origin) if origin >= 0}
    for event in article.row["events"]:
        span = _placed(article.document, places, event["evidence"])
        if span is not None:
            step = _labelled(frame, event, span)
            yield Point(article, step, (event["date"],), tuple(candidates(book, frame, step)), labelled=True)
    for step in _found(frame, rules.read_frame(frame)):
        same = [e for e in article.row["events"] if e["type"] == step.type and set(e["parties"]) == set(step.parties)]
        if same:
            # Of several labels any date is right: which of them the rules have found cannot be told.
            dates = tuple(event["date"] for event in same)
            yield Point(article, step, dates, tuple(candidates(book, frame, step)), labelled=False)


def _placed(document: Document, places: Mapping[int, int], evidence: str) -> tuple[int, int] | None:
    start = document.text.find(evidence)
    inside = [places[at] for at in range(start, start + len(evidence)) if at in places] if start >= 0 else []
    return (inside[0], inside[-1] + 1) if inside else None


def _labelled(frame: Frame, event: Mapping[str, Any], span: tuple[int, int]) -> Step:
    """Return a labelled step as the coder would have it, had it found it at its evidence."""
    view = frame.views[frame.views[0].document.sentence_at(sum(span) // 2).index]
    anchor = _anchor(view, event["type"], span)
    return Step(
        type=event["type"],
        parties=tuple(event["parties"]),
        mediators=(),
        status=event["status"],
        date=None,
        probability=1.0,
        sentence=view.sentence.index,
        anchor=anchor,
        level="unknown",
        called_off=False,
        definite=is_definite(view, anchor),
        reasons=(),
    )


def _anchor(view: View, kind: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the words that tell the step: those within the evidence before others of the sentence."""
    found = [(trigger.start, trigger.end) for trigger in find_triggers(view) if trigger.type == kind]
    inside = [one for one in found if span[0] <= one[0] < span[1]]
    return next(iter(inside or found), (view.sentence.start, view.sentence.end))


def _found(frame: Frame, reading: Reading) -> list[Step]:
    """Return the steps that a reading comes to, before those told twice are made one."""
    found: list[Step] = []

    def note(step: Step, carry: bool) -> None:
        if (carry or step.definite) and step not in found:
            found.append(step)

    settle_steps(frame, reading.steps, note, reading.notes.get("step", STEP_THRESHOLD), 0.0)
    return found


def worth(dates: Sequence[str | None], date: str | None) -> float:
    """Return what a date counts as against those that are right."""
    if date in dates:
        return 1.0
    if date is None or not any(dates_agree(one, date) for one in dates):
        return 0.0
    return COARSE_LABEL if any(one and one.startswith(date) for one in dates) else 1.0


def fit(found: Sequence[Point]) -> dict[str, float]:
    """Fit the weights: each step's right dates shall be likelier than its others."""
    choices = [
        Choice(
            [dict.fromkeys(one.features, 1.0) for one in point.candidates],
            [worth(point.dates, one.date) for one in point.candidates],
            1.0 if point.labelled else FOUND,
        )
        for point in found
    ]
    return fit_choices(choices, PULL)


def unseen(parts: Sequence[Sequence[Labelled]], rules: RulesReader) -> list[Weights]:
    """Return for each of ``parts`` the weights of a fit on the others."""
    found = [[point for one in part for point in points(one, rules)] for part in parts]
    return [fit([p for other, part in enumerate(found) if other != own for p in part]) for own in range(len(found))]


def cross_validated(found: Sequence[Point]) -> list[str | None]:
    """Return each step's date as weights choose it that have not seen its relationship."""
    fold = _folds(found)
    chosen: list[str | None] = [None] * len(found)
    for number in range(FOLDS):
        weights = fit([point for point, place in zip(found, fold, strict=True) if place != number])
        for index, place in enumerate(fold):
            if place == number:
                chosen[index] = choose(found[index].candidates, weights)
    return chosen


def _folds(found: Sequence[Point]) -> list[int]:
    """Return each step's fold: pairs go as a whole and by lot, one-sided watches in blocks of time."""
    pairs = sorted({point.article.watch.id for point in found if point.article.watch.is_pair})
    random.Random(FOLD_SEED).shuffle(pairs)  # noqa: S311 - a lot that can be drawn again, no secret
    lot = {watch: number % FOLDS for number, watch in enumerate(pairs)}
    single = sorted({_moment(point) for point in found if not point.article.watch.is_pair})
    block = {moment: number * FOLDS // len(single) for number, moment in enumerate(single)}
    return [lot[p.article.watch.id] if p.article.watch.is_pair else block[_moment(p)] for p in found]


def _moment(point: Point) -> tuple[str, str]:
    return point.article.document.published.isoformat(), str(point.article.row["id"])


def told(name: str, found: Sequence[Point], chosen: Sequence[str | None]) -> str:
    """Return in words how many dates are right or compatible, and how many are the same."""
    pairs = list(zip(found, chosen, strict=True))
    parts = []
    for labelled, placed in ((True, "as labelled"), (False, "as found")):
        some = [(point, date) for point, date in pairs if point.labelled == labelled]
        right = sum(any(dates_agree(one, date) for one in point.dates) for point, date in some)
        same = sum(date in point.dates for point, date in some)
        parts.append(f"{len(some)} {placed}: {right / len(some):.3f} compatible, {same / len(some):.3f} the same")
    return f"{name}: {'; '.join(parts)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, tell how it does on relationships that it has not seen, write."""
    options = _parser().parse_args(arguments)
    rules = RulesReader(CueScanner(load_lexicon()))
    markers = Markers(Tokenizer.from_file(str(data_folder() / TOKENIZER)))
    articles = load(options.gold, markers, _say)
    parts = split(articles, LEFT_OUT, SPLIT_SEED)
    kept, left = ([point for article in part for point in points(article, rules)] for part in parts)
    lines = [
        told("cross-validated by relationship", kept, cross_validated(kept)),
        told("left out", left, _by(fit(kept), left)),
        "fitted on all of them in the end",
    ]
    for line in lines:
        _say(line)
    _write(options.out, ". ".join(lines), fit([*kept, *left]))


def _by(weights: Weights, found: Sequence[Point]) -> list[str | None]:
    return [choose(point.candidates, weights) for point in found]


def _write(path: Path, said: str, weights: Weights) -> None:
    rows = ",\n".join(f"    {json.dumps(name)}: {value}" for name, value in weights.items())
    path.write_text(f'{{\n  "fitted": {json.dumps(said)},\n  "weights": {{\n{rows}\n  }}\n}}\n', encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--out", type=Path, required=True, help="file that the weights are written to")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
