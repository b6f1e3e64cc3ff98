"""Cells that are made of other cells, or that run one many times."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.exports.onnx.words.activation import activate
from declspore.ir.dtype import INT64, DType
from declspore.ir.shape import product
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of


def _with_activation(word: str) -> Callable[..., str]:
    """One part after the other, then an activation."""

    def lower(n: Lowering, a: Arguments, x: Tensor) -> str:
        for name, part in n.parts(word, a).items():
            (x,) = n.part(name, part, x)
        if a.activation is None:
            return x.name
        if a.activation == "leakyrelu":
            return n.emit("LeakyRelu", x, alpha=float(a.alpha))
        return activate(n, a.activation, x.name)

    return lower


def _bilinear(n: Lowering, a: Arguments, input1: Tensor, input2: Tensor) -> str:
    weight = n.parameter("weight")
    found = n.emit("Einsum", input1, weight, input2, equation="...i,oij,...j->...o")
    return n.emit("Add", found, n.parameter("bias")) if a.has_bias else found


# ---- powers


def _powers(n: Lowering, a: Arguments, x: Tensor) -> str:
    """The mean of the powers of a window, times how many there are, and its root."""
    word = f"LPPool{x.type.rank - 2}d"
    raised = n.emit("Pow", x, n.scalar(a.norm_type, n.type.dtype))
    (mean,) = n.part("", n.parts(word, a)["mean"], Tensor(raised, x.type))
    total = n.emit("Mul", mean, n.scalar(float(prod(a.kernel_size)), n.type.dtype))
    return n.emit("Pow", total, n.scalar(1.0 / a.norm_type, n.type.dtype))


def _powers_op(n: Lowering, a: Arguments) -> str:
    given = {name: value for name, value in a.items() if name != "input"}
    return _powers(n, Arguments(given, stride=a.stride or a.kernel_size), a.input)


# ---- every step


def _steps(n: Lowering, a: Arguments, x: Tensor) -> str:
    layer = n.parts("TimeDistributed", a)["layer"]
    if a.reshape_with_axis is not None:
        return _joined(n, a, x)
    axis = axis_of(x, a.time_axis)
    count = x.type.shape[axis]
    assert isinstance(count, int)
    type = x.type.with_shape((*x.type.shape[:axis], *x.type.shape[axis + 1 :]))
    axes = n.constant([axis])
    steps = n.emit_many("Split", count, x, n.constant([1] * count), axis=axis)
    found = []
    for step in steps:
        (made,) = n.part("layer", layer, Tensor(n.emit("Squeeze", step, axes), type))
        found.append(n.emit("Unsqueeze", made, axes))
    return n.emit("Concat", *found, axis=axis)


def _joined(n: Lowering, a: Arguments, x: Tensor) -> str:
    """Steps and the axis next to them as one."""
    place = min(axis_of(x, a.time_axis), axis_of(x, a.reshape_with_axis))
    shape = x.type.shape
    joined = (*shape[:place], product(shape[place : place + 2]), *shape[place + 2 :])
    entering = Tensor(n.reshape(x.name, shape, joined), x.type.with_shape(joined))
    (found,) = n.part("layer", n.parts("TimeDistributed", a)["layer"], entering)
    return n.reshape(found.name, found.type.shape, n.type.shape)


# ---- fields


def _fields(n: Lowering, a: Arguments, ids: Tensor, values: Tensor, fields: Tensor) -> str:
    """A code of ones says which element is of which field: [N, n, field]."""
    dtype = n.type.dtype
    if dtype != values.type.dtype:
        raise WithoutForm(f"its values are {values.type.dtype.short}")
    rows = clipped(n, a, n.emit("Gather", n.parameter("embedding_table"), ids, axis=0), dtype)
    rows = n.emit("Mul", rows, n.emit("Unsqueeze", values, n.constant([-1])))
    depth, ends = n.constant(a.field_size), n.constant([0.0, 1.0], dtype.numpy)
    numbers = n.cast(fields, INT64)
    inside = n.emit("Where", n.emit("Less", numbers, n.constant(0)), depth, numbers)
    code = n.emit("OneHot", inside, depth, ends, axis=-1)
    if a.operator == "MAX":
        return _largest_of_fields(n, values, rows, code)
    turned = n.emit("Transpose", code, perm=[0, 2, 1])
    total = n.emit("MatMul", turned, rows)
    if a.operator != "MEAN":
        return total
    shares = n.emit("Unsqueeze", n.emit("Abs", values), n.constant([-1]))
    count = n.emit("MatMul", turned, shares)
    some = n.emit("Greater", count, n.scalar(0.0, dtype))
    return n.emit("Div", total, n.emit("Where", some, count, n.scalar(1.0, dtype)))


def _largest_of_fields(n: Lowering, values: Tensor, rows: str, code: str) -> str:
    dtype = n.type.dtype
    zero, one = n.scalar(0.0, dtype), n.constant([1])
    is_there = n.emit("Not", n.emit("Equal", values, zero))
    weighed = n.emit("Unsqueeze", is_there, n.constant([-1]))
    present = n.emit("And", n.emit("Greater", code, zero), weighed)
    present = n.emit("Unsqueeze", present, n.constant([-1]))
    spread = n.emit("Unsqueeze", rows, n.constant([2]))
    found = n.emit("Where", present, spread, n.scalar(-3.0e38, dtype))
    some = n.emit("ReduceMax", n.emit("Cast", present, to=dtype.numpy), one, keepdims=0)
    largest = n.emit("ReduceMax", found, one, keepdims=0)
    return n.emit("Where", n.emit("Greater", some, zero), largest, zero)


def clipped(n: Lowering, a: Arguments, rows: str, dtype: DType) -> str:
    """Rows longer than ``max_norm`` cut to it."""
    most = a.get("max_norm")
    if most is None:
        return rows
    square = n.emit("ReduceSumSquare", rows, n.constant([-1]), keepdims=1)
    limit = n.scalar(most, dtype)
    length = n.emit("Max", n.emit("Sqrt", square), limit)
    return n.emit("Mul", rows, n.emit("Div", limit, length))


def _lookup(n: Lowering, a: Arguments, ids: Tensor) -> str:
    rows = n.emit("Gather", n.parameter("embedding_table"), ids, axis=0)
    return clipped(n, a, rows, n.type.dtype)


LOWERINGS: dict[str, Lower] = {
    "Conv2dBnAct": _with_activation("Conv2dBnAct"),
    "DenseBnAct": _with_activation("DenseBnAct"),
    "BiDense": _bilinear,
    "LPPool1d": _powers,
    "LPPool2d": _powers,
    "lp_pool1d": _powers_op,
    "lp_pool2d": _powers_op,
    "TimeDistributed": _steps,
    "EmbeddingLookup": _lookup,
    "MultiFieldEmbeddingLookup": _fields,
}
