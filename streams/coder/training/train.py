"""Trains the encoder reader: ``python -m streams.coder.training.train --gold tests/gold --base JAR --out FOLDER``.

The articles are parted by relationship (``folds.py``). For each part a model is trained on all others and read with
in its 8-bit form; the thresholds and calibrations are tuned on these readings, each by a model that has not seen the
article's relationship. The model that ships is then trained on everything, in the same way: at the base's full
width first, then narrowed (``narrow.py``) and trained on for a few epochs.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import torch
from tokenizers import Tokenizer

from streams.coder.decoding import Decision
from streams.coder.encoder import MODEL
from streams.coder.passages import Markers, Passage, passages
from streams.coder.training.assess import Read, calibrate, measure, read, tune
from streams.coder.training.base import Base, load_network, load_tokenizer
from streams.coder.training.card import Made, write_card
from streams.coder.training.export import export, run_onnx, write_settings, write_tokenizer
from streams.coder.training.folds import PARTS, folds
from streams.coder.training.gold import Labelled, read_rows
from streams.coder.training.learn import Plan, batches, parts_of_loss, summed
from streams.coder.training.learn import train as learn
from streams.coder.training.narrow import Width, narrow, shrink_like
from streams.coder.training.network import ReaderNetwork
from streams.coder.training.prepare import load

WEIGHTS, WIDE = "weights.pt", "wide.pt"
"""A model's weights in full precision, and those before it was narrowed: a run that was cut off goes on from there."""
WIDTH = Width(heads=8, units=1024)
"""Two thirds of the base's. At full width a core reads some 24 relevant articles a second, so some 33; with nine of the
twelve layers or with half of the width it reads worse (LOG.md)."""
FINISH = Plan(epochs=3, rate=7e-5, head_rate=2.8e-4)
"""The training after narrowing: the rates of the first one's second half."""
WEIGHED_BATCHES = 60
"""Batches that heads and units are weighed on: the order of the importances hardly changes with more."""


@dataclass(frozen=True)
class Bench:
    """What every training of one run shares."""

    base: Base
    tokenizer: Tokenizer
    markers: Markers
    plan: Plan
    threads: int

    def model(self, articles: list[Labelled], folder: Path) -> str:
        """Train on ``articles``, or take what an earlier run left in ``folder``; export, and return the digest."""
        network = load_network(self.base, self.tokenizer, self.plan.seed)
        if (folder / WEIGHTS).is_file():
            state = torch.load(folder / WEIGHTS, weights_only=True)
            shrink_like(network, state)
            network.load_state_dict(state)
            network.eval()
        else:
            self._wide(network, articles, folder / WIDE)
            self._narrow(network, articles)
            _keep(network, folder / WEIGHTS)
        write_tokenizer(folder, self.tokenizer)
        return export(network, sample(articles, self.markers), self.markers, folder)

    def _wide(self, network: ReaderNetwork, articles: list[Labelled], weights: Path) -> None:
        if weights.is_file():
            network.load_state_dict(torch.load(weights, weights_only=True))
            return
        learn(network, articles, self.markers, self.plan, _say)
        _keep(network, weights)

    def _narrow(self, network: ReaderNetwork, articles: list[Labelled]) -> None:
        seed = self.plan.seed + 1  # other draws than those that it has learned from
        rng = random.Random(seed)  # noqa: S311 - training must be repeatable
        drawn = batches(articles, self.markers, self.plan, rng)[:WEIGHED_BATCHES]
        _say(f"weighing heads and units by {len(drawn)} batches")
        narrow(network, WIDTH, (summed(parts_of_loss(network, batch)) for batch in drawn))
        learn(network, articles, self.markers, replace(FINISH, seed=seed), _say)

    def reads(self, articles: list[Labelled], folder: Path) -> list[Read]:
        """Return what the model of ``folder`` says of ``articles``."""
        return read(articles, self.markers, run_onnx(folder / MODEL, self.markers, self.threads))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, tune, export."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    base = Base(options.base)
    tokenizer = load_tokenizer(base)
    plan = Plan(seed=options.seed, epochs=options.epochs)
    bench = Bench(base, tokenizer, Markers(tokenizer), plan, options.threads)
    articles = load(options.gold, bench.markers, _say)
    data_digest = digest_of(options.gold)
    parts = folds(articles)
    told: list[Read] = []
    digests: list[tuple[Path, str]] = []
    for number, left in enumerate(parts[: options.parts]):
        kept = [article for other, part in enumerate(parts) if other != number for article in part]
        folder = options.work / str(number)
        _say(f"part {number + 1}/{len(parts)}: {len(kept)} articles to learn from, {len(left)} to judge by")
        digests.append((folder, bench.model(kept, folder)))
        told += bench.reads(left, folder)
    decision = tune(told, calibrate(told, Decision()))
    scores = measure(told, decision)
    _say("left out: " + " ".join(f"{name} {value:.3f}" for name, value in scores.items()))
    _say(f"the model that ships: {len(articles)} articles to learn from")
    final: Path = options.work / "all"
    digest = bench.model(articles, final)
    digests.append((final, digest))
    for folder, own in digests:
        write_settings(folder, decision, digest=own, data_digest=data_digest, seed=plan.seed)
    for path in final.iterdir():
        if path.name not in (WEIGHTS, WIDE):
            options.out.joinpath(path.name).write_bytes(path.read_bytes())
    made = Made(digest=digest, data_digest=data_digest, seed=plan.seed, left=len(told))
    write_card(options.out, articles, scores, decision, made)


def sample(articles: Sequence[Labelled], markers: Markers) -> Passage:
    """Return any passage: the exporter traces the network with it."""
    return passages(articles[0].script, articles[0].watch.sides, markers)[0]


def _keep(network: ReaderNetwork, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), path)


def digest_of(folder: Path) -> str:
    """Return the SHA-256 over the labelled articles, whatever files they lie in."""
    rows = sorted(msgspec.json.encode(row, order="sorted") for row in read_rows(folder))
    return hashlib.sha256(b"\n".join(rows)).hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--base", type=Path, required=True, help="jar with the base model")
    parser.add_argument("--out", type=Path, required=True, help="folder that the model's files are written to")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for the models of the parts, and to go on from"
    )
    parser.add_argument("--parts", type=int, default=PARTS, help=f"judge by the first of the {PARTS} parts only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--threads", type=int, default=2)
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
