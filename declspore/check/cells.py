"""Cells of a spec: from template and arguments to named cells, and to the parameter table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from declspore.check import errors
from declspore.check.arguments import Given, match
from declspore.check.reuse import Made, copied, plain_key
from declspore.check.scope import Scope
from declspore.check.values import (
    UNKNOWN,
    Absent,
    Amount,
    CellTemplate,
    Group,
    Instance,
    Leaf,
    OpCell,
    Sequence,
    describe,
)
from declspore.ir.network import ParameterSpec
from declspore.registry.cell import OwnParameter
from declspore.source import Span
from declspore.syntax import ast

if TYPE_CHECKING:
    from declspore.check.evaluate import Evaluator

_MOST_NESTED = 64


def instantiate(
    evaluator: Evaluator, template: CellTemplate, given: list[Given], span: Span
) -> Any:
    """The cell a template makes of its arguments, or UNKNOWN with the problems reported."""
    if len(evaluator.making) >= _MOST_NESTED:
        evaluator.sink.report(errors.too_large(span, "cells are nested too deeply", _MOST_NESTED))
        return UNKNOWN
    if not evaluator.budget.cells(1, span):
        return UNKNOWN
    if template in evaluator.making:
        evaluator.sink.report(errors.cycle(span, template.name))
        return UNKNOWN
    scope = _bind_formals(evaluator, template, given, span)
    values = [binding.value for binding in scope.bindings.values()]
    key = plain_key(values)
    if key in template.made:
        known = template.made[key]
        if not evaluator.budget.cells(len(known.own), span):
            return UNKNOWN
        is_block = isinstance(template.declaration.body, ast.Block)
        return copied(known, span if is_block else None, evaluator.made)
    reports, made = evaluator.sink.reports, len(evaluator.made)
    cell = _made(evaluator, template, scope, span)
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    if key is not None and cell is not UNKNOWN and reports == evaluator.sink.reports:
        template.made[key] = Made(cell, frozenset(map(id, evaluator.made[made:])))
    return cell


def _made(evaluator: Evaluator, template: CellTemplate, scope: Scope, span: Span) -> Any:
    evaluator.making.append(template)
    try:
        body = template.declaration.body
        if isinstance(body, ast.Preset):
            return _cell_of(evaluator, body.value, scope)
        return _group(evaluator, template, body, scope, span)
    finally:
        evaluator.making.pop()


def walk(instance: Instance, path: str = "") -> Iterator[tuple[str, Instance]]:
    """The cell and every cell in it with their paths, in MindSpore's order, each once."""
    yield from _walk(instance, path, set())


def named(network: Group) -> Iterator[tuple[str, Instance]]:
    """Every cell of a network with the path that names its parameters.

    As in MindSpore, a cell that stands under several names is listed where it stands first, and
    named by the last field of the network it is in: each assignment to ``self`` names it anew.
    """
    names = {id(network): ""}
    seen: set[int] = {id(network)}
    for name, field in reversed(network.fields.items()):
        if field is not None and id(field) not in seen:
            names |= {id(cell): path for path, cell in _walk(field, name, seen)}
    for _, cell in walk(network):
        yield names[id(cell)], cell


def _walk(instance: Instance, path: str, seen: set[int]) -> Iterator[tuple[str, Instance]]:
    seen.add(id(instance))
    yield path, instance
    for name, inner in _children(instance):
        if id(inner) not in seen:
            yield from _walk(inner, f"{path}.{name}" if path else name, seen)


def parameters(network: Group) -> tuple[ParameterSpec, ...]:
    """The parameter table."""
    table: list[ParameterSpec] = []
    known: dict[int, tuple[OwnParameter, ...]] = {}
    for path, cell in named(network):
        if not isinstance(cell, Leaf):
            continue
        if id(cell.arguments) not in known:
            known[id(cell.arguments)] = cell.kind.parameters(cell.arguments)
        for own in known[id(cell.arguments)]:
            name = ".".join(filter(None, (path, own.name)))
            table.append(
                ParameterSpec(name, own.shape, own.dtype, own.init, own.trainable, cell.span)
            )
    return tuple(table)


def _children(instance: Instance) -> Iterator[tuple[str, Instance]]:
    if isinstance(instance, Sequence):
        yield from ((str(index), cell) for index, cell in enumerate(instance.cells))
    elif isinstance(instance, Group):
        present = [(name, cell) for name, cell in instance.fields.items() if cell is not None]
        # MindSpore lists a cell's own parameters before those of the cells in it
        yield from sorted(present, key=lambda child: not _is_bare(child[1]))


def _is_bare(cell: Instance) -> bool:
    """Whether it is a parameter by itself, without a cell of its own."""
    return isinstance(cell, Leaf) and not cell.kind.inputs


def _group(
    evaluator: Evaluator, template: CellTemplate, body: ast.Block, scope: Scope, span: Span
) -> Any:
    arguments = {name: binding.value for name, binding in scope.bindings.items()}
    inner = Scope(scope)
    fields: dict[str, Instance | None] = {}
    inner.lose(template.declaration.damaged)
    inner.lose(body.damaged)
    complete = not body.damaged
    for field in body.fields:
        value = _field(evaluator, field, inner)
        complete = complete and value is not UNKNOWN
        inner.bind(field.name.text, value, field.name.span)
        is_cell = not isinstance(value, Absent) and value is not UNKNOWN
        fields[field.name.text] = value if is_cell else None
    return evaluator.new(Group(template, inner, fields, arguments, span, complete))


def _field(evaluator: Evaluator, field: ast.Field, scope: Scope) -> Any:
    if field.condition is not None:
        condition = evaluator.truth(field.condition, scope)
        if condition is UNKNOWN:
            return UNKNOWN
        if not condition:
            return Absent(field)
    return _cell_of(evaluator, field.value, scope)


def _cell_of(evaluator: Evaluator, node: ast.Expression, scope: Scope) -> Any:
    value = evaluator.as_cell(evaluator.evaluate(node, scope), node.span)
    if value is UNKNOWN or isinstance(value, Leaf | OpCell | Sequence | Group):
        return value
    help = f"{value.name}(...)" if isinstance(value, CellTemplate) else None
    if getattr(value, "family", None) == "cell":
        help = f"{value.name}{value.signature}"
    evaluator.sink.report(errors.wrong_type(node.span, "a cell", describe(value), help))
    return UNKNOWN


# ---- formals


def _bind_formals(
    evaluator: Evaluator, template: CellTemplate, given: list[Given], span: Span
) -> Scope:
    """A scope with every formal bound; UNKNOWN where a problem was reported, so that the body is
    looked at all the same."""
    formals = template.declaration.formals
    if template.declaration.damaged:
        return _unknown_formals(template)
    names = [formal.name.text for formal in formals]
    matched = match(template.name, names, None, given, evaluator.sink)
    scope = Scope(template.scope)
    if matched is None:
        return _unknown_formals(template)
    missing = [f.name.text for f in formals if f.default is None and f.name.text not in matched]
    if missing:
        usage = f"({', '.join(f.span.text for f in formals)})"
        evaluator.sink.report(errors.missing_arguments(span, template.name, missing, usage))
    for formal in formals:
        value: Any = UNKNOWN
        if formal.name.text not in missing:
            value = _formal_value(evaluator, template, formal, matched, scope)
        scope.bind(formal.name.text, value, formal.name.span)
    return scope


def _unknown_formals(template: CellTemplate) -> Scope:
    scope = Scope(template.scope)
    for formal in template.declaration.formals:
        scope.bind(formal.name.text, UNKNOWN, formal.name.span)
    return scope


def _formal_value(
    evaluator: Evaluator,
    template: CellTemplate,
    formal: ast.Formal,
    matched: dict[str, list[Given]],
    scope: Scope,
) -> Any:
    """The given value or the default, converted to the declared type."""
    name = formal.name.text
    if name in matched:
        value, span = matched[name][0].value, matched[name][0].span
    else:
        assert formal.default is not None
        value, span = evaluator.evaluate(formal.default, scope), formal.default.span
    if value is UNKNOWN or formal.type is None:
        return value
    accepted = accept_formal(formal.type.name.text, value)
    if accepted is UNKNOWN and formal.type.name.text in FORMAL_TYPES:
        reason = f"expected {formal.type.name.text}, found {describe(value)}"
        evaluator.sink.report(errors.wrong_argument(span, template.name, name, reason))
    return accepted


def accept_formal(type: str, value: Any) -> Any:
    """The value as the named type has it, or UNKNOWN where it does not fit."""
    scalar = _SCALARS.get(type)
    if scalar is not None:
        return scalar(value)
    item = _SCALARS.get(type[:-1]) if type.endswith("s") else None
    if item is None or not isinstance(value, tuple):
        return UNKNOWN
    items = tuple(item(each) for each in value)
    return UNKNOWN if any(each is UNKNOWN for each in items) else items


def _whole(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else UNKNOWN


def _number(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else UNKNOWN


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": _number,
    "bool": lambda value: value if isinstance(value, bool) else UNKNOWN,
    "str": lambda value: value if isinstance(value, str) else UNKNOWN,
    "quantity": lambda value: value if isinstance(value, Amount) else UNKNOWN,
}
FORMAL_TYPES = (*_SCALARS, "ints", "floats", "bools", "strs")
