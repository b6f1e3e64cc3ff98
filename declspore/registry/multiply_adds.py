"""Multiply-adds: what a call costs, counted from types, so that sizes may stay symbolic."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import Dim, TensorType
from declspore.ir.term import Arguments

Types = tuple[TensorType, ...]
MultiplyAdds = Callable[[Arguments, Types, Types], Dim]
