"""Tensors of regular numbers."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import ElementType, Integer, Number, Optional

_DTYPE = Argument("dtype", ElementType(), FLOAT32, "element type")


def _eye(np: Ops, a: Arguments) -> Array:
    return np.eye(a.n, a.m, dtype=a.dtype.as_numpy())


def _line(np: Ops, a: Arguments) -> Array:
    return np.linspace(a.start, a.end, a.steps).astype(np.float32)


KINDS = (
    TensorKind(
        name="eye",
        signature=signature(
            Argument("n", Integer(1), help="rows"),
            Argument("m", Optional(Integer(1)), None, "columns; none: as many"),
            _DTYPE,
        ),
        summary="A matrix with 1 on its diagonal and 0 elsewhere.",
        example="eye(3)",
        infer=lambda a: TensorType(a.dtype, (a.n, a.m or a.n)),
        compute=_eye,
    ),
    TensorKind(
        name="linspace",
        signature=signature(
            Argument("start", Number(), help="the first"),
            Argument("end", Number(), help="the last"),
            Argument("steps", Integer(1), help="how many"),
        ),
        summary="Numbers in even steps from `start` to `end`, as f32.",
        example="linspace(0.0, 1.0, 5)",
        infer=lambda a: TensorType(FLOAT32, (a.steps,)),
        compute=_line,
    ),
)
