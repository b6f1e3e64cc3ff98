"""What a policy does within a step of a training: stages, what it keeps, sees and changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import IntEnum

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.tensors import Ops, Tensor


class Stage(IntEnum):
    """The stages of a step, in their order. REDUCE and UPDATE are the engine's own. Within a stage
    the order is that of the list of policies."""

    SCALE = 1
    """The loss is multiplied."""
    REDUCE = 2
    """The gradients of all devices are added up."""
    CHECK = 3
    """Gradients that are not finite end the step."""
    CHANGE = 4
    """Gradients are limited, or collected over several steps."""
    UPDATE = 5
    """The optimizer moves the parameters."""
    AVERAGE = 6
    """Copies follow the parameters."""


@dataclass(frozen=True, slots=True)
class StepScalar:
    """A number that a policy keeps where steps run. With ``entry`` it is saved in checkpoints,
    under its name: after all others, or before the optimizer's state where it ``leads``. One that
    is ``shown`` is reported after every step."""

    name: str
    initial: float
    dtype: DType = FLOAT32
    entry: bool = False
    leads: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class StepSlot:
    """A tensor that a policy keeps for each trained parameter, of its shape and type; for ``every``
    parameter of the network, where it says so.

    It begins as zeros, or as the parameter where it is a ``copy``. With ``entry`` it is saved in
    checkpoints as ``<prefix>.<parameter>``.
    """

    prefix: str
    copy: bool = False
    entry: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """What a policy sees within a step: ``keras.ops``, its own scalars by name and slots by prefix,
    and of each trained parameter its name, its value and its gradient, all in the same order.
    ``every`` holds the values of all parameters of the network, in its order.

    In stage SCALE there are no gradients yet; in AVERAGE none any more.
    """

    ops: Ops
    scalars: Mapping[str, Tensor]
    slots: Mapping[str, Sequence[Tensor]]
    names: Sequence[str]
    values: Sequence[Tensor]
    gradients: Sequence[Tensor] = ()
    every: Sequence[Tensor] = ()


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a policy does within a step; what is None or left out stays as it is.

    ``factor`` is what the loss is multiplied by (stage SCALE). Where the tensor ``proceed`` is
    false, the stages after this one are left out of the step; where it is true, the slots
    that are ``emptied`` are zero once those stages are done.
    """

    factor: Tensor | float | None = None
    gradients: Sequence[Tensor] | None = None
    proceed: Tensor | None = None
    scalars: Mapping[str, Tensor | float] = field(default_factory=dict)
    slots: Mapping[str, Sequence[Tensor]] = field(default_factory=dict)
    emptied: Sequence[str] = ()


StepHook = Callable[[StepView], StepChange]
