"""How each backend of Keras computes gradients and runs steps. One file a backend; this is the
only place of the engine that imports one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import ClassVar, Protocol

import keras

from declspore.devices.group import Group
from declspore.ir.devices import Statistics
from declspore.ir.tensors import Tensor
from declspore.tensor import Array
from declspore.training.backends.forward import Derived, Forward, Variables
from declspore.training.step import Devices, TrainStep


class Steps(Protocol):
    """Runs steps. ``native`` says that it takes iterators of tf.data as they are; all others give
    (data, labels) as NumPy arrays."""

    native: ClassVar[bool]

    def run(self, batches: Iterator[object], most: int) -> Sequence[Sequence[float]]:
        """Make ``most`` steps, or fewer where the batches end; what each reports
        (:attr:`declspore.training.step.TrainStep.reported`)."""

    def made(self) -> Sequence[Sequence[float]] | None:
        """After :meth:`run` failed: what the steps reported that were made before; None where the
        one that failed may have assigned some of its variables."""

    def state(self) -> Mapping[str, Array]:
        """What the backend itself remembers between steps, such as the state of a random generator
        that layers share."""

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take over such a state."""


class SharedBatches(Devices, Protocol):
    """Processes that share every batch."""

    def explained(self) -> AbstractContextManager[None]:
        """Raises :class:`declspore.devices.errors.Lost` where a process ended within the block."""


def steps_of(step: TrainStep) -> Steps:
    """The runner for the backend that Keras computes with."""
    module = import_module(f"declspore.training.backends.on_{keras.backend.backend()}")
    found: Steps = module.steps(step)
    return found


def shared_by(group: Group, statistics: Statistics) -> SharedBatches | None:
    """What devices share batches: the processes of a group, the devices of this process
    (:func:`declspore.training.backends.spreading.spread`), or all devices of all processes. None
    where there is one device, and on JAX, which divides a computation by itself.

    Raises NotImplementedError for processes on a backend other than TensorFlow."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        if group.size > 1:
            raise NotImplementedError(f"processes train with TensorFlow, not with {backend}")
        return None
    name = "replicas"
    if group.size > 1:
        is_spread = import_module("declspore.training.backends.replicas").spread_devices()
        name = "everywhere" if is_spread else "processes"
    module = import_module(f"declspore.training.backends.{name}")
    found: SharedBatches | None = module.shared(group, statistics)
    return found


def gradients(function: Forward, inputs: Sequence[Tensor], variables: Variables) -> Derived:
    """The gradients of a function's number by its inputs and by variables, None where it does not
    depend on one, and what else the function gives.

    Raises NotImplementedError on a backend that does not have them."""
    backend = keras.backend.backend()
    module = import_module(f"declspore.training.backends.on_{backend}")
    if not hasattr(module, "gradients"):
        raise NotImplementedError(f"gradients outside Model.train are not supported on {backend}")
    found: Derived = module.gradients(function, inputs, variables)
    return found
