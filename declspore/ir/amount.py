"""A number with a unit, as a spec writes it: ``10 epochs``, ``90 min``."""

from __future__ import annotations

from declspore.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with a unit: ``epoch``, ``step``, ``s``, ``min``, ``h``, ``ms``, ``KiB``, ..."""

    value: int | float
    unit: str

    def __str__(self) -> str:
        plural = "s" if self.unit in ("epoch", "step") and self.value != 1 else ""
        return f"{self.value} {self.unit}{plural}"
