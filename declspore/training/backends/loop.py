"""Steps that Python makes one by one, and which of them ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from declspore.ir.tensors import Columns
from declspore.lower.batches import Batch

Report = Sequence[float]


class Loop:
    """Makes steps by ``step``, which takes data and labels and gives what the step reports."""

    def __init__(self, step: Callable[[Columns, Columns], Report]) -> None:
        self._step = step
        self._reports: list[Report] = []
        self._is_within = False

    def run(self, batches: Iterator[Batch], most: int) -> Sequence[Report]:
        """Up to ``most`` steps."""
        self._reports, self._is_within = [], False
        for data, labels in islice(batches, most):
            self._is_within = True
            self._reports.append(self._step(data, labels))
            self._is_within = False
        return self._reports

    def made(self) -> Sequence[Report] | None:
        """The reports of the steps that ended; None where one began that did not."""
        return None if self._is_within else self._reports
