"""The whole state of a training: restored, it continues as if it had not been interrupted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

import keras
import numpy as np
from keras import ops

from declspore.dataclass import dataclass
from declspore.registry.policy import State
from declspore.tensor import Array


@dataclass(frozen=True)
class TrainingState:
    """``step`` is how many steps were made: the position, in the data too. ``variables`` are the
    values of all variables of network, optimizer and policies, seeds of random layers among them;
    ``policies`` the states of the policies by their keys; ``backend`` what the backend keeps to
    itself; ``remembered`` the values of the same variables that a policy may go back to.

    ``saved`` is how many checkpoints were written, ``files`` are those that are left, and
    ``removing`` those that are deleted once this state is safe. ``stop_reason`` is why no step
    follows, ``loss`` that of the last step.

    ``seconds`` is how long the training took. Where an error came before policies had been asked
    about the latest steps, ``unasked`` is what those steps reported: policies are asked first.
    """

    step: int
    variables: Mapping[str, Array]
    policies: Mapping[str, State]
    backend: Mapping[str, Array]
    remembered: Mapping[str, Array] = field(default_factory=dict)
    saved: int = 0
    files: tuple[str, ...] = ()
    removing: tuple[str, ...] = ()
    stop_reason: str | None = None
    loss: float = math.nan
    seconds: float = 0.0
    unasked: Mapping[str, Sequence[float]] = field(default_factory=dict)


def named(network: keras.Model, others: Iterable[keras.Variable]) -> dict[str, keras.Variable]:
    """Variables by names that are the same whenever the same training is built: the layer and the
    variable's name there, and of others their paths."""
    found: dict[str, keras.Variable] = {}
    for layer in network.layers:
        for variable in layer.variables:
            _add(found, f"{layer.name}/{variable.name}", variable)
    known = {id(variable) for variable in found.values()}
    for variable in others:
        if id(variable) not in known:
            _add(found, variable.path, variable)
    return found


def _add(found: dict[str, keras.Variable], name: str, variable: keras.Variable) -> None:
    """Under a name of its own: one that is taken gets a number."""
    key, number = name, 1
    while key in found:
        number += 1
        key = f"{name}#{number}"
    found[key] = variable


def values_of(variables: Mapping[str, keras.Variable]) -> dict[str, Array]:
    """The values of variables, as copies."""
    return {name: _copy(variable) for name, variable in variables.items()}


def _copy(variable: keras.Variable) -> Array:
    # TensorFlow gives a copy of its own, JAX a view
    found = np.asarray(ops.convert_to_numpy(variable.value))
    return found if found.flags.owndata else found.copy()


def assign(variables: Mapping[str, keras.Variable], values: Mapping[str, Array]) -> None:
    """Give variables their values. Raises ValueError where they are of another training."""
    if differing := sorted(set(variables) ^ set(values)):
        raise ValueError(f"the state of another training: it differs in {', '.join(differing)}")
    for name, variable in variables.items():
        variable.assign(values[name])
