"""Parameters that belong to a cell directly."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.initial import InitialValue
from declspore.numerics.read_parameter import read_parameter
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return (OwnParameter("", a.shape, a.init, trainable=a.requires_grad),)


def _infer(a: Arguments) -> TensorType:
    return TensorType(FLOAT32, a.shape)


def _lower(b: Builder, a: Arguments) -> Value:
    (own,) = _parameters(a)
    return b.from_plain(read_parameter(b, own))


KINDS = (
    CellKind(
        name="Parameter",
        signature=signature(
            Argument("shape", ListOf(Integer(1)), help="its sizes"),
            Argument("init", InitialValue(), "zeros", "its first value"),
            Argument("requires_grad", Boolean(), True, "whether it is trained"),
        ),
        summary=(
            "A parameter named by the cell it is in and its own name; in `construct` that "
            "name is a tensor. It is listed before the cells next to it, as in MindSpore."
        ),
        example="Parameter([1, 1, 768], init = Normal(0.02))",
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=(),
    ),
)
