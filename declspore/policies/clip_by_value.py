"""Gradients within bounds, element by element."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.policy import Policy, PolicyKind, Setting
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepView
from declspore.registry.types import Number, Optional


@dataclass(frozen=True)
class ClipByValue(Policy):
    """Limits each element of each gradient (``mindspore.ops.clip_by_value``)."""

    low: float | None
    high: float | None

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.CHANGE: self._clipped}

    def _clipped(self, view: StepView) -> StepChange:
        found = list(view.gradients)
        if self.low is not None:
            found = [view.ops.maximum(gradient, self.low) for gradient in found]
        if self.high is not None:
            found = [view.ops.minimum(gradient, self.high) for gradient in found]
        return StepChange(gradients=found)


def _check(a: Arguments, setting: Setting) -> None:
    low, high = a.clip_value_min, a.clip_value_max
    if low is None and high is None:
        raise Misfit("it has no bound", "ClipByValue(-1.0, 1.0)")
    if low is not None and high is not None and low > high:
        raise Misfit(f"clip_value_min is {low:g}, above clip_value_max, {high:g}")


KINDS = (
    PolicyKind(
        name="ClipByValue",
        signature=signature(
            Argument("clip_value_min", Optional(Number()), None, "the lower bound"),
            Argument("clip_value_max", Optional(Number()), None, "the upper bound"),
        ),
        summary="Each element of each gradient is limited to the bounds "
        "(`mindspore.ops.clip_by_value`).",
        example="ClipByValue(-1.0, 1.0)",
        make=lambda a: ClipByValue(a.clip_value_min, a.clip_value_max),
        check=_check,
    ),
)
