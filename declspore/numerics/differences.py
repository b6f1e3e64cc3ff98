"""Where arrays are not finite or differ: the place, the values and the distance, in words."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.ir.tensors import Array


def not_finite(array: Array) -> str | None:
    """How many values are infinite or not a number, and the first; None where all are finite."""
    import numpy as np

    values = array if array.dtype.kind in "fc" else array.astype("float32")
    bad = ~np.isfinite(values)
    if not bad.any():
        return None
    place = first(bad)
    return f"{_many(bad)} not finite, the first is {shown(array, place)} at {at(place)}"


def apart(one: Array, other: Array, allowed: object = 0.0) -> str | None:
    """Where two arrays of one shape differ by more than is ``allowed`` (a number, or an array of
    numbers), or one is not a number; None where they do not. Distances are those of float64."""
    import numpy as np

    left, right = one.astype("float64"), other.astype("float64")
    with np.errstate(invalid="ignore", over="ignore"):
        distance = abs(left - right)
        bad = ~((distance <= allowed) | (left == right))
    if not bad.any():
        return None
    ranked = np.where(bad, np.where(np.isnan(distance), np.inf, distance), -1.0)
    place = tuple(map(int, np.unravel_index(int(ranked.argmax()), ranked.shape)))
    pair = f"{shown(one, place)} and {shown(other, place)} at {at(place)}"
    return f"{_many(bad)} too far apart, most of all {pair}, a distance of {distance[place]:.6g}"


def bits_differ(one: Array, other: Array) -> str | None:
    """Where two arrays of one shape and type have other bits; None where they are the same."""
    import numpy as np

    if one.tobytes() == other.tobytes():
        return None
    size = one.dtype.itemsize
    left, right = (
        np.frombuffer(each.tobytes(), np.uint8).reshape((*each.shape, size))
        for each in (one, other)
    )
    bad = (left != right).any(axis=-1)
    place = first(bad)
    pair = f"{shown(one, place)} and {shown(other, place)} at {at(place)}"
    largest = ""
    if one.dtype.kind != "b":
        distance = abs(one.astype("float64") - other.astype("float64"))
        largest = f", the largest distance is {distance.max():.6g}"
    return f"{_many(bad)} different, the first are {pair}{largest}"


def first(mask: Array) -> tuple[int, ...]:
    """The first place, in the order of memory, where a mask holds."""
    import numpy as np

    return tuple(map(int, np.unravel_index(int(mask.argmax()), mask.shape)))


def shown(array: Array, place: tuple[int, ...]) -> str:
    """A value with the digits that distinguish it from its neighbours."""
    value = array[place]
    return str(value.item()) if value.dtype.kind in "biu" else str(value)


def at(place: Iterable[int]) -> str:
    return f"[{', '.join(str(int(axis)) for axis in place)}]"


def _many(mask: Array) -> str:
    bad, every = int(mask.sum()), int(mask.size)
    verb = "is" if bad == 1 else "are"
    return f"{bad:,} of {every:,} {'value' if every == 1 else 'values'} {verb}"
