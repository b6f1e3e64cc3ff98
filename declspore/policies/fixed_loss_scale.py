"""A constant loss scale whose overflows leave a step out."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepScalar, StepView
from declspore.registry.types import Boolean, Number

_SCALE = "scale_sense"


@dataclass(frozen=True)
class FixedLossScale(Policy):
    """Multiplies the loss by a constant and divides the gradients by it (MindSpore's
    ``FixedLossScaleManager``); a step with a gradient that is not finite is left out, if it says
    so."""

    scale: float
    drops: bool = True

    def scalars(self) -> tuple[StepScalar, ...]:
        """MindSpore has an entry where a step may be left out."""
        if not self.drops:
            return ()
        return (StepScalar(_SCALE, self.scale, entry=True, leads=True),)

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.SCALE: self._scaled, Stage.CHECK: self._checked}

    def _scaled(self, view: StepView) -> StepChange:
        return StepChange(factor=self.scale)

    def _checked(self, view: StepView) -> StepChange:
        ops = view.ops
        gradients = [gradient * (1.0 / self.scale) for gradient in view.gradients]
        if not self.drops:
            return StepChange(gradients=gradients)
        finite = ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in view.gradients]))
        return StepChange(gradients=gradients, proceed=finite)


KINDS = (
    PolicyKind(
        name="FixedLossScale",
        signature=signature(
            Argument("loss_scale", Number(above=0.0), 128.0, "what the loss is multiplied by"),
            Argument(
                "drop_overflow_update", Boolean(), True, "whether an overflow leaves a step out"
            ),
        ),
        summary="The loss is multiplied by a constant and gradients are divided by it "
        "(MindSpore's `FixedLossScaleManager`); a step whose gradients are not finite is left out.",
        example="FixedLossScale(1024.0)",
        make=lambda a: FixedLossScale(a.loss_scale, a.drop_overflow_update),
        scales=True,
    ),
)
