"""Trains the encoder reader: ``python -m streams.coder.training.train --gold tests/gold --out FOLDER``.

First a model is trained with a share of the relationships left out, and the thresholds and calibrations are
tuned on what its 8-bit form says of those; then the model that ships is trained on everything.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch
from tokenizers import Tokenizer

from streams.coder.decoding import Decision
from streams.coder.encoder import MODEL
from streams.coder.passages import Markers, Passage, passages
from streams.coder.training.assess import calibrate, measure, read, run_network, tune
from streams.coder.training.base import load_network, load_tokenizer
from streams.coder.training.card import Made, write_card
from streams.coder.training.export import export, run_onnx, write_settings, write_tokenizer
from streams.coder.training.gold import Labelled, read_rows, split
from streams.coder.training.learn import Plan
from streams.coder.training.learn import train as learn
from streams.coder.training.network import ReaderNetwork
from streams.coder.training.prepare import load

LEFT_OUT = 0.2
"""Share of the relationships that the thresholds are tuned on."""
SPLIT_SEED = 7
"""The same relationships are left out whatever the training's seed, so that figures can be compared."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, tune, export."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    tokenizer = load_tokenizer()
    markers = Markers(tokenizer)
    articles = load(options.gold, markers, _say)
    plan = Plan(seed=options.seed, epochs=options.epochs)
    kept, left = split(articles, LEFT_OUT, SPLIT_SEED)
    _say(f"{len(kept)} articles to learn from, {len(left)} of other relationships to judge by")
    judged = _train(kept, tokenizer, markers, plan, options.weights, "judged.pt")
    folder: Path = options.out
    digest = export(judged, sample(left, markers), markers, folder)
    decision, scores, drift = judge(judged, left, markers, folder, options.threads)
    if not options.judge_only:
        network = _train(articles, tokenizer, markers, plan, options.weights, "all.pt")
        digest = export(network, sample(left, markers), markers, folder)
    data_digest = digest_of(options.gold)
    write_tokenizer(folder, tokenizer)
    write_settings(folder, decision, digest=digest, data_digest=data_digest, seed=options.seed)
    made = Made(digest=digest, data_digest=data_digest, seed=options.seed, seen=len(kept), left=len(left))
    write_card(folder, articles, scores, drift, decision, made if options.judge_only else made.with_all())


def sample(articles: Sequence[Labelled], markers: Markers) -> Passage:
    """Return any passage: the exporter traces the network with it."""
    return passages(articles[0].script, articles[0].watch.sides, markers)[0]


def judge(
    network: ReaderNetwork, left: list[Labelled], markers: Markers, folder: Path, threads: int
) -> tuple[Decision, dict[str, float], dict[str, float]]:
    """Tune the exported model's decisions; return them, its scores, and what 8 bits changed."""
    small = read(left, markers, run_onnx(folder / MODEL, markers, threads))
    decision = tune(small, calibrate(small, Decision()))
    scores = measure(small, decision)
    exact = measure(read(left, markers, run_network(network, markers)), decision)
    drift = {name: round(value - exact[name], 4) for name, value in scores.items()}
    _say("left out: " + " ".join(f"{name} {value:.3f}" for name, value in scores.items()))
    _say("8 bits against full precision: " + " ".join(f"{name} {value:+.3f}" for name, value in drift.items()))
    return decision, scores, drift


def _train(
    articles: list[Labelled], tokenizer: Tokenizer, markers: Markers, plan: Plan, folder: Path | None, name: str
) -> ReaderNetwork:
    """Train a fresh network, or take it from ``folder`` where an earlier run left it."""
    network = load_network(tokenizer, plan.seed)
    weights = folder / name if folder is not None else None
    if weights is not None and weights.is_file():
        network.load_state_dict(torch.load(weights, weights_only=True))
        network.eval()
        return network
    learn(network, articles, markers, plan, _say)
    if weights is not None:
        weights.parent.mkdir(parents=True, exist_ok=True)
        torch.save(network.state_dict(), weights)
    return network


def digest_of(folder: Path) -> str:
    """Return the SHA-256 over the labelled articles, whatever files they lie in."""
    rows = sorted(msgspec.json.encode(row, order="sorted") for row in read_rows(folder))
    return hashlib.sha256(b"\n".join(rows)).hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder with labelled articles (*.jsonl)")
    parser.add_argument("--out", type=Path, required=True, help="folder that the model's files are written to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, help="folder to keep full-precision weights in, and to go on from")
    parser.add_argument(
        "--judge-only", action="store_true", help="ship the model that was judged, not one trained on all articles"
    )
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
