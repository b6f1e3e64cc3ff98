"""Tensors made of the values of entries, besides what the ops do."""

from __future__ import annotations

from typing import Any

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.first_value import distribution, first_value
from declspore.numerics.initial import InitialValue
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import (
    Either,
    ElementType,
    Integer,
    ListOf,
    Number,
    Optional,
    Shape,
    Tensor,
    Text,
)

_BLOCK = 1 << 18
"""Elements that are averaged at once."""

_TENSORS = Argument("tensors", ListOf(Tensor()), help="a list of tensors of one type")
_X = Argument("input", Tensor(), help="a tensor")


def _alike(a: Arguments) -> TensorType:
    """The one type of a list of tensors. Raises Misfit."""
    if not a.tensors:
        raise Misfit("the list of tensors is empty")
    first, *others = map(type_of, a.tensors)
    for other in others:
        if other != first:
            raise Misfit(f"{first} and {other} differ", "cast or slice them to one type first")
    return first


def _infer_average(a: Arguments) -> TensorType:
    if a.weights is not None and len(a.weights) != len(a.tensors):
        raise Misfit(f"{len(a.weights)} weights for {len(a.tensors)} tensors")
    if a.weights is not None and sum(a.weights) == 0:
        raise Misfit("the weights add up to 0")
    return _alike(a)


def _average(np: Ops, a: Arguments) -> Array:
    first = a.tensors[0]
    if first.dtype.kind not in "fV" and first.dtype.name != "bfloat16":
        return _same(np, a)
    weights = a.weights or (1.0,) * len(a.tensors)
    found = np.empty(first.shape, np.float64 if first.dtype == np.float64 else np.float32)
    flat = found.reshape(-1)
    given = [tensor.reshape(-1) for tensor in a.tensors]
    for start in range(0, flat.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        total = np.zeros(flat[part].shape, np.float64)
        for tensor, weight in zip(given, weights, strict=True):
            total += tensor[part].astype(np.float64) * weight
        flat[part] = total / sum(weights)
    return found


def _same(np: Ops, a: Arguments) -> Array:
    first = a.tensors[0]
    for index, other in enumerate(a.tensors[1:], start=1):
        if not _same_bits(np, first, other):
            raise Misfit(
                f"the values differ: number 0 and number {index} of {len(a.tensors)}",
                "concat(...), average(...) of floats, or one of them: it[0]",
            )
    return first


def _same_bits(np: Ops, one: Array, other: Array) -> bool:
    bits = f"u{one.dtype.itemsize}" if one.dtype.itemsize <= 8 else one.dtype
    left, right = (np.ascontiguousarray(x).reshape(-1).view(bits) for x in (one, other))
    return bool(np.array_equal(left, right))


def _infer_place(a: Arguments) -> TensorType:
    x = type_of(a.input)
    starts = a.at if a.at is not None else (0,) * x.rank
    if len(a.shape) != x.rank or len(starts) != x.rank:
        raise Misfit(f"{x} has {x.rank} axes, the shape {len(a.shape)}, at {len(starts)}")
    for axis, (size, whole, start) in enumerate(zip(x.shape, a.shape, starts, strict=True)):
        if start + size > whole:
            raise Misfit(f"axis {axis}: {start} + {size} is more than {whole}")
    if a.into is not None and type_of(a.into) != TensorType(x.dtype, a.shape):
        raise Misfit(f"{type_of(a.into)} is not {TensorType(x.dtype, a.shape)}")
    return TensorType(x.dtype, a.shape)


def _place(np: Ops, a: Arguments) -> Array:
    x = a.input
    found = np.full(a.shape, a.value, x.dtype) if a.into is None else a.into.astype(x.dtype)
    starts = a.at if a.at is not None else (0,) * x.ndim
    found[tuple(slice(s, s + n) for s, n in zip(starts, x.shape, strict=True))] = x
    return found


def _factors(
    shape: tuple[int, ...], scales: tuple[int, ...], block: int | tuple[int, ...]
) -> tuple[int, ...]:
    """How many elements of each axis share a factor of the scale. Raises Misfit."""
    rank = len(shape)
    blocks = block if isinstance(block, tuple) else (block,) * rank
    if len(scales) > rank or len(blocks) != rank:
        raise Misfit(f"the tensor has {rank} axes, the scale {len(scales)}, block {len(blocks)}")
    found = []
    scales = (*scales, *(1,) * (rank - len(scales)))
    for axis, (size, many, width) in enumerate(zip(shape, scales, blocks, strict=True)):
        if many not in (1, size, -(-size // width)):
            own = f"{size} elements, {-(-size // width)} blocks of {width}"
            help = f"block = {-(-size // many)}" if 0 < many < size else None
            raise Misfit(f"axis {axis} has {own}, and the scale has {many} factors there", help)
        found.append(size if many == 1 else 1 if many == size else width)
    return tuple(found)


def _infer_dequantize(a: Arguments) -> TensorType:
    x, scale = type_of(a.input), type_of(a.scale)
    if x.dtype.kind == "packed":
        raise Misfit(f"{x.dtype.short} is kept as bytes, whose numbers are not known here")
    if not scale.dtype.is_float:
        raise Misfit(f"the scale must be of floats, found {scale}", "cast(..., f32)")
    _factors(_sizes(x), _sizes(scale), a.block)
    return TensorType(a.dtype, x.shape)


def _sizes(type: TensorType) -> tuple[int, ...]:
    return tuple(size for size in type.shape if isinstance(size, int))  # entries have no symbols


def _dequantize(np: Any, a: Arguments) -> Any:
    x, scale = a.input, a.scale.astype(np.float32)
    scale = scale.reshape(*scale.shape, *(1,) * (x.ndim - scale.ndim))
    for axis, size in enumerate(_factors(x.shape, a.scale.shape, a.block)):
        if scale.shape[axis] > 1 and size > 1:
            scale = np.repeat(scale, size, axis=axis)
    whole = tuple(slice(0, size) for size in x.shape)
    return x.astype(np.float32) * scale[whole]


def _infer_initial(a: Arguments) -> TensorType:
    distribution(a.init, a.shape)
    return TensorType(a.dtype, a.shape)


def _initial(np: Ops, a: Arguments) -> Array:
    return first_value(np, a.init, a.shape, a.path, a.seed).astype(a.dtype.as_numpy())


def _infer_apply(a: Arguments) -> TensorType:
    module, colon, function = a.function.partition(":")
    if not colon or not module or not function.isidentifier():
        raise Misfit(f'"{a.function}" names no function', '"module:function"')
    first = type_of(a.tensors[0]) if a.tensors else TensorType(FLOAT32, ())
    return TensorType(a.dtype or first.dtype, first.shape if a.shape is None else a.shape)


def _apply(np: Any, a: Arguments) -> Any:
    from importlib import import_module

    name, _, function = a.function.partition(":")
    expected = _types_of(np, a)
    try:
        apply = getattr(import_module(name), function)
        found = np.asarray(apply(*a.tensors))
    except Exception as error:  # whatever the user's code raises
        raise Misfit(f"{a.function} failed: {type(error).__name__}: {error}") from error
    if (found.dtype, found.shape) != expected:
        raise Misfit(
            f"{a.function} gave {found.dtype}{list(found.shape)}, not "
            f"{expected[0]}{list(expected[1])}",
            "say its shape and dtype: apply(..., shape = [...], dtype = f32)",
        )
    return found


def _types_of(np: Ops, a: Arguments) -> tuple[Array, tuple[int, ...]]:
    first = a.tensors[0] if a.tensors else np.zeros((), np.float32)
    dtype = first.dtype if a.dtype is None else a.dtype.as_numpy()
    return dtype, first.shape if a.shape is None else a.shape


KINDS = (
    TensorKind(
        name="average",
        signature=signature(
            _TENSORS,
            Argument("weights", Optional(ListOf(Number())), None, "one for each; none: all alike"),
        ),
        summary="The mean of tensors: of floats computed in float64 and rounded once; "
        "integers must agree.",
        example="average([zeros([2]), ones([2])])",
        infer=_infer_average,
        compute=_average,
        of_tensors=True,
    ),
    TensorKind(
        name="same",
        signature=signature(_TENSORS),
        summary="The one value that tensors have, bit by bit; else an error.",
        example="same([ones([2]), ones([2])])",
        infer=_alike,
        compute=_same,
        of_tensors=True,
        moves=True,
    ),
    TensorKind(
        name="place",
        signature=signature(
            _X,
            Argument("shape", Shape(), help="sizes of the result"),
            Argument("at", Optional(ListOf(Integer(0))), None, "where it begins; none: at 0"),
            Argument("value", Number(infinite=True), 0.0, "the value elsewhere"),
            Argument(
                "into", Optional(Tensor()), None, "a tensor of that shape for the values elsewhere"
            ),
        ),
        summary="The tensor as a block of a larger one.",
        example="place(ones([2]), [5], at = [1])",
        infer=_infer_place,
        compute=_place,
        of_tensors=True,
    ),
    TensorKind(
        name="initial",
        signature=signature(
            Argument("init", InitialValue(), help='such as HeNormal(), or its name as "text"'),
            Argument("shape", Shape(), help="sizes of the axes, in MindSpore's layout"),
            Argument("seed", Integer(0), 0, "the same seed and path give the same numbers"),
            Argument("path", Text(), "", "name of the parameter that starts from it"),
            Argument("dtype", ElementType(), FLOAT32, "element type"),
        ),
        summary="What a parameter with that initializer starts from.",
        example="initial(HeNormal(), [16, 3, 3, 3])",
        infer=_infer_initial,
        compute=_initial,
        of_tensors=True,
    ),
    TensorKind(
        name="dequantize",
        signature=signature(
            _X,
            Argument("scale", Tensor(), help="factors of blocks, of rows, or one of all"),
            Argument(
                "block",
                Either((Integer(1), ListOf(Integer(1)))),
                128,
                "elements of an axis that share a factor, where it has more than one",
            ),
            Argument("dtype", ElementType(), FLOAT32, "element type of the result"),
        ),
        summary=(
            "Values of eight bits (floats or integers) times their scale. Along an axis the scale "
            "has one factor, one for each element, or one for each block; the last block may be "
            "shorter. Axes that it lacks are the last ones."
        ),
        example="dequantize(ones([4, 256]), ones([1, 2]))",
        infer=_infer_dequantize,
        compute=_dequantize,
        of_tensors=True,
        of_stored=True,
    ),
    TensorKind(
        name="apply",
        signature=signature(
            Argument("function", Text(), help='"module:function" of Python'),
            Argument("tensors", ListOf(Tensor()), help="what it is called with, as NumPy arrays"),
            Argument("shape", Optional(Shape()), None, "of its result; none: of the first tensor"),
            Argument("dtype", Optional(ElementType()), None, "of its result; none: of the first"),
        ),
        summary="What a function of Python makes of tensors. Off unless --allow-python is given: a "
        "spec runs no code by itself.",
        example='apply("packing:pack", [ones([2])])',
        infer=_infer_apply,
        compute=_apply,
        of_tensors=True,
        runs_code=True,
    ),
)
