"""Diagnostics of networks: shapes and declared types, E40x."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from declspore.diagnostic import Diagnostic, Label
from declspore.ir.shape import Dim, TensorType
from declspore.source import Span


def shape_misfit(span: Span, reason: str, help: str | None, places: Iterable[Label]) -> Diagnostic:
    return Diagnostic("E401", reason, (Label(span), *places), helps=(help,) if help else ())


def type_differs(span: Span, what: str, declared: str, found: str, origin: Span) -> Diagnostic:
    written = span.text
    known = f"declared {written}" if written == declared else f"declared {written}, here {declared}"
    labels = (Label(span, known), Label(origin, f"{found} comes from here"))
    return Diagnostic("E402", f"{what} is {found}, {known}", labels)


def unknown_sizes(span: Span, sizes: Sequence[Dim], inputs: Sequence[TensorType]) -> Diagnostic:
    shown = " and ".join(dict.fromkeys(f"`{size}`" for size in sizes))
    types = " and ".join(map(str, inputs))
    return Diagnostic(
        "E401",
        f"{shown} cannot be computed from the sizes of {types}",
        (Label(span),),
        helps=("an input with an axis for each symbol, such as f32[B, 3, H, W]",),
    )


def no_input_type(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E403",
        f"the input `{name}` of a network or loss needs a type",
        (Label(span),),
        helps=(f"{name}: f32[B, 3, H, W]",),
    )
