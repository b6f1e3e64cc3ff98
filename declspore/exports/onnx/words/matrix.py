"""Matrices: products, diagonals, norms, and what ONNX does not have of them."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.shape import static
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of

# ---- products


def _only_floats(n: Lowering) -> None:
    if not n.type.dtype.is_float:
        raise WithoutForm(f"products of {n.type.dtype.short} are not what runtimes compute")


def _tensor_dot(n: Lowering, a: Arguments) -> str:
    """As a sum over letters."""
    _only_floats(n)
    rank, other = a.x1.type.rank, a.x2.type.rank
    if isinstance(a.axes, int):
        left, right = list(range(rank - a.axes, rank)), list(range(a.axes))
    else:
        left = [axis_of(a.x1, axis) for axis in a.axes[0]]
        right = [axis_of(a.x2, axis) for axis in a.axes[1]]
    names = list(ascii_letters[: rank + other])
    first, second = names[:rank], names[rank:]
    for one, met in zip(left, right, strict=True):
        second[met] = first[one]
    kept = [name for axis, name in enumerate(first) if axis not in left]
    kept += [name for axis, name in enumerate(second) if axis not in right]
    rule = f"{''.join(first)},{''.join(second)}->{''.join(kept)}"
    return n.emit("Einsum", a.x1, a.x2, equation=rule)


def _plus_product(first: str, second: str) -> Callable[..., str]:
    """beta input + alpha first second."""

    def lower(n: Lowering, a: Arguments) -> str:
        _only_floats(n)
        dtype = n.type.dtype
        product = n.emit("MatMul", a[first], a[second])
        scaled = n.emit("Mul", product, n.scalar(a.alpha, dtype))
        return n.emit("Add", scaled, n.emit("Mul", a.input, n.scalar(a.beta, dtype)))

    return lower


def _kron(n: Lowering, a: Arguments) -> str:
    dtype, x, y = n.type.dtype, a.input.type.shape, a.other.type.shape
    left = n.emit("Unsqueeze", n.cast(a.input, dtype), n.constant([1, 3]))
    right = n.emit("Unsqueeze", n.cast(a.other, dtype), n.constant([0, 2]))
    whole = (x[0], y[0], x[1], y[1])
    return n.reshape(n.emit("Mul", left, right), whole, n.type.shape)


def _outer(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    column = n.emit("Unsqueeze", n.cast(a.input, dtype), n.constant([1]))
    return n.emit("Mul", column, n.emit("Unsqueeze", n.cast(a.vec2, dtype), n.constant([0])))


def _cross(n: Lowering, a: Arguments) -> str:
    shape, dtype = a.input.type.shape, n.type.dtype
    axis = shape.index(3) if a.dim is None and 3 in shape else axis_of(a.input, a.dim or 0)
    ones = n.constant([1, 1, 1])
    x, y = (
        n.emit_many("Split", 3, n.cast(one, dtype), ones, axis=axis) for one in (a.input, a.other)
    )
    found = [
        n.emit("Sub", n.emit("Mul", x[i], y[j]), n.emit("Mul", x[j], y[i]))
        for i, j in ((1, 2), (2, 0), (0, 1))
    ]
    return n.emit("Concat", *found, axis=axis)


# ---- diagonals


def _diagonal(n: Lowering, a: Arguments) -> str:
    """Both axes as one, of which every (n + 1)th element is taken."""
    x: Tensor = a.input
    first, second = axis_of(x, a.dim1), axis_of(x, a.dim2)
    rows, columns, count = x.type.shape[first], x.type.shape[second], n.type.shape[-1]
    assert isinstance(rows, int)
    assert isinstance(columns, int)
    assert isinstance(count, int)
    others = [axis for axis in range(x.type.rank) if axis not in (first, second)]
    moved = n.emit("Transpose", x, perm=[*others, first, second])
    rest = tuple(x.type.shape[axis] for axis in others)
    line = n.reshape(moved, (*rest, rows, columns), (*rest, rows * columns))
    start = a.offset if a.offset >= 0 else -a.offset * columns
    places = [start + index * (columns + 1) for index in range(count)]
    return n.emit("Gather", line, n.constant(places), axis=len(rest))


def _embed(n: Lowering, a: Arguments) -> str:
    """Row i holds its element in column i + offset."""
    x: Tensor = a.input
    rank = n.type.rank
    offset = a.get("offset", 0)
    axes = [axis % rank for axis in (a.get("dim1", -2), a.get("dim2", -1))]
    size = n.type.shape[axes[0]]
    assert isinstance(size, int)
    sides = [0] * (2 * x.type.rank)
    sides[x.type.rank - 1], sides[-1] = max(-offset, 0), max(offset, 0)
    rows = n.emit("Pad", x, n.constant(sides), mode="constant") if offset else x.name
    on = n.constant(np.eye(size, k=offset, dtype=bool), "bool")
    rows = n.emit("Unsqueeze", rows, n.constant([-1]))
    found = n.emit("Where", on, rows, n.scalar(0, n.type.dtype))
    if axes == [rank - 2, rank - 1]:
        return found
    order = list(range(rank - 2))
    for axis, source in sorted(zip(axes, (rank - 2, rank - 1), strict=True)):
        order.insert(axis, source)
    return n.emit("Transpose", found, perm=order)


def _trace(n: Lowering, a: Arguments) -> str:
    rows, columns = static(a.input.type.shape) or (0, 0)
    on = n.constant(np.eye(rows, columns, dtype=bool), "bool")
    found = n.emit("Where", on, a.input, n.scalar(0, n.type.dtype))
    return n.emit("ReduceSum", found, keepdims=0)


# ---- norms


def _norm(n: Lowering, a: Arguments) -> str:
    x: Tensor = a.A
    given = a.dim if isinstance(a.dim, tuple) else (a.dim,)
    axes = [axis_of(x, axis) for axis in given] if a.dim is not None else list(range(x.type.rank))
    keep = int(a.keepdim)
    if a.ord in (None, "fro") or (a.ord == 2 and len(axes) == 1):
        return n.emit("ReduceL2", x, n.constant(axes), keepdims=keep)
    if len(axes) == 1:
        return _of_vectors(n, a, n.constant(axes), keep)
    if a.ord in (2.0, -2.0, "nuc"):
        raise WithoutForm("it is made of singular values, which ONNX does not have")
    row, column = axes
    added, left = (column, row) if a.ord in ("inf", "-inf") else (row, column)
    sums = n.emit("ReduceL1", x, n.constant([added]), keepdims=1)
    operator = "ReduceMax" if a.ord in ("inf", 1.0) else "ReduceMin"
    found = n.emit(operator, sums, n.constant([left]), keepdims=1)
    return found if keep else n.emit("Squeeze", found, n.constant(sorted(axes)))


def _of_vectors(n: Lowering, a: Arguments, axes: str, keep: int) -> str:
    dtype = n.type.dtype
    size = n.emit("Abs", a.A)
    if isinstance(a.ord, str):
        return n.emit("ReduceMax" if a.ord == "inf" else "ReduceMin", size, axes, keepdims=keep)
    if a.ord == 0:
        is_zero = n.emit("Equal", a.A, n.scalar(0.0, dtype))
        ones = n.emit("Where", is_zero, n.scalar(0.0, dtype), n.scalar(1.0, dtype))
        return n.emit("ReduceSum", ones, axes, keepdims=keep)
    if a.ord == 1:
        return n.emit("ReduceSum", size, axes, keepdims=keep)
    powers = n.emit("Pow", size, n.scalar(a.ord, dtype))
    total = n.emit("ReduceSum", powers, axes, keepdims=keep)
    return n.emit("Pow", total, n.scalar(1.0 / a.ord, dtype))


def _cosine(n: Lowering, a: Arguments) -> str:
    def over(operator: str, value: Tensor | str, rank: int) -> str:
        return n.emit(operator, value, n.constant([a.dim % rank]), keepdims=0)

    rank = max(a.x1.type.rank, a.x2.type.rank)
    product = over("ReduceSum", n.emit("Mul", a.x1, a.x2), rank)
    floor = n.scalar(a.eps, n.type.dtype)
    lengths = [n.emit("Max", over("ReduceL2", one, one.type.rank), floor) for one in (a.x1, a.x2)]
    return n.emit("Div", product, n.emit("Mul", *lengths))


def _det(n: Lowering, a: Arguments) -> str:
    return n.emit("Det", a.input)


LOWERINGS: dict[str, Lower] = {
    "tensor_dot": _tensor_dot,
    "addmm": _plus_product("mat1", "mat2"),
    "baddbmm": _plus_product("batch1", "batch2"),
    "kron": _kron,
    "outer": _outer,
    "cross": _cross,
    "diagonal": _diagonal,
    "diag_embed": _embed,
    "diag": _embed,
    "trace": _trace,
    "norm": _norm,
    "cosine_similarity": _cosine,
    "det": _det,
}
REASONS = {
    "inverse": "ONNX does not have the inverse of a matrix",
    "cholesky": "ONNX does not have Cholesky's factors",
}
