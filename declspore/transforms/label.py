"""Transforms of labels."""

from __future__ import annotations

from dataclasses import replace

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor, Tensors
from declspore.ir.term import Arguments
from declspore.registry.data import ChangeKind, Element
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer


def _infer(a: Arguments, element: Element) -> Element:
    if not element.label.dtype.is_integer:
        raise Misfit(f"it takes class numbers, found labels {element.label}")
    if element.classes is not None and element.classes > a.num_classes:
        raise Misfit(
            f"the labels come from {element.classes} classes, num_classes is {a.num_classes}",
            f"OneHot({element.classes})",
        )
    shape = (*element.label.shape, a.num_classes)
    return replace(element.with_label(TensorType(FLOAT32, shape)), classes=None)


def _apply(
    tf: Ops, a: Arguments, element: Element, data: Tensors, labels: Tensor, draws: object
) -> tuple[Tensors, Tensor]:
    return data, tf.one_hot(labels, a.num_classes)


KINDS = (
    ChangeKind(
        name="OneHot",
        signature=signature(Argument("num_classes", Integer(1), help="length of the vector")),
        summary="A class number to a vector that is 1 there and 0 elsewhere, as f32.",
        example="Digits() |> OneHot(10)",
        infer=_infer,
        apply=_apply,
        of="labels",
    ),
)
