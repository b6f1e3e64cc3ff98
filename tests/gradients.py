"""Gradients on whichever backend Keras runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tests.oracle import inputs

Total = Callable[[list[Any]], Any]


def gradients(
    total: Total, given: Sequence[np.ndarray], weights: Sequence[keras.Variable] = ()
) -> tuple[list[np.ndarray | None], list[np.ndarray]]:
    """Those of the scalar ``total(given)`` by its inputs, None where one is not of floats, and by
    the weights; 0 where the scalar does not depend on one. ``total`` is called once on tensors,
    so that what it moves is moved once."""
    of = {"tensorflow": _by_tape, "torch": _by_graph, "jax": _by_transform}
    floats = [n for n, x in enumerate(given) if np.asarray(x).dtype.kind == "f"]
    found = of[keras.backend.backend()](total, [np.asarray(x) for x in given], floats, weights)
    arrays = [keras.ops.convert_to_numpy(one) for one in found]
    of_inputs: list[np.ndarray | None] = [None] * len(given)
    for n, array in zip(floats, arrays, strict=False):
        of_inputs[n] = array
    return of_inputs, arrays[len(floats) :]


def along(result: Any, direction: str) -> Any:
    """A scalar that depends on all of a result: its product with the numbers of that name."""
    numbers = inputs.numbers(tuple(result.shape), direction)
    return keras.ops.sum(result * keras.ops.convert_to_tensor(numbers))


def _by_tape(
    total: Total, given: list[np.ndarray], floats: list[int], weights: Sequence[keras.Variable]
) -> list[Any]:
    import tensorflow as tf

    tensors = [tf.constant(x) for x in given]
    watched = [tensors[n] for n in floats]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        value = total(tensors)
    found = tape.gradient(
        value, [*watched, *(w.value for w in weights)], unconnected_gradients="zero"
    )
    return [tf.convert_to_tensor(one) for one in found]


def _by_graph(
    total: Total, given: list[np.ndarray], floats: list[int], weights: Sequence[keras.Variable]
) -> list[Any]:
    import torch

    tensors = [keras.ops.convert_to_tensor(x) for x in given]
    watched = [tensors[n].requires_grad_() for n in floats]
    value = total(tensors)
    sources = [*watched, *(w.value for w in weights)]
    if not value.requires_grad:
        return [torch.zeros_like(one) for one in sources]
    return list(torch.autograd.grad(value, sources, allow_unused=True, materialize_grads=True))


def _by_transform(
    total: Total, given: list[np.ndarray], floats: list[int], weights: Sequence[keras.Variable]
) -> list[Any]:
    import jax

    total([keras.ops.convert_to_tensor(x) for x in given])

    def scalar(watched: list[Any], values: list[Any]) -> Any:
        tensors = list(map(keras.ops.convert_to_tensor, given))
        for n, x in zip(floats, watched, strict=True):
            tensors[n] = x
        with keras.StatelessScope(state_mapping=zip(weights, values, strict=True)):
            return total(tensors)

    found = jax.jit(jax.grad(scalar, argnums=(0, 1)))(
        [given[n] for n in floats], [w.value for w in weights]
    )
    return [*found[0], *found[1]]
