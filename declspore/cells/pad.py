"""Cells that put elements around a tensor."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.padding import check_mirrored, cut, filling, padded_shape, replicated
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Either, Integer, ListOf, Number


def _sides(n: int, a: Arguments) -> tuple[tuple[int, int], ...]:
    """Before and after each spatial axis; MindSpore names the last axis first."""
    given = a.padding if isinstance(a.padding, tuple) else (a.padding,) * (2 * n)
    return tuple((given[2 * i], given[2 * i + 1]) for i in reversed(range(n)))


def _infer(word: str, n: int, a: Arguments, x: TensorType, mode: str) -> TensorType:
    if x.rank < n + 1:
        raise Misfit(f"{word} takes at least {n + 1} axes, found {x}")
    sides = _sides(n, a)
    if mode == "reflect":
        check_mirrored(x.shape[-n:], sides)
    return x.with_shape((*x.shape[:-n], *padded_shape(x.shape[-n:], sides)))


def _cell(prefix: str, n: int, mode: str, summary: str) -> CellKind:
    word = f"{prefix}Pad{n}d"

    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        tensor, sides = cut(b.plain(x), ((0, 0),) * (x.type.rank - n) + _sides(n, a))
        if mode == "replicate":
            return b.from_plain(replicated(b.keras.ops, tensor, sides))
        value = filling(x.type.dtype, a.value if prefix == "Constant" else 0.0)
        options = {"constant_values": value} if mode == "constant" else {}
        return b.from_plain(b.keras.ops.pad(tensor, sides, mode=mode, **options))

    count = Integer(0 if mode == "reflect" else None)  # below 0: how many are taken away
    padding = Either((count, ListOf(count, 2 * n)))
    named = {
        1: "[left, right]",
        2: "[left, right, top, bottom]",
        3: "[left, right, top, bottom, front, back]",
    }
    value = (
        (Argument("value", Number(infinite=True), help="what is put"),)
        if prefix == "Constant"
        else ()
    )
    return CellKind(
        name=word,
        signature=signature(
            Argument("padding", padding, help=f"one number, or {named[n]}"), *value
        ),
        summary=summary,
        example=f"{word}(1, 0.5)" if value else f"{word}(1)",
        infer=lambda a, x: _infer(word, n, a, x, mode),
        lower=lower,
    )


# ---- every axis


def _infer_pad(a: Arguments, x: TensorType) -> TensorType:
    if len(a.paddings) != x.rank:
        raise Misfit(f"paddings name {len(a.paddings)} axes, {x} has {x.rank}")
    if a.mode != "CONSTANT":
        check_mirrored(x.shape, a.paddings, whole=a.mode == "SYMMETRIC")
    return x.with_shape(padded_shape(x.shape, a.paddings))


def _mirrored_whole(ops: Ops, x: Tensor, sides: tuple[tuple[int, int], ...]) -> Tensor:
    """Mirrored with the outermost elements: on PyTorch, Keras repeats the outermost instead."""
    for axis, (before, after) in enumerate(sides):
        front = (slice(None),) * axis
        parts = [x]
        if before:
            parts.insert(0, ops.flip(x[(*front, slice(0, before))], axis=axis))
        if after:
            parts.append(ops.flip(x[(*front, slice(-after, None))], axis=axis))
        x = ops.concatenate(parts, axis=axis) if len(parts) > 1 else x
    return x


def _lower_pad(b: Builder, a: Arguments, x: Value) -> Value:
    if a.mode == "SYMMETRIC":
        return b.from_plain(_mirrored_whole(b.keras.ops, b.plain(x), a.paddings))
    return b.from_plain(b.keras.ops.pad(b.plain(x), a.paddings, mode=a.mode.lower()))


_EVERY_AXIS = CellKind(
    name="Pad",
    signature=signature(
        Argument("paddings", ListOf(ListOf(Integer(0), 2)), help="[before, after] of every axis"),
        Argument(
            "mode", Choice(("CONSTANT", "REFLECT", "SYMMETRIC")), "CONSTANT", "zeros, or mirrored"
        ),
    ),
    summary="Zeros around any axis, or its elements mirrored without or with the outermost.",
    example="Pad([[0, 0], [1, 2]])",
    infer=_infer_pad,
    lower=_lower_pad,
)

KINDS = (
    _EVERY_AXIS,
    *(
        _cell(prefix, n, mode, summary)
        for prefix, mode, summary in (
            ("Zero", "constant", "Zeros around the last axes."),
            ("Constant", "constant", "A value around the last axes."),
            ("Reflection", "reflect", "The elements mirrored at both ends of the last axes."),
            ("Replication", "replicate", "The outermost elements repeated around the last axes."),
        )
        for n in (1, 2, 3)
    ),
)
