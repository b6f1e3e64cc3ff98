"""Parameters that several cells have, or that are read past the cell they belong to.

A cell of the vocabulary that has such a parameter is carried out as the op it stands for, on the
parameters themselves, so that all that use one use the same variable: an output layer with the
table of an embedding, for instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from declspore.eager.calls import op
from declspore.ir.term import Arguments
from declspore.registry.cell import CellKind
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
    form = _FORMS.get(kind.name)
    if form is None:
        names = ", ".join(f"`{parameter.name}`" for parameter in owned.values())
        raise TypeError(
            f"a parameter of {kind.name} ({names}) is shared with another cell or read past it; "
            f"that is possible for {', '.join(_FORMS)}"
        )
    return form(a, owned, *inputs)


def _dense(a: Arguments, owned: Owned, x: Tensor) -> Tensor:
    found = op("dense", x, owned["weight"], owned.get("bias"))
    return found if a.activation is None else op(a.activation, found)


def _embedding(a: Arguments, owned: Owned, ids: Tensor) -> Tensor:
    return op("gather", owned["embedding_table"], ids, 0)


def _conv(word: str) -> Callable[..., Tensor]:
    def form(a: Arguments, owned: Owned, x: Tensor) -> Tensor:
        settings = {name: a[name] for name in ("stride", "pad_mode", "padding", "dilation")}
        return op(word, x, owned["weight"], owned.get("bias"), groups=a.group, **settings)

    return form


def _layer_norm(a: Arguments, owned: Owned, x: Tensor) -> Tensor:
    shape = a.normalized_shape
    return op("layer_norm", x, shape, owned["gamma"], owned["beta"], eps=a.epsilon)


_FORMS: Mapping[str, Callable[..., Tensor]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Conv1d": _conv("conv1d"),
    "Conv2d": _conv("conv2d"),
    "LayerNorm": _layer_norm,
    "PReLU": lambda a, owned, x: op("prelu", x, owned["w"]),
}
