"""Fits what an article's subject is told by: ``python -m streams.coder.training.subject --gold tests/gold --out FILE``.

Articles that say something on their own watch are set against the same articles under watches on states that they
name beside the point. The bar is where ``RECALL`` of the former pass, cross-validated by relationship.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.coder.actors import find_actors
from streams.coder.coder import load_lexicon
from streams.coder.document import prepare
from streams.coder.model import Actors
from streams.coder.passages import BLOCS, MOVEMENTS
from streams.coder.subject import Places, places_of, subject_features
from streams.coder.training.blend import Points, Row, chances, line, no_points
from streams.coder.training.gold import article_of, read_rows
from streams.watches.model import Watch
from streams.watches.registry import resolve

RECALL = 0.97
"""Share of the articles on a watch that pass where nobody asked for the watch: of those beside the point a seventh
passes then, against two thirds at .99. What is lost names one side once, in passing."""
FOLDS = 8
MOST_WRONG = 6
"""Watches beside the point that one article gives, by lot: a survey of forty states would outweigh all others."""
KINDS = {"pair": 2, "single": 1}


@dataclass(frozen=True)
class Told:
    """One article: what it says something on, and what it does not."""

    places: Places
    own: tuple[str, ...]
    relevant: bool
    wrong: tuple[tuple[str, ...], ...]
    fold: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, cross-validate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    told = look(read_rows(options.gold))
    weights: dict[str, dict[str, float]] = {}
    bars: dict[str, float] = {}
    for kind, sides in KINDS.items():
        points = points_of(told, sides)
        weights[kind] = line(points)
        bars[kind] = bar(kind, points)
    text = json.dumps({"weights": {**weights, "bars": bars}}, indent=1, sort_keys=True)
    options.out.write_text(text + "\n", encoding="utf-8")


def look(rows: Sequence[Row]) -> list[Told]:
    """Find the actors of every article and draw the watches that it is beside."""
    lexicon, rng = load_lexicon(), random.Random(1)  # noqa: S311 - a lot that can be drawn again, no secret
    watches = sorted({str(row["watch"]) for row in rows})
    rng.shuffle(watches)
    return [_told(row, find_actors(prepare(article_of(row)), lexicon), watches, rng) for row in rows]


def _told(row: Row, actors: Actors, watches: Sequence[str], rng: random.Random) -> Told:
    watch = resolve(str(row["watch"]))
    places = places_of(actors)
    outside = strangers(row, watch, actors.codes())
    pairs = sorted({(min(a, b), max(a, b)) for a in outside for b in (*watch.sides, *outside) if a != b})
    wrong = rng.sample(pairs, min(MOST_WRONG, len(pairs)))
    return Told(
        places,
        watch.sides,
        bool(row["relevant"]),
        (*wrong, *((code,) for code in outside)),
        (watches.index(watch.id) if watch.is_pair else rng.randrange(FOLDS)) % FOLDS,
    )


def strangers(row: Row, watch: Watch, codes: Sequence[str] | frozenset[str]) -> list[str]:
    """Return the states that an article names and that have no part in any step which it reports."""
    involved = {*watch.sides, *watch.inside}
    for event in row["events"]:
        involved |= {*event["parties"], *event.get("mediators", ())}
    known = BLOCS | MOVEMENTS
    return sorted(code for code in codes if len(code) == len("ISO") and code not in involved | known)


def points_of(told: Sequence[Told], sides: int) -> Points:
    """Return a point for every article and watch of that many sides."""
    points = no_points()
    for one in told:
        if len(one.own) == sides and one.relevant:
            points.add(subject_features(one.places, one.own), True, fold=one.fold)
        for wrong in one.wrong if one.relevant else ():
            if len(wrong) == sides:
                points.add(subject_features(one.places, wrong), False, fold=one.fold)
    return points


def bar(kind: str, points: Points) -> float:
    """Return the likelihood that all but a few of the right ones reach, and say what else reaches it."""
    right: list[float] = []
    wrong: list[float] = []
    for fold in sorted(set(points.fold)):
        inside = points.of(fold, inside=True)
        weights: Mapping[str, float] = line(points.of(fold, inside=False))
        for chance, truth in zip(chances(inside, weights), inside.truth, strict=True):
            (right if truth else wrong).append(float(chance))
    right.sort()
    for recall in (0.9, 0.95, RECALL, 0.98, 0.99):
        cut = right[int((1 - recall) * len(right))]
        passed = sum(chance >= cut for chance in wrong) / len(wrong)
        sys.stdout.write(
            f"{kind}: {recall:.3f} of {len(right)} right and {passed:.3f} of {len(wrong)} wrong at {cut:.3f}\n"
        )
    return round(right[int((1 - RECALL) * len(right))], 4)


if __name__ == "__main__":
    main()
