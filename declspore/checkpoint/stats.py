"""Figures of values, read a buffer at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from declspore.checkpoint.reader import Entry
from declspore.ir.tensors import Array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Stats(NamedTuple):
    """Smallest, largest and mean of the finite elements (None where there are none, or they have
    no order); how many are NaN, and how many infinite."""

    min: float | None
    max: float | None
    mean: float | None
    nan: int
    infinite: int


def has_numbers(entry: Entry) -> bool:
    return entry.header.dtype.has_numbers


def elements(entry: Entry) -> Iterator[NDArray[np.generic]]:
    """The elements of a value in flat arrays that share a buffer: use one, then continue."""
    import numpy as np

    dtype = entry.header.dtype.as_numpy()
    for piece in entry.pieces():
        yield np.frombuffer(piece, dtype)


def stats(entry: Entry) -> Stats:
    """Figures of an entry of numbers; sums are in float64."""
    import numpy as np

    least, most, mean = math.inf, -math.inf, 0.0
    count = nan = infinite = 0
    for part in elements(entry):
        values = _widened(part)
        finite = np.isfinite(values)
        if not finite.all():
            nan += int(np.isnan(values).sum())
            infinite += int(np.isinf(values).sum())
            values = values[finite]
        if values.size and not np.iscomplexobj(values):
            least, most = min(least, float(values.min())), max(most, float(values.max()))
            count += values.size
            share = values.size / count
            mean = mean * (1 - share) + _mean(values) * share
    if not count:
        return Stats(None, None, None, nan, infinite)
    return Stats(least, most, mean, nan, infinite)


def _mean(values: Array) -> float:
    import numpy as np

    with np.errstate(over="ignore"):
        total = float(values.sum(dtype=np.float64))
    if math.isfinite(total):
        return total / int(values.size)
    return float((values / values.size).sum())  # whose sum is no larger than the largest


def not_finite(entry: Entry) -> int:
    """How many elements are NaN or infinite."""
    import numpy as np

    if entry.header.dtype.kind not in ("float", "float8", "complex"):
        return 0
    return sum(part.size - int(np.isfinite(part).sum()) for part in map(_widened, elements(entry)))


def _widened(values: Array) -> Array:
    """bfloat16 and floats of eight bits as float32, which every function of NumPy knows."""
    import numpy as np

    return values if values.dtype.isbuiltin == 1 else values.astype(np.float32)
