"""A cell applied to every step (mindspore.nn.TimeDistributed, 2.10)."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import Dim, TensorType
from declspore.ir.term import Arguments
from declspore.registry.axes import axis_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.compose import CellOf, parameters_of
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Integer, Optional


def _kind(a: Arguments) -> CellKind:
    return vocabulary().of(CellKind, a.layer.word)


def _complete(a: Arguments) -> Arguments:
    kind = _kind(a)
    if len(kind.inputs) != 1:
        raise Misfit(f"{kind.name} takes {', '.join(kind.inputs) or 'nothing'}, not one tensor")
    return a


def _step(a: Arguments, x: TensorType) -> tuple[int, TensorType]:
    """The axis of time, and the type of one step. Raises Misfit."""
    axis = axis_of(x, a.time_axis)
    if a.reshape_with_axis is not None and axis_of(x, a.reshape_with_axis) == axis:
        raise Misfit(f"time_axis and reshape_with_axis both name axis {axis}")
    return axis, x.with_shape((*x.shape[:axis], *x.shape[axis + 1 :]))


def _infer(a: Arguments, x: TensorType) -> TensorType:
    axis, step = _step(a, x)
    if not isinstance(x.shape[axis], int):
        raise Misfit(f"TimeDistributed needs steps that are known, axis {axis} of {x} is not")
    found = _kind(a).infer(a.layer.arguments, step)
    if isinstance(found, tuple):
        raise Misfit(f"{a.layer.word} gives {len(found)} tensors, not one")
    if axis > found.rank:
        raise Misfit(f"{found}, which a step gives, has no place for axis {axis}")
    result: TensorType = found.with_shape((*found.shape[:axis], x.shape[axis], *found.shape[axis:]))
    return result


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    ops = b.keras.ops
    axis, step = _step(a, x.type)
    steps = ops.unstack(b.plain(x), x.type.shape[axis], axis=axis)
    found = [b.plain(b.part("layer", a.layer, b.value(step, each))) for each in steps]
    return b.from_plain(ops.stack(found, axis=axis))


def _work(a: Arguments, inputs: tuple[TensorType, ...], outputs: Any) -> Dim:
    kind = _kind(a)
    if kind.work is None:
        return 0
    axis, step = _step(a, inputs[0])
    each = kind.work(a.layer.arguments, (step,), (kind.infer(a.layer.arguments, step),))
    return inputs[0].shape[axis] * each


KINDS = (
    CellKind(
        name="TimeDistributed",
        signature=signature(
            Argument("layer", CellOf(None), help="a cell of one tensor, applied to every step"),
            Argument("time_axis", Integer(), help="the axis of steps"),
            Argument(
                "reshape_with_axis",
                Optional(Integer()),
                None,
                "an axis MindSpore joins with that of steps; no other result",
            ),
        ),
        summary="A cell applied to every step along an axis, with one set of parameters `layer`.",
        example="TimeDistributed(Dense(4, 6), time_axis = 1)",
        complete=_complete,
        parameters=lambda a: parameters_of({"layer": a.layer}),
        infer=_infer,
        lower=_lower,
        work=_work,
    ),
)
