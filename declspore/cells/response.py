"""Local response normalisation (mindspore.nn.LRN, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Number


def _infer(a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank != 4:
        raise Misfit(f"LRN takes [N, C, H, W], found {x}")
    if not isinstance(x.shape[1], int):
        raise Misfit(f"LRN needs channels that are known, found {x}")
    return x


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    """The sum over neighbouring channels as a product with a band of ones."""
    ops, tensor = b.keras.ops, b.channels_last(x)
    channels, r = x.type.shape[1], a.depth_radius
    assert isinstance(channels, int)
    band = [[float(abs(i - j) <= r) for j in range(channels)] for i in range(channels)]
    around = ops.matmul(ops.square(tensor), ops.convert_to_tensor(band, dtype="float32"))
    return b.from_channels_last(tensor / ops.power(a.bias + a.alpha * around, a.beta))


KINDS = (
    CellKind(
        name="LRN",
        signature=signature(
            Argument("depth_radius", Integer(0), 5, "channels to each side that count"),
            Argument("bias", Number(above=0.0), 1.0, "added to the sum"),
            Argument("alpha", Number(), 1.0, "factor of the sum"),
            Argument("beta", Number(), 0.5, "power of the divisor"),
            Argument("norm_region", Choice(("ACROSS_CHANNELS",)), "ACROSS_CHANNELS", "what counts"),
        ),
        summary="x / (bias + alpha sum(x^2 of the channels around))^beta.",
        example="LRN()",
        infer=_infer,
        lower=_lower,
    ),
)
