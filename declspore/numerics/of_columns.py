"""Formulas over the columns of one item of a dataset, computed in NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from declspore.datafile import Damaged
from declspore.ir.dtype import BY_NUMPY, STRING
from declspore.ir.formula import Applied, EntryValue, Formula, PartOf, entries, map_formulas
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Array
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind


def names_in(formulas: Iterable[Formula]) -> frozenset[str]:
    """The columns that formulas are made of."""
    return frozenset(entry.name for formula in formulas for entry in entries(formula))


def check_numbers(formula: Formula) -> None:
    """Raises Misfit where an op is used on texts or bytes."""
    if isinstance(formula, EntryValue):
        return
    for entry in entries(formula):
        if entry.type.dtype is STRING:
            raise Misfit(
                f"ops take numbers, and {entry.name} is {entry.type}",
                "Decode, or Lookup of tokens, before it",
            )


def value_of(formula: Formula, columns: Mapping[str, Array]) -> Array:
    """The value of a formula for one item. Raises Damaged where it has none."""
    from declspore.numerics.casting import Unfit
    from declspore.numerics.computed import compute

    if isinstance(formula, EntryValue):
        return columns[formula.name]
    try:
        if any(static(entry.type.shape) is None for entry in entries(formula)):
            formula = _retyped(formula, columns)
        return compute(formula, lambda entry: columns[entry.name])
    except (Misfit, Unfit) as error:
        raise Damaged(str(error)) from None


def _retyped(formula: Formula, columns: Mapping[str, Array]) -> Formula:
    """The formula with the shapes that an item has."""
    match formula:
        case EntryValue():
            value = columns[formula.name]
            return replace(formula, type=TensorType(BY_NUMPY[value.dtype.name], value.shape))
        case PartOf(whole, index):
            inner = _retyped(whole, columns)
            assert isinstance(inner, Applied)
            return PartOf(inner, index)
        case Applied():
            held = map_formulas(formula.arguments, lambda inner: _retyped(inner, columns))
            seen = map_formulas(held, lambda inner: inner.type)
            family: type[OpKind | TensorKind] = (
                OpKind if formula.family == OpKind.family else TensorKind
            )
            inferred = vocabulary().of(family, formula.word).infer(seen)
            types = inferred if isinstance(inferred, tuple) else (inferred,)
            return replace(formula, arguments=held, types=types)
        case _:
            assert_never(formula)
