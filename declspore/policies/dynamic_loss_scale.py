"""A loss scale that grows while gradients stay finite and shrinks when they do not."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.ir.dtype import INT32
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepScalar, StepView
from declspore.registry.types import Integer, Number

_SCALE, _NOW, _LAST = "scale_sense", "current_iterator_step", "last_overflow_iterator_step"


@dataclass(frozen=True)
class DynamicLossScale(Policy):
    """Multiplies the loss by a scale and divides the gradients by it (MindSpore's
    ``DynamicLossScaleUpdateCell``).

    A step with a gradient that is not finite is left out, and the scale divided by ``factor``, down
    to 1. After ``window`` steps without one, it is multiplied by ``factor``.
    """

    initial: float
    factor: float
    window: int

    def scalars(self) -> tuple[StepScalar, ...]:
        return (
            StepScalar(_SCALE, self.initial, entry=True, leads=True, shown=True),
            StepScalar(_NOW, 1, INT32, entry=True),
            StepScalar(_LAST, 0, INT32, entry=True),
        )

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.SCALE: self._scaled, Stage.CHECK: self._checked}

    def _scaled(self, view: StepView) -> StepChange:
        return StepChange(factor=view.scalars[_SCALE])

    def _checked(self, view: StepView) -> StepChange:
        ops = view.ops
        scale, now, last = (view.scalars[name] for name in (_SCALE, _NOW, _LAST))
        finite = ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in view.gradients]))
        grows = ops.logical_and(finite, now - last >= self.window)
        shrunk = ops.maximum(scale / self.factor, 1.0)
        kept = ops.where(grows, scale * self.factor, scale)
        stays = ops.logical_and(finite, ops.logical_not(grows))
        return StepChange(
            gradients=[ops.divide(gradient, scale) for gradient in view.gradients],
            proceed=finite,
            scalars={
                _SCALE: ops.where(finite, kept, shrunk),
                _NOW: now + 1,
                _LAST: ops.where(stays, last, now),
            },
        )


KINDS = (
    PolicyKind(
        name="DynamicLossScale",
        signature=signature(
            Argument("init_loss_scale", Number(low=1.0), 2.0**24, "the scale to begin with"),
            Argument("scale_factor", Number(above=1.0), 2.0, "what it grows and shrinks by"),
            Argument("scale_window", Integer(1), 2000, "finite steps until it grows"),
        ),
        summary="The loss is multiplied by a scale and gradients are divided by it; a step whose "
        "gradients are not finite is left out, and the scale shrinks.",
        example="DynamicLossScale(scale_window = 1000)",
        make=lambda a: DynamicLossScale(a.init_loss_scale, a.scale_factor, a.scale_window),
        scales=True,
    ),
)
