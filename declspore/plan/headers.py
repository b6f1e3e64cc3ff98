"""Headers of checkpoints that do not exist yet."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.ir.header import HeaderEntry
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.registry.groups import rates
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


def rates_of(optimizer: Term, network: Network) -> Iterable[object]:
    """The learning rates of an optimizer and its groups: numbers, lists and schedules."""
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    members = kind.members(optimizer.arguments, (p.name for p in network.trainable))
    return rates(kind.common(optimizer.arguments), members).values()


def trained_first(network: Network, optimizer: Term) -> tuple[HeaderEntry, ...]:
    """What is trained in the optimizer's order, then the other parameters."""
    entries = {entry.name: entry for entry in network_entries(network)}
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    members = kind.members(optimizer.arguments, (p.name for p in network.trainable))
    first = tuple(entries.pop(member.name) for member in members)
    return (*first, *entries.values())
