"""What a checkpoint of a training holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from declspore.checkpoint.format import Computed
from declspore.ir.header import HeaderEntry
from declspore.tensor import Parameter
from declspore.training.memory import Memory
from declspore.training.optimizing import TrainingOptimizer


class Parameterized(Protocol):
    """A compiled network, or a cell of Python."""

    def get_parameters(self) -> Iterable[Parameter]: ...


def training_parameters(
    network: Parameterized, optimizer: TrainingOptimizer, memories: Sequence[Memory] = ()
) -> dict[str, Parameter]:
    """Every entry by name, in MindSpore's order: trained parameters as the optimizer has them, the
    other parameters of the network, the optimizer's state; what policies add comes before it and at
    the end."""
    trained = {parameter.name: parameter for parameter in optimizer.parameters}
    others = {p.name: p for p in network.get_parameters() if p.name not in trained}
    before = {name: p for memory in memories for name, p in memory.leading().items()}
    after = {name: p for memory in memories for name, p in memory.entries().items()}
    return {**trained, **others, **before, **optimizer.state(), **after}


def pieces_of(parameters: Mapping[str, Parameter]) -> list[Computed]:
    """Parameters as values to write, each read when its turn comes."""
    return [
        Computed(HeaderEntry.of(name, p.dtype, p.shape), p.asnumpy)
        for name, p in parameters.items()
    ]
