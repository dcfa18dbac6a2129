"""Fits the blend: ``python -m streams.coder.training.blend --gold tests/gold --models FOLDER --out FILE``.

``FOLDER`` holds the models of the parts (``train --work``), and each article is read by the one that has not seen its
relationship: only there are the encoder's probabilities those that it will have in use. Each line is a logistic one
with a weak pull towards zero; the figures told are cross-validated by relationship. ``--codings FILE`` keeps what was
coded in that way, for ``detente evaluate --leave-out FILE``.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from streams.coder import scoring
from streams.coder.blend import (
    STANCES,
    STATUSES,
    Blend,
    BlendReader,
    Candidate,
    blend,
    blend_steps,
    candidates,
    hints_of,
    sigmoid,
)
from streams.coder.blend_features import holder_features, step_features
from streams.coder.coder import Coder, load_lexicon
from streams.coder.cues import CueScanner
from streams.coder.encoder import TOKENIZER, EncoderReader
from streams.coder.model import Actors, Document, Reading
from streams.coder.passages import Markers
from streams.coder.rules import RulesReader
from streams.coder.status import foretell, status_of
from streams.coder.training import dates, status
from streams.coder.training.card import tell_coder
from streams.coder.training.evidence import fit_evidence
from streams.coder.training.folds import folds
from streams.coder.training.gold import Labelled, article_of
from streams.coder.training.prepare import load
from streams.coder.view import Frame, View
from streams.records import StanceValue
from streams.watches.model import Watch

Row = Mapping[str, Any]
Floats = npt.NDArray[np.float64]

PULL, STANCE_PULL = 4.0, 12.0
"""How strongly weights (of features brought to one scale) are pulled to zero: some hundred articles carry few. Stances
have four times the features of steps."""
FOLDS = 8
ONE_SIDED_PARTS = 4
"""The articles of a one-sided watch are parted by time for the cross-validation."""
STEPS = 60
"""Newton steps: far more than it takes."""
TOLD = (
    *(scoring.ACCURACY, "stance holder+stance F1", scoring.MACRO, "event type+parties F1"),
    *("event type+parties+status F1", scoring.DATES, scoring.SAME_SENTENCE),
)
CARRIED = (*TOLD, *(f"stance {name} {of}" for name in STANCES for of in ("P", "R", "F1")))
"""Scores that the model card gives: those told, and each stance's."""
GRID = tuple(n / 100 for n in range(8, 70, 2))


@dataclass
class Seen:
    """A labelled article as both readers see it."""

    row: Row
    frame: Frame
    learned: Reading
    ruled: Reading
    dates: Mapping[str, float]
    """Weights of dates that have not seen the article's relationship."""
    fold: int = 0


@dataclass
class Points:
    """What one line is fitted on: features, truth, and the fold of the article."""

    features: list[dict[str, float]]
    truth: list[float]
    fold: list[int]

    def add(self, features: dict[str, float], truth: bool, *, fold: int) -> None:
        """Add one point."""
        self.features.append(features)
        self.truth.append(float(truth))
        self.fold.append(fold)

    def of(self, fold: int, *, inside: bool) -> Points:
        """Return the points inside or outside ``fold``."""
        kept = [n for n, own in enumerate(self.fold) if (own == fold) == inside]
        return Points([self.features[n] for n in kept], [self.truth[n] for n in kept], [self.fold[n] for n in kept])


def no_points() -> Points:
    """Return an empty set of points."""
    return Points([], [], [])


class BothReaders(BlendReader):
    """Reads with both readers and keeps what each says."""

    def see(self, document: Document, actors: Actors, watch: Watch) -> tuple[Frame, Reading, Reading]:
        """Return the frame and both readings of one article."""
        frame = self._rules.frames(document, actors, [watch])[0]
        return frame, self._encoder.read(document, actors, [watch])[0], self._rules.read_frame(frame)


class _Fixed:
    """A reader whose readings are known already, by the article's text."""

    name = "fixed"

    def __init__(self, known: Mapping[str, Reading]) -> None:
        self._known = known

    def read(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Reading]:
        """Return what is known of the document, whatever is asked."""
        del actors, views
        return [self._known[document.text] for _ in watches]


def look(articles: Iterable[Labelled], reader: BothReaders, dates: Mapping[str, float]) -> list[Seen]:
    """Read ``articles`` with both readers."""
    return [Seen(one.row, *reader.see(one.document, one.actors, one.watch), dates) for one in articles]


def fold_up(seen: Sequence[Seen], seed: int) -> None:
    """Give every article a fold: those of one relationship the same, a one-sided watch's by time."""
    groups: dict[str, list[Seen]] = {}
    for one in sorted(seen, key=lambda one: one.row["published_at"]):
        groups.setdefault(one.frame.watch.id, []).append(one)
    parts: list[list[Seen]] = []
    for group in groups.values():
        if group[0].frame.watch.is_pair:
            parts.append(group)
        else:
            size = -(-len(group) // ONE_SIDED_PARTS)
            parts += [group[start : start + size] for start in range(0, len(group), size)]
    random.Random(seed).shuffle(parts)  # noqa: S311 - a lot that can be drawn again, no secret
    for number, part in enumerate(parts):
        for one in part:
            one.fold = number % FOLDS


def fit(seen: Sequence[Seen]) -> Blend:
    """Fit all weights on ``seen``: steps first, since who takes part in them is a feature of stances."""
    blended = Blend(stance={}, bars=dict.fromkeys(STANCES, 0.5), step=line(step_points(seen)), status=fit_status(seen))
    blended = msgspec.structs.replace(blended, step_bar=bar(seen))
    blended = msgspec.structs.replace(blended, evidence=fit_evidence(seen, blended))
    points = stance_points(seen, blended)
    stance: dict[str, dict[str, float]] = {name: line(own, STANCE_PULL) for name, own in points.items()}
    return msgspec.structs.replace(blended, stance=stance, bars=stance_bars(seen, points))


def stance_bars(seen: Sequence[Seen], points: Mapping[StanceValue, Points]) -> dict[str, float]:
    """Return the bar of each stance: one for all, where the F1 of all is best, as that of a rare one is badly known."""
    told = [unflattered(own, STANCE_PULL) for own in points.values()]
    found, truth = (np.concatenate(parts) for parts in zip(*told, strict=True))
    return dict.fromkeys(STANCES, half_of_best(found, truth, sum(missed(seen, name) for name in points)))


def line(points: Points, pull: float = PULL) -> dict[str, float]:
    """Return the weights of a logistic line by Newton's method, by feature."""
    names = list(points.features[0])
    raw = np.array([[one[name] for name in names] for one in points.features])
    truth = np.array(points.truth)
    constant = names.index("one")
    middle, spread = raw.mean(0), raw.std(0) + 1e-9
    middle[constant], spread[constant] = 0.0, 1.0
    design = (raw - middle) / spread
    pulls = np.full(len(names), pull)
    pulls[constant] = 1e-3
    found = np.zeros(len(names))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (chance - truth) + pulls * found
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(pulls)
        found = found - np.linalg.solve(bend, slope)
    found = found / spread
    found[constant] -= float((found * middle).sum())
    return {name: round(float(value), 3) for name, value in zip(names, found, strict=True)}


def chances(points: Points, weights: Mapping[str, float]) -> Floats:
    """Return the line's probabilities for ``points``."""
    return np.array([sigmoid(sum(weights[k] * v for k, v in one.items())) for one in points.features])


def stance_points(seen: Sequence[Seen], blended: Blend) -> dict[StanceValue, Points]:
    """Return, by stance, a point for every holder that a reader names."""
    points = {name: no_points() for name in STANCES}
    for one in seen:
        steps = list(blend_steps(one.frame, one.learned, one.ruled, blended))
        hints = hints_of(one.frame, one.learned, one.ruled, steps, blended)
        first = {stance.holder: stance for stance in one.learned.stances}
        second = {stance.holder: stance for stance in one.ruled.stances}
        for holder in sorted(first.keys() | second.keys()):
            features = holder_features(one.frame, holder, first.get(holder), second.get(holder), hints)
            for name in STANCES:
                labels = [s for s in one.row["stances"] if s["holder"] == holder and s["stance"] == name]
                if any(not s.get("opt") for s in labels) or not labels:
                    points[name].add(features, bool(labels), fold=one.fold)
    return points


def step_points(seen: Sequence[Seen]) -> Points:
    """Return a point for every kind of step and partner that a reader names."""
    points = no_points()
    for one in seen:
        for (kind, partners), group in grouped(one).items():
            told = truth_of(one, kind, partners)
            if told is not None:
                points.add(step_features(one.frame, group, group), told, fold=one.fold)
    return points


def grouped(one: Seen) -> dict[tuple[str, tuple[str, ...]], list[Candidate]]:
    """Return an article's candidates by kind and partner."""
    found: dict[tuple[str, tuple[str, ...]], list[Candidate]] = {}
    for candidate in candidates(one.frame, one.learned, one.ruled):
        found.setdefault(candidate.key, []).append(candidate)
    return found


def truth_of(one: Seen, kind: str, partners: Sequence[str]) -> bool | None:
    """Return whether the labels have such a step; None where it is optional."""
    parties = {*one.frame.watch.sides, *partners}
    labels = [e for e in one.row["events"] if e["type"] == kind and parties <= set(e["parties"])]
    if any(not e.get("opt") for e in labels):
        return True
    return None if labels else False


def fit_status(seen: Sequence[Seen]) -> dict[str, float]:
    """Return the weights of the two readers' words on status and each status's start, by steps downhill."""
    rows: list[tuple[list[list[float]], int]] = []
    for one in seen:
        for (kind, partners), group in grouped(one).items():
            parties = {*one.frame.watch.sides, *partners}
            labels = {e["status"] for e in one.row["events"] if e["type"] == kind and parties <= set(e["parties"])}
            if len(labels) != 1:
                continue
            both = _status_row(one, group)
            if both is not None:
                rows.append((both, STATUSES.index(labels.pop())))
    return _softmax_line(rows)


def _status_row(one: Seen, group: Sequence[Candidate]) -> list[list[float]] | None:
    """Return the logarithms of both readers' words on the likeliest telling, where the encoder has one."""
    from streams.coder.blend import TINY, _trigger

    best = max(group, key=lambda candidate: candidate.encoder + candidate.rules)
    trigger = _trigger(one.frame, best.step)
    if not best.encoder:
        return None
    told = status_of(one.frame.views[best.step.sentence], best.step.type, trigger)
    return [[float(np.log(max(said[status], TINY))) for status in STATUSES] for said in (best.step.status, told)]


def _softmax_line(rows: Sequence[tuple[list[list[float]], int]]) -> dict[str, float]:
    logs = np.array([row for row, _ in rows])
    truth = np.eye(len(STATUSES))[[number for _, number in rows]]
    weights, starts = np.array([0.5, 0.5]), np.zeros(len(STATUSES))
    rate, pull = 0.5, 1.0 / len(rows)
    for _ in range(2000):
        raised = np.einsum("nrs,r->ns", logs, weights) + starts
        share = np.exp(raised - raised.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        off = share - truth
        weights = weights - rate * (np.einsum("nrs,ns->r", logs, off) / len(rows) + pull * (weights - 0.5)) / 4
        starts = starts - rate * (off.mean(0) + pull * starts)
    found = {"encoder": float(weights[0]), "rules": float(weights[1])}
    found |= {status: float(start) for status, start in zip(STATUSES, starts, strict=True)}
    return {name: round(value, 3) for name, value in found.items()}


def missed(seen: Sequence[Seen], stance: str) -> int:
    """Count the labelled holders of ``stance`` whom no reader names."""
    count = 0
    for one in seen:
        named = {s.holder for s in (*one.learned.stances, *one.ruled.stances)}
        labels = [s for s in one.row["stances"] if s["stance"] == stance and not s.get("opt")]
        count += sum(s["holder"] not in named for s in labels)
    return count


def unflattered(points: Points, pull: float = PULL) -> tuple[Floats, Floats]:
    """Return probabilities by lines that have not seen a point's relationship, and the truth beside them."""
    found, truth = np.zeros(0), np.zeros(0)
    for fold in sorted(set(points.fold)):
        inside = points.of(fold, inside=True)
        found = np.concatenate([found, chances(inside, line(points.of(fold, inside=False), pull))])
        truth = np.concatenate([truth, np.array(inside.truth)])
    return found, truth


def half_of_best(found: Floats, truth: Floats, unseen: int) -> float:
    """Return half of the best F1: the bar at which F1 is best where probabilities are honest."""
    wanted = truth.sum() + unseen
    best = max(2 * truth[found >= cut].sum() / max(1e-9, (found >= cut).sum() + wanted) for cut in GRID)
    return round(float(best) / 2, 3)


def bar(seen: Sequence[Seen]) -> float:
    """Return the same for steps."""
    points = step_points(seen)
    wanted = sum(len({(e["type"], tuple(e["parties"])) for e in one.row["events"] if not e.get("opt")}) for one in seen)
    return half_of_best(*unflattered(points), max(0, wanted - int(sum(points.truth))))


def cross_validate(seen: Sequence[Seen]) -> list[Row]:
    """Return the codings of readings whose weights have not seen their relationships, in the form of the labels."""
    known: dict[str, Reading] = {}
    for fold in range(FOLDS):
        weights = fit([one for one in seen if one.fold != fold])
        for one in seen:
            if one.fold == fold:
                known[str(one.row["text"])] = blend(one.frame, one.learned, one.ruled, weights)
    lexicon, reader = load_lexicon(), _Fixed(known)
    coders = {id(one.dates): Coder(reader, lexicon, [], dates=one.dates) for one in seen}
    return [scoring.as_row(coders[id(one.dates)].code(article_of(one.row))[0]) for one in seen]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, cross-validate, write."""
    options = _parser().parse_args(arguments)
    seen = look_all(options.gold, options.models)
    fold_up(seen, options.seed)
    codings = cross_validate(seen)
    scores = scoring.measures([scoring.count(one.row, said) for one, said in zip(seen, codings, strict=True)])
    told = "; ".join(f"{name} {scores[name]:.3f}" for name in TOLD)
    _say(f"{len(seen)} articles, cross-validated by relationship: {told}")
    weights = msgspec.structs.replace(fit(seen), fitted=f"{len(seen)} articles. Cross-validated: {told}")
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=2) + b"\n")
    tell_coder(options.out.parent, len(seen), {name: scores[name] for name in CARRIED})
    if options.codings is not None:
        options.codings.write_bytes(b"".join(msgspec.json.encode(said) + b"\n" for said in codings))


def look_all(gold: Path, models: Path) -> list[Seen]:
    """Read every part with both readers, the encoder being the model that was trained on the other parts."""
    rules = RulesReader(CueScanner(load_lexicon()))
    none = Blend(stance={}, bars={}, step={}, status={})
    first = Markers(Tokenizer.from_file(str(models / "0" / TOKENIZER)))
    seen: list[Seen] = []
    parts = folds(load(gold, first, _say))
    # The small models too are those that have not seen the part: the blend would trust what has learned its very steps.
    others = zip(parts, status.unseen(parts, rules), dates.unseen(parts, rules), strict=True)
    for number, (part, statuses, of_dates) in enumerate(others):
        if (models / str(number)).is_dir():
            found = look(part, BothReaders(EncoderReader(models / str(number)), rules, none), of_dates)
            for view in (view for one in found for view in one.frame.views):
                foretell(view, statuses)
            seen += found
    return seen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--models", type=Path, required=True, help="folder with a folder for the model of each part")
    parser.add_argument("--out", type=Path, required=True, help="file that the weights are written to")
    parser.add_argument("--codings", type=Path, help="file that the cross-validated codings are written to")
    parser.add_argument("--seed", type=int, default=1, help="seed of the folds")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
