"""Optimizers: how a parameter moves, and what they keep in a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, INT32, DType
from declspore.ir.tensors import Operand, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.registry.groups import Member, members, rates, rates_come_last
from declspore.registry.kind import Kind, Misfit

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """State kept per parameter: saved as ``<prefix>.<parameter>``, with the parameter's shape and
    element type.

    ``shape`` gives its shape of the parameter's, in MindSpore's layout, where that is another; such
    a slot is saved as ``<prefix><parameter>``. ``dtype`` gives its element type of the parameter's
    shape, None being the parameter's own.
    """

    prefix: str
    initial: float = 0.0
    shape: Callable[[Shape], Shape] | None = None
    shown: str = "as the parameter"
    """Its shape, in words."""
    dtype: Callable[[Shape], DType | None] = lambda shape: None

    @property
    def beginning(self) -> str:
        """What its entry's name has before the parameter's."""
        return f"{self.prefix}." if self.shape is None else self.prefix

    def shape_of(self, parameter: Shape) -> Shape:
        """Its shape for a parameter of a shape."""
        return parameter if self.shape is None else self.shape(parameter)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A float32 scalar of the optimizer, saved under ``name`` with ``shape`` () or (1,): before the
    slots, or after them where it ``is_last``."""

    name: str
    initial: float
    shape: Shape = ()
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What an update sees: keras.ops, arguments, this step's rate, scalars by name, how many steps
    were made before, the weight decay that applies to the parameter (where the rule applies it
    itself), and the parameter's name."""

    ops: Ops
    arguments: Arguments
    rate: Tensor
    scalars: Mapping[str, Tensor]
    count: Tensor
    decay: Operand
    name: str


Moved = tuple[Tensor, dict[str, Tensor]]
"""A parameter's new weight, and its new slots by prefix."""


@dataclass(frozen=True, slots=True)
class StateEntry:
    """An entry an optimizer adds to a checkpoint; ``slot_of`` names the parameter of a slot."""

    name: str
    dtype: DType
    shape: Shape
    initial: float | tuple[float, ...] = 0.0
    prefix: str | None = None
    slot_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class OptimizerKind(Kind):
    """An optimizer of MindSpore.

    ``slots(arguments)`` and ``scalars(arguments)`` are its state in MindSpore's saving order,
    besides ``global_step`` and ``learning_rate``, which all have. ``update(step, weight, gradient,
    slots)`` gives the new weight and the new slots by prefix; the gradient already holds weight
    decay and loss scale, in MindSpore's order, unless the rule ``decays`` by itself.
    ``advance(arguments, scalars)`` gives the scalars of the next step, before any update.
    Parameters with one of ``undecayed`` in their name have no weight decay. ``common(arguments)``
    are the arguments that hold learning rate, decay and groups; ``first`` are scalars saved before
    the rates; ``centralizes`` says whether groups may ask for centralised gradients;
    ``wraps`` that its state is that of an optimizer it is given; ``by_axes`` that the rule depends
    on how a parameter's axes lie, so that it sees weight, gradient and slots in MindSpore's layout.
    ``spares_rows(arguments)`` says whether rows of a looked-up table that no index named stay.
    ``check(arguments, members)`` raises Misfit where arguments exclude each other.
    """

    family: ClassVar[str] = "optimizer"
    title: ClassVar[str] = "Optimizers"
    room: ClassVar[str] = "optimizers"
    rank: ClassVar[int] = 50
    keeps: ClassVar[str] = "Keeps"

    slots: Callable[[Arguments], tuple[Slot, ...]]
    scalars: Callable[[Arguments], tuple[Scalar, ...]]
    update: Callable[[Step, Tensor, Tensor, Mapping[str, Tensor]], Moved]
    advance: Callable[[Arguments, Mapping[str, Operand]], Mapping[str, Operand]] | None = None
    decays: bool = False
    undecayed: tuple[str, ...] = ("beta", "gamma")
    common: Callable[[Arguments], Arguments] = lambda arguments: arguments
    first: tuple[Scalar, ...] = ()
    centralizes: bool = True
    wraps: bool = False
    by_axes: bool = False
    spares_rows: Callable[[Arguments], bool] = lambda arguments: False
    check: Callable[[Arguments, tuple[Member, ...]], None] = lambda arguments, members: None

    def entries(self, arguments: Arguments) -> Iterator[tuple[str, str]]:
        for scalar in self.scalars(arguments):
            yield scalar.name, f"f32{list(scalar.shape) or ''}"
        for slot in self.slots(arguments):
            yield f"{slot.beginning}<parameter>", slot.shown

    def notes(self) -> Iterator[str]:
        if not self.decays and self.undecayed:
            undecayed = " or ".join(f"`{part}`" for part in self.undecayed)
            yield f"Parameters with {undecayed} in their name have no weight decay."

    def members(self, arguments: Arguments, names: Iterable[str]) -> tuple[Member, ...]:
        """The parameters in the order of the optimizer. Raises Misfit where groups do not fit."""
        common = self.common(arguments)
        found = members(common, names, self.undecayed)
        if not self.centralizes and any(member.centralized for member in found):
            raise Misfit("it does not centralise gradients")
        self.check(arguments, found)
        return found

    def settings(
        self, arguments: Arguments, parameters: Iterable[tuple[str, DType, Shape]]
    ) -> Iterator[StateEntry]:
        """The entries that hold what arguments say, and not how far training has come: rates, and
        scalars that no step changes."""
        initial = {scalar.name: scalar.initial for scalar in self.scalars(arguments)}
        moving = {} if self.advance is None else self.advance(arguments, initial)
        for entry in self.state(arguments, parameters):
            if entry.prefix is None and entry.name not in ("global_step", *moving):
                yield entry

    def state(
        self, arguments: Arguments, parameters: Iterable[tuple[str, DType, tuple[int, ...]]]
    ) -> Iterator[StateEntry]:
        """Every entry of the optimizer for these parameters, in the order MindSpore saves them.

        A learning rate that is a list comes last, because it lives in a cell of its own there; so
        do all rates where groups have their own and one depends on the step. A schedule has no
        entry.
        """
        common, given = self.common(arguments), list(parameters)
        found = self.members(arguments, (name for name, *_ in given))
        by_name = {name: (dtype, shape) for name, dtype, shape in given}
        used = rates(common, found)
        numbers = {name: rate for name, rate in used.items() if isinstance(rate, float)}
        listed = {name: rate for name, rate in used.items() if isinstance(rate, (float, tuple))}
        early = {} if rates_come_last(common) else numbers
        yield StateEntry("global_step", INT32, (1,))
        yield from (StateEntry(s.name, FLOAT32, s.shape, s.initial) for s in self.first)
        yield from (StateEntry(name, FLOAT32, (), rate) for name, rate in early.items())
        scalars = self.scalars(arguments)
        for s in scalars:
            if not s.is_last:
                yield StateEntry(s.name, FLOAT32, s.shape, s.initial)
        for slot in self.slots(arguments):
            for member in found:
                dtype, shape = by_name[member.name]
                entry, kept = f"{slot.beginning}{member.name}", slot.shape_of(shape)
                own = slot.dtype(shape) or dtype
                yield StateEntry(entry, own, kept, slot.initial, slot.prefix, member.name)
        yield from (StateEntry(s.name, FLOAT32, s.shape, s.initial) for s in scalars if s.is_last)
        for name, rate in listed.items():
            if name not in early:
                yield StateEntry(
                    name, FLOAT32, (len(rate),) if isinstance(rate, tuple) else (), rate
                )
