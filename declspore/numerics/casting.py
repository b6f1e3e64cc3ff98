"""From one element type to another, with an account of what is lost."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType
from declspore.ir.tensors import Array
from declspore.spelling import count

if TYPE_CHECKING:  # NumPy is loaded by what computes
    import numpy as np


class Unfit(Exception):
    """Values that the element type cannot hold; the message says how many, and which."""


@dataclass
class Losses:
    """What rounding to narrower types did, by type: how many values were rounded to, the largest
    error relative to the value, and how many became 0."""

    values: dict[str, int] = field(default_factory=dict)
    worst: dict[str, float] = field(default_factory=dict)
    zeroed: dict[str, int] = field(default_factory=dict)

    def cast(self, array: Array | float, dtype: DType) -> Array:
        """The array in another element type. Raises :class:`Unfit`."""
        import numpy as np

        from declspore.numerics.exact import BLOCK

        target = dtype.as_numpy()
        source = np.asarray(array)
        if source.dtype == target:
            return source
        if dtype.is_integer:
            _check_whole(source, target, dtype)
            return source.astype(target)
        with np.errstate(over="ignore", invalid="ignore"):
            result = source.astype(target)
        if dtype.has_floats and not np.can_cast(source.dtype, target, "safe"):
            before, after = source.reshape(-1), result.reshape(-1)
            for start in range(0, before.size, BLOCK):
                part = slice(start, start + BLOCK)
                self._account(before[part], after[part], dtype)
        return result

    def lines(self) -> list[str]:
        """The account in words, a line a type."""
        return [
            f"rounded to {name}: {count(self.values[name], 'value')}, relative error up to "
            f"{self.worst[name]:.2g}" + (f", {zeroed:,} became 0" if zeroed else "")
            for name, zeroed in self.zeroed.items()
            if self.worst[name] or zeroed
        ]

    def _account(self, source: Array, result: Array, dtype: DType) -> None:
        import numpy as np

        back = result.astype(np.float64)
        exact = source.astype(np.float64)
        infinite = ~np.isfinite(back) & np.isfinite(exact)  # float8_e4m3fn has NaN for it
        if infinite.any():
            largest = float(np.max(np.abs(exact[infinite])))
            many = int(infinite.sum())
            raise Unfit(f"{count(many, 'value')} too large for {dtype.short}: {largest:.6g}")
        present = (exact != 0) & np.isfinite(exact)
        error = np.abs(back[present] - exact[present]) / np.abs(exact[present])
        name = dtype.short
        self.values[name] = self.values.get(name, 0) + int(source.size)
        kept = error[back[present] != 0]
        self.worst[name] = max(self.worst.get(name, 0.0), float(kept.max(initial=0.0)))
        zeroed = int((back[present] == 0).sum())
        self.zeroed[name] = self.zeroed.get(name, 0) + zeroed


def _check_whole(source: Array, target: np.dtype[np.integer], dtype: DType) -> None:
    import numpy as np

    limits = np.iinfo(target)
    if source.dtype.kind == "b":
        return
    if source.dtype.kind in "iu":
        outside = (source < limits.min) | (source > limits.max)
    else:
        exact = source.astype(np.float64)
        whole = np.isfinite(exact) & (np.floor(exact) == exact)
        outside = ~whole | (exact < float(limits.min)) | (exact > float(limits.max))
    if outside.any():
        first = source[outside].reshape(-1)[0]
        raise Unfit(
            f"{count(int(outside.sum()), 'value')} cannot be {dtype.short}, the first is {first}: "
            "round or clamp them first"
        )
