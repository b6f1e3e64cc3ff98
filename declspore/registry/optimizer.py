"""Optimizers: how a parameter moves, and what they keep in a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.dtype import FLOAT32, INT32, DType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


@dataclass(frozen=True, slots=True)
class Slot:
    """State kept per parameter: saved as ``<prefix>.<parameter>``, with the parameter's shape."""

    prefix: str
    initial: float = 0.0


@dataclass(frozen=True, slots=True)
class Scalar:
    """A float32 scalar of the optimizer, saved under ``name`` with ``shape`` () or (1,)."""

    name: str
    initial: float
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What an update sees: keras.ops, arguments, this step's rate, scalars by name, how many steps
    were made before, and the weight decay of the parameter (where the rule applies it itself)."""

    ops: Any
    arguments: Arguments
    rate: Any
    scalars: Mapping[str, Any]
    count: Any
    decay: float


@dataclass(frozen=True, slots=True)
class StateEntry:
    """An entry an optimizer adds to a checkpoint; ``slot_of`` names the parameter of a slot."""

    name: str
    dtype: DType
    shape: tuple[int, ...]
    initial: float | tuple[float, ...] = 0.0
    prefix: str | None = None
    slot_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class OptimizerKind(Kind):
    """An optimizer of MindSpore.

    ``slots(arguments)`` and ``scalars(arguments)`` are its state in MindSpore's saving order,
    beside ``global_step`` and ``learning_rate``, which all have. ``update(step, weight, gradient,
    slots)`` gives the new weight and the new slots by prefix; the gradient already holds weight
    decay and loss scale, in MindSpore's order, unless the rule ``decays`` by itself.
    ``advance(arguments, scalars)`` gives the scalars of the next step, before any update.
    Parameters with one of ``undecayed`` in their name have no weight decay.
    """

    family: ClassVar[str] = "optimizer"

    slots: Callable[[Arguments], tuple[Slot, ...]]
    scalars: Callable[[Arguments], tuple[Scalar, ...]]
    update: Callable[[Step, Any, Any, Mapping[str, Any]], tuple[Any, dict[str, Any]]]
    advance: Callable[[Arguments, Mapping[str, Any]], Mapping[str, Any]] | None = None
    decays: bool = False
    undecayed: tuple[str, ...] = ("beta", "gamma")

    def state(
        self, arguments: Arguments, parameters: Iterable[tuple[str, DType, tuple[int, ...]]]
    ) -> Iterator[StateEntry]:
        """Every entry of the optimizer for these parameters, in the order MindSpore saves them.

        A learning rate that is a list comes last, because it lives in a cell of its own there; a
        schedule has no entry.
        """
        rate = arguments.learning_rate
        yield StateEntry("global_step", INT32, (1,))
        if isinstance(rate, float):
            yield StateEntry("learning_rate", FLOAT32, (), rate)
        for scalar in self.scalars(arguments):
            yield StateEntry(scalar.name, FLOAT32, scalar.shape, scalar.initial)
        trained = tuple(parameters)
        for slot in self.slots(arguments):
            for name, dtype, shape in trained:
                entry = f"{slot.prefix}.{name}"
                yield StateEntry(entry, dtype, shape, slot.initial, slot.prefix, name)
        if isinstance(rate, tuple):
            yield StateEntry("learning_rate", FLOAT32, (len(rate),), rate)
