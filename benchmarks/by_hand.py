"""The networks of benchmarks/training.py as a user of Keras writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
from keras import layers, ops


def lenet() -> keras.Model:
    x = image = keras.Input((32, 32, 1))
    x = layers.Conv2D(6, 5, activation="relu", use_bias=False)(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="relu", use_bias=False)(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu")(x)
    x = layers.Dense(84, activation="relu")(x)
    return keras.Model(image, layers.Dense(10)(x))


def _conv(x: Any, filters: int, size: int, stride: int = 1, *, relu: bool = True) -> Any:
    x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-4)(x)
    return layers.ReLU()(x) if relu else x


def mlp() -> keras.Model:
    x = row = keras.Input((784,))
    for _ in range(2):
        x = layers.Dense(1024, activation="relu")(x)
    return keras.Model(row, layers.Dense(10)(x))


def resnet(depths: Sequence[int]) -> keras.Model:
    image = keras.Input((None, None, 3))
    x = layers.MaxPooling2D(3, 2, padding="same")(_conv(image, 64, 7, 2))
    for width, depth, stride in zip((64, 128, 256, 512), depths, (1, 2, 2, 2), strict=True):
        for block in range(depth):
            step = stride if block == 0 else 1
            y = _conv(_conv(x, width, 1), width, 3, step)
            y = _conv(y, 4 * width, 1, relu=False)
            if block == 0:
                x = _conv(x, 4 * width, 1, step, relu=False)
            x = layers.ReLU()(layers.Add()([x, y]))
    return keras.Model(image, layers.Dense(1001)(layers.GlobalAveragePooling2D()(x)))


def bert() -> keras.Model:
    size, heads, length = 256, 4, 128
    x = keras.Input((length, size))

    def split(value: Any) -> Any:
        return ops.transpose(ops.reshape(value, (-1, length, heads, size // heads)), (0, 2, 1, 3))

    q, k, v = (split(layers.Dense(size)(x)) for _ in range(3))
    weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, 2, 3)) * (size // heads) ** -0.5)
    mixed = ops.reshape(ops.transpose(ops.matmul(weights, v), (0, 2, 1, 3)), (-1, length, size))
    y = layers.LayerNormalization(epsilon=1e-7)(x + layers.Dense(size)(mixed))
    wide = ops.gelu(layers.Dense(1024)(y), approximate=False)
    return keras.Model(x, layers.LayerNormalization(epsilon=1e-7)(y + layers.Dense(size)(wide)))


MODELS: dict[str, Callable[[], keras.Model]] = {
    "lenet": lenet,
    "mlp": mlp,
    "resnet14": partial(resnet, [1, 1, 1, 1]),
    "resnet50": partial(resnet, [3, 4, 6, 3]),
    "bert": bert,
}


class Policies:
    """A training step as a user of Keras and TensorFlow writes it who wants a dynamic loss scale,
    clipping by the global norm, gradients of four batches, and a moving average of all weights."""

    def __init__(self, model: keras.Model) -> None:
        import tensorflow as tf

        self.tf, self.model = tf, model
        self.optimizer = keras.optimizers.SGD(0.001, momentum=0.9)
        self.optimizer.build(model.trainable_variables)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.scale, self.good = tf.Variable(1024.0), tf.Variable(0)
        self.count, self.updates = tf.Variable(0), tf.Variable(0.0)
        weights = [v.value for v in model.trainable_variables]
        self.sums = [tf.Variable(tf.zeros_like(w)) for w in weights]
        self.every = list(model.variables)
        self.averages = [tf.Variable(v.value) for v in self.every]
        self._one = tf.function(self._step)

    def epoch(self, data: Any) -> float:
        """The loss of the last step."""
        loss = 0.0
        for x, y in data:
            loss = self._one(x, y)
        return float(loss)

    def _step(self, x: Any, y: Any) -> Any:
        tf = self.tf
        with tf.GradientTape() as tape:
            loss = self.loss(y, self.model(x, training=True))
            scaled = loss * self.scale
        weights = self.model.trainable_variables
        found = tape.gradient(scaled, [weight.value for weight in weights])
        gradients = [gradient / self.scale for gradient in found]
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(g)) for g in gradients])
        tf.cond(finite, lambda: self._collect(gradients), lambda: None)
        self.good.assign(tf.where(finite, self.good + 1, 0))
        grows = self.good >= 2000
        shrunk = tf.maximum(self.scale / 2.0, 1.0)
        self.scale.assign(tf.where(finite, tf.where(grows, self.scale * 2.0, self.scale), shrunk))
        self.good.assign(tf.where(grows, 0, self.good))
        return loss

    def _collect(self, gradients: Any) -> None:
        tf = self.tf
        clipped, _ = tf.clip_by_global_norm(gradients, 1.0)
        for total, gradient in zip(self.sums, clipped, strict=True):
            total.assign_add(gradient / 4.0)
        self.count.assign_add(1)
        tf.cond(self.count >= 4, self._update, lambda: None)

    def _update(self) -> None:
        tf = self.tf
        gradients = [tf.identity(total) for total in self.sums]
        self.optimizer.apply(gradients, self.model.trainable_variables)
        for total in self.sums:
            total.assign(tf.zeros_like(total))
        self.count.assign(0)
        self.updates.assign_add(1.0)
        factor = 0.999 * (1.0 - tf.exp(-self.updates / 2000.0))
        for average, variable in zip(self.averages, self.every, strict=True):
            average.assign(average * factor + variable * (1.0 - factor))
