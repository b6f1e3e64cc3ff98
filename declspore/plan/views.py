"""Checkpoints as ``ensure`` sees them: a header, and arrays once they exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from declspore.check.network import elaborate
from declspore.ir.header import Header
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern
from declspore.plan.fitting import BindPlan, fitting
from declspore.plan.headers import network_entries
from declspore.registry.query import TensorsNeeded
from declspore.report import DiagnosticError, Sink


@dataclass(frozen=True)
class FileView:
    """An input or the output of an edit; ``load`` reads an entry, None while that is too early."""

    name: str
    header: Header
    load: Callable[[str], Any] | None = None
    is_file: bool = True

    def array(self, name: str) -> Any:
        if self.load is None:
            raise TensorsNeeded
        return self.load(name)

    def fits(self, cell: Any, ignore: Sequence[Pattern]) -> bool:
        """Whether the checkpoint loads exactly into the network a cell makes."""
        sink = Sink()
        network = elaborate(cell, cell.span, sink)
        if not isinstance(network, Network):
            raise DiagnosticError(sink.errors)
        found = fitting(network_entries(network), self.header, ignore=ignore)
        return isinstance(found, BindPlan)
