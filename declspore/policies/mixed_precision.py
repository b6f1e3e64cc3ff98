"""Layers that compute in a narrower type than parameters have."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.dtype import BFLOAT16, FLOAT16, DType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.policy import Policy, PolicyKind, Setting
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Mismatch


@dataclass(frozen=True)
class MixedPrecision(Policy):
    """Changes how the network is compiled, and nothing between steps."""

    dtype: DType


@dataclass(frozen=True, slots=True)
class _Narrow:
    """One of the types that layers may compute in."""

    name: str = "f16 or bf16"

    def accept(self, value: object) -> DType:
        if value is FLOAT16 or value is BFLOAT16:
            found: DType = value
            return found
        raise Mismatch(f"expected {self.name}, found `{value}`")


def _check(a: Arguments, setting: Setting) -> None:
    if a.dtype is FLOAT16 and not setting.is_scaled:
        raise Misfit(
            "gradients in f16 vanish without a loss scale",
            "DynamicLossScale() in `policies`, or MixedPrecision(bf16)",
        )


KINDS = (
    PolicyKind(
        name="MixedPrecision",
        signature=signature(Argument("dtype", _Narrow(), help="what layers compute in")),
        summary="Layers compute in a narrow type; parameters, the optimizer and checkpoints stay "
        "f32. `f16` needs a loss scale.",
        example="MixedPrecision(bf16)",
        make=lambda a: MixedPrecision(a.dtype),
        precision=lambda a: str(a.dtype.numpy),
        check=_check,
    ),
)
