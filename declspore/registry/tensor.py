"""Tensor constructors: values made from numbers alone, for ``add`` and ``set``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.dtype import DType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


@dataclass(frozen=True, kw_only=True)
class TensorKind(Kind):
    """``infer(arguments)`` gives element type and shape; ``compute(np, arguments)`` the array.

    ``np`` is NumPy, handed in so that planning does not load it.
    """

    family: ClassVar[str] = "tensor"

    infer: Callable[[Arguments], tuple[DType, tuple[int, ...]]]
    compute: Callable[[Any, Arguments], Any]
