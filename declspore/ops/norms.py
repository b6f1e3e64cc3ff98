"""Norms of vectors and matrices (mindspore.ops.norm, 2.10)."""

from __future__ import annotations

from math import isinf

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Array, Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import AXES, axes_of, axis_of, reduced, type_of
from declspore.numerics.costs import two_in_sums
from declspore.numerics.elementwise import magnitude
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Either, Mismatch, Number, Optional, Tensor

_SINGULAR = (2.0, -2.0, "nuc")


@dataclass(frozen=True, slots=True)
class _Infinite:
    """The order inf or -inf, which MindSpore takes as a number and as a string."""

    name: str = "inf or -inf"

    def accept(self, value: object) -> str:
        if isinstance(value, float) and isinf(value):
            return str(value)
        raise Mismatch(f"expected {self.name}")


_OF_MATRICES = ("inf", "-inf", 1.0, -1.0, "fro", None, *_SINGULAR)


def _axes(a: Arguments) -> tuple[int, ...]:
    """The axes of the vector or matrix in the order they are named. Raises Misfit."""
    x = type_of(a.A)
    if a.dim is not None:
        axes_of(x, a.dim)
        named = a.dim if isinstance(a.dim, tuple) else (a.dim,)
        if len(named) not in (1, 2):
            raise Misfit(f"dim names the axis of vectors or the two of matrices, found {a.dim}")
        return tuple(axis_of(x, axis) for axis in named)
    if a.ord is not None and x.rank not in (1, 2):
        raise Misfit(f"without dim, ord is of a vector or a matrix, found {x}", "dim = 1")
    return tuple(range(x.rank))


def _is_singular(a: Arguments) -> bool:
    return len(_axes(a)) == 2 and a.ord in _SINGULAR


def _infer(a: Arguments) -> TensorType:
    x, axes = type_of(a.A), _axes(a)
    if not x.dtype.is_float:
        raise Misfit(f"norm takes floats, found {x}", "cast(..., f32)")
    if len(axes) == 1 and a.ord in ("fro", "nuc"):
        raise Misfit(f'ord "{a.ord}" is of matrices, and dim names one axis', "dim = [1, 2]")
    if len(axes) == 2 and a.ord not in _OF_MATRICES:
        raise Misfit(f"matrices have no norm of ord {a.ord:g}", 'ord = "fro"')
    if _is_singular(a) and static(tuple(x.shape[axis] for axis in axes)) is None:
        raise Misfit(f"singular values need matrices of known sizes, found {x}")
    return reduced(x, axes, a.keepdim)


def _lower(b: Builder, a: Arguments) -> Value:
    axes, ops, x = _axes(a), b.keras.ops, b.plain(a.A)
    if a.ord in (None, "fro") or (a.ord == 2 and len(axes) == 1):
        return b.from_plain(ops.sqrt(ops.sum(ops.square(x), axis=axes, keepdims=a.keepdim)))
    return b.from_plain((_of_vectors if len(axes) == 1 else _of_matrices)(ops, x, a, axes))


def _of_vectors(ops: Ops, x: Plain, a: Arguments, axes: tuple[int, ...]) -> Plain:
    (axis,), size = axes, magnitude(ops, x)
    if isinstance(a.ord, str):
        return (ops.max if a.ord == "inf" else ops.min)(size, axis=axis, keepdims=a.keepdim)
    if a.ord == 0:
        ones = ops.where(ops.not_equal(x, 0), ops.ones_like(x), ops.zeros_like(x))
        return ops.sum(ones, axis=axis, keepdims=a.keepdim)
    if a.ord == 1:
        return ops.sum(size, axis=axis, keepdims=a.keepdim)
    total = ops.sum(ops.power(size, a.ord), axis=axis, keepdims=a.keepdim)
    return ops.power(total, 1.0 / a.ord)


def _of_matrices(ops: Ops, x: Plain, a: Arguments, axes: tuple[int, ...]) -> Plain:
    row, column = axes
    if _is_singular(a):
        values = ops.svd(ops.moveaxis(x, axes, (-2, -1)), compute_uv=False)
        function = {2.0: ops.max, -2.0: ops.min, "nuc": ops.sum}[a.ord]
        return _kept(ops, function(values, axis=-1), a, axes)
    added, left = (column, row) if a.ord in ("inf", "-inf") else (row, column)
    sums = ops.sum(magnitude(ops, x), axis=added, keepdims=True)
    found = (ops.max if a.ord in ("inf", 1.0) else ops.min)(sums, axis=left, keepdims=True)
    return found if a.keepdim else ops.squeeze(found, axis=axes)


def _kept(ops: Ops, found: Plain, a: Arguments, axes: tuple[int, ...]) -> Plain:
    if a.keepdim:
        for axis in sorted(axes):
            found = ops.expand_dims(found, axis)
    return found


def _compute(n: Arrays, a: Arguments) -> Array:
    np, axes, x, keep = n.np, _axes(a), n.wide(a.A), a.keepdim
    if a.ord in (None, "fro") or (a.ord == 2 and len(axes) == 1):
        return np.sqrt(n.sum(np.square(x), axes, keep))
    size = np.absolute(x)
    if len(axes) == 2:
        added, left = axes[::-1] if a.ord in ("inf", "-inf") else axes
        sums = n.sum(size, (added,), keepdims=True)
        found = (np.max if a.ord in ("inf", 1.0) else np.min)(sums, axis=left, keepdims=True)
        return found if keep else np.squeeze(found, axis=axes)
    if isinstance(a.ord, str):
        return (np.max if a.ord == "inf" else np.min)(size, axis=axes, keepdims=keep)
    if a.ord == 0:
        return n.sum((x != 0).astype(x.dtype), axes, keep)
    if a.ord == 1:
        return n.sum(size, axes, keep)
    total = n.sum(n.precise(np.power, size, a.ord), axes, keep)
    return n.precise(np.power, total, 1.0 / a.ord)


KINDS = (
    OpKind(
        name="norm",
        signature=signature(
            Argument("A", Tensor(), help="a tensor of floats"),
            Argument(
                "ord",
                Optional(Either((Number(), _Infinite(), Choice(("fro", "nuc", "inf", "-inf"))))),
                None,
                "which norm",
            ),
            Argument("dim", AXES, None, "an axis, two of them, or none: all"),
            Argument("keepdim", Boolean(), False, "whether the axes stay with size 1"),
        ),
        summary=(
            "sqrt(sum(x^2)), or the norm ord. Of vectors: the largest or smallest |x| (inf, -inf), "
            "how many are not 0 (0), else sum(|x|^ord)^(1/ord). Of matrices: the largest or "
            "smallest sum of |x| along a row (inf, -inf) or column (1, -1), the largest, smallest "
            "or sum of the singular values (2, -2, nuc)."
        ),
        example="x |> norm(dim = 1)",
        infer=_infer,
        lower=_lower,
        compute=_compute,
        scratch=lambda a: two_in_sums(type_of(a.A)),
        refused_in_edits=lambda a: "singular values" if _is_singular(a) else None,
    ),
)
