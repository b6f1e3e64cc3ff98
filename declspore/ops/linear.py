"""Products of matrices."""

from __future__ import annotations

from declspore.ir.shape import Dim, Shape, TensorType, product
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.broadcast import broadcast
from declspore.numerics.elementwise import numbers_of, of_one_type, whole_of
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.multiply_adds import Types
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Tensor, Text

_A = Argument("input", Tensor(), help="matrices, the last two axes")
_B = Argument("other", Tensor(), help="matrices, the last two axes; those before broadcast")


def _infer_matmul(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.other)
    of_one_type(numbers_of(x), y)
    if not x.rank or not y.rank:
        raise Misfit("a number has no rows and columns")
    inner = y.shape[-2] if y.rank > 1 else y.shape[0]
    if x.shape[-1] != inner:
        raise Misfit(f"the last axis of {x} is {x.shape[-1]}, the rows of {y} are {inner}")
    batch = broadcast(x.shape[:-2], y.shape[:-2])
    rows = x.shape[-2:-1] if x.rank > 1 else ()
    columns = y.shape[-1:] if y.rank > 1 else ()
    return x.with_shape((*batch, *rows, *columns))


def _infer_bmm(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.other)
    if min(x.rank, y.rank) < 3 or x.shape[:-2] != y.shape[:-2]:
        raise Misfit(f"bmm takes as many matrices on both sides, found {x} and {y}", "matmul")
    return _infer_matmul(a)


def _work(a: Arguments, inputs: Types, outputs: Types) -> Dim:
    return product(outputs[0].shape) * inputs[0].shape[-1]


def _work_einsum(a: Arguments, inputs: Types, outputs: Types) -> Dim:
    terms, _ = _parse(a.equation, inputs)
    sizes = {
        letter: dim
        for term, x in zip(terms, inputs, strict=True)
        for letter, dim in zip(term, x.shape, strict=True)
    }
    return product(tuple(sizes.values()))


def _lower(b: Builder, a: Arguments) -> Value:
    found = b.keras.ops.matmul(b.plain(a.input), b.plain(a.other))
    return b.from_plain(whole_of(b, found))


def _compute(n: Arrays, a: Arguments) -> Array:
    return n.matmul(n.wide(a.input), n.wide(a.other))


def _parse(equation: str, operands: tuple[object, ...]) -> tuple[list[str], str]:
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow or "." in equation:
        raise Misfit(f'"{equation}" must say its result, and name each axis', '"bij,bjk->bik"')
    if len(terms) != len(operands):
        raise Misfit(f'"{equation}" is of {len(terms)} tensors, {len(operands)} are given')
    return terms, right


def _infer_einsum(a: Arguments) -> TensorType:
    terms, result = _parse(a.equation, a.operands)
    sizes: dict[str, Dim] = {}
    for term, operand in zip(terms, a.operands, strict=True):
        x = type_of(operand)
        if len(term) != x.rank or not term.isalpha():
            raise Misfit(f'"{term}" names {len(term)} axes, {x} has {x.rank}')
        for letter, dim in zip(term, x.shape, strict=True):
            if sizes.setdefault(letter, dim) != dim:
                raise Misfit(f"axis {letter} is {sizes[letter]} and {dim}")
    unknown = [letter for letter in result if letter not in sizes]
    if unknown:
        raise Misfit(f'no tensor has the axis "{unknown[0]}" of the result')
    shape: Shape = tuple(sizes[letter] for letter in result)
    first, *others = (numbers_of(operand) for operand in a.operands)
    of_one_type(first, *others)
    return first.with_shape(shape)


def _lower_einsum(b: Builder, a: Arguments) -> Value:
    operands = [b.plain(value) for value in a.operands]
    return b.from_plain(whole_of(b, b.keras.ops.einsum(a.equation.replace(" ", ""), *operands)))


KINDS = (
    OpKind(
        name="matmul",
        signature=signature(_A, _B),
        summary="The product of matrices.",
        example="x @ y",
        infer=_infer_matmul,
        lower=_lower,
        compute=_compute,
        operator="@",
        multiply_adds=_work,
    ),
    OpKind(
        name="bmm",
        signature=signature(
            Argument("input", Tensor(), help="[N, ..., rows, inner]"),
            Argument("other", Tensor(), help="[N, ..., inner, columns]"),
        ),
        summary="The product of matrices, one by one.",
        example="bmm(x[:, :, :, 0], y[:, :, :, 0] |> swapaxes(1, 2))",
        infer=_infer_bmm,
        lower=_lower,
        compute=_compute,
        multiply_adds=_work,
    ),
    OpKind(
        name="einsum",
        signature=signature(
            Argument("equation", Text(), help='axes by letters, such as "bij,bjk->bik"'),
            Argument("operands", ListOf(Tensor()), help="a list of tensors"),
        ),
        summary="Sums of products over axes that the result does not name.",
        example='einsum("bchw,bkhw->bck", [x, y])',
        infer=_infer_einsum,
        lower=_lower_einsum,
        multiply_adds=_work_einsum,
    ),
)
