"""Headers of checkpoints that do not exist yet."""

from __future__ import annotations

from declspore.check.result import TrainTask
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import vocabulary


def network_entries(network: Network) -> tuple[HeaderEntry, ...]:
    """Every parameter of a network, in MindSpore's order."""
    return tuple(HeaderEntry.of(p.name, p.dtype, p.shape) for p in network.parameters)


def state_entries(optimizer: Term, network: Network) -> tuple[HeaderEntry, ...]:
    """Every entry an optimizer adds for the trainable parameters of a network."""
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    trained = ((p.name, p.dtype, p.shape) for p in network.trainable)
    entries = kind.state(optimizer.arguments, trained)
    return tuple(HeaderEntry.of(e.name, e.dtype, e.shape) for e in entries)


def training_entries(network: Network, optimizer: Term) -> tuple[HeaderEntry, ...]:
    """A training checkpoint: what is trained, the other parameters, the optimizer's state."""
    entries = network_entries(network)
    trainable = {parameter.name for parameter in network.trainable}
    first = tuple(entry for entry in entries if entry.name in trainable)
    others = tuple(entry for entry in entries if entry.name not in trainable)
    return (*first, *others, *state_entries(optimizer, network))


def training_header(task: TrainTask) -> Header:
    """The header of every checkpoint a training writes."""
    return Header.of(task.name, training_entries(task.network, task.optimizer))
