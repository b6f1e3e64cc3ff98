"""Tensors of edits: values made from numbers, from files, or from entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


@dataclass(frozen=True, kw_only=True)
class TensorKind(Kind):
    """``infer(arguments)`` sees each tensor as its type and gives the type of the result, or
    raises :class:`declspore.registry.kind.Misfit`; ``compute(np, arguments)`` sees each tensor as
    an array and gives the result as one.

    ``np`` is NumPy, handed in so that planning does not load it. ``of_tensors`` is whether it
    takes tensors, so that it has its place in edits only. ``moves`` is whether the elements of
    its tensors only move. ``scratch(arguments)`` counts, from the types of its tensors, the bytes
    it needs besides them and its result; where there is none, twice its result. ``runs_code`` is
    whether it runs code that the spec does not hold; ``reads_file`` whether ``infer`` looks at a
    file.
    """

    family: ClassVar[str] = "tensor"
    title: ClassVar[str] = "Tensors"
    room: ClassVar[str] = "tensors"
    rank: ClassVar[int] = 160

    infer: Callable[[Arguments], TensorType]
    compute: Callable[[Ops, Arguments], Array | tuple[Array, ...]]
    of_tensors: bool = False
    moves: bool = False
    of_stored: bool = False
    runs_code: bool = False
    scratch: Callable[[Arguments], int] | None = None
    reads_file: bool = False
