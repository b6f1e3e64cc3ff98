"""Figures of a training as event files, which TensorBoard shows."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Mapping
from functools import cache
from typing import BinaryIO

import numpy as np

from declspore.train.callback.base import Callback, RunContext

_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8


class EventFile:
    """A file of events: TFRecords that each hold a message ``Event`` (tensorflow's event.proto)."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, f"events.out.tfevents.{int(time.time())}.declspore")
        self._file: BinaryIO = open(self.path, "ab")  # noqa: SIM115
        self._write(_event(0, _text(3, "brain.Event:2")))

    def scalars(self, step: int, figures: Mapping[str, float]) -> None:
        """Write figures by tag."""
        values = b"".join(
            _bytes(1, _text(1, tag) + _field(2, 5) + struct.pack("<f", value))
            for tag, value in figures.items()
        )
        self._write(_event(step, _bytes(5, values)))

    def close(self) -> None:
        """Write everything to the file and close it."""
        self._file.close()

    def _write(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        self._file.write(length + _masked(length) + event + _masked(event))
        self._file.flush()


def _event(step: int, what: bytes) -> bytes:
    return _field(1, 1) + struct.pack("<d", time.time()) + _field(2, 0) + _varint(step) + what


def _field(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _bytes(number: int, value: bytes) -> bytes:
    return _field(number, 2) + _varint(len(value)) + value


def _text(number: int, value: str) -> bytes:
    return _bytes(number, value.encode())


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


@cache
def _table() -> tuple[int, ...]:
    found = []
    for number in range(256):
        rest = number
        for _ in range(8):
            rest = rest >> 1 ^ (_POLYNOMIAL if rest & 1 else 0)
        found.append(rest)
    return tuple(found)


def crc32c(data: bytes) -> int:
    """The CRC-32C of bytes (RFC 3720, appendix B.4)."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)


class SummaryCollector(Callback):
    """Writes loss and learning rate every ``collect_freq`` steps, and the figures of ``Model.fit``,
    into an event file in ``summary_dir`` (mindspore.train.SummaryCollector).

    TensorBoard shows it. What MindInsight alone shows (graphs, lineage, landscapes, histograms) is
    not written; settings about it have no effect.
    """

    sees_evaluation = False

    def __init__(
        self, summary_dir: str, collect_freq: int = 10, *settings: object, **more: object
    ) -> None:
        if isinstance(collect_freq, bool) or not isinstance(collect_freq, int) or collect_freq < 1:
            raise ValueError(f"collect_freq must be a positive integer, not {collect_freq!r}")
        self._folder, self._every = summary_dir, collect_freq
        self._file: EventFile | None = None

    def begin(self, run_context: RunContext) -> None:
        self._file = EventFile(self._folder)

    def step_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        step = parameters.cur_step_num
        if self._file is None or (step % self._every and step != 1):
            return
        figures = {"loss": float(np.mean(parameters.net_outputs.asnumpy()))}
        rate = parameters.optimizer.fixed_rate
        if rate is not None:
            figures["learning_rate"] = rate
        self._file.scalars(step, figures)

    def epoch_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        found = parameters.get("eval_results", {})
        numbers = {name: float(v) for name, v in found.items() if np.ndim(v) == 0}
        if self._file is not None and numbers:
            self._file.scalars(parameters.cur_step_num, numbers)

    def end(self, run_context: RunContext) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
