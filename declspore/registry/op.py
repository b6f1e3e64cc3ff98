"""Ops: functions that ``construct`` calls. They own no parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.registry.kind import Kind
from declspore.registry.work import Work


@dataclass(frozen=True, kw_only=True)
class OpKind(Kind):
    """A function of tensors and plain values.

    ``infer(arguments)`` sees each tensor as its type and gives the type of the result, or raises
    :class:`declspore.registry.kind.Misfit`; ``lower(builder, arguments)`` sees each tensor as a
    value. ``operator`` is the sign that stands for it between two tensors, if any. ``work``
    counts multiply-adds from the types of its tensors and results.
    """

    family: ClassVar[str] = "op"

    infer: Callable[..., Any]
    lower: Callable[..., Any]
    operator: str | None = None
    work: Work | None = None
