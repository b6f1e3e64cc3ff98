"""What words for answers share: which output they are of, and probabilities."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.answer import AnswerTypes
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Choice, Integer

OUTPUT = Argument("output", Integer(0), 0, "which output of the network, starting from 0")
BY = Argument(
    "by",
    Choice(("softmax", "sigmoid", "none")),
    "softmax",
    "how outputs become scores: over classes, each alone, or as they are",
)


def chosen_output(a: Arguments, types: AnswerTypes) -> TensorType:
    """The type of the output that is meant. Raises Misfit where it does not exist."""
    if a.output >= len(types.outputs):
        raise Misfit(f"output {a.output} does not exist; the network has {len(types.outputs)}")
    found: TensorType = types.outputs[a.output]
    return found


def scored_output(a: Arguments, types: AnswerTypes) -> tuple[TensorType, int]:
    """The type of the output, [classes] per sample, and the number of classes. Raises Misfit."""
    type = chosen_output(a, types)
    if type.rank != 1 or not isinstance(type.shape[0], int) or not type.dtype.is_float:
        raise Misfit(f"expected one float per class, found {type} per sample", "Raw()")
    return type, type.shape[0]


def scores(a: Arguments, values: Array) -> Array:
    """Outputs [samples, classes] as float32 scores; softmax over the last axis."""
    import numpy as np

    wide = np.asarray(values, dtype=np.float32)
    if a.by == "none":
        return wide
    if a.by == "sigmoid":
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(-wide))
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
