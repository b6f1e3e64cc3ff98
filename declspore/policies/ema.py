"""A moving average of all parameters."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepScalar, StepSlot, StepView
from declspore.registry.types import Number

_UPDATES, _AVERAGE = "updates", "ema"
_WARM_UP = 2000.0
"""How many updates the average takes to forget where it began: MindCV's."""


@dataclass(frozen=True)
class EMA(Policy):
    """Follows every parameter of the network: average = f average + (1 - f) parameter, where f is
    ``decay`` (1 - exp(-t / 2000)) at the update t (MindCV's ``TrainStep``)."""

    decay: float

    def scalars(self) -> tuple[StepScalar, ...]:
        return (StepScalar(_UPDATES, 0.0, entry=True),)

    def slots(self) -> tuple[StepSlot, ...]:
        return (StepSlot(_AVERAGE, copy=True, entry=True, every=True),)

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.AVERAGE: self._followed}

    def _followed(self, view: StepView) -> StepChange:
        ops = view.ops
        updates = view.scalars[_UPDATES] + 1.0
        factor = self.decay * (1.0 - ops.exp(-updates / _WARM_UP))
        moved = []
        for average, value in zip(view.slots[_AVERAGE], view.every, strict=True):
            own = ops.cast(factor, average.dtype)
            moved.append(average * own + ops.cast(value, average.dtype) * (1.0 - own))
        return StepChange(scalars={_UPDATES: updates}, slots={_AVERAGE: moved})


KINDS = (
    PolicyKind(
        name="EMA",
        signature=signature(
            Argument("decay", Number(0.0, 1.0), 0.9999, "how much of the average stays")
        ),
        summary="A moving average of every parameter, saved as `ema.<parameter>` as "
        "MindCV does: average = f average + (1 - f) parameter with f = decay (1 - exp(-t / 2000)) "
        "at the update t, which is saved as `updates`.",
        example="EMA(0.999)",
        make=lambda a: EMA(a.decay),
    ),
)
