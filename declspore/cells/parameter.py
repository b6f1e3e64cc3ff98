"""Parameters that stand in a cell by themselves."""

from __future__ import annotations

from math import prod

from declspore.ir.dtype import FLOAT32
from declspore.ir.layout import Layout
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.initial import InitialValue
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return (OwnParameter("", a.shape, a.init, trainable=a.requires_grad),)


def _infer(a: Arguments) -> TensorType:
    return TensorType(FLOAT32, a.shape)


def _lower(b: Builder, a: Arguments) -> Value:
    """The kernel of a Dense fed with a single one: Keras has no layer that is just a variable."""
    layer = b.layer(
        b.keras.layers.Dense,
        units=prod(a.shape),
        use_bias=False,
        kernel_initializer=b.initial(""),
        trainable=a.requires_grad,
    )
    corner = b.anchor[(slice(0, 1),) * len(b.anchor.shape)]
    nothing = b.keras.ops.sum(b.keras.ops.zeros_like(corner, dtype="float32"))
    result = layer(b.keras.ops.reshape(nothing + 1.0, (1, 1)))
    b.bind("", layer.kernel, Layout(split=(1, prod(a.shape))))
    return b.from_plain(b.keras.ops.reshape(result, a.shape))


KINDS = (
    CellKind(
        name="Parameter",
        signature=signature(
            Argument("shape", ListOf(Integer(1)), help="its sizes"),
            Argument("init", InitialValue(), "zeros", "its first value"),
            Argument("requires_grad", Boolean(), True, "whether it is trained"),
        ),
        summary=(
            "A parameter named as the cell it stands in and its own name say; in `construct` that "
            "name is a tensor. It is listed before the cells beside it, as in MindSpore."
        ),
        example="Parameter([1, 1, 768], init = Normal(0.02))",
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=(),
    ),
)
