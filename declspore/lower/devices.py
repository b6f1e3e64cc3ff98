"""Devices that compute one batch together, as layers and losses see them while a step runs.

Each device has some of the batch's samples, one after the other along the first axis. What depends
on all samples (statistics of a batch, random numbers, a loss that compares samples) asks here for
what the other devices have, so that its result is the one of a single device.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from keras import ops

from declspore.ir.devices import Statistics
from declspore.ir.tensors import Tensor


class SharingDevices(Protocol):
    """All devices make the same calls in the same order.

    ``place`` is where the samples of this device are in the batch: their begin, their end and the
    number of all samples, as int32 [3]. A device whose part is empty computes with one sample that
    counts for nothing. ``statistics`` is what batch normalization does.
    """

    place: Tensor
    statistics: Statistics

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum over all devices; its gradient is the sum of their gradients."""

    def rows(self, tensor: Tensor) -> Tensor:
        """The samples of all devices along the first axis; the gradient is that of the samples of
        this device."""


_CURRENT = threading.local()


def current_devices() -> SharingDevices | None:
    """The devices of the step that is being traced; None where there is one device."""
    found: SharingDevices | None = getattr(_CURRENT, "devices", None)
    return found


@contextmanager
def computing(devices: SharingDevices | None) -> Iterator[None]:
    """Layers that are called within the block compute a part of a batch."""
    before = current_devices()
    _CURRENT.devices = devices
    try:
        yield
    finally:
        _CURRENT.devices = before


def count_of(devices: SharingDevices) -> Tensor:
    """How many samples of this device count."""
    return devices.place[1] - devices.place[0]


def share_of(devices: SharingDevices) -> Tensor:
    """Which part of the batch's samples this device has, in float32."""
    return ops.cast(count_of(devices), "float32") / ops.cast(devices.place[2], "float32")


def first_of(devices: SharingDevices, tensor: Tensor) -> Tensor:
    """What the device with the first sample has; it has no gradient."""
    begin, end = devices.place[0], devices.place[1]
    mine = ops.logical_and(ops.equal(begin, 0), ops.greater(end, 0))
    held = ops.where(mine, ops.stop_gradient(tensor), ops.zeros_like(tensor))
    return ops.stop_gradient(devices.sum(held))


def counted(devices: SharingDevices, tensor: Tensor) -> Tensor:
    """A sum over the samples of this device; 0 where none of them counts."""
    return tensor * ops.cast(count_of(devices) > 0, tensor.dtype)
