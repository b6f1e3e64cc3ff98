"""Pools of powers (mindspore.nn.LPPool1d, LPPool2d, 2.10)."""

from __future__ import annotations

from math import prod

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.numerics.compose import cell
from declspore.numerics.elementwise import floats_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Boolean, Integer, Number, Optional, Repeated


def _complete(a: Arguments) -> Arguments:
    if a.norm_type == 0:
        raise Misfit("norm_type may not be 0", "norm_type = 2")
    return Arguments(a, stride=a.stride or a.kernel_size)


def _mean(n: int, a: Arguments) -> Term:
    return cell(
        f"AvgPool{n}d",
        kernel_size=a.kernel_size,
        stride=a.stride,
        pad_mode="pad",
        ceil_mode=a.ceil_mode,
    )


def _cell(n: int) -> CellKind:
    word = f"LPPool{n}d"

    def infer(a: Arguments, x: TensorType) -> TensorType | tuple[TensorType, ...]:
        if floats_of(x).rank != n + 2:
            raise Misfit(f"{word} takes [N, C, {'L' if n == 1 else 'H, W'}], found {x}")
        mean = _mean(n, a)
        return vocabulary().of(CellKind, mean.word).infer(mean.arguments, x)

    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        ops, mean = b.keras.ops, _mean(n, a)
        powers = b.value(x.type, ops.power(b.plain(x), a.norm_type))
        found = vocabulary().of(CellKind, mean.word).lower(b, mean.arguments, powers)
        count = float(prod(a.kernel_size))
        return b.elementwise(lambda tensor: ops.power(tensor * count, 1.0 / a.norm_type), found)

    return CellKind(
        name=word,
        signature=signature(
            Argument("norm_type", Number(), help="the power p, not 0"),
            Argument("kernel_size", Repeated(Integer(1), n), help="the window along each axis"),
            Argument("stride", Optional(Repeated(Integer(1), n)), None, "none: the window"),
            Argument("ceil_mode", Boolean(), False, "whether a window may reach beyond the end"),
        ),
        summary=(
            "sum(x^p)^(1/p) of each window; one that reaches beyond the end counts the mean of "
            "what it has for what it lacks."
        ),
        example=f"{word}(2, 3)",
        complete=_complete,
        infer=infer,
        lower=lower,
        parts=lambda a: {"mean": _mean(n, a)},
    )


KINDS = (_cell(1), _cell(2))
