"""The training loop: losses, sampling, averaging of weights."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from streams.coder.passages import Markers
from streams.coder.training.examples import Batch, collate, examples
from streams.coder.training.gold import Labelled
from streams.coder.training.network import Outputs, ReaderNetwork

STANCE_WEIGHTS = (1.0, 2.0, 2.5)
"""Weight of a positive favor, against, conditional: the latter two are rare and count alike."""
SMOOTHING = 0.03
LOSS_WEIGHTS = {
    "stance": 1.0,
    "evidence": 0.3,
    "local": 0.4,
    "basis": 0.1,
    "steps": 1.0,
    "status": 0.6,
    "relevance": 0.3,
}
CLIP = 1.0


@dataclass(frozen=True)
class Plan:
    """How to train; the defaults are those of the shipped model."""

    epochs: int = 7
    batch: int = 8
    rate: float = 1e-4
    head_rate: float = 7e-4
    warm_up: float = 0.1
    decay: float = 0.01
    average_from: float = 0.5
    """From this share of the steps on, the weights are averaged; the mean is the model."""
    rarity: tuple[float, float, float] = (0.4, 0.8, 0.2)
    """Chance of a second reading an epoch for articles with an against, with a conditional, without anything."""
    seed: int = 1


def parts_of_loss(network: ReaderNetwork, batch: Batch) -> dict[str, Tensor]:
    """Read ``batch`` with ``network`` and return each head's loss."""
    with torch.autocast("cpu", torch.bfloat16):
        out = network(*batch.inputs)
    return losses(out, batch.targets)


def summed(parts: dict[str, Tensor]) -> Tensor:
    """Return the one loss that is trained on."""
    return torch.stack([LOSS_WEIGHTS[name] * part for name, part in parts.items()]).sum()


def losses(out: Outputs, want: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return each head's loss on one batch."""
    weight = torch.tensor(STANCE_WEIGHTS)
    soft = want["stance"] * (1 - SMOOTHING) + SMOOTHING / 4
    stance = functional.binary_cross_entropy_with_logits(out.stance, soft, reduction="none")
    mask = want["stance_weight"] * torch.where(want["stance"] > 0, weight, 1.0)
    known = want["evidence"] >= 0
    logp = out.evidence.transpose(2, 3).log_softmax(-1)
    evidence = -logp.gather(-1, want["evidence"].clamp(min=0)[..., None])[..., 0]
    attributed = want["basis"] >= 0
    basis = functional.binary_cross_entropy_with_logits(out.basis, want["basis"].clamp(min=0), reduction="none")
    steps = functional.binary_cross_entropy_with_logits(
        out.steps, want["steps"] * (1 - SMOOTHING) + SMOOTHING / 8, reduction="none"
    )
    told = want["status"].sum(-1)
    share = want["status"] / told.clamp(min=1)[..., None]
    share = share * (1 - SMOOTHING) + SMOOTHING / 4
    status = -(share * out.status.log_softmax(-1)).sum(-1)
    relevance = functional.binary_cross_entropy_with_logits(out.relevance, want["relevance"], reduction="none")
    articles = len(out.relevance)
    return {
        "stance": (stance * mask).sum() / (want["stance_weight"].sum() / 3 + 1),
        "evidence": (evidence * known).sum() / (known.sum() + 1),
        "basis": (basis * attributed).sum() / (attributed.sum() + 1),
        "steps": (steps * want["steps_weight"]).sum() / (articles * 4),
        "status": (status * (told > 0)).sum() / ((told > 0).sum() + 1),
        "local": _local(out.local, want["evidence"], weight),
        "relevance": (relevance * want["relevance_weight"]).sum() / articles,
    }


def _local(spoken: Tensor, places: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of the stances at their evidence: that sentence alone must show which one it is."""
    batch, actor, stance = torch.nonzero(places >= 0, as_tuple=True)
    if not len(batch):
        return spoken.sum() * 0
    logits = spoken[batch, actor, places[batch, actor, stance]]
    want = functional.one_hot(stance, logits.shape[-1]).to(logits.dtype)
    each = functional.binary_cross_entropy_with_logits(logits, want, reduction="none").sum(-1)
    return (each * weight[stance]).sum() / len(batch)


def epoch_articles(articles: Sequence[Labelled], plan: Plan, rng: random.Random) -> list[Labelled]:
    """Return the epoch's articles in random order, rare kinds drawn twice more often."""
    against, conditional, nothing = plan.rarity
    drawn: list[Labelled] = []
    for article in articles:
        stances = {stance.stance for stance in article.stances if not stance.optional}
        again = max(
            against if 1 in stances else 0.0, conditional if 2 in stances else 0.0, 0.0 if article.relevant else nothing
        )
        drawn += [article] * (1 + (rng.random() < again))
    rng.shuffle(drawn)
    return drawn


def batches(articles: Sequence[Labelled], markers: Markers, plan: Plan, rng: random.Random) -> list[Batch]:
    """Return one epoch's augmented batches; passages of like length share a batch."""
    pairs = [pair for article in epoch_articles(articles, plan, rng) for pair in examples(article, markers, rng)]
    pool = plan.batch * 12
    groups: list[Batch] = []
    for start in range(0, len(pairs), pool):
        near = sorted(pairs[start : start + pool], key=lambda pair: len(pair[0].tokens))
        groups += [collate(near[n : n + plan.batch], markers, rng) for n in range(0, len(near), plan.batch)]
    rng.shuffle(groups)
    return groups


def train(
    network: ReaderNetwork, articles: Sequence[Labelled], markers: Markers, plan: Plan, say: Callable[[str], None]
) -> None:
    """Train ``network`` in place; at the end it holds the mean of the last weights."""
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)  # noqa: S311 - training must be repeatable
    body = [p for n, p in network.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": plan.rate}, {"params": network.heads(), "lr": plan.head_rate}],
        weight_decay=plan.decay,
    )
    total = plan.epochs * len(batches(articles, markers, plan, rng))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _pace(step / total, plan.warm_up))
    mean: dict[str, Tensor] = {}
    averaged, step = 0, 0
    for epoch in range(plan.epochs):
        network.train()
        started, sums = time.monotonic(), dict.fromkeys(LOSS_WEIGHTS, 0.0)
        groups = batches(articles, markers, plan, rng)
        for batch in groups:
            parts = parts_of_loss(network, batch)
            loss = summed(parts)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimiser.step()
            schedule.step()
            step += 1
            for name, part in parts.items():
                sums[name] += float(part.detach()) / len(groups)
            if step >= plan.average_from * total and step % 8 == 0:
                averaged += 1
                _fold(mean, network, averaged)
        told = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
        say(f"epoch {epoch + 1}/{plan.epochs} {time.monotonic() - started:.0f} s  {told}")
    if mean:
        network.load_state_dict(mean)
    network.eval()


def _fold(mean: dict[str, Tensor], network: ReaderNetwork, count: int) -> None:
    """Add the present weights to their running mean."""
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name not in mean:
                mean[name] = value.clone()
            elif value.is_floating_point():
                mean[name] += (value - mean[name]) / count


def _pace(done: float, warm_up: float) -> float:
    """Return the learning rate's share: a linear start, then a cosine down to nothing."""
    if done < warm_up:
        return done / warm_up
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm_up) / (1 - warm_up))))
