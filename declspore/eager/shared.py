"""Parameters that several cells have, or that are read past the cell they belong to.

A cell of the vocabulary that has such a parameter is carried out as the op it stands for, on the
parameters themselves, so that all that use one use the same variable: an output layer with the
table of an embedding, for instance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from declspore.eager.calls import op
from declspore.ir.term import Arguments
from declspore.registry.cell import CellKind
from declspore.registry.table import vocabulary
from declspore.tensor import Parameter, Tensor

Owned = Mapping[str, Parameter]


class Owner(Protocol):
    """A cell, as far as it has parameters."""

    def own_parameters(self) -> dict[str, Parameter]: ...


def take(owner: Owner, parameter: Parameter) -> None:
    """Remember that a cell has a parameter."""
    owners: list[Owner] = parameter.__dict__.setdefault("_owners", [])
    if not any(each is owner for each in owners):
        owners.append(owner)


def is_shared(parameter: Parameter) -> bool:
    """Whether several cells have it."""
    owners: list[Owner] = parameter.__dict__.get("_owners", [])
    having = (o for o in owners if any(p is parameter for p in o.own_parameters().values()))
    return sum(1 for _ in having) > 1


def as_ops(kind: CellKind, a: Arguments, owned: Owned, inputs: Sequence[object]) -> Tensor:
    """What a cell gives, computed of its parameters. Raises TypeError for cells that have no such
    form."""
    if kind.as_ops is None:
        names = ", ".join(f"`{parameter.name}`" for parameter in owned.values())
        able = [each.name for each in vocabulary().every(CellKind) if each.as_ops is not None]
        raise TypeError(
            f"a parameter of {kind.name} ({names}) is shared with another cell or read past it; "
            f"that is possible for {', '.join(able)}"
        )
    return cast(Tensor, kind.as_ops(op, a, owned, *inputs))
