"""Where a training is in time: its length, and intervals within it."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.amount import Amount

_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
"""How long the units of time are."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The length of a training.

    ``steps_per_epoch`` and ``steps`` (of the whole training) are None where the data has to be
    read to find out.
    """

    epochs: int
    steps_per_epoch: int | None = None
    steps: int | None = None

    def point(self, step: int) -> tuple[int, int]:
        """The epoch of a global step and the step within it, all counted from 1.

        Raises ValueError where the length of an epoch is not known.
        """
        if self.steps_per_epoch is None:
            raise ValueError("the length of an epoch is not known")
        epoch, rest = divmod(step - 1, self.steps_per_epoch)
        return epoch + 1, rest + 1


@dataclass(frozen=True, slots=True)
class Interval:
    """Every ``amount`` steps, epochs or seconds: ``unit`` is ``"step"``, ``"epoch"`` or ``"s"``."""

    amount: int | float
    unit: str

    def __post_init__(self) -> None:
        counts = self.unit in ("step", "epoch") and self.amount >= 1 and self.amount % 1 == 0
        if not counts and not (self.unit == "s" and self.amount > 0):
            raise ValueError(f"expected a number of steps, epochs or seconds, found {self}")

    @classmethod
    def of(cls, amount: Amount) -> Interval:
        """What an amount of a spec means. Raises ValueError where it is no such interval."""
        if amount.unit in _SECONDS:
            return cls(float(amount.value) * _SECONDS[amount.unit], "s")
        number = int(amount.value) if amount.value % 1 == 0 else amount.value
        return cls(number, amount.unit)

    @property
    def is_time(self) -> bool:
        """Whether it counts seconds."""
        return self.unit == "s"

    def steps(self, steps_per_epoch: int) -> int:
        """How many steps it is. Raises ValueError where it counts seconds."""
        if self.is_time:
            raise ValueError(f"{self} is not a number of steps")
        return int(self.amount) * (steps_per_epoch if self.unit == "epoch" else 1)

    def next_step(self, step: int) -> int | None:
        """The first step after ``step`` that it falls on; None where it does not count steps."""
        if self.unit != "step":
            return None
        return (step // int(self.amount) + 1) * int(self.amount)

    def on_step(self, step: int) -> bool:
        """Whether it counts steps and falls on this one."""
        return self.unit == "step" and step % self.amount == 0

    def on_epoch(self, epoch: int) -> bool:
        """Whether it counts epochs and falls on the end of this one."""
        return self.unit == "epoch" and epoch % self.amount == 0

    def __str__(self) -> str:
        if self.is_time:
            return f"{self.amount:g} s"
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"
