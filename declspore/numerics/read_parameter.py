"""Parameters that are read as they are."""

from __future__ import annotations

from math import prod

from declspore.ir.layout import Layout
from declspore.ir.tensors import Tensor
from declspore.registry.builder import Builder
from declspore.registry.cell import OwnParameter


def read_parameter(b: Builder, own: OwnParameter, part: str = "") -> Tensor:
    """A parameter of the cell being lowered as a tensor.

    It is the kernel of a Dense fed with a single one: Keras has no layer that is just a variable.
    """
    layer = b.layer(
        b.keras.layers.Dense,
        part,
        units=prod(own.shape),
        use_bias=False,
        kernel_initializer=b.initial(own.name),
        trainable=own.trainable,
    )
    corner = b.anchor[(slice(0, 1),) * len(b.anchor.shape)]
    nothing = b.keras.ops.sum(b.keras.ops.zeros_like(corner, dtype="float32"))
    result = layer(b.keras.ops.reshape(nothing + 1.0, (1, 1)))
    b.bind(own.name, layer.kernel, Layout(split=(1, prod(own.shape))))
    return b.keras.ops.reshape(result, own.shape)
