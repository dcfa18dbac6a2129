"""Makes a trained encoder narrower: the attention heads and inner units that matter least to the loss are left out.

What a head or unit matters is the first-order estimate of Michel, Levy and Neubig (Are Sixteen Heads Really Better
than One?, 2019) and Molchanov et al. (Importance Estimation for Neural Network Pruning, 2019): the size of the loss's
derivative by a gate of one that its output is multiplied with. Each layer keeps as many as every other, so that the
exported matrices stay regular; a few epochs of training afterwards give back most of what is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from streams.coder.training.network import ReaderNetwork


@dataclass(frozen=True)
class Width:
    """How many heads and inner units a layer keeps."""

    heads: int
    units: int


def narrow(network: ReaderNetwork, width: Width, losses: Iterable[Tensor]) -> None:
    """Shrink every layer of ``network`` in place to ``width``.

    ``losses`` are those of ``network`` on a batch each, read as they are asked for, with the gates in place.
    """
    layers = list(network.encoder.encoder.layer)
    weights = _importance(network, layers, losses)
    for layer, (heads, units) in zip(layers, weights, strict=True):
        _shrink(layer, _best(heads, width.heads), _best(units, width.units))


def shrink_like(network: ReaderNetwork, state: dict[str, Tensor]) -> None:
    """Give a fresh ``network`` the shapes of the weights in ``state``, so that they can be loaded."""
    for number, layer in enumerate(network.encoder.encoder.layer):
        units = len(state[f"encoder.encoder.layer.{number}.intermediate.dense.bias"])
        size = len(state[f"encoder.encoder.layer.{number}.attention.self.query.bias"])
        _shrink(layer, torch.arange(size // layer.attention.self.attention_head_size), torch.arange(units))


def _importance(
    network: ReaderNetwork, layers: list[nn.Module], losses: Iterable[Tensor]
) -> list[tuple[Tensor, Tensor]]:
    """Return by layer what its heads and its units matter."""
    gates: list[tuple[Tensor, Tensor]] = []
    hooks = []
    for layer in layers:
        own = layer.attention.self
        heads = torch.ones(own.num_attention_heads, requires_grad=True)
        units = torch.ones(layer.output.dense.in_features, requires_grad=True)
        size = own.attention_head_size
        hooks.append(layer.attention.output.dense.register_forward_pre_hook(_gate(heads, size)))
        hooks.append(layer.output.dense.register_forward_pre_hook(_gate(units, 1)))
        gates.append((heads, units))
    flat = [gate for pair in gates for gate in pair]
    totals = [torch.zeros_like(gate) for gate in flat]
    network.eval()
    for loss in losses:
        for total, grad in zip(totals, torch.autograd.grad(loss, flat), strict=True):
            total += grad.abs()
    for hook in hooks:
        hook.remove()
    return list(zip(totals[::2], totals[1::2], strict=True))


def _gate(gate: Tensor, each: int) -> Callable[[nn.Module, tuple[Tensor]], tuple[Tensor]]:
    def multiply(module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        del module
        return (inputs[0] * gate.repeat_interleave(each).to(inputs[0].dtype),)

    return multiply


def _best(weights: Tensor, count: int) -> Tensor:
    return weights.topk(count).indices.sort().values


def _shrink(layer: nn.Module, heads: Tensor, units: Tensor) -> None:
    own, size = layer.attention.self, layer.attention.self.attention_head_size
    rows = (heads[:, None] * size + torch.arange(size)).flatten()
    for name in ("query", "key", "value"):
        setattr(own, name, _rows(getattr(own, name), rows))
    layer.attention.output.dense = _columns(layer.attention.output.dense, rows)
    own.num_attention_heads, own.all_head_size = len(heads), len(rows)
    layer.intermediate.dense = _rows(layer.intermediate.dense, units)
    layer.output.dense = _columns(layer.output.dense, units)


def _rows(old: nn.Linear, rows: Tensor) -> nn.Linear:
    return _linear(old.weight.detach()[rows], old.bias.detach()[rows])


def _columns(old: nn.Linear, columns: Tensor) -> nn.Linear:
    return _linear(old.weight.detach()[:, columns], old.bias.detach())


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    new = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        new.weight.copy_(weight)
        new.bias.copy_(bias)
    return new
