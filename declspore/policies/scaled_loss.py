"""A constant that the loss is multiplied by, so that small gradients survive narrow types."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.registry.policy import OwnPolicyKind, Policy
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepView
from declspore.registry.types import Number


@dataclass(frozen=True)
class ScaledLoss(Policy):
    """Multiplies the loss. The optimizer divides the gradients, by a ``loss_scale`` of its own."""

    scale: float

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {} if self.scale == 1.0 else {Stage.SCALE: self._scaled}

    def _scaled(self, view: StepView) -> StepChange:
        return StepChange(factor=self.scale)


KINDS = (
    OwnPolicyKind(
        name="ScaledLoss",
        signature=signature(
            Argument("loss_scale", Number(above=0.0), 128.0, "what the loss is multiplied by")
        ),
        summary="The loss is multiplied by loss_scale; gradients are divided by the optimizer's "
        "own loss_scale.",
        example="ScaledLoss(1024.0)",
        make=lambda a: ScaledLoss(a.loss_scale),
    ),
)
