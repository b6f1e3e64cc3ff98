"""Ops: functions that ``construct`` calls. They own no parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from declspore.registry.kind import Kind
from declspore.registry.work import Work


@dataclass(frozen=True, kw_only=True)
class OpKind(Kind):
    """A function of tensors and plain values.

    ``infer(arguments)`` sees each tensor as its type and gives the type of the result, or raises
    :class:`declspore.registry.kind.Misfit`; ``lower(builder, arguments)`` sees each tensor as a
    value. ``operator`` is the sign that stands for it between two tensors, if any. ``work``
    counts multiply-adds from the types of its tensors and results. ``in_edits`` is whether values
    of an edit may be made with it: it ``computes`` with nothing but
    :mod:`declspore.tasks.edit.array_ops`, or even ``moves`` elements only, each as it was.
    ``scratch`` counts, from the types of its tensors, the bytes it then needs next to them and its
    results; where there is none, twice its results. ``refused_in_edits`` tells, from the types,
    what a use of it asks for that edits do not compute, if anything.
    """

    family: ClassVar[str] = "op"

    infer: Callable[..., Any]
    lower: Callable[..., Any]
    operator: str | None = None
    work: Work | None = None
    in_edits: Literal["computes", "moves"] | None = None
    scratch: Callable[..., int] | None = None
    refused_in_edits: Callable[..., str | None] | None = None

    @property
    def moves(self) -> bool:
        return self.in_edits == "moves"

    @property
    def takes_one(self) -> bool:
        """Whether one tensor is all it needs."""
        return sum(argument.required for argument in self.signature.arguments) == 1
