"""Fully connected cells, tables of rows, parameters and products of matrices."""

from __future__ import annotations

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.exports.onnx.words.activation import activate
from declspore.ir.term import Arguments


def _dense(n: Lowering, a: Arguments, x: Tensor) -> str:
    weight = n.parameter("weight")
    bias = (n.parameter("bias"),) if a.has_bias else ()
    found = affine(n, x, weight, *bias)
    return activate(n, a.activation, found) if a.activation else found


def affine(n: Lowering, x: Tensor, weight: str, *bias: str) -> str:
    """x W^T + b over the last axis, of W [out, in]."""
    if x.type.rank == 2:
        return n.emit("Gemm", x, weight, *bias, transB=1)
    found = n.emit("MatMul", x, n.emit("Transpose", weight, perm=[1, 0]))
    return n.emit("Add", found, bias[0]) if bias else found


def _embedding(n: Lowering, a: Arguments, ids: Tensor) -> str:
    return n.emit("Gather", n.parameter("embedding_table"), ids, axis=0)


def _parameter(n: Lowering, a: Arguments) -> str:
    return n.parameter("")


def _matmul(n: Lowering, a: Arguments) -> str:
    if not n.type.dtype.is_float:
        raise WithoutForm(f"products of {n.type.dtype.short} are not what runtimes compute")
    return n.emit("MatMul", a.input, a.other)


def _einsum(n: Lowering, a: Arguments) -> str:
    return n.emit("Einsum", *a.operands, equation=a.equation.replace(" ", ""))


def _dense_op(n: Lowering, a: Arguments) -> str:
    bias = () if a.bias is None else (a.bias.name,)
    return affine(n, a.input, a.weight.name, *bias)


LOWERINGS: dict[str, Lower] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Parameter": _parameter,
    "matmul": _matmul,
    "bmm": _matmul,
    "einsum": _einsum,
    "dense": _dense_op,
}
