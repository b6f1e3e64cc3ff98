"""A cell applied to every step (mindspore.nn.TimeDistributed, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Dim, TensorType, product
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of
from declspore.numerics.compose import CellOf, parameters_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
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


def _result(a: Arguments, x: TensorType) -> TensorType:
    """What the layer makes of a tensor. Raises Misfit."""
    found = _kind(a).infer(a.layer.arguments, x)
    if isinstance(found, tuple):
        raise Misfit(f"{a.layer.word} gives {len(found)} tensors, not one")
    result: TensorType = found
    return result


# ---- step by step


def _step(a: Arguments, x: TensorType) -> tuple[int, TensorType]:
    """The axis of time, and the type of one step. Raises Misfit."""
    axis = axis_of(x, a.time_axis)
    return axis, x.with_shape((*x.shape[:axis], *x.shape[axis + 1 :]))


def _infer_steps(a: Arguments, x: TensorType) -> TensorType:
    axis, step = _step(a, x)
    if not isinstance(x.shape[axis], int):
        raise Misfit(f"TimeDistributed needs steps that are known, axis {axis} of {x} is not")
    found = _result(a, step)
    if axis > found.rank:
        raise Misfit(f"{found}, which a step gives, has no place for axis {axis}")
    return found.with_shape((*found.shape[:axis], x.shape[axis], *found.shape[axis:]))


def _lower_steps(b: Builder, a: Arguments, x: Value) -> Value:
    ops = b.keras.ops
    axis, step = _step(a, x.type)
    steps = ops.unstack(b.plain(x), x.type.shape[axis], axis=axis)
    found = [b.plain(b.part("layer", a.layer, b.value(step, each))[0]) for each in steps]
    return b.from_plain(ops.stack(found, axis=axis))


# ---- all at once, steps and another axis being one


def _place(a: Arguments, x: TensorType) -> int:
    """The first of the two axes that are joined. Raises Misfit."""
    axis, other = axis_of(x, a.time_axis), axis_of(x, a.reshape_with_axis)
    if axis == other:
        raise Misfit(f"time_axis and reshape_with_axis both name axis {axis}")
    moved_to = other + 1 if axis > other and other < x.rank - 1 else other - 1
    if axis != moved_to:
        raise Misfit(
            f"MindSpore moves steps to axis {moved_to}, next to axis {other} of {x}, and leaves "
            "them there",
            "without reshape_with_axis they stay where they are",
        )
    return min(axis, other)


def _joined(a: Arguments, x: TensorType) -> tuple[int, TensorType]:
    place = _place(a, x)
    one = product(x.shape[place : place + 2])
    return place, x.with_shape((*x.shape[:place], one, *x.shape[place + 2 :]))


def _infer_joined(a: Arguments, x: TensorType) -> TensorType:
    place, joined = _joined(a, x)
    found = _result(a, joined)
    if place >= found.rank or found.shape[place] != joined.shape[place]:
        raise Misfit(
            f"{a.layer.word} makes {found} of {joined}, which axes {place} and {place + 1} are one "
            "of: they cannot be two again",
            "without reshape_with_axis they stay two",
        )
    both = x.shape[place : place + 2]
    return found.with_shape((*found.shape[:place], *both, *found.shape[place + 1 :]))


def _lower_joined(b: Builder, a: Arguments, x: Value) -> Value:
    _, joined = _joined(a, x.type)
    entering = b.value(joined, b.reshape(b.plain(x), x.type, joined.shape))
    (found,) = b.part("layer", a.layer, entering)
    return b.from_plain(b.reshape(b.plain(found), found.type, b.output_type.shape))


# ---- either


def _infer(a: Arguments, x: TensorType) -> TensorType:
    return (_infer_steps if a.reshape_with_axis is None else _infer_joined)(a, x)


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    return (_lower_steps if a.reshape_with_axis is None else _lower_joined)(b, a, x)


def _work(a: Arguments, inputs: tuple[TensorType, ...], outputs: tuple[TensorType, ...]) -> Dim:
    kind = _kind(a)
    if kind.multiply_adds is None:
        return 0
    if a.reshape_with_axis is not None:
        _, joined = _joined(a, inputs[0])
        return kind.multiply_adds(a.layer.arguments, (joined,), (_result(a, joined),))
    axis, step = _step(a, inputs[0])
    return inputs[0].shape[axis] * kind.multiply_adds(
        a.layer.arguments, (step,), (_result(a, step),)
    )


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
                "the axis next to that of steps, which becomes one with it for the layer",
            ),
        ),
        summary=(
            "A cell applied to every step along an axis, with one set of parameters `layer`; with "
            "reshape_with_axis, to all steps at once."
        ),
        example="TimeDistributed(Dense(4, 6), time_axis = 1)",
        complete=_complete,
        parameters=lambda a: parameters_of({"layer": a.layer}),
        infer=_infer,
        lower=_lower,
        multiply_adds=_work,
        parts=lambda a: {"layer": a.layer},
    ),
)
