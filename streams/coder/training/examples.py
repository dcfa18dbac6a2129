"""Turns labelled articles into passages with targets, and passages into batches.

Augmentation happens here: sides swapped, others renumbered, sentences without labels left out, actors
beside the point merged into the crowd, pairs read as one-sided watches and the reverse.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from streams.coder.passages import BLOCS, MARKER_CLASS, MOVEMENTS, PASSAGE_TOKENS, Markers, Passage, Script, passages
from streams.coder.training.gold import STANCES, STATUSES, TYPES, Labelled, StepLabel
from streams.coder.training.rewrite import rewrite

SAME_STEP_WEIGHT = 0.25
"""Weight of "no step" in a sentence where the article has that step elsewhere: it may be told again there."""
ABSENT_WEIGHT = 0.3
"""Weight of "no step" with a partner that the sentence does not name."""
REWRITE = 0.35
"""Share of articles in which one stance is told differently, where a sentence lends itself to it."""
DROP_SENTENCE = 0.08
DROP_TITLE = 0.1
OTHER_VIEW = 0.2
"""Share of articles read as the other kind of watch (a pair as one-sided, one-sided as a pair)."""
WRONG_VIEW = 0.15
"""Share of articles read for states whom they do not speak of: a text on A and B that names C says nothing on A and
C. Without these a reader takes every diplomatic sentence for one on the watch that it is asked about."""
WRONG_STANCE_WEIGHT = 0.5
"""Weight of "no stance" under such a watch: now and then there is one all the same."""
CUE_DROP = 0.15
"""Share of passages whose cue classes are hidden, so that the words themselves are learned too."""


@dataclass
class Target:
    """What the network should say of one passage; weights of nought mask what is not known."""

    stance: np.ndarray
    stance_weight: np.ndarray
    evidence: np.ndarray
    basis: np.ndarray
    steps: np.ndarray
    steps_weight: np.ndarray
    status: np.ndarray
    relevance: float
    relevance_weight: float


@dataclass(frozen=True)
class View:
    """An article read for sides of its own or, as augmentation, for other sides with fewer labels."""

    sides: tuple[str, ...]
    holders: frozenset[str] | None = None
    """Holders whose silence counts as no stance; None: everybody's."""
    partners: frozenset[str] | None = None
    """Partners whose silence counts as no step; None: everybody's."""
    known: frozenset[str] | None = None
    """Holders whose labels hold under this view; None: everybody's."""
    wrong: bool = False
    """The article says nothing on these sides."""


def own_view(article: Labelled) -> View:
    """Return the view of the article's own watch."""
    return View(article.watch.sides)


def other_view(article: Labelled, rng: random.Random) -> View:
    """Return the article as the other kind of watch, with labels only where they still hold."""
    sides = article.watch.sides
    if len(sides) == 2:
        first, second = rng.sample(sides, 2)
        known = frozenset(sides) | {stance.holder for stance in article.stances}
        return View((first,), frozenset(sides), frozenset({second}), known)
    codes = article.actors.codes()
    partners = sorted(
        {party for step in article.steps for party in step.parties}
        - {sides[0]}
        - {code for code in codes if article.allied(code)}
    )
    partners = [code for code in partners if code in codes]
    if not partners:
        return own_view(article)
    second = rng.choice(partners)
    only = frozenset({second, *(sides if len(partners) == 1 else ())})
    return View((sides[0], second), only, frozenset({second}), only)


def wrong_view(article: Labelled, rng: random.Random) -> View:
    """Return the article as a watch on a state that it names beside the point; its own where it names none."""
    involved = {*article.watch.sides, *article.watch.inside}
    for event in article.row["events"]:
        involved |= {*event["parties"], *event.get("mediators", ())}
    outside = [code for code in article.script.codes if _is_state(code) and code not in involved]
    if not outside:
        return own_view(article)
    stranger = rng.choice(outside)
    others = [code for code in (*article.watch.sides, *outside) if code != stranger]
    sides = (stranger,) if rng.random() < 1 / 4 else tuple(rng.sample((stranger, rng.choice(others)), 2))
    return View(sides, known=frozenset(), wrong=True)


def _is_state(code: str) -> bool:
    return len(code) == len("ISO") and code not in BLOCS | MOVEMENTS


def examples(
    article: Labelled, markers: Markers, rng: random.Random | None = None, *, limit: int = PASSAGE_TOKENS
) -> list[tuple[Passage, Target]]:
    """Return the article's passages with targets; with ``rng``, augmented."""
    if rng is not None and rng.random() < REWRITE:
        article = rewrite(article, markers, rng) or article
    view, source, others = own_view(article), article.script, list(article.script.codes)
    if rng is not None:
        lot = rng.random()
        if lot < OTHER_VIEW:
            view = other_view(article, rng)
        elif lot < OTHER_VIEW + WRONG_VIEW:
            view = wrong_view(article, rng)
        if len(view.sides) == 2 and rng.random() < 0.5:
            view = replace(view, sides=(view.sides[1], view.sides[0]))
        source = thin(article, markers.slot, rng)
        rng.shuffle(others)
    built = passages(source, view.sides, markers, others=others, limit=limit)
    return [(passage, _target(article, view, passage, alone=len(built) == 1)) for passage in built]


def thin(article: Labelled, slot: int, rng: random.Random) -> Script:
    """Leave out sentences without labels, by lot."""
    needed = {stance.sentence for stance in article.stances} | {step.sentence for step in article.steps}
    source = article.script
    rows = [
        row
        for row, number in enumerate(source.sentences)
        if number in needed or rng.random() >= (DROP_TITLE if row == 0 else DROP_SENTENCE)
    ]
    rows = rows or [0]
    ends = [*source.starts[1:], len(source.tokens)]
    keep = np.zeros(len(source.tokens), dtype=bool)
    starts, total = [], 0
    for row in rows:
        keep[source.starts[row] : ends[row]] = True
        starts.append(total)
        total += ends[row] - source.starts[row]
    places = np.flatnonzero(source.tokens == slot)
    slots = tuple(pair for pair, place in zip(source.slots, places, strict=True) if keep[place])
    return Script(source.tokens[keep], slots, tuple(starts), tuple(source.sentences[row] for row in rows), source.codes)


def _target(article: Labelled, view: View, passage: Passage, *, alone: bool) -> Target:
    rows = {code: row for row, code in enumerate(passage.actors)}
    places = {number: row for row, number in enumerate(passage.sentences)}
    n_actors, n_sentences = len(passage.actors), len(passage.sentences)
    target = Target(
        stance=np.zeros((n_actors, len(STANCES)), np.float32),
        stance_weight=np.full((n_actors, len(STANCES)), WRONG_STANCE_WEIGHT if view.wrong else 1.0, np.float32),
        evidence=np.full((n_actors, len(STANCES)), -1, np.int64),
        basis=np.full(n_actors, -1.0, np.float32),
        steps=np.zeros((n_actors, n_sentences, len(TYPES)), np.float32),
        steps_weight=np.ones((n_actors, n_sentences, len(TYPES)), np.float32),
        status=np.zeros((n_actors, n_sentences, len(TYPES), len(STATUSES)), np.float32),
        relevance=float(article.relevant and not view.wrong),
        relevance_weight=float(view.wrong or (view.known is None and (alone or not article.relevant))),
    )
    present = np.zeros((n_actors, n_sentences), bool)
    marked = (passage.actor >= 0) & (passage.sentence >= 0)
    present[passage.actor[marked], passage.sentence[marked]] = True
    _stances(target, article, view, rows, places, alone=alone)
    target.stance_weight[~present.any(1)] = 0
    _steps(target, article, view, rows, places, present)
    return target


def _stances(
    target: Target, article: Labelled, view: View, rows: dict[str, int], places: dict[int, int], *, alone: bool
) -> None:
    if view.holders is not None:
        for code, known in rows.items():
            if code not in view.holders:
                target.stance_weight[known] = 0
    for stance in article.stances:
        row = rows.get(stance.holder)
        if row is None or (view.known is not None and stance.holder not in view.known):
            continue
        cell = (row, stance.stance)
        place = places.get(stance.sentence) if stance.sentence is not None else None
        if stance.optional or (place is None and not alone):
            target.stance_weight[cell] = 0
            continue
        target.stance[cell], target.stance_weight[cell] = 1, 1
        if place is not None:
            target.evidence[cell] = place
        target.basis[row] = float(stance.attributed)


def _steps(
    target: Target, article: Labelled, view: View, rows: dict[str, int], places: dict[int, int], present: np.ndarray
) -> None:
    weight = target.steps_weight
    weight[~present] = ABSENT_WEIGHT
    for code, row in rows.items():
        if len(view.sides) == 2:
            weight[row] = float(row == 1)
        elif not _can_step(article, view, code):
            weight[row] = 0
    told: list[tuple[int, int, int]] = []
    for step, row in _partners(article, view, rows):
        weight[row, :, step.type] *= SAME_STEP_WEIGHT
        if article.document.sentences[0].is_title and 0 in places:
            weight[row, places[0], step.type] = 0
        place = places.get(step.sentence) if step.sentence is not None else None
        if place is None:
            continue
        if step.optional:
            weight[row, place, step.type] = 0
        else:
            told.append((row, place, step.type))
        target.status[row, place, step.type, step.status] += 1
    for cell in told:
        target.steps[cell], weight[cell] = 1, 1


def _can_step(article: Labelled, view: View, code: str) -> bool:
    """Whether the labels tell of steps with ``code`` at all: allies and those inside are no party."""
    if code == view.sides[0] or article.allied(code) or code in article.watch.inside:
        return False
    return view.partners is None or code in view.partners


def _partners(article: Labelled, view: View, rows: dict[str, int]) -> list[tuple[StepLabel, int]]:
    """Return each labelled step of the view with the row of each of its partners."""
    pairs = [
        (step, rows.get(party, 0)) for step in article.steps if view.sides[0] in step.parties for party in step.parties
    ]
    return [(step, row) for step, row in pairs if row > 0 and (len(view.sides) == 1 or row == 1)]


@dataclass
class Batch:
    """Padded tensors of several passages; row and column orders as in ``ReaderNetwork.forward``."""

    inputs: tuple[Tensor, ...]
    targets: dict[str, Tensor]


def collate(pairs: Sequence[tuple[Passage, Target]], markers: Markers, rng: random.Random | None = None) -> Batch:
    """Pad passages and targets to the longest of the batch."""
    length = _round_up(max(len(passage.tokens) for passage, _ in pairs), 64)
    n_sentences = max(len(passage.sentences) for passage, _ in pairs)
    n_actors = max(len(passage.actors) for passage, _ in pairs)
    tokens = torch.zeros(len(pairs), length, dtype=torch.long)
    cues = torch.zeros_like(tokens)
    sentence = torch.full_like(tokens, -1)
    actor = torch.full_like(tokens, -1)
    for n, (passage, _) in enumerate(pairs):
        size = len(passage.tokens)
        tokens[n, :size] = torch.from_numpy(passage.tokens)
        classes = markers.cues[passage.tokens]
        if rng is not None and rng.random() < CUE_DROP:
            classes = np.where(classes < MARKER_CLASS, 0, classes)
        cues[n, :size] = torch.from_numpy(classes)
        sentence[n, :size] = torch.from_numpy(passage.sentence)
        actor[n, :size] = torch.from_numpy(passage.actor)
    shapes = {
        "stance": (n_actors, len(STANCES)), "stance_weight": (n_actors, len(STANCES)),
        "evidence": (n_actors, len(STANCES)), "basis": (n_actors,),
        "steps": (n_actors, n_sentences, len(TYPES)), "steps_weight": (n_actors, n_sentences, len(TYPES)),
        "status": (n_actors, n_sentences, len(TYPES), len(STATUSES)),
    }  # fmt: skip
    targets: dict[str, Tensor] = {}
    for name, shape in shapes.items():
        filler = -1 if name in ("evidence", "basis") else 0
        kind = torch.long if name == "evidence" else torch.float32
        padded = torch.full((len(pairs), *shape), filler, dtype=kind)
        for n, (_, target) in enumerate(pairs):
            value = torch.from_numpy(getattr(target, name))
            padded[n][tuple(slice(0, size) for size in value.shape)] = value
        targets[name] = padded
    targets["relevance"] = torch.tensor([target.relevance for _, target in pairs])
    targets["relevance_weight"] = torch.tensor([target.relevance_weight for _, target in pairs])
    rows = (torch.arange(n_sentences), torch.arange(n_actors))
    return Batch((tokens, cues, sentence, actor, *rows), targets)


def _round_up(size: int, step: int) -> int:
    """Return ``size`` rounded up, so that few shapes occur: the CPU compiles kernels for each, which takes seconds."""
    return -(-size // step) * step
