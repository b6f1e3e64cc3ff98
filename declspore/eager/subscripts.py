"""``tensor[index]`` as scripts write it: places, slices, ``...``, None, arrays of places, masks."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from types import EllipsisType
from typing import SupportsIndex

import numpy as np

from declspore.eager.calls import op
from declspore.eager.tracing import NeedsValue, current_trace
from declspore.ir.subscripts import NEW, REST
from declspore.tensor import Tensor


def subscript(tensor: Tensor, index: object) -> Tensor:
    """Part of a tensor. Arrays of places, and masks, index axes next to each other.

    How many elements a mask chooses depends on its values, so a cell with one runs as it stands.
    Raises TypeError for what no index is, IndexError for a mask of another shape.
    """
    items = _whole(tensor, index if isinstance(index, tuple) else (index,))
    if not any(isinstance(item, Tensor) for item in items):
        return op("getitem", tensor, tuple(map(_part, items)))
    first, arrays = _arrays(tensor, items)
    rest = [slice(None) if isinstance(item, Tensor) else item for item in items]
    axis = sum(1 for item in items[:first] if item is None or isinstance(item, slice))
    if any(item != slice(None) for item in rest):
        tensor = op("getitem", tensor, tuple(map(_part, rest)))
    return _gathered(tensor, axis, arrays)


def _whole(tensor: Tensor, given: tuple[object, ...]) -> list[object]:
    """The items with arrays as tensors, masks as the places they choose, and slices for ``...``
    where there are arrays."""
    items: list[object] = []
    axis = 0
    is_array = any(isinstance(item, Tensor | list | np.ndarray) for item in given)
    for place, item in enumerate(given):
        if isinstance(item, Tensor | list | np.ndarray):
            array = item if isinstance(item, Tensor) else Tensor(item)
            found = places_of(tensor, array, axis) if array.dtype.kind == "bool" else (array,)
            items += found
            axis += len(found)
        elif isinstance(item, EllipsisType) and is_array:
            after = sum(_axes(each) for each in given[place + 1 :])
            items += [slice(None)] * (tensor.ndim - axis - after)
            axis = tensor.ndim - after
        else:
            items.append(item)
            axis += 0 if item is None else 1
    return items


def _axes(item: object) -> int:
    """How many axes an item of an index is about."""
    if item is None:
        return 0
    if isinstance(item, Tensor | list | np.ndarray):
        array = item if isinstance(item, Tensor) else Tensor(item)
        return array.ndim if array.dtype.kind == "bool" else 1
    return 1


def places_of(tensor: Tensor, mask: Tensor, axis: int = 0) -> tuple[Tensor, ...]:
    """Where a mask over axes from ``axis`` on is true: the places on each axis.

    Raises IndexError where its shape is not that of those axes, and NeedsValue while a network is
    traced.
    """
    trace = current_trace()
    if trace is not None and (trace.takes([tensor]) or trace.takes([mask])):
        raise NeedsValue("how many elements a mask chooses is known with its values alone")
    sizes = tuple(tensor.shape[axis : axis + mask.ndim])
    if sizes != tuple(mask.shape):
        raise IndexError(f"the mask has shape {tuple(mask.shape)}, the axes it is for {sizes}")
    return tuple(Tensor(places) for places in np.nonzero(mask.asnumpy()))


def _arrays(tensor: Tensor, items: Sequence[object]) -> tuple[int, list[Tensor]]:
    """Where arrays of places begin, and which they are. Raises TypeError where they, or they and
    numbers, are apart: NumPy then moves axes to the front."""
    places = [n for n, item in enumerate(items) if isinstance(item, Tensor) or _is_number(item)]
    if places != list(range(places[0], places[-1] + 1)):
        raise TypeError(
            "arrays of places and numbers in an index must be next to each other; index twice, "
            "as in x[0][:, places]"
        )
    found = {n: item for n, item in enumerate(items) if isinstance(item, Tensor)}
    return next(iter(found)), list(found.values())


def _is_number(item: object) -> bool:
    return not isinstance(item, slice | EllipsisType | Tensor) and item is not None


def _gathered(tensor: Tensor, axis: int, arrays: Sequence[Tensor]) -> Tensor:
    if len(arrays) == 1:
        return op("gather", tensor, arrays[0], axis)
    sizes = [int(size) for size in tensor.shape[axis : axis + len(arrays)]]
    flat: Tensor | int = 0
    for number, (array, size) in enumerate(zip(arrays, sizes, strict=True)):
        place = op("where", array < 0, array + size, array)
        flat = place * prod(sizes[number + 1 :]) + flat
    shape = (*tensor.shape[:axis], prod(sizes), *tensor.shape[axis + len(arrays) :])
    return op("gather", tensor.reshape(shape), flat, axis)


def _part(item: object) -> object:
    if isinstance(item, EllipsisType):
        return REST
    if item is None:
        return NEW
    if isinstance(item, slice):
        return (item.start, item.stop, item.step)
    if isinstance(item, bool) or not isinstance(item, SupportsIndex):
        raise TypeError(
            "a tensor is indexed with numbers, slices, ..., None, arrays and masks, not "
            f"{type(item).__name__}"
        )
    return item.__index__()
