"""How each backend of Keras computes gradients and runs steps. One file a backend; this is the
only place of the engine that imports one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import ClassVar, Protocol

import keras

from declspore.ir.tensors import Tensor
from declspore.tensor import Array
from declspore.training.backends.forward import Derived, Forward, Variables
from declspore.training.step import TrainStep


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


def steps_of(step: TrainStep) -> Steps:
    """The runner for the backend that Keras computes with."""
    module = import_module(f"declspore.training.backends.on_{keras.backend.backend()}")
    found: Steps = module.steps(step)
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
