"""Words for a training that several devices share."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Statistics: TypeAlias = Literal["batch", "mean", "rank"]
"""What batch normalization does where several devices share a batch: ``batch`` normalizes with the
statistics of the whole batch, as one device does; ``mean`` with those of a device's own samples,
while the moving statistics follow the mean over all devices; ``rank`` also moves them by its own
samples, as MindSpore does, and a checkpoint has those of rank 0."""

MOST_DEVICES = 64
"""Devices of one process."""

STATISTICS: tuple[str, ...] = get_args(Statistics)
