"""Writes a trained network as the files that run time reads: ONNX in 8 bits, tokenizer, settings."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from streams.coder.decoding import Decision, ReaderSettings
from streams.coder.encoder import MODEL, SETTINGS, TOKENIZER
from streams.coder.passages import Markers, Passage, inputs
from streams.coder.training.assess import Run
from streams.coder.training.network import INPUT_NAMES, OUTPUT_NAMES, ReaderNetwork

OPSET = 17
"""The newest set of operators that the quantiser handles completely."""


class _Flat(torch.nn.Module):  # type: ignore[misc]
    """The network with its outputs as a tuple, which is what the exporter understands."""

    def __init__(self, network: ReaderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, *rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs: tuple[torch.Tensor, ...] = self.network(*rows).tensors()
        return outputs


def export_float(network: ReaderNetwork, sample: Passage, markers: Markers, path: Path) -> None:
    """Write the network as ONNX in full precision."""
    network.eval()
    before = network.encoder.config._attn_implementation
    network.padded, network.encoder.config._attn_implementation = False, "eager"
    batch, tokens = {0: "batch"}, {0: "batch", 1: "tokens"}
    axes: dict[str, dict[int, str]] = dict.fromkeys(INPUT_NAMES[:4], tokens)
    axes |= {"sentences": {0: "sentences"}, "actors": {0: "actors"}}
    axes |= {"stance": {**batch, 1: "actors"}, "basis": {**batch, 1: "actors"}, "relevance": batch}
    rows = {**batch, 1: "actors", 2: "sentences"}
    axes |= {"evidence": rows, "steps": rows, "status": rows}
    torch.onnx.export(
        _Flat(network),
        tuple(torch.from_numpy(row) for row in inputs(sample, markers)),
        str(path),
        input_names=list(INPUT_NAMES),
        output_names=list(OUTPUT_NAMES),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    network.padded, network.encoder.config._attn_implementation = True, before


def export(network: ReaderNetwork, sample: Passage, markers: Markers, folder: Path) -> str:
    """Write ``reader.onnx`` in 8 bits and return its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "float.onnx"
        export_float(network, sample, markers, exact)
        quantize_dynamic(exact, folder / MODEL, weight_type=QuantType.QInt8, per_channel=True)
    return hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()


def run_onnx(path: Path, markers: Markers, threads: int = 2) -> Run:
    """Return a function that reads one passage with an exported model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(passage: Passage) -> Sequence[np.ndarray]:
        outputs = session.run(None, dict(zip(INPUT_NAMES, inputs(passage, markers), strict=True)))
        return [np.asarray(output)[0] for output in outputs]

    return run


def write_settings(folder: Path, decision: Decision, *, digest: str, data_digest: str, seed: int) -> None:
    """Write ``reader.json``."""
    settings = ReaderSettings(digest=digest, data_digest=data_digest, seed=seed, decision=decision)
    folder.joinpath(SETTINGS).write_bytes(msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def write_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    """Write ``tokenizer.json``."""
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
