"""Cells: what a network is made of. A leaf cell owns parameters and becomes Keras layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Kind
from declspore.registry.work import Work


@dataclass(frozen=True, slots=True)
class OwnParameter:
    """A parameter of a cell, named within it, in MindSpore's layout."""

    name: str
    shape: tuple[int, ...]
    init: Term
    trainable: bool = True
    dtype: DType = FLOAT32


def no_parameters(arguments: Arguments) -> tuple[OwnParameter, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class CellKind(Kind):
    """A leaf cell.

    ``parameters(arguments)`` lists its parameters in MindSpore's order. ``infer(arguments,
    *types)`` gives the type of the result, or raises :class:`declspore.registry.kind.Misfit`.
    ``lower(builder, arguments, *values)`` makes the layers and gives the result. ``complete``
    checks arguments against each other and fills in what MindSpore derives. ``inputs`` names
    what a call takes; inputs that are ``optional`` reach ``infer`` and ``lower`` by name.
    ``work(arguments, inputs, outputs)`` counts the multiply-adds of a call from types.
    """

    family: ClassVar[str] = "cell"

    infer: Callable[..., Any]
    lower: Callable[..., Any]
    parameters: Callable[[Arguments], tuple[OwnParameter, ...]] = no_parameters
    complete: Callable[[Arguments], Arguments] | None = None
    inputs: tuple[str, ...] = ("x",)
    optional: tuple[str, ...] = ()
    work: Work | None = None
