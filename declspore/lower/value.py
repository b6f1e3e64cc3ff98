"""Tensors of the model under construction, and how they are arranged in memory.

MindSpore's order is channels-first; convolutions run channels-last. A value remembers each
arrangement it was asked for, so that a permutation is made once and only where it is needed.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum

import keras

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Tensor


class Arrangement(Enum):
    """PLAIN: the axes as the spec has them. LAST: axis 1 moved to the end. FLAT: [N, features]
    whose features were flattened channels-last."""

    PLAIN = "plain"
    LAST = "channels last"
    FLAT = "flattened channels last"


@dataclass(eq=False)
class Value:
    """A tensor in one or more arrangements; ``flattened_from`` is [C, ...] of a FLAT one."""

    type: TensorType
    tensors: dict[Arrangement, Tensor]
    flattened_from: tuple[int, ...] | None = field(default=None)

    @property
    def arrangement(self) -> Arrangement:
        """The arrangement it was made in."""
        return next(iter(self.tensors))

    @property
    def tensor(self) -> Tensor:
        return self.tensors[self.arrangement]

    def plain(self) -> Tensor:
        """In the spec's order."""
        if Arrangement.PLAIN not in self.tensors:
            if self.arrangement is Arrangement.LAST:
                moved = to_channels_first(self.tensor, self.type.rank)
            else:
                moved = self._unflattened()
            self.tensors[Arrangement.PLAIN] = moved
        return self.tensors[Arrangement.PLAIN]

    def channels_last(self) -> Tensor:
        """With axis 1 moved to the end."""
        if Arrangement.LAST not in self.tensors:
            self.tensors[Arrangement.LAST] = to_channels_last(self.plain(), self.type.rank)
        return self.tensors[Arrangement.LAST]

    def _unflattened(self) -> Tensor:
        assert self.flattened_from is not None
        channels, *spatial = self.flattened_from
        shaped = keras.ops.reshape(self.tensor, (-1, *spatial, channels))
        moved = to_channels_first(shaped, len(spatial) + 2)
        return keras.ops.reshape(moved, (-1, self.tensor.shape[-1]))


def plain(type: TensorType, tensor: Tensor) -> Value:
    return Value(type, {Arrangement.PLAIN: tensor})


def channels_last(type: TensorType, tensor: Tensor) -> Value:
    return Value(type, {Arrangement.LAST: tensor})


def flatten(value: Value, type: TensorType) -> Value:
    """All axes but the first as one; channels-last values stay so where their size is known."""
    inner = static(value.type.shape[1:])
    if value.type.rank == 2:
        return value
    if value.arrangement is Arrangement.LAST and inner is not None:
        flat = _flattened(value.tensor)
        if all(size == 1 for size in inner[1:]):
            return plain(type, flat)
        return Value(type, {Arrangement.FLAT: flat}, inner)
    return plain(type, _flattened(value.plain()))


def to_channels_last(tensor: Tensor, rank: int) -> Tensor:
    return keras.layers.Permute((*range(2, rank), 1), **_own_type(tensor))(tensor)


def to_channels_first(tensor: Tensor, rank: int) -> Tensor:
    return keras.layers.Permute((rank - 1, *range(1, rank - 1)), **_own_type(tensor))(tensor)


def _flattened(tensor: Tensor) -> Tensor:
    """All axes but the first as one."""
    return keras.layers.Flatten(data_format="channels_last", **_own_type(tensor))(tensor)


def _own_type(tensor: Tensor) -> dict[str, str]:
    """What a layer that only moves elements needs: it casts floats to the type of its policy, so
    one for another type must have that for its own."""
    found = keras.backend.standardize_dtype(tensor.dtype)
    computed = keras.config.dtype_policy().compute_dtype
    return {"dtype": found} if keras.backend.is_float_dtype(found) and found != computed else {}
