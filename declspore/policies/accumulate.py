"""One update for several batches."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.ir.dtype import INT32
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.signature import Argument, signature
from declspore.registry.step import Stage, StepChange, StepHook, StepScalar, StepSlot, StepView
from declspore.registry.types import Integer

_COUNT, _SUM = "accumulated_steps", "accumulated"


@dataclass(frozen=True)
class Accumulate(Policy):
    """Adds up g / n over n steps; the last of them continues with the sum, the others end there.

    A step that an overflow leaves out does not count.
    """

    steps: int

    def scalars(self) -> tuple[StepScalar, ...]:
        return (StepScalar(_COUNT, 0, INT32),)

    def slots(self) -> tuple[StepSlot, ...]:
        return (StepSlot(_SUM),)

    def in_step(self) -> Mapping[Stage, StepHook]:
        return {Stage.CHANGE: self._collected}

    def _collected(self, view: StepView) -> StepChange:
        ops = view.ops
        pairs = zip(view.slots[_SUM], view.gradients, strict=True)
        sums = [total + ops.cast(g, total.dtype) / float(self.steps) for total, g in pairs]
        count = view.scalars[_COUNT] + 1
        full = ops.equal(count, self.steps)
        return StepChange(
            gradients=sums,
            proceed=full,
            scalars={_COUNT: ops.where(full, 0, count)},
            slots={_SUM: sums},
            emptied=(_SUM,),
        )


KINDS = (
    PolicyKind(
        name="Accumulate",
        signature=signature(Argument("steps", Integer(1), help="the batches of one update")),
        summary="The optimizer moves parameters once in so many steps, by the mean of their "
        "gradients; `global_step` and schedules count these updates. What the last steps of a "
        "training have collected without filling the number is not used.",
        example="Accumulate(4)",
        make=lambda a: Accumulate(a.steps),
        updates=lambda a: int(a.steps),
    ),
)
