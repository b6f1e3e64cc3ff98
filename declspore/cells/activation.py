"""Activations as cells."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.activation import activate
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.signature import signature


def _same(a: Arguments, x: TensorType) -> TensorType:
    return x


def _layer(name: str) -> Callable[[Builder, Arguments, Value], Value]:
    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        return b.elementwise(lambda tensor: activate(b.keras.ops, name, tensor), x)

    return lower


def _cell(word: str, name: str, summary: str) -> CellKind:
    return CellKind(
        name=word,
        signature=signature(),
        summary=summary,
        example=f"{word}()",
        infer=_same,
        lower=_layer(name),
    )


KINDS = (
    _cell("ReLU", "relu", "max(x, 0)."),
    _cell("ReLU6", "relu6", "min(max(x, 0), 6)."),
    _cell("Sigmoid", "sigmoid", "1 / (1 + exp(-x))."),
    _cell("Tanh", "tanh", "The hyperbolic tangent."),
)
