"""Queries that read tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from declspore.ir.header import HeaderEntry
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments, Term
from declspore.numerics.differences import apart, bits_differ, not_finite
from declspore.registry.kind import Misfit
from declspore.registry.query import (
    Entries,
    File,
    NetworkValue,
    QueryKind,
    TensorsNeeded,
    some,
)
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Either, ListOf, Number, TermOf

_INFINITY = float("inf")
_ENTRIES = Argument("entries", Entries(), help="entries to look at")
_OTHERS = Argument("others", Entries(), help="entries of another file, or of the same")


def _finite(a: Arguments) -> bool:
    floats = (entry.name for entry in a.entries.entries if entry.dtype.has_floats)
    return all((abs(a.entries.array(name)) < _INFINITY).all() for name in floats)


def _infinite(a: Arguments) -> Iterator[str]:
    """Where values are not finite, entry by entry."""
    floats = (entry.name for entry in a.entries.entries if entry.dtype.has_floats)
    found = ((name, not_finite(a.entries.array(name))) for name in floats)
    yield from some(f"`{name}`: {what}" for name, what in found if what is not None)


def _unequal(a: Arguments) -> Iterator[str]:
    return _differences(a, bits_differ)


def _distant(a: Arguments) -> Iterator[str]:
    def far(one: Array, other: Array) -> str | None:
        return apart(one, other, a.atol + a.rtol * abs(other.astype("float64")))

    return _differences(a, far)


def _differences(a: Arguments, difference: Callable[[Array, Array], str | None]) -> Iterator[str]:
    """What two selections differ in, entry by entry; ``difference`` is asked of those that fit."""
    left, right = a.entries.entries, a.others.entries
    alone = len(left) == len(right) == 1
    known = {left[0].name: right[0]} if alone else {entry.name: entry for entry in right}
    lines: list[str] = []
    pairs = []
    for entry in left:
        other = known.pop(entry.name, None)
        if other is None:
            lines.append(f"only {a.entries} matches `{entry.name}`")
        elif entry.shape != other.shape or (
            difference is bits_differ and entry.dtype != other.dtype
        ):
            lines.append(f"`{entry.name}` is {entry.type}, the other is {other.type}")
        else:
            pairs.append((entry.name, other.name))
    lines += [f"only {a.others} matches `{name}`" for name in known]
    with suppress(TensorsNeeded):  # headers alone show the rest
        for name, twin in pairs:
            found = difference(a.entries.array(name), a.others.array(twin))
            lines += [] if found is None else [f"`{name}`: {found}"]
    return some(lines)


def _pairs(a: Arguments) -> list[tuple[HeaderEntry, HeaderEntry]] | None:
    """Values to be compared: those of the same name, or the one of each; None where entries have
    no partner of their shape. Raises Misfit where nothing is selected."""
    left, right = a.entries.entries, a.others.entries
    if not left or not right:
        raise Misfit(f"{a.entries if not left else a.others} matches no entry")
    if len(left) == len(right) == 1:
        pairs = [(left[0], right[0])]
    else:
        known = {entry.name: entry for entry in right}
        if set(known) != {entry.name for entry in left}:
            return None
        pairs = [(entry, known[entry.name]) for entry in left]
    if any(one.shape != other.shape for one, other in pairs):
        return None
    return pairs


def _equal(a: Arguments) -> bool:
    pairs = _pairs(a)
    return pairs is not None and all(
        one.dtype == other.dtype
        and a.entries.array(one.name).tobytes() == a.others.array(other.name).tobytes()
        for one, other in pairs
    )


def _close(a: Arguments) -> bool:
    pairs = _pairs(a)
    return pairs is not None and all(
        _near(a.entries.array(one.name), a.others.array(other.name), a.rtol, a.atol)
        for one, other in pairs
    )


def _near(one: Array, other: Array, rtol: float, atol: float) -> bool:
    """Whether |one - other| <= atol + rtol |other| everywhere, in float64."""
    left, right = one.astype("float64"), other.astype("float64")
    return bool((abs(left - right) <= atol + rtol * abs(right)).all())


def _outputs(a: Arguments) -> tuple[list[Array], list[Array]]:
    """What the networks with the values of the files give. Raises Misfit where they do not fit."""
    import numpy as np

    terms = a.on if isinstance(a.on, tuple) else (a.on,)
    for file, network in ((a.old, a.old_network), (a.new, a.new_network)):
        _check_inputs(file, network, terms)
    inputs = [_made(np, term) for term in terms]
    return a.old.outputs(a.old_network, inputs), a.new.outputs(a.new_network, inputs)


def _other_outputs(a: Arguments) -> Iterator[str]:
    before, after = _outputs(a)
    if len(before) != len(after):
        yield f"the networks have {len(before)} and {len(after)} outputs"
    for place, (one, other) in enumerate(zip(before, after, strict=False)):
        if one.shape != other.shape:
            yield f"output {place}: the shapes are {list(one.shape)} and {list(other.shape)}"
            continue
        found = apart(one, other, a.atol + a.rtol * abs(other.astype("float64")))
        if found is not None:
            yield f"output {place}: {found}"


def _equivalent(a: Arguments) -> bool:
    before, after = _outputs(a)
    return len(before) == len(after) and all(
        one.shape == other.shape and _near(one, other, a.rtol, a.atol)
        for one, other in zip(before, after, strict=True)
    )


def _check_inputs(file: Any, cell: Any, terms: tuple[Term, ...]) -> None:
    """Raises Misfit where a file or the inputs do not fit a network."""
    network = file.network(cell)
    lacking = [p.name for p in network.parameters if not file.holds(p.name, p.shape)]
    if lacking:
        raise Misfit(f"{file} has no {lacking[0]} of the shape that {network.name} has")
    types = [vocabulary().of(TensorKind, term.word).infer(term.arguments) for term in terms]
    wanted = [given.type for given in network.inputs]
    fit = len(types) == len(wanted) and all(
        found.dtype == type.dtype
        and found.rank == type.rank
        and all(
            size == known
            for size, known in zip(found.shape, type.shape, strict=True)
            if isinstance(known, int)
        )
        for found, type in zip(types, wanted, strict=True)
    )
    if not fit:
        shown = ", ".join(map(str, types))
        raise Misfit(f"{network.name} takes {', '.join(map(str, wanted))}, `on` gives {shown}")


def _made(np: Ops, term: Term) -> Array:
    found = vocabulary().of(TensorKind, term.word).compute(np, term.arguments)
    assert not isinstance(found, tuple), term.word
    return found


_RTOL = Argument("rtol", Number(low=0.0), 1e-5, "error allowed, relative to the other value")
_ATOL = Argument("atol", Number(low=0.0), 1e-8, "absolute tolerance, added to the relative one")

KINDS = (
    QueryKind(
        name="finite",
        signature=signature(_ENTRIES),
        summary="Whether no value is infinite or not a number.",
        example="finite(dst.`**`)",
        answer=_finite,
        found=_infinite,
    ),
    QueryKind(
        name="equals",
        signature=signature(_ENTRIES, _OTHERS),
        summary="Whether entries of the same names, or one and one, have the same type and bits.",
        example="equals(dst.`fc3.weight`, src.`fc3.weight`)",
        answer=_equal,
        found=_unequal,
    ),
    QueryKind(
        name="close",
        signature=signature(_ENTRIES, _OTHERS, _RTOL, _ATOL),
        summary="Whether |entries - others| <= atol + rtol |others| everywhere.",
        example="close(dst.`fc3.weight`, src.`fc3.weight`, atol = 1e-3)",
        answer=_close,
        found=_distant,
    ),
    QueryKind(
        name="equivalent",
        signature=signature(
            Argument("old", File(), help="a file of the edit"),
            Argument("old_network", NetworkValue(), help="the network it is for"),
            Argument("new", File(), help="another, such as the output"),
            Argument("new_network", NetworkValue(), help="the network that one is for"),
            Argument(
                "on",
                Either((TermOf("tensor"), ListOf(TermOf("tensor")))),
                help="the input, or a list of inputs",
            ),
            _RTOL,
            Argument(
                "atol", Number(low=0.0), 1e-5, "absolute tolerance, added to the relative one"
            ),
        ),
        summary="Whether two networks with the values of two files give the same outputs.",
        example="equivalent(src, LeNet5(), dst, LeNet5(), on = uniform([2, 1, 32, 32], seed = 1))",
        answer=_equivalent,
        found=_other_outputs,
    ),
)
