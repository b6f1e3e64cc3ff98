"""Losses that a spec declares: a network of outputs and labels instead of a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import cached_property
from typing import NoReturn, TypeVar

from declspore.dataclass import dataclass
from declspore.ir.network import Input, Network
from declspore.ir.shape import Dim, TensorType, solve
from declspore.ir.term import Arguments, Term
from declspore.ir.value import CellLike
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import signature
from declspore.registry.table import vocabulary

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class WrittenKind(LossKind):
    """A loss of a spec. What enters it are outputs of a network, then labels of a dataset, so that
    its inputs alone do not say how many there are of either; ``per_sample`` is whether it gives a
    value for each sample."""

    per_sample: bool

    def arranged(self, outputs: Sequence[T], labels: Sequence[T]) -> tuple[T, ...]:
        """The outputs, then the labels. Raises Misfit where there are more or fewer than it
        takes."""
        if len(outputs) + len(labels) != len(self.inputs):
            raise Misfit(
                f"it takes {len(self.inputs)} tensors ({', '.join(self.inputs)}), outputs and then "
                f"labels, and is given {len(outputs)} and {len(labels)}",
                f"On({self.name}(...), outputs = [0], labels = [...]) chooses what enters",
            )
        return (*outputs, *labels)

    def gives_samples(self, arguments: Arguments) -> bool:
        return self.per_sample


def written_kind(name: str, inputs: Iterable[Input], per_sample: bool) -> WrittenKind:
    """The loss that takes tensors of these types, whose sizes may be symbols."""
    taken = tuple(inputs)

    def fit(arguments: Arguments, *types: TensorType) -> None:
        _fit(taken, types)

    return WrittenKind(
        name=name,
        signature=signature(),
        summary="A loss that a spec declares.",
        example=f"{name}()",
        inputs=tuple(entry.name for entry in taken),
        labels=(),
        fit=fit,
        compute=_is_compiled,
        per_sample=per_sample,
    )


def _fit(inputs: Sequence[Input], types: Sequence[TensorType]) -> None:
    sizes: dict[str, Dim] = {}
    for entry, found in zip(inputs, types, strict=True):
        wanted = entry.type
        if (found.dtype, found.rank) != (wanted.dtype, wanted.rank):
            raise Misfit(f"`{entry.name}` is {wanted}, and {found} enters", _cast(entry, found))
        if solve(wanted.shape, found.shape, sizes):
            known = [f"{n} being {size}" for n, size in sizes.items() if str(size) != n]
            also = f" ({', '.join(known)})" if known else ""
            raise Misfit(f"`{entry.name}` is {wanted}{also}, and {found} enters")


def _cast(entry: Input, found: TensorType) -> str | None:
    if found.rank != entry.type.rank:
        return None
    taken = TensorType(found.dtype, entry.type.shape)
    return f"{entry.name}: {taken}, and cast({entry.name}, {entry.type.dtype}) where it is used"


def _is_compiled(*_: object) -> NoReturn:
    raise AssertionError("a loss of a spec is computed by its network")


@dataclass(frozen=True)
class WrittenLoss(Term):
    """A loss that a spec declares, with its arguments: ``network`` takes what enters it;
    ``cell`` is what it is where another loss calls it."""

    network: Network = field(kw_only=True, repr=False)
    cell: CellLike = field(kw_only=True, repr=False, compare=False)

    @cached_property
    def kind(self) -> WrittenKind:
        """What takes outputs and labels."""
        network = self.network
        samples = network.type_of(network.outputs[0]).rank > 0
        return written_kind(self.word, network.inputs, samples)


def loss_kind(term: Term) -> LossKind:
    """The loss that a term is of: of the vocabulary, or a spec's."""
    if isinstance(term, WrittenLoss):
        return term.kind
    return vocabulary().of(LossKind, term.word)
