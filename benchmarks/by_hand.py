"""The networks of benchmarks/training.py as a user of Keras writes them."""

from __future__ import annotations

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


def resnet50() -> keras.Model:
    image = keras.Input((None, None, 3))
    x = layers.MaxPooling2D(3, 2, padding="same")(_conv(image, 64, 7, 2))
    for width, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
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


MODELS = {"lenet": lenet, "resnet50": resnet50, "bert": bert}
