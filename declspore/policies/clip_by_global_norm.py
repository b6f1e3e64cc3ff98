"""All gradients together at most so long."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepView
from declspore.registry.types import Number


@dataclass(frozen=True)
class ClipByGlobalNorm(Policy):
    """Shortens all gradients by one factor where their common length is above ``norm``
    (``mindspore.ops.clip_by_global_norm``)."""

    norm: float

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.CHANGE: self._clipped}

    def _clipped(self, view: StepView) -> StepChange:
        ops = view.ops
        squares = [ops.sum(ops.square(ops.cast(g, "float32"))) for g in view.gradients]
        length = ops.sqrt(ops.sum(ops.stack(squares)))
        factor = self.norm / ops.maximum(length, self.norm)
        return StepChange(gradients=[g * ops.cast(factor, g.dtype) for g in view.gradients])


KINDS = (
    PolicyKind(
        name="ClipByGlobalNorm",
        signature=signature(Argument("clip_norm", Number(above=0.0), 1.0, "the greatest length")),
        summary="Every gradient g becomes g clip_norm / max(length, clip_norm), where length is "
        "that of all gradients together (`mindspore.ops.clip_by_global_norm`).",
        example="ClipByGlobalNorm(1.0)",
        make=lambda a: ClipByGlobalNorm(a.clip_norm),
    ),
)
