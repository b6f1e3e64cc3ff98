"""Assignments to variables that happen under a condition of the backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import ops

from declspore.ir.tensors import Tensor


def where(condition: Tensor, body: Callable[[], None], variables: Sequence[keras.Variable]) -> None:
    """Run ``body``, which assigns some of ``variables``, where a boolean tensor is true."""
    if keras.backend.backend() != "jax":
        ops.cond(condition, body, lambda: None)
        return
    # on JAX a branch may not assign: it returns the values instead
    before = [ops.convert_to_tensor(variable) for variable in variables]

    def values() -> list[object]:
        mapping = list(zip(variables, before, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            body()
        return [scope.get_current_value(variable) for variable in variables]

    for variable, value in zip(variables, ops.cond(condition, values, lambda: before), strict=True):
        variable.assign(value)
