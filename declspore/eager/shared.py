"""Parameters that several cells have, or that are read past the cell they belong to.

A cell of the vocabulary that has such a parameter is carried out as the op it stands for, on the
parameters themselves, so that all that use one use the same variable: an output layer with the
table of an embedding, for instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from declspore.eager.calls import call, op_named
from declspore.ir.term import Arguments
from declspore.registry.cell import CellKind
from declspore.tensor import Parameter, Tensor

Owned = Mapping[str, Parameter]


def take(owner: Any, parameter: Parameter) -> None:
    """Remember that a cell has a parameter."""
    owners: list[Any] = parameter.__dict__.setdefault("_owners", [])
    if not any(each is owner for each in owners):
        owners.append(owner)


def is_shared(parameter: Parameter) -> bool:
    """Whether several cells have it."""
    owners: list[Any] = parameter.__dict__.get("_owners", [])
    having = (o for o in owners if any(p is parameter for p in o.own_parameters().values()))
    return sum(1 for _ in having) > 1


def as_ops(kind: CellKind, a: Arguments, owned: Owned, inputs: Sequence[Any]) -> Any:
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


def _op(word: str, *given: Any, **named: Any) -> Any:
    kind = op_named(word)
    assert kind is not None
    return call(kind, given, named)


def _dense(a: Arguments, owned: Owned, x: Tensor) -> Any:
    found = _op("dense", x, owned["weight"], owned.get("bias"))
    return found if a.activation is None else _op(a.activation, found)


def _embedding(a: Arguments, owned: Owned, ids: Tensor) -> Any:
    return _op("gather", owned["embedding_table"], ids, 0)


def _conv(word: str) -> Callable[..., Any]:
    def form(a: Arguments, owned: Owned, x: Tensor) -> Any:
        settings = {name: a[name] for name in ("stride", "pad_mode", "padding", "dilation")}
        return _op(word, x, owned["weight"], owned.get("bias"), groups=a.group, **settings)

    return form


def _layer_norm(a: Arguments, owned: Owned, x: Tensor) -> Any:
    shape = a.normalized_shape
    return _op("layer_norm", x, shape, owned["gamma"], owned["beta"], eps=a.epsilon)


_FORMS: Mapping[str, Callable[..., Any]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Conv1d": _conv("conv1d"),
    "Conv2d": _conv("conv2d"),
    "LayerNorm": _layer_norm,
    "PReLU": lambda a, owned, x: _op("prelu", x, owned["w"]),
}
