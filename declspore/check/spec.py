"""What the checker hands on: a spec whose every word, type and shape is known to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from declspore.check.datasets import Dataset
from declspore.check.networks import Networks
from declspore.check.task import Task
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.ir.network import Network
from declspore.language.values import Value
from declspore.registry.written import WrittenLoss
from declspore.source import Source


@dataclass(frozen=True, eq=False)
class CheckedSpec:
    """A whole spec.

    ``names`` are all that it declares, in order; ``networks`` and ``losses`` those that need no
    arguments, elaborated; ``values`` its params and lets; ``sources`` its own text and those of
    its imports.
    """

    names: tuple[str, ...]
    networks: Mapping[str, Network]
    losses: Mapping[str, WrittenLoss]
    datasets: Mapping[str, Dataset]
    tasks: Mapping[str, Task]
    values: Mapping[str, Value]
    sources: tuple[Source, ...]
    warnings: tuple[Diagnostic, ...]
    _networks: Networks = field(repr=False)

    @property
    def loss_templates(self) -> Mapping[str, tuple[str, ...]]:
        """The formals of every loss, as they are written, by its name."""
        return self._networks.formals_of_losses

    def loss(self, name: str, *arguments: Value, **keywords: Value) -> WrittenLoss:
        """The loss a name makes of arguments. Raises DiagnosticError."""
        return self._networks.called_loss(name, arguments, keywords)

    @property
    def templates(self) -> Mapping[str, tuple[str, ...]]:
        """The formals of every network, as they are written, by its name."""
        return self._networks.formals

    def network(self, name: str, *arguments: Value, **keywords: Value) -> Network:
        """The network a name makes of arguments. Raises DiagnosticError."""
        return self._networks.called(name, arguments, keywords)

    def network_of(self, expression: Source) -> Network:
        """The network that an expression makes, ``NAME`` or ``NAME(arguments)``, among the names
        of the spec. Raises DiagnosticError."""
        return self._networks.written(expression)
