"""The base model: MiniLM's weights and tokenizer out of a Python package, made to know our markers."""

from __future__ import annotations

import json
import zipfile
from importlib import resources
from typing import Any

import torch
from safetensors.torch import load
from tokenizers import Tokenizer
from transformers import BertConfig

from streams.coder.passages import CUE_CLASSES, MARKERS, SENTENCE_MARKER, TITLE_MARKER, Markers
from streams.coder.training.network import ReaderNetwork

PACKAGE = "all_minilm_l6_v2"
FIRST_UNUSED = 1
"""BERT's vocabulary keeps [unused1] and on free: the markers take their places."""
ACTOR_WORDS = (
    *("japan", "turkey", "germany", "brazil", "egypt", "india", "france", "poland"),
    *("mexico", "kenya", "norway", "china", "russia", "canada", "spain"),
)
"""The markers of actors start near the mean of these words and apart from each other, so that the base model
takes them for countries from the first step on."""
SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
LIKE = {SENTENCE_MARKER: ".", TITLE_MARKER: ".", "[says]": "says"}


def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(str(resources.files(PACKAGE).joinpath("model.zip")))


def load_tokenizer() -> Tokenizer:
    """Return the base tokenizer with the markers as tokens of their own, without padding or truncation."""
    with _archive() as archive:
        data: dict[str, Any] = json.loads(archive.read("tokenizer.json"))
    vocabulary: dict[str, int] = data["model"]["vocab"]
    for offset, marker in enumerate(MARKERS):
        number = vocabulary.pop(f"[unused{FIRST_UNUSED + offset}]")
        vocabulary[marker] = number
        data["added_tokens"].append({"id": number, "content": marker, **SPECIAL})
    data["added_tokens"].sort(key=lambda token: token["id"])
    data["truncation"] = data["padding"] = None
    return Tokenizer.from_str(json.dumps(data))


def load_network(tokenizer: Tokenizer, seed: int) -> ReaderNetwork:
    """Return the network on the base weights, with fresh heads drawn from ``seed``.

    Attention dropout is off (it forbids the fast attention kernel and doubles the time), and the table of
    words is frozen: a few hundred articles touch too few words to move it well.
    """
    with _archive() as archive:
        settings = json.loads(archive.read("config.json"))
        config = BertConfig(**{**settings, "attention_probs_dropout_prob": 0.0})
        weights = load(archive.read("model.safetensors"))
    torch.manual_seed(seed)
    opening, title = Markers(tokenizer).breaks.tolist()
    network = ReaderNetwork(config, (opening, title), CUE_CLASSES)
    known = {name: value for name, value in weights.items() if not name.startswith("pooler.")}
    missing, unexpected = network.encoder.load_state_dict(known, strict=False)
    if [name for name in missing if "position_ids" not in name] or [n for n in unexpected if "position_ids" not in n]:
        raise ValueError(f"base weights do not fit: missing {missing}, unexpected {unexpected}")
    with torch.no_grad():
        _name_markers(network.encoder.embeddings.word_embeddings.weight, tokenizer)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return network


def _name_markers(table: torch.Tensor, tokenizer: Tokenizer) -> None:
    """Start the markers' embeddings from words of like use."""
    words = table[[tokenizer.token_to_id(word) for word in ACTOR_WORDS]]
    centre = words.mean(0)
    actors = [marker for marker in MARKERS if marker not in LIKE and marker != "[slot]"]
    for row, marker in enumerate(actors):
        table[tokenizer.token_to_id(marker)] = centre + 0.5 * (words[row] - centre)
    for marker, word in LIKE.items():
        table[tokenizer.token_to_id(marker)] = table[tokenizer.token_to_id(word)]
