"""Where a training is in time: its length, and intervals within it."""

from __future__ import annotations

from dataclasses import dataclass


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
    """Every ``amount`` steps or epochs: ``unit`` is ``"step"`` or ``"epoch"``."""

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in ("step", "epoch") or self.amount < 1:
            raise ValueError(f"expected a number of steps or epochs, found {self}")

    def next_step(self, step: int) -> int | None:
        """The first step after ``step`` that it falls on; None where it counts epochs."""
        return (step // self.amount + 1) * self.amount if self.unit == "step" else None

    def on_step(self, step: int) -> bool:
        """Whether it counts steps and falls on this one."""
        return self.unit == "step" and step % self.amount == 0

    def on_epoch(self, epoch: int) -> bool:
        """Whether it counts epochs and falls on the end of this one."""
        return self.unit == "epoch" and epoch % self.amount == 0

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"
