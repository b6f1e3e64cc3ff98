"""Losses that keep classes apart, and the dice of each class (mindspore.nn, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.activation import activate
from declspore.numerics.elementwise import above
from declspore.numerics.losses import REDUCTIONS, agree, alike, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, ListOf, Number, Optional

_REDUCTION = Argument("reduction", Choice(REDUCTIONS), "mean", "over the batch")
_ACTIVATIONS = ("softmax", "logsoftmax", "relu", "relu6", "tanh", "sigmoid")


def _margin_fit(a: Arguments, x: TensorType, y: TensorType) -> None:
    if x.rank != 2 or not x.dtype.is_float or not isinstance(x.shape[1], int):
        raise Misfit(f"values must be floats [N, classes], found {x}")
    if not agree(y.shape, x.shape[:1]) or not y.dtype.is_integer:
        raise Misfit(f"labels must be class numbers [N] of {x}, found {y}")
    if a.weight is not None and len(a.weight) != x.shape[1]:
        raise Misfit(f"weight names {len(a.weight)} classes, {x} has {x.shape[1]}")


def _margin(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    classes = x.shape[1]
    places = ops.expand_dims(ops.cast(y, "int32"), 1)
    apart = above(ops, a.margin - ops.take_along_axis(x, places, axis=1) + x)
    losses = ops.power(apart, float(a.p)) if a.p != 1 else apart
    if a.weight is not None:
        weight = ops.convert_to_tensor(a.weight, dtype=x.dtype)
        losses = losses * ops.expand_dims(ops.take(weight, ops.cast(y, "int32")), 1)
    own = ops.one_hot(ops.cast(y, "int32"), classes, dtype=x.dtype)
    return reduced(ops, ops.sum(losses * (1.0 - own), axis=1) / classes, a.reduction)


def _labels_fit(a: Arguments, x: TensorType, y: TensorType) -> None:
    if x.rank != 2 or not x.dtype.is_float or not isinstance(x.shape[1], int):
        raise Misfit(f"values must be floats [N, classes], found {x}")
    if y.shape != x.shape or not y.dtype.is_integer:
        raise Misfit(f"labels must be class numbers like {x}, ended by -1, found {y}")


def _labels(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    classes = x.shape[1]
    counts = ops.cast(ops.cumprod(ops.cast(y >= 0, "int32"), axis=1), x.dtype)
    safe = ops.maximum(ops.cast(y, "int32"), 0)
    named = ops.one_hot(safe, classes, dtype=x.dtype) * ops.expand_dims(counts, 2)
    others = 1.0 - ops.expand_dims(ops.max(named, axis=1), 1)
    chosen = ops.expand_dims(ops.take_along_axis(x, safe, axis=1), 2)
    apart = above(ops, 1.0 - chosen + ops.expand_dims(x, 1))
    losses = apart * others * ops.expand_dims(counts, 2)
    return reduced(ops, ops.sum(losses, axis=(1, 2)) / classes, a.reduction)


def _dice_fit(a: Arguments, x: TensorType, y: TensorType) -> None:
    alike(a, x, y)
    if x.rank < 2 or not isinstance(x.shape[1], int):
        raise Misfit(f"values must be [N, classes, ...], found {x}")
    if a.weights is not None and len(a.weights) != x.shape[1]:
        raise Misfit(f"weights names {len(a.weights)} classes, {x} has {x.shape[1]}")


def _dice(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    y = ops.cast(y, x.dtype)
    x = x if a.activation is None else activate(ops, a.activation, x)
    axes = tuple(axis for axis in range(len(x.shape)) if axis != 1)
    both = ops.sum(x * y, axis=axes)
    union = ops.sum(x * x, axis=axes) + ops.sum(y * y, axis=axes)
    losses = 1.0 - 2.0 * both / (union + 1e-5)
    weights = a.weights or (1.0,) * x.shape[1]
    counts = [0.0 if index == a.ignore_indiex else w for index, w in enumerate(weights)]
    return ops.sum(losses * ops.convert_to_tensor(counts, dtype=x.dtype)) / x.shape[1]


KINDS = (
    LossKind(
        name="MultiMarginLoss",
        signature=signature(
            Argument("p", Integer(1), 1, "the power, 1 or 2"),
            Argument("margin", Number(), 1.0, "how far apart is far enough"),
            _REDUCTION,
            Argument("weight", Optional(ListOf(Number())), None, "of each class"),
        ),
        summary="The sum over other classes j of max(0, margin - x[y] + x[j])^p / classes.",
        example="MultiMarginLoss()",
        fit=_margin_fit,
        compute=_margin,
    ),
    LossKind(
        name="MultilabelMarginLoss",
        signature=signature(_REDUCTION),
        summary=(
            "The sum over labels y and classes j that are not labels of max(0, 1 - x[y] + x[j]) / "
            "classes; a row of labels ends with -1."
        ),
        example="MultilabelMarginLoss()",
        fit=_labels_fit,
        compute=_labels,
    ),
    LossKind(
        name="MultiClassDiceLoss",
        signature=signature(
            Argument("weights", Optional(ListOf(Number())), None, "of each class"),
            Argument("ignore_indiex", Optional(Integer(0)), None, "a class that does not count"),
            Argument("activation", Optional(Choice(_ACTIVATIONS)), "softmax", "applied first"),
        ),
        summary="The mean over classes of DiceLoss times their weights.",
        example="MultiClassDiceLoss()",
        fit=_dice_fit,
        compute=_dice,
    ),
)
