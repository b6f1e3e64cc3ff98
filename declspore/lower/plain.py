"""A model for inference made of Keras's own layers alone, from one that holds layers of ours.

Layers of ours differ from Keras's in how they train, or in how their parameters are kept; their
outputs in eval are those of a layer of Keras. What has no such twin is reported by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from declspore.dataclass import dataclass
from declspore.ir.tensors import Array, Tensor, Tensors
from declspore.lower.convolution import (
    GroupedConvTranspose,
    full_conv_transpose,
    full_weights,
)
from declspore.lower.layers import BatchNormalization, ChannelSlope
from declspore.lower.recurrent import RecurrentStep
from declspore.spelling import listing

_SEQUENCES = {"LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU, "RNN": keras.layers.SimpleRNN}
_STEPS = {
    "LSTM": keras.layers.LSTMCell,
    "GRU": keras.layers.GRUCell,
    "RNN": keras.layers.SimpleRNNCell,
}


@dataclass(frozen=True)
class Twin:
    """How to make the layer of Keras that gives the outputs of one of ours, and its weights."""

    make: Callable[..., keras.layers.Layer]
    weights: Callable[..., list[Array]]


def plain_keras(model: keras.Model) -> keras.Model:
    """A functional model of Keras's own layers with the outputs ``model`` has in eval.

    It needs no declspore to be saved, loaded or run, and shares no variable with ``model``.
    Trained on, it is Keras's own layers that are trained: ``moving_variance`` follows the biased
    variance. Raises ValueError, with the names of the layers, where one has no counterpart.
    """
    if not isinstance(model, keras.Model) or not hasattr(model, "operations"):
        raise TypeError(f"plain_keras takes a functional Keras model, not {type(model).__name__}")
    if left := without_twin(model):
        names = listing([f"{layer.name} ({type(layer).__name__})" for layer in left])
        raise ValueError(f"Keras has no layer of its own for {names}")
    made: list[tuple[keras.Operation, keras.Operation]] = []

    def clone(layer: keras.Operation) -> keras.Operation:
        twin = _twin_of(layer)
        new = type(layer).from_config(layer.get_config()) if twin is None else twin.make(layer)
        made.append((layer, new))
        return new

    result = keras.models.clone_model(model, clone_function=clone, call_function=_call)
    for layer, new in made:
        if isinstance(layer, keras.layers.Layer):
            twin = _twin_of(layer)
            new.set_weights(layer.get_weights() if twin is None else twin.weights(layer))
    return result


def _call(layer: keras.Operation, *inputs: Any, **options: object) -> Tensors:
    if getattr(layer, "uses_batch_statistics", False):
        inputs = (_normalised(inputs[0], layer.epsilon),)
    return layer(*inputs, **options)


def without_twin(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers of ours for which Keras has none."""
    return [x for x in model.layers if _owner(x) is not None and _twin_of(x) is None]


def _owner(layer: object) -> type | None:
    """The class of ours that a layer is, or whose steps it runs."""
    part = layer.cell if isinstance(layer, keras.layers.RNN) else layer
    return type(part) if type(part).__module__.startswith("declspore.") else None


def _twin_of(layer: object) -> Twin | None:
    owner = _owner(layer)
    if owner is RecurrentStep:
        return _SEQUENCE if isinstance(layer, keras.layers.RNN) else _STEP
    return None if owner is None else _TWINS.get(owner)


# ---- batch normalisation


def _batch_norm(layer: BatchNormalization) -> keras.layers.Layer:
    config = layer.get_config()
    del config["affine"]
    fixed = config.pop("use_batch_statistics")
    if keras.backend.backend() != "tensorflow":
        config["synchronized"] = False  # Keras refuses it on other backends
    twin = keras.layers.BatchNormalization(axis=-1, **config)
    twin.uses_batch_statistics = fixed is True
    return twin


def _batch_norm_weights(layer: BatchNormalization) -> list[Array]:
    gamma, beta, mean, variance = layer.get_weights()
    if layer.use_batch_statistics:
        # what enters is normalised already, see _normalised
        mean, variance = np.zeros_like(mean), np.full_like(variance, 1.0 - layer.epsilon)
    return [gamma, beta, mean, variance]


def _normalised(x: Tensor, epsilon: float) -> Tensor:
    """By the statistics of the batch: in eval, Keras's layer knows the moving ones alone."""
    mean, variance = ops.moments(x, axes=list(range(len(x.shape) - 1)), keepdims=True)
    return (x - mean) * ops.rsqrt(variance + epsilon)


# ---- one slope a channel


def _slope(layer: ChannelSlope) -> keras.layers.Layer:
    rank = len(layer.input.shape)
    shared = range(1, rank if layer.slope.shape == (1,) else rank - 1)
    return keras.layers.PReLU(
        shared_axes=list(shared) or None, name=layer.name, dtype=layer.dtype_policy
    )


def _slope_weights(layer: ChannelSlope) -> list[Array]:
    (slope,) = layer.get_weights()
    return [slope.reshape((1,) * (len(layer.input.shape) - 2) + slope.shape)]


# ---- recurrent layers: gates in another order, kernels transposed, two biases in one


def _sequence(layer: keras.layers.RNN) -> keras.layers.Layer:
    step = layer.cell
    config = layer.get_config()
    del config["cell"]
    return _SEQUENCES[step.kind](step.units, use_bias=_biased(step), **_cell(step), **config)


def _step(step: RecurrentStep) -> keras.layers.Layer:
    make = _STEPS[step.kind]
    options = {"name": step.name, "dtype": step.dtype_policy}
    return make(step.units, use_bias=_biased(step), **_cell(step), **options)


def _biased(step: RecurrentStep) -> bool:
    """Keras's GRU without biases fails on JAX with 64 bits (3.15), so it gets zeros."""
    return step.has_bias or step.kind == "GRU"


def _cell(step: RecurrentStep) -> dict[str, object]:
    if step.kind == "GRU":
        return {"reset_after": True}
    return {"activation": step.nonlinearity} if step.kind == "RNN" else {}


def _recurrent_weights(step: RecurrentStep) -> list[Array]:
    own = {role: ops.convert_to_numpy(v.value) for role, v in step.by_role().items()}
    if step.kind == "GRU":
        own = {role: _update_first(value) for role, value in own.items()}
    kernels = [own["weight_ih"].T, own["weight_hh"].T]
    if step.kind == "GRU":
        zeros = np.zeros(3 * step.units, kernels[0].dtype)
        return [*kernels, np.stack([own.get(f"bias_{way}", zeros) for way in ("ih", "hh")])]
    if not step.has_bias:
        return kernels
    return [*kernels, own["bias_ih"] + own["bias_hh"]]


def _update_first(value: Array) -> Array:
    """MindSpore's gates r, z, n in Keras's order z, r, n."""
    size = len(value) // 3
    order = [*range(size, 2 * size), *range(size), *range(2 * size, 3 * size)]
    return value[order]


_TWINS = {
    BatchNormalization: Twin(_batch_norm, _batch_norm_weights),
    ChannelSlope: Twin(_slope, _slope_weights),
    GroupedConvTranspose: Twin(full_conv_transpose, full_weights),
}
_SEQUENCE = Twin(_sequence, lambda layer: _recurrent_weights(layer.cell))
_STEP = Twin(_step, _recurrent_weights)
