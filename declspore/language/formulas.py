"""Uses of words on tensors that have no values yet: formulas with their types."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import prod

from declspore.diagnostic import Diagnostic, Label
from declspore.ir.formula import Applied, Formula, PartOf, formulas_in, map_formulas
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.language.domain import Evaluation
from declspore.language.errors import too_large
from declspore.language.values import UNKNOWN, Value, is_constant
from declspore.language.words import MOST_VALUES
from declspore.numerics.fills import require_values
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.source import Span

Refuse = Callable[[OpKind | TensorKind, Arguments], None]
"""Raises Misfit where a use of a word with these types is not allowed."""


def _allow(kind: OpKind | TensorKind, seen: Arguments) -> None:
    pass


def applied(
    evaluation: Evaluation,
    kind: OpKind | TensorKind,
    held: Arguments,
    span: Span,
    problem: Callable[[Misfit, list[Label]], Diagnostic],
    before: Refuse = _allow,
    after: Refuse = _allow,
) -> Value:
    """A formula, a tuple of them where the word gives several results, or UNKNOWN with what
    ``problem`` makes of it reported. ``held`` has formulas for its tensors; uses may be refused
    ``before`` and ``after`` its own rule."""
    places: list[Label] = []
    try:
        found = formulas_in(held.leaves())
        places = [Label(span, f"of {named(one)}") for one in islice(found, 4)]
        seen = map_formulas(held, lambda one: one.type)
        before(kind, seen)
        inferred = require_values(kind.signature, seen, kind.infer(seen))
        after(kind, seen)
    except Misfit as error:
        evaluation.sink.report(problem(error, places))
        return UNKNOWN
    types = inferred if isinstance(inferred, tuple) else (inferred,)
    if sum(prod(_sizes(type)) for type in types) > MOST_VALUES:
        evaluation.sink.report(too_large(span, "values of a tensor", MOST_VALUES))
        return UNKNOWN
    scratch = None if kind.scratch is None else kind.scratch(seen)
    made = Applied(kind.family, kind.name, held, types, kind.moves, span, scratch)
    if len(types) == 1 and not isinstance(inferred, tuple):
        return made
    return tuple(PartOf(made, index) for index in range(len(types)))


def constant_formula(value: Value) -> Value:
    """A tensor of numbers as a formula; any other value as it is. Raises Misfit."""
    return constant(value) if isinstance(value, Term) and is_constant(value) else value


def constant(term: Term) -> Applied:
    """A tensor made of numbers alone. Raises Misfit."""
    kind = vocabulary().of(TensorKind, term.word)
    assert term.span is not None
    return Applied(
        term.family, term.word, term.arguments, (kind.infer(term.arguments),), False, term.span
    )


def named(formula: Formula) -> str:
    """A formula as a message names it."""
    return (
        str(formula.type) if isinstance(formula, Applied | PartOf) else f"{formula} {formula.type}"
    )


def _sizes(type: TensorType) -> tuple[int, ...]:
    return tuple(size for size in type.shape if isinstance(size, int))
