"""Containers: cells made of the cells they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.ir.value import CellLike
from declspore.registry.kind import Kind
from declspore.registry.types import Mismatch


@dataclass(frozen=True, slots=True)
class Cells:
    """A cell, or an op of one tensor used as one; the checker knows them."""

    name: str = "a cell"

    def accept(self, value: object) -> object:
        if not isinstance(value, CellLike):
            raise Mismatch(f"expected {self.name}")
        return value


@dataclass(frozen=True, kw_only=True)
class ContainerKind(Kind):
    """``is_sequence``: calling it calls its cells one after the other. ``complete`` checks its
    arguments, or raises :class:`declspore.registry.kind.Misfit`."""

    family: ClassVar[str] = "container"
    title: ClassVar[str] = "Containers"
    room: ClassVar[str] = "cells"
    rank: ClassVar[int] = 20

    is_sequence: bool
    complete: Callable[[Arguments], Arguments] = lambda arguments: arguments
