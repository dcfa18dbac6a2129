"""The model: an encoder of twelve layers over marked passages, with heads for stances, steps and relevance.

All pooling is done with matrix products over one-hot rows, so that the network exports to ONNX as it is and
takes any number of sentences and actors.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

WIDTH = 256
"""Width of the heads' hidden layers."""
DROPOUT = 0.2
STANCES, TYPES, STATUSES = 3, 8, 4
RARE = -3.0
"""Where the logit of a step starts: about one sentence in twenty tells a step of a given type."""
FAR = -1e4
"""Stands in for minus infinity where a row does not exist; safe in half precision."""


@dataclass
class Outputs:
    """Logits: stances and evidence by actor (and sentence), steps and their status by partner and sentence."""

    stance: Tensor
    evidence: Tensor
    basis: Tensor
    steps: Tensor
    status: Tensor
    relevance: Tensor
    local: Tensor
    """What each sentence alone says of each actor's stance: trained at the evidence, not exported."""

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the outputs in the order in which they are exported."""
        return (self.stance, self.evidence, self.basis, self.steps, self.status, self.relevance)


OUTPUT_NAMES = ("stance", "evidence", "basis", "steps", "status", "relevance")
INPUT_NAMES = ("tokens", "cues", "sentence", "actor", "sentences", "actors")


class Sum(nn.Module):  # type: ignore[misc] # torch has no types where it is not installed
    """A linear layer over the concatenation of parts that are broadcast against each other.

    Each part is projected before it is spread over sentences and actors: a fraction of the work.
    """

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        scale = sum(sizes) ** -0.5
        self.parts = nn.ModuleList(nn.Linear(size, WIDTH, bias=False) for size in sizes)
        for part in self.parts:
            nn.init.uniform_(part.weight, -scale, scale)
        self.bias = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, values: list[Tensor]) -> Tensor:
        """Return the sum of the parts' projections."""
        total: Tensor = self.bias
        for part, value in zip(self.parts, values, strict=True):
            total = total + part(value)
        return total


class ReaderNetwork(nn.Module):  # type: ignore[misc]
    """The encoder with its heads; see ``Outputs`` for what comes out."""

    def __init__(self, config: BertConfig, breaks: tuple[int, int], cue_classes: int) -> None:
        super().__init__()
        size = config.hidden_size
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.cue = nn.Embedding(cue_classes, size)
        nn.init.zeros_(self.cue.weight)
        self.breaks = breaks
        self.padded = True
        """Whether batches hold padding; a batch of one needs no mask, and is read faster without."""
        self.drop = nn.Dropout(DROPOUT)
        self.actor = nn.Linear(3 * size, WIDTH)
        self.place = Sum(size, 1, size, size, size)
        self.stance_base = nn.Linear(WIDTH, STANCES)
        self.stance_local = nn.Linear(WIDTH, STANCES)
        self.evidence = nn.Linear(WIDTH, STANCES)
        self.basis = nn.Linear(WIDTH, 1)
        self.step = Sum(size, 1, size, 1, size, size, size, size, size)
        self.step_type = nn.Linear(WIDTH, TYPES)
        nn.init.constant_(self.step_type.bias, RARE)
        self.status_all = nn.Linear(WIDTH, STATUSES)
        self.status_type = nn.Linear(WIDTH, TYPES * STATUSES)
        self.relevance = nn.Linear(size, 1)

    def heads(self) -> list[nn.Parameter]:
        """Return the parameters that start from nothing and so learn faster."""
        return [p for name, p in self.named_parameters() if not name.startswith("encoder.")]

    def forward(
        self, tokens: Tensor, cues: Tensor, sentence: Tensor, actor: Tensor, sentences: Tensor, actors: Tensor
    ) -> Outputs:
        """Read a batch: ``sentences`` and ``actors`` are the row numbers to answer for (0, 1, 2 …)."""
        mask = (tokens != 0).long() if self.padded else None
        embedded = self.encoder.embeddings.word_embeddings(tokens) + self.cue(cues)
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state.float()
        with torch.autocast("cpu", enabled=False):
            return self._answer(hidden, tokens, sentence, actor, sentences, actors)

    def _answer(
        self, hidden: Tensor, tokens: Tensor, sentence: Tensor, actor: Tensor, sentences: Tensor, actors: Tensor
    ) -> Outputs:
        """Pool the encoder's vectors and ask the heads.

        In full precision: in half precision each of their many shapes of input costs a compiled kernel.
        """
        whole = hidden[:, 0]
        in_sentence = (sentence[:, None, :] == sentences[None, :, None]).to(hidden.dtype)
        of_actor = (actor[:, None, :] == actors[None, :, None]).to(hidden.dtype)
        is_break = ((tokens == self.breaks[0]) | (tokens == self.breaks[1])).to(hidden.dtype)
        opening = (in_sentence * is_break[:, None]) @ hidden
        sentence_mean = _mean(in_sentence, hidden)
        actor_mean = _mean(of_actor, hidden)
        joint = of_actor[:, :, None] * in_sentence[:, None]
        count = joint.sum(-1, keepdim=True)
        local = (joint.flatten(1, 2) @ hidden).unflatten(1, (actors.shape[0], sentences.shape[0]))
        local = local / count.clamp(min=1)
        present = (count > 0).to(hidden.dtype)
        actor_max = (local + (1 - present) * FAR).amax(2).clamp(min=-50)
        stance, evidence, basis, spoken = self._stances(
            whole, actor_mean, actor_max, local, present, opening, sentence_mean, in_sentence
        )
        steps, status = self._steps(whole, actor_mean, local, present, opening, sentence_mean)
        relevance = self.relevance(self.drop(whole))[:, 0]
        return Outputs(stance, evidence, basis, steps, status, relevance, spoken)

    def _stances(
        self,
        whole: Tensor,
        actor_mean: Tensor,
        actor_max: Tensor,
        local: Tensor,
        present: Tensor,
        opening: Tensor,
        sentence_mean: Tensor,
        in_sentence: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Weigh what each sentence says of each actor, and add what the whole text says of it."""
        count = actor_mean.shape[1]
        spread = whole[:, None].expand(-1, count, -1)
        person = self.drop(nn.functional.gelu(self.actor(torch.cat([spread, actor_mean, actor_max], -1))))
        place = self.place([local, present, opening[:, None], sentence_mean[:, None], actor_mean[:, :, None]])
        place = self.drop(nn.functional.gelu(place))
        exists = (in_sentence.sum(-1) > 0).to(local.dtype)[:, None, :, None]
        evidence = self.evidence(place) + (1 - exists) * FAR
        spoken = self.stance_local(place)
        weighed = (evidence.softmax(2) * spoken).sum(2)
        return self.stance_base(person) + weighed, evidence, self.basis(person)[..., 0], spoken

    def _steps(
        self, whole: Tensor, actor_mean: Tensor, local: Tensor, present: Tensor, opening: Tensor, sentence_mean: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Read each sentence as a step between the first side and each other actor."""
        hidden = self.step(
            [
                local,
                present,
                local[:, :1],
                present[:, :1],
                opening[:, None],
                sentence_mean[:, None],
                actor_mean[:, :, None],
                actor_mean[:, :1, None],
                whole[:, None, None],
            ]
        )
        hidden = self.drop(nn.functional.gelu(hidden))
        by_type = self.status_type(hidden).unflatten(-1, (TYPES, STATUSES))
        return self.step_type(hidden), by_type + self.status_all(hidden)[..., None, :]


def _mean(rows: Tensor, hidden: Tensor) -> Tensor:
    """Return the mean of ``hidden`` over each row's tokens, zero for an empty row."""
    return (rows @ hidden) / rows.sum(-1, keepdim=True).clamp(min=1)
