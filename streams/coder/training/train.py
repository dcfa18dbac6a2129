"""Trains the encoder reader: ``python -m streams.coder.training.train --gold tests/gold --out FOLDER``.

First a model is trained with a share of the relationships left out, and the thresholds and calibrations are
tuned on those; then the model that ships is trained on everything, and its 8-bit form is compared with it.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch
from tokenizers import Tokenizer

from streams.coder.decoding import Decision
from streams.coder.encoder import MODEL
from streams.coder.passages import Markers
from streams.coder.training.assess import calibrate, measure, read, run_network, tune
from streams.coder.training.base import load_network, load_tokenizer
from streams.coder.training.card import write_card
from streams.coder.training.export import export, run_onnx, write_settings, write_tokenizer
from streams.coder.training.gold import Labelled, read_rows, split
from streams.coder.training.learn import Plan, fit
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
    random.seed(options.seed)
    tokenizer = load_tokenizer()
    markers = Markers(tokenizer)
    articles = load(options.gold, markers, _say)
    plan = Plan(seed=options.seed, epochs=options.epochs)
    kept, left = split(articles, LEFT_OUT, SPLIT_SEED)
    _say(f"{len(kept)} articles to learn from, {len(left)} of other relationships to judge by")
    judged = _train(kept, tokenizer, markers, plan, options.weights and options.weights.with_suffix(".left.pt"))
    reads = read(left, markers, run_network(judged, markers))
    decision = tune(reads, calibrate(reads, Decision()))
    scores = measure(reads, decision)
    _say("left out: " + " ".join(f"{name} {value:.3f}" for name, value in scores.items()))
    network = judged if options.judge_only else _train(articles, tokenizer, markers, plan, options.weights)
    _ship(network, articles, left, decision, scores, tokenizer, markers, options)


def _train(
    articles: list[Labelled], tokenizer: Tokenizer, markers: Markers, plan: Plan, weights: Path | None
) -> ReaderNetwork:
    """Train a fresh network, or take it from ``weights`` where an earlier run left it."""
    network = load_network(tokenizer, plan.seed)
    if weights is not None and weights.is_file():
        network.load_state_dict(torch.load(weights, weights_only=True))
        network.eval()
        return network
    fit(network, articles, markers, plan, _say)
    if weights is not None:
        torch.save(network.state_dict(), weights)
    return network


def _ship(
    network: ReaderNetwork,
    articles: list[Labelled],
    left: list[Labelled],
    decision: Decision,
    scores: dict[str, float],
    tokenizer: Tokenizer,
    markers: Markers,
    options: argparse.Namespace,
) -> None:
    """Write the model's files and its card, and say how far 8 bits differ from full precision."""
    folder: Path = options.out
    exact = read(left, markers, run_network(network, markers))
    digest = export(network, exact[0].passages[0], markers, folder)
    small = read(left, markers, run_onnx(folder / MODEL, markers, options.threads))
    data_digest = digest_of(options.gold)
    write_tokenizer(folder, tokenizer)
    write_settings(folder, decision, digest=digest, data_digest=data_digest, seed=options.seed)
    before, after = measure(exact, decision), measure(small, decision)
    drift = {name: round(after[name] - value, 4) for name, value in before.items()}
    _say(f"8 bits against full precision: {drift}")
    write_card(folder, articles, scores, drift, decision, digest=digest, data_digest=data_digest, seed=options.seed)


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
    parser.add_argument("--weights", type=Path, help="keep the full-precision weights here, and go on from them")
    parser.add_argument("--judge-only", action="store_true", help="export the model of the left-out split")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
