"""Arguments that MindSpore's functions and methods have besides those of an op: what they ask for
is another op before it or after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from declspore.eager.calls import call, op
from declspore.eager.methods import ElementType, as_dtype
from declspore.eager.tracing import Results
from declspore.ir.dtype import DType
from declspore.registry.op import OpKind
from declspore.tensor import Tensor

_CAST_BEFORE = frozenset(
    (
        *("sum", "prod", "cumsum", "cumprod", "softmax", "softmin", "norm"),
        *("zeros_like", "ones_like", "full_like", "rand_like", "randn_like"),
    )
)
"""Ops with a ``dtype`` that the input gets before they are carried out."""
_CAST_AFTER = frozenset(("count_nonzero",))


def extended(kind: OpKind, given: Sequence[object], named: Mapping[str, object]) -> Results:
    """The result of an op that may be given ``dtype``, ``rounding_mode``, ``alpha`` or ``inplace``.

    Raises TypeError and ValueError where arguments do not fit.
    """
    more = {name: value for name, value in named.items() if name not in kind.signature.names}
    if kind.name in _CAST_BEFORE or kind.name in _CAST_AFTER:
        return _cast(kind, given, named)
    if kind.name == "div" and "rounding_mode" in more:
        return _rounded(kind, given, {**named})
    if kind.name in ("add", "sub") and "alpha" in more:
        return _scaled(kind, given, {**named})
    if kind.name == "relu" and more.get("inplace") is False:
        named = {name: value for name, value in named.items() if name != "inplace"}
    return call(kind, given, named)


def _cast(kind: OpKind, given: Sequence[object], named: Mapping[str, object]) -> Results:
    rest = {name: value for name, value in named.items() if name != "dtype"}
    dtype = named.get("dtype")
    if len(given) == len(kind.signature.names) + 1 and "dtype" not in named:
        *given, dtype = given
    if dtype is None:
        return call(kind, given, rest)
    wanted = _type(dtype)
    if kind.name in _CAST_AFTER:
        found = call(kind, given, rest)
        assert isinstance(found, Tensor)
        return op("cast", found, wanted)
    if given:
        return call(kind, (op("cast", given[0], wanted), *given[1:]), rest)
    first = next((name for name in ("input", "x", "A") if name in rest), None)
    if first is None:
        return call(kind, given, rest)
    return call(kind, given, {**rest, first: op("cast", rest[first], wanted)})


def _type(given: object) -> DType:
    wanted: ElementType = given  # type: ignore[assignment]  # or as_dtype says that it is none
    return as_dtype(wanted)


def _rounded(kind: OpKind, given: Sequence[object], named: dict[str, object]) -> Results:
    mode = named.pop("rounding_mode")
    if mode not in (None, "floor", "trunc"):
        raise ValueError(f"rounding_mode of div is None, 'floor' or 'trunc', not {mode!r}")
    if mode == "floor":
        return op("floor_div", *given, **named)
    found = call(kind, given, named)
    if mode is None:
        return found
    assert isinstance(found, Tensor)
    operands = [*given, *named.values()]
    types = [each.dtype for each in operands if isinstance(each, Tensor)]
    are_integers = all(type.is_integer for type in types)
    if are_integers and not any(isinstance(each, float) for each in operands):
        return op("cast", op("trunc", found), types[0])
    return op("trunc", found)


def _scaled(kind: OpKind, given: Sequence[object], named: dict[str, object]) -> Results:
    """The second operand times ``alpha``."""
    alpha = named.pop("alpha")
    name = kind.signature.names[1]
    if len(given) > 1:
        return call(kind, (given[0], op("mul", given[1], alpha), *given[2:]), named)
    return call(kind, given, {**named, name: op("mul", named[name], alpha)})
