"""Each gradient at most so long."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.ir.tensors import Ops, Tensor
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepView
from declspore.registry.types import Number


@dataclass(frozen=True)
class ClipByNorm(Policy):
    """Shortens each gradient whose length is above ``norm``: g norm / max(|g|, norm)."""

    norm: float

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.CHANGE: self._clipped}

    def _clipped(self, view: StepView) -> StepChange:
        return StepChange(gradients=[self._short(view.ops, g) for g in view.gradients])

    def _short(self, ops: Ops, gradient: Tensor) -> Tensor:
        length = ops.sqrt(ops.sum(ops.square(ops.cast(gradient, "float32"))))
        factor = self.norm / ops.maximum(length, self.norm)
        return gradient * ops.cast(factor, gradient.dtype)


KINDS = (
    PolicyKind(
        name="ClipByNorm",
        signature=signature(Argument("clip_norm", Number(above=0.0), 1.0, "the greatest length")),
        summary="Each gradient g becomes g clip_norm / max(|g|, clip_norm), each parameter by "
        "itself.",
        example="ClipByNorm(1.0)",
        make=lambda a: ClipByNorm(a.clip_norm),
    ),
)
