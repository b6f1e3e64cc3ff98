"""Matrices: products, diagonals, inverses."""

from __future__ import annotations

from string import ascii_letters

from declspore.ir.shape import Dim, TensorType, static
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, type_of
from declspore.numerics.broadcast import added, broadcast, elementwise_type, promoted
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import numbers_of, of_one_type, plain_in_type, whole_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Either, Integer, ListOf, Number, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_MATRIX = Argument("input", Tensor(), help="square matrices [..., n, n]")


# ---- products


def _contracted(a: Arguments) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of both that meet, counted from the front. Raises Misfit."""
    x, y = type_of(a.x1), type_of(a.x2)
    if isinstance(a.axes, int):
        if not 0 <= a.axes <= min(x.rank, y.rank):
            raise Misfit(f"{x} and {y} have no {a.axes} axes to meet")
        return tuple(range(x.rank - a.axes, x.rank)), tuple(range(a.axes))
    left, right = a.axes
    found = tuple(axis_of(x, n) for n in left), tuple(axis_of(y, n) for n in right)
    if len(left) != len(right) or any(len(set(one)) < len(one) for one in found):
        raise Misfit(f"axes name pairs, each axis once: found {list(left)} and {list(right)}")
    return found


def _infer_tensor_dot(a: Arguments) -> TensorType:
    x, y = type_of(a.x1), type_of(a.x2)
    left, right = _contracted(a)
    for one, other in zip(left, right, strict=True):
        if x.shape[one] != y.shape[other]:
            raise Misfit(f"axis {one} of {x} and axis {other} of {y} differ")
    kept = [dim for n, dim in enumerate(x.shape) if n not in left]
    kept += [dim for n, dim in enumerate(y.shape) if n not in right]
    of_one_type(numbers_of(x), y)
    return x.with_shape(tuple(kept))


def _lower_tensor_dot(b: Builder, a: Arguments) -> Value:
    """As a sum over letters; Keras's tensordot does not take lists of axes before it runs."""
    left, right = _contracted(a)
    rank = type_of(a.x1).rank
    names = list(ascii_letters[: rank + type_of(a.x2).rank])
    first, second = names[:rank], names[rank:]
    for one, other in zip(left, right, strict=True):
        second[other] = first[one]
    kept = [name for n, name in enumerate(first) if n not in left]
    kept += [name for n, name in enumerate(second) if n not in right]
    rule = f"{''.join(first)},{''.join(second)}->{''.join(kept)}"
    return b.from_plain(whole_of(b, b.keras.ops.einsum(rule, b.plain(a.x1), b.plain(a.x2))))


def _product_type(word: str, rank: int, a: Arguments, names: tuple[str, str]) -> TensorType:
    x, y = (type_of(a[name]) for name in names)
    fit = x.rank == y.rank == rank and x.shape[:-2] == y.shape[:-2]
    if not fit or x.shape[-1] != y.shape[-2]:
        raise Misfit(f"{word} multiplies tensors of {rank} axes, found {x} and {y}")
    of_one_type(numbers_of(x), y)
    return x.with_shape((*x.shape[:-1], y.shape[-1]))


def _plus_product(word: str, rank: int, names: tuple[str, str]) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        product = _product_type(word, rank, a, names)
        if type_of(a.input).dtype != product.dtype:
            raise Misfit(f"{type_of(a.input)} is added to {product}", "cast one of them")
        if not product.dtype.is_float and not (a.beta.is_integer() and a.alpha.is_integer()):
            raise Misfit(f"beta and alpha must be whole for {product}", "cast(..., f32)")
        found = broadcast(type_of(a.input).shape, product.shape)
        if found != product.shape:
            raise Misfit(f"{type_of(a.input)} does not broadcast to {product}")
        return product

    def lower(b: Builder, a: Arguments) -> Value:
        ops, beta, alpha = b.keras.ops, a.beta, a.alpha
        if not b.output_type.dtype.is_float:
            beta, alpha = int(beta), int(alpha)
        product = whole_of(b, ops.matmul(*(b.plain(a[name]) for name in names))) * alpha
        return b.from_plain(added(ops, product, b.plain(a.input) * beta))

    return OpKind(
        name=word,
        signature=signature(
            _X,
            Argument(names[0], Tensor(), help="[..., n, k]"),
            Argument(names[1], Tensor(), help="[..., k, m]"),
            Argument("beta", Number(), 1.0, "factor of input"),
            Argument("alpha", Number(), 1.0, "factor of the product"),
        ),
        summary=f"beta input + alpha {names[0]} {names[1]}.",
        example=_EXAMPLES[word],
        infer=infer,
        lower=lower,
    )


_EXAMPLES = {
    "addmm": "addmm(ones([5]), x[:, :, 0, 0], ones([4, 5]))",
    "baddbmm": "baddbmm(ones([4]), x[:, :, :, 0], y[:, :, :, 0] |> transpose([0, 2, 1]))",
}


def _infer_kron(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.other)
    if x.rank != 2 or y.rank != 2:
        raise Misfit(f"kron takes two matrices, found {x} and {y}")
    sizes = tuple(m * n for m, n in zip(x.shape, y.shape, strict=True))
    return numbers_of(TensorType(promoted(x.dtype, y.dtype), sizes))


def _lower_kron(b: Builder, a: Arguments) -> Value:
    x, y = type_of(a.input), type_of(a.other)
    left, right = (plain_in_type(b, side) for side in (a.input, a.other))
    spread = b.keras.ops.multiply(left[:, None, :, None], right[None, :, None, :])
    whole = x.with_shape((x.shape[0], y.shape[0], x.shape[1], y.shape[1]))
    return b.from_plain(b.reshape(spread, whole, b.output_type.shape))


def _vectors(a: Arguments) -> int:
    """The axis of the vectors: without ``dim`` the first of size 3. Raises Misfit."""
    x = type_of(a.input)
    if a.dim is None and 3 in x.shape:
        return x.shape.index(3)
    return axis_of(x, a.dim or 0)


def _infer_cross(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.other)
    if x.shape != y.shape or x.shape[_vectors(a)] != 3:
        along = "" if a.dim is None else f" along axis {a.dim}"
        raise Misfit(f"cross takes vectors of 3{along}, found {x} and {y}")
    return numbers_of(elementwise_type(x, y))


def _lower_cross(b: Builder, a: Arguments) -> Value:
    ops, axis = b.keras.ops, _vectors(a)
    sides = (plain_in_type(b, side) for side in (a.input, a.other))
    x, y = (ops.unstack(side, 3, axis=axis) for side in sides)
    pairs = ((1, 2), (2, 0), (0, 1))
    both = ops.multiply
    found = [both(x[i], y[j]) - both(x[j], y[i]) for i, j in pairs]
    return b.from_plain(ops.stack(found, axis=axis))


# ---- diagonals


def _infer_diagonal(a: Arguments) -> TensorType:
    x = type_of(a.input)
    first, second = axis_of(x, a.dim1), axis_of(x, a.dim2)
    if first == second:
        raise Misfit(f"dim1 and dim2 both name axis {first}")
    sizes = static((x.shape[first], x.shape[second]))
    if sizes is None:
        raise Misfit(f"diagonal needs sizes that are known, found {x}")
    count = min(sizes[0] + min(a.offset, 0), sizes[1] - max(a.offset, 0))
    if count < 1:
        raise Misfit(f"{x} has no diagonal {a.offset}")
    rest = tuple(dim for n, dim in enumerate(x.shape) if n not in (first, second))
    return x.with_shape((*rest, count))


def _lower_diagonal(b: Builder, a: Arguments) -> Value:
    """Through one axis that holds both: the diagonal is every (n + 1)th element of it."""
    ops, x = b.keras.ops, type_of(a.input)
    first, second = axis_of(x, a.dim1), axis_of(x, a.dim2)
    moved = ops.moveaxis(b.plain(a.input), (first, second), (-2, -1))
    columns = x.shape[second]
    count = b.output_type.shape[-1]
    assert isinstance(columns, int)
    assert isinstance(count, int)
    start = a.offset if a.offset >= 0 else -a.offset * columns
    places = [start + index * (columns + 1) for index in range(count)]
    rows, along = zip(*(divmod(place, columns) for place in places), strict=True)
    found = [moved[..., row, column] for row, column in zip(rows, along, strict=True)]
    return b.from_plain(ops.stack(found, axis=-1))


def _infer_embed(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if x.rank < 1 or not isinstance(x.shape[-1], int):
        raise Misfit(f"diag_embed needs a last axis that is known, found {x}")
    size: Dim = x.shape[-1] + abs(a.offset)
    square = x.with_shape((*x.shape[:-1], size, size))
    rows, columns = axis_of(square, a.dim1), axis_of(square, a.dim2)
    if rows == columns:
        raise Misfit(f"dim1 and dim2 both name axis {rows}")
    sizes = list(x.shape[:-1])
    for axis in sorted((rows, columns)):
        sizes.insert(axis, size)
    return x.with_shape(tuple(sizes))


def _lower_embed(b: Builder, a: Arguments) -> Value:
    ops, sides = b.keras.ops, [(0, 0)] * (type_of(a.input).rank - 1)
    axes = (axis_of(b.output_type, a.dim1), axis_of(b.output_type, a.dim2))
    size = b.output_type.shape[axes[0]]
    assert isinstance(size, int)
    before = max(-a.offset, 0)
    after = abs(a.offset) - before
    # row i holds its element in column i + offset
    rows = ops.pad(b.plain(a.input), [*sides, (before, after)])
    on = ops.eye(size, k=a.offset, dtype="bool")
    rows = ops.expand_dims(rows, -1)
    found = ops.where(on, rows, ops.zeros_like(rows))
    rank = b.output_type.rank
    in_place = axes == (rank - 2, rank - 1)
    return b.from_plain(found if in_place else ops.moveaxis(found, (-2, -1), axes))


_PLAIN = {"offset": 0, "dim1": -2, "dim2": -1}


def _lower_diag(b: Builder, a: Arguments) -> Value:
    return _lower_embed(b, Arguments(a, **_PLAIN))


def _infer_diag(a: Arguments) -> TensorType:
    if type_of(a.input).rank != 1:
        raise Misfit(f"diag takes a vector, found {type_of(a.input)}", "diagonal, or diag_embed")
    return _infer_embed(Arguments(a, **_PLAIN))


def _infer_trace(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if x.rank != 2 or static(x.shape) is None:
        raise Misfit(f"trace takes a matrix of known size, found {x}")
    return numbers_of(x).with_shape(())


def _lower_trace(b: Builder, a: Arguments) -> Value:
    ops, x = b.keras.ops, b.plain(a.input)
    rows, columns = static(type_of(a.input).shape) or (0, 0)
    on = ops.eye(rows, columns, dtype="bool")
    return b.from_plain(whole_of(b, ops.sum(ops.where(on, x, ops.zeros_like(x)))))


# ---- square ones


def _square(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if x.rank < 2 or x.shape[-1] != x.shape[-2] or not x.dtype.is_float:
        raise Misfit(f"square matrices are taken, found {x}")
    return x


def _of_square(
    word: str, function: str, summary: str, *more: Argument, to_number: bool = False
) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        x = _square(a)
        return x.with_shape(x.shape[:-2]) if to_number else x

    def lower(b: Builder, a: Arguments) -> Value:
        """Half precision by float32, since no backend has such matrices."""
        ops, dtype = b.keras.ops, type_of(a.input).dtype
        apply = getattr(ops, function)
        x, half = b.plain(a.input), dtype.itemsize < 4
        found = apply(ops.cast(x, "float32") if half else x)
        if a.get("upper"):
            found = ops.swapaxes(found, -2, -1)
        return b.from_plain(ops.cast(found, dtype.numpy) if half else found)

    return OpKind(
        name=word,
        signature=signature(_MATRIX, *more),
        summary=summary,
        example=f"{word}(x)",
        infer=infer,
        lower=lower,
    )


KINDS = (
    OpKind(
        name="tensor_dot",
        signature=signature(
            Argument("x1", Tensor(), help="a tensor"),
            Argument("x2", Tensor(), help="a tensor"),
            Argument(
                "axes",
                Either((Integer(0), ListOf(ListOf(Integer()), 2))),
                help="how many axes meet, last of x1 and first of x2, or both lists of them",
            ),
        ),
        summary="The sum of the products over axes of both.",
        example="tensor_dot(x, ones([1, 3]), 1)",
        infer=_infer_tensor_dot,
        lower=_lower_tensor_dot,
    ),
    _plus_product("addmm", 2, ("mat1", "mat2")),
    _plus_product("baddbmm", 3, ("batch1", "batch2")),
    OpKind(
        name="kron",
        signature=signature(_X, Argument("other", Tensor(), help="a matrix")),
        summary="The second matrix in place of each element of the first, times that.",
        example="kron(x[:, :, 0, 0], y[:, :, 0, 0])",
        infer=_infer_kron,
        lower=_lower_kron,
        **by_numpy(_lower_kron),
    ),
    OpKind(
        name="cross",
        signature=signature(
            _X,
            Argument("other", Tensor(), help="a tensor of that shape"),
            Argument(
                "dim", Optional(Integer()), None, "the axis of the vectors; none: the first of 3"
            ),
        ),
        summary="The vector product.",
        example="cross(ones([3]), ones([3]), 0)",
        infer=_infer_cross,
        lower=_lower_cross,
        **by_numpy(_lower_cross),
    ),
    OpKind(
        name="diagonal",
        signature=signature(
            _X,
            Argument("offset", Integer(), 0, "which diagonal; above 0: to the right"),
            Argument("dim1", Integer(), 0, "the axis of rows"),
            Argument("dim2", Integer(), 1, "the axis of columns"),
        ),
        summary="A diagonal of two axes, as the last axis.",
        example="diagonal(x, dim1 = 2, dim2 = 3)",
        infer=_infer_diagonal,
        lower=_lower_diagonal,
        **by_numpy(_lower_diagonal),
    ),
    OpKind(
        name="diag_embed",
        signature=signature(
            _X,
            Argument("offset", Integer(), 0, "which diagonal; above 0: to the right"),
            Argument("dim1", Integer(), -2, "the axis of rows in the result"),
            Argument("dim2", Integer(), -1, "the axis of columns in the result"),
        ),
        summary="Matrices with the last axis as a diagonal.",
        example="diag_embed(x)",
        infer=_infer_embed,
        lower=_lower_embed,
        **by_numpy(_lower_embed),
    ),
    OpKind(
        name="diag",
        signature=signature(Argument("input", Tensor(), help="a vector")),
        summary="The matrix with a vector as its diagonal.",
        example="diag(ones([3]))",
        infer=_infer_diag,
        lower=_lower_diag,
        **by_numpy(_lower_diag),
    ),
    OpKind(
        name="trace",
        signature=signature(Argument("input", Tensor(), help="a matrix")),
        summary="The sum of the diagonal.",
        example="trace(x[0, :, 0, :])",
        infer=_infer_trace,
        lower=_lower_trace,
        **by_numpy(_lower_trace),
    ),
    _of_square("inverse", "inv", "The inverse of square matrices."),
    _of_square("det", "det", "The determinant of square matrices.", to_number=True),
    _of_square(
        "cholesky",
        "cholesky",
        "L with L L^T = input, of symmetric positive matrices.",
        Argument("upper", Boolean(), False, "L^T in its place"),
    ),
)
