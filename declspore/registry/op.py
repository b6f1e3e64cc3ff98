"""Ops: functions that ``construct`` calls. They own no parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.registry.arrays import Compute
from declspore.registry.beyond import BeyondKeras
from declspore.registry.builder import Value
from declspore.registry.inverse import Rejoin, Undo
from declspore.registry.kind import Kind
from declspore.registry.multiply_adds import MultiplyAdds
from declspore.registry.plain import OfNumbers


@dataclass(frozen=True, kw_only=True)
class OpKind(Kind):
    """A function of tensors and plain values.

    ``infer(arguments)`` sees each tensor as its type and gives the type of the result, or raises
    :class:`declspore.registry.kind.Misfit`; ``lower(builder, arguments)`` sees each tensor as a
    value. ``operator`` is the sign that stands for it between two tensors, if any.
    ``multiply_adds`` counts those of a call from the types of its tensors and results.

    Values of edits may be made with it where it has an array form, ``compute(arrays, arguments)``
    (:mod:`declspore.registry.arrays`). ``moves`` is whether that only moves elements, each as it
    was; ``of_stored`` whether it takes floats that are only stored, of eight bits. ``scratch``
    counts, from the types of its tensors, the bytes it needs in addition to them and its results;
    where there is none, twice its results. ``refused_in_edits`` names, from the
    types, what a use of it asks for that edits do not compute, if anything. ``undo`` gives back
    what its result was made of, ``rejoin`` what several of its results were parts of
    (:mod:`declspore.registry.inverse`); without them nothing does. ``draws`` is whether it draws
    random numbers in eval, too. ``of_numbers`` is the same function of plain numbers
    (:mod:`declspore.registry.plain`), if there is one. ``beyond_keras`` says of a use why no layer
    of Keras does that.
    """

    family: ClassVar[Literal["op"]] = "op"
    title: ClassVar[str] = "Ops"
    room: ClassVar[str] = "ops"
    rank: ClassVar[int] = 30

    infer: Callable[..., TensorType | tuple[TensorType, ...]]
    lower: Callable[..., Value | tuple[Value, ...]]
    operator: str | None = None
    multiply_adds: MultiplyAdds | None = None
    compute: Compute | None = None
    moves: bool = False
    of_stored: bool = False
    scratch: Callable[..., int] | None = None
    refused_in_edits: Callable[..., str | None] | None = None
    undo: Undo | None = None
    rejoin: Rejoin | None = None
    draws: bool = False
    of_numbers: OfNumbers | None = None
    beyond_keras: BeyondKeras | None = None

    @property
    def in_edits(self) -> bool:
        """Whether values of edits may be made with it."""
        return self.compute is not None

    @property
    def without_arrays(self) -> str:
        """Why values of edits and datasets are not made with it, where they are not."""
        if self.draws:
            return "it draws random numbers"
        return "a backend of Keras computes it, and NumPy computes these values"

    @property
    def takes_one(self) -> bool:
        """Whether one tensor is all it needs."""
        return sum(argument.required for argument in self.signature.arguments) == 1

    def notes(self) -> Iterator[str]:
        if self.of_numbers is not None:
            yield "Of plain numbers it gives a plain number."
        if self.operator:
            yield f"Between tensors written as `{self.operator}`."
