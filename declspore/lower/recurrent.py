"""The step of MindSpore's recurrent cells as a Keras cell, for ``keras.layers.RNN``."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from declspore.ir.tensors import Tensor
from declspore.numerics.recurrence import GATES, STATES


@keras.saving.register_keras_serializable("declspore")
class RecurrentStep(keras.layers.Layer):
    """One step with MindSpore's weights: ``[gates x units, inputs]`` and two biases."""

    def __init__(
        self,
        kind: str,
        units: int,
        has_bias: bool = True,
        nonlinearity: str = "tanh",
        initializer: object = "glorot_uniform",
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.kind, self.units, self.has_bias = kind, units, has_bias
        self.nonlinearity, self._initializer = nonlinearity, initializer
        self.state_size = [units for _ in STATES[kind]]
        self.output_size = units

    def build(self, input_shape: Sequence[int | None], *_: object) -> None:
        if hasattr(self, "_roles"):
            return
        rows = GATES[self.kind] * self.units
        shapes: dict[str, tuple[int | None, ...]] = {
            "weight_ih": (rows, input_shape[-1]),
            "weight_hh": (rows, self.units),
        }
        if self.has_bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        self._roles = {
            role: self.add_weight(shape=shape, initializer=self._initializer, name=role)
            for role, shape in shapes.items()
        }
        self.built = True

    def by_role(self) -> dict[str, keras.Variable]:
        """Its variables by MindSpore's names for them."""
        return dict(self._roles)

    def call(self, inputs: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        entering = ops.matmul(inputs, ops.transpose(self._roles["weight_ih"]))
        kept = ops.matmul(states[0], ops.transpose(self._roles["weight_hh"]))
        if self.has_bias:
            entering, kept = entering + self._roles["bias_ih"], kept + self._roles["bias_hh"]
        if self.kind == "LSTM":
            return self._lstm(entering + kept, states)
        new = self._gru(entering, kept, states[0]) if self.kind == "GRU" else entering + kept
        if self.kind == "RNN":
            new = ops.tanh(new) if self.nonlinearity == "tanh" else ops.relu(new)
        return new, [new]

    def compute_output_spec(
        self, inputs: Tensor, states: Sequence[Tensor]
    ) -> tuple[keras.KerasTensor, list[keras.KerasTensor]]:
        shape = (inputs.shape[0], self.units)
        made = [keras.KerasTensor(shape, inputs.dtype) for _ in states]
        return made[0], made

    def _lstm(self, gates: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        i, f, g, o = ops.split(gates, 4, axis=-1)
        c = ops.sigmoid(f) * states[1] + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]

    def _gru(self, entering: Tensor, kept: Tensor, state: Tensor) -> Tensor:
        r1, z1, n1 = ops.split(entering, 3, axis=-1)
        r2, z2, n2 = ops.split(kept, 3, axis=-1)
        z = ops.sigmoid(z1 + z2)
        new = ops.tanh(n1 + ops.sigmoid(r1 + r2) * n2)
        return (1.0 - z) * new + z * state

    def get_config(self) -> dict[str, object]:
        own = {
            "kind": self.kind,
            "units": self.units,
            "has_bias": self.has_bias,
            "nonlinearity": self.nonlinearity,
            "initializer": self._initializer,
        }
        return {**super().get_config(), **own}
