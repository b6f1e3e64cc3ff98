"""Recurrent cells. ONNX has MindSpore's formulas with the gates in another order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Tensor
from declspore.exports.onnx.words.arrange import part
from declspore.ir.dtype import INT32
from declspore.ir.term import Arguments
from declspore.numerics.recurrence import STATES

_ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}
"""MindSpore's gates (i f g o; r z n) in ONNX's order (i o f c; z r h)."""


def _sequence(word: str) -> Callable[..., tuple[str, ...]]:
    def lower(
        n: Lowering, a: Arguments, x: Tensor, seq_length: Tensor | None = None, **first: Tensor
    ) -> tuple[str, ...]:
        directions = 2 if a.bidirectional else 1
        flowing = x.name if not a.batch_first else n.emit("Transpose", x, perm=[1, 0, 2])
        lengths = "" if seq_length is None else n.cast(seq_length, INT32)
        states: list[tuple[str, ...]] = []
        for layer in range(a.num_layers):
            suffixes = [f"_l{layer}", f"_l{layer}_reverse"][:directions]
            begun = [
                part(n, first[name].name, 0, layer * directions, (layer + 1) * directions)
                for name in STATES[word]
                if name in first
            ]
            flowing, *last = _layer(n, a, word, flowing, suffixes, lengths, begun)
            states.append(tuple(last))
        if a.batch_first:
            flowing = n.emit("Transpose", flowing, perm=[1, 0, 2])
        ends = [
            column[0] if len(column) == 1 else n.emit("Concat", *column, axis=0)
            for column in zip(*states, strict=True)
        ]
        return (flowing, *ends)

    return lower


def _layer(
    n: Lowering,
    a: Arguments,
    word: str,
    flowing: str,
    suffixes: list[str],
    lengths: str,
    begun: list[str],
) -> tuple[str, ...]:
    """The outputs [T, N, directions x hidden] of a layer and its last states."""
    kernels, recurrent, biases = (
        [_gates(n, a, word, role, suffix) for suffix in suffixes]
        for role in ("weight_ih", "weight_hh", "bias")
    )
    activations = None
    if word == "RNN" and a.nonlinearity == "relu":
        activations = ["Relu"] * len(suffixes)
    options = {"linear_before_reset": 1} if word == "GRU" else {}
    found = n.emit_many(
        word,
        1 + len(STATES[word]),
        flowing,
        n.emit("Concat", *kernels, axis=0),
        n.emit("Concat", *recurrent, axis=0),
        n.emit("Concat", *biases, axis=0) if a.has_bias else "",
        lengths,
        *begun,
        hidden_size=a.hidden_size,
        direction="bidirectional" if len(suffixes) > 1 else "forward",
        activations=activations,
        **options,
    )
    outputs, *last = found
    # [T, directions, N, hidden] to [T, N, directions x hidden]
    if len(suffixes) == 1:
        return n.emit("Squeeze", outputs, n.constant([1])), *last
    moved = n.emit("Transpose", outputs, perm=[0, 2, 1, 3])
    return n.emit("Reshape", moved, n.constant([0, 0, 2 * a.hidden_size])), *last


def _gates(n: Lowering, a: Arguments, word: str, role: str, suffix: str) -> str:
    """The rows of a parameter gate by gate in ONNX's order, with an axis of directions first; of
    biases both, one after the other."""
    if role == "bias":
        if not a.has_bias:
            return ""
        parts = [_ordered(n, a, word, n.parameter(f"bias_{way}{suffix}")) for way in ("ih", "hh")]
        joined = n.emit("Concat", *parts, axis=0)
        return n.emit("Unsqueeze", joined, n.constant([0]))
    ordered = _ordered(n, a, word, n.parameter(f"{role}{suffix}"))
    return n.emit("Unsqueeze", ordered, n.constant([0]))


def _ordered(n: Lowering, a: Arguments, word: str, parameter: str) -> str:
    order, size = _ORDER[word], a.hidden_size
    if len(order) == 1:
        return parameter
    rows = np.concatenate([np.arange(gate * size, (gate + 1) * size) for gate in order])
    return n.emit("Gather", parameter, n.constant(rows), axis=0)


def _step(word: str) -> Lower:
    def lower(n: Lowering, a: Arguments, x: Tensor, *states: Tensor) -> str | tuple[str, ...]:
        begun = [n.emit("Unsqueeze", state, n.constant([0])) for state in states]
        flowing = n.emit("Unsqueeze", x, n.constant([0]))
        _, *last = _layer(n, a, word, flowing, [""], "", begun)
        ends = tuple(n.emit("Squeeze", state, n.constant([0])) for state in last)
        return ends if len(ends) > 1 else ends[0]

    return lower


LOWERINGS: dict[str, Lower] = {
    **{word: _sequence(word) for word in _ORDER},
    **{f"{word}Cell": _step(word) for word in _ORDER},
}
