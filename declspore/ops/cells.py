"""Cells without parameters as functions: pools, shuffles, activations with arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.compose import cell
from declspore.numerics.pooling import UNPOOLED
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import (
    Boolean,
    Integer,
    Number,
    Optional,
    Repeated,
    Tensor,
)

_X = Argument("input", Tensor(), help="a tensor")

_TENSORS = ("input", "indices")

Translation = Callable[[Arguments], Mapping[str, object]]


def _given(a: Arguments) -> Mapping[str, object]:
    return {name: value for name, value in a.items() if name not in _TENSORS}


def _function(
    word: str,
    of: str,
    *arguments: Argument,
    example: str,
    takes: Translation = _given,
    tensors: tuple[str, ...] = ("input",),
    options: tuple[str, ...] = (),
    plain: bool = False,
) -> OpKind:
    """The op that does what a cell does; ``takes`` makes the cell's arguments of the op's, but for
    ``options`` of its call. Where ``plain``, NumPy has what the cell calls."""

    def kind() -> CellKind:
        return vocabulary().of(CellKind, of)

    def infer(a: Arguments) -> TensorType | tuple[TensorType, ...]:
        given = (type_of(a[name]) for name in tensors)
        called = {name: a[name] for name in options}
        return kind().infer(cell(of, **takes(a)).arguments, *given, **called)

    def lower(b: Builder, a: Arguments) -> Value | tuple[Value, ...]:
        called = {name: a[name] for name in options}
        given = (a[name] for name in tensors)
        return kind().lower(b, cell(of, **takes(a)).arguments, *given, **called)

    more = [Argument(name, Tensor(), help="a tensor") for name in tensors[1:]]
    return OpKind(
        name=word,
        signature=signature(_X, *more, *arguments),
        summary=f"What the cell {of} does.",
        example=example,
        infer=infer,
        lower=lower,
        **(by_numpy(lower) if plain else {}),
    )


# ---- pools: no pad_mode, and a stride that follows the window


def _window(n: int) -> tuple[Argument, ...]:
    return (
        Argument("kernel_size", Repeated(Integer(1), n), help="the window along each axis"),
        Argument("stride", Optional(Repeated(Integer(1), n)), None, "none: the window"),
        Argument("padding", Repeated(Integer(0), n), 0, "room on both sides of each axis"),
    )


_PLACES = Argument(
    "return_indices",
    Boolean(),
    False,
    "whether their places come too, numbered through the spatial axes",
)


def _padded(a: Arguments) -> dict[str, object]:
    return {**_given(a), "stride": a.stride or a.kernel_size, "pad_mode": "pad"}


def _average(n: int) -> OpKind:
    window = Argument("kernel_size", Repeated(Integer(1), n), 1, "the window along each axis")
    stride = Argument("stride", Repeated(Integer(1), n), 1, "along each axis")
    padding = Argument("padding", Repeated(Integer(0), n), 0, "room on both sides of each axis")
    divisor = (Argument("divisor_override", Integer(0), 0, "0: the number of elements"),)

    def takes(a: Arguments) -> dict[str, object]:
        return {**_padded(a), "divisor_override": a.get("divisor_override") or None}

    return _function(
        f"avg_pool{n}d",
        f"AvgPool{n}d",
        window,
        stride,
        padding,
        Argument("ceil_mode", Boolean(), False, "whether a window may reach beyond the end"),
        Argument("count_include_pad", Boolean(), True, "whether padding counts as elements"),
        *(divisor if n > 1 else ()),
        example=f"avg_pool{n}d({_EXAMPLE[n]}, 1)",
        takes=takes,
    )


_EXAMPLE = {1: "squeeze(x, axis = 3)", 2: "x", 3: "expand_dims(x, 2)"}


def _largest(n: int) -> OpKind:
    ceil = Argument("ceil_mode", Boolean(), False, "whether a window may reach beyond the end")
    return _function(
        f"max_pool{n}d",
        f"MaxPool{n}d",
        *_window(n),
        Argument("dilation", Repeated(Integer(1), n), 1, "gaps in the window; 1: none"),
        *((_PLACES, ceil) if n == 2 else (ceil, _PLACES)),  # as MindSpore's two functions have them
        example=f"max_pool{n}d({_EXAMPLE[n]}, 1)",
        takes=_padded,
    )


def _unpool(n: int) -> OpKind:
    shape = f"[1, 2{', 3' * n}]"
    return _function(
        f"max_unpool{n}d",
        f"MaxUnpool{n}d",
        *_window(n),
        UNPOOLED,
        takes=lambda a: {name: a[name] for name in ("kernel_size", "stride", "padding")},
        options=("output_size",),
        example=f"max_unpool{n}d(ones({shape}), zeros({shape}, dtype = i32), 2)",
        tensors=("input", "indices"),
    )


def _powers(n: int) -> OpKind:
    return _function(
        f"lp_pool{n}d",
        f"LPPool{n}d",
        Argument("norm_type", Number(), help="the power p, not 0"),
        *_window(n)[:2],
        Argument("ceil_mode", Boolean(), False, "whether a window may reach beyond the end"),
        example=f"lp_pool{n}d({_EXAMPLE[n]}, 2, 1)",
    )


def _adaptive(n: int, kind: str) -> OpKind:
    return _function(
        f"adaptive_{kind.lower()}_pool{n}d",
        f"Adaptive{kind}Pool{n}d",
        Argument(
            "output_size", Repeated(Optional(Integer(1)), n), help="its sizes; none: the input's"
        ),
        *((_PLACES,) if kind == "Max" and n > 1 else ()),
        example=f"adaptive_{kind.lower()}_pool{n}d({_EXAMPLE[n]}, 1)",
    )


_LAMBD = Argument("lambd", Number(0.0), 0.5, "what is taken for 0")

KINDS = (
    *(_average(n) for n in (1, 2, 3)),
    *(_largest(n) for n in (2, 3)),
    *(_adaptive(n, kind) for kind in ("Avg", "Max") for n in (1, 2, 3)),
    *(_unpool(n) for n in (1, 2, 3)),
    *(_powers(n) for n in (1, 2)),
    _function(
        "pixel_shuffle",
        "PixelShuffle",
        Argument("upscale_factor", Integer(1), help="how much larger"),
        example="x |> pixel_shuffle(2)",
        plain=True,
    ),
    _function(
        "pixel_unshuffle",
        "PixelUnshuffle",
        Argument("downscale_factor", Integer(1), help="how much smaller"),
        example="x |> pixel_unshuffle(1)",
        plain=True,
    ),
    _function(
        "channel_shuffle",
        "ChannelShuffle",
        Argument("groups", Integer(1), help="groups of channels"),
        example="x |> channel_shuffle(2)",
        plain=True,
    ),
    _function(
        "celu",
        "CELU",
        Argument("alpha", Number(), 1.0, "what it falls to below 0"),
        example="x |> celu",
        plain=True,
    ),
    _function(
        "lrn",
        "LRN",
        Argument("depth_radius", Integer(0), 5, "channels to each side that count"),
        Argument("bias", Number(above=0.0), 1.0, "added to the sum"),
        Argument("alpha", Number(), 1.0, "factor of the sum"),
        Argument("beta", Number(), 0.5, "power of the divisor"),
        example="x |> lrn",
    ),
    _function("lgamma", "LGamma", example="x |> lgamma"),
    _function("digamma", "DiGamma", example="x |> digamma"),
    _function("fast_gelu", "FastGelu", example="x |> fast_gelu", plain=True),
    _function(
        "hardtanh",
        "Hardtanh",
        Argument("min_val", Number(infinite=True), -1.0, "the least value"),
        Argument("max_val", Number(infinite=True), 1.0, "the largest value"),
        example="x |> hardtanh",
        plain=True,
    ),
    _function("hardshrink", "HShrink", _LAMBD, example="x |> hardshrink", plain=True),
    _function("softshrink", "SoftShrink", _LAMBD, example="x |> softshrink", plain=True),
    _function("tanhshrink", "Tanhshrink", example="x |> tanhshrink", plain=True),
    _function(
        "softmin",
        "Softmin",
        Argument("axis", Integer(), -1, "the axis that sums to 1"),
        example="x |> softmin(axis = 1)",
        plain=True,
    ),
    _function(
        "glu",
        "GLU",
        Argument("axis", Integer(), -1, "the axis that is halved"),
        example="x |> glu(axis = 1)",
        plain=True,
    ),
    _function(
        "threshold",
        "Threshold",
        Argument("thr", Number(infinite=True), help="above it x stays"),
        Argument("value", Number(infinite=True), help="the value elsewhere"),
        example="x |> threshold(0.1, 0.0)",
        plain=True,
        takes=lambda a: {"threshold": a.thr, "value": a.value},
    ),
)
