"""Activations by MindSpore's names: one formula each, for cells, ops and arguments alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Formula = Callable[[Any, Any], Any]

# keras.activations hold the plain ones, so that they are stored by name in a saved model;
# formulas are MindSpore's (mindspore.nn.layer.activation, 2.10), e.g. gelu is the tanh form.
ACTIVATIONS: dict[str, Formula] = {
    "relu": lambda keras, x: keras.activations.relu(x),
    "relu6": lambda keras, x: keras.activations.relu6(x),
    "sigmoid": lambda keras, x: keras.activations.sigmoid(x),
    "tanh": lambda keras, x: keras.activations.tanh(x),
    "softmax": lambda keras, x: keras.activations.softmax(x, axis=-1),
    "logsoftmax": lambda keras, x: keras.activations.log_softmax(x, axis=-1),
    "gelu": lambda keras, x: keras.ops.gelu(x, approximate=True),
    "elu": lambda keras, x: keras.activations.elu(x),
    "leakyrelu": lambda keras, x: keras.ops.leaky_relu(x, negative_slope=0.2),
    "hswish": lambda keras, x: keras.activations.hard_silu(x),
    "hsigmoid": lambda keras, x: keras.activations.hard_sigmoid(x),
    "silu": lambda keras, x: keras.activations.silu(x),
    "mish": lambda keras, x: keras.activations.mish(x),
    "softsign": lambda keras, x: keras.activations.softsign(x),
    "logsigmoid": lambda keras, x: keras.ops.log_sigmoid(x),
}


def activate(keras: Any, name: str, tensor: Any) -> Any:
    """The activation of that name, applied to a tensor."""
    return ACTIVATIONS[name](keras, tensor)
