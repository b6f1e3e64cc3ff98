"""Templates: the cells and networks of a spec, called with arguments."""

from __future__ import annotations

from dataclasses import field

from declspore.dataclass import dataclass
from declspore.elaborate.blocks import Block
from declspore.elaborate.formals import bound_formals
from declspore.elaborate.loss_cell import LossCell
from declspore.elaborate.reuse import Made, copied, plain_key
from declspore.ir.term import Term
from declspore.language import errors
from declspore.language.arguments import Given, elements_of
from declspore.language.cells import Absent, Cell, as_cell, new_cell
from declspore.language.domain import Callee, Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.registry.kind import Kind
from declspore.registry.loss import LossKind
from declspore.registry.written import WrittenLoss
from declspore.source import Span
from declspore.syntax import ast

_MOST_NESTED = 64


@dataclass(frozen=True, eq=False)
class CellTemplate(Callee):
    """A ``cell`` or ``network`` of a spec, with the scope it was declared in.

    ``made`` keeps what it made of which arguments (:mod:`declspore.elaborate.reuse`).
    """

    declaration: ast.CellDeclaration
    scope: Scope
    made: dict[object, Made] = field(default_factory=dict, repr=False)

    makes_cell = True

    @property
    def name(self) -> str:
        return self.declaration.name.text

    @property
    def described(self) -> str:
        return f"`{self.name}` without its arguments"

    def __str__(self) -> str:
        return self.name

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        return instantiate(evaluation, self, given, span)


def instantiate(
    evaluation: Evaluation, template: CellTemplate, given: list[Given], span: Span
) -> Value:
    """The cell a template makes of its arguments, or UNKNOWN with the problems reported."""
    sink, workshop = evaluation.sink, evaluation.workshop
    if len(workshop.templates) >= _MOST_NESTED:
        sink.report(errors.too_large(span, "cells are nested too deeply", _MOST_NESTED))
        return UNKNOWN
    if not evaluation.budget.cells(1, span):
        return UNKNOWN
    if template in workshop.templates:
        sink.report(errors.cycle(span, template.name))
        return UNKNOWN
    scope = bound_formals(evaluation, template.declaration, template.scope, given, span)
    values = [binding.value for binding in scope.bindings.values()]
    key = plain_key(values)
    if key in template.made:
        known = template.made[key]
        if not evaluation.budget.cells(len(known.own), span):
            return UNKNOWN
        is_block = isinstance(template.declaration.body, ast.Block)
        return copied(known, span if is_block else None, workshop.made)
    reports, made = sink.reports, len(workshop.made)
    cell = _made(evaluation, template, scope, span)
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    if key is not None and isinstance(cell, Cell) and reports == sink.reports:
        template.made[key] = Made(cell, frozenset(map(id, workshop.made[made:])))
    return cell


def _made(evaluation: Evaluation, template: CellTemplate, scope: Scope, span: Span) -> Value:
    evaluation.workshop.templates.append(template)
    try:
        body = template.declaration.body
        if isinstance(body, ast.Preset):
            return _cell_of(evaluation, body.value, scope)
        return _block(evaluation, template, body, scope, span)
    finally:
        evaluation.workshop.templates.pop()


def _block(
    evaluation: Evaluation, template: CellTemplate, body: ast.Block, scope: Scope, span: Span
) -> Value:
    arguments = {name: binding.value for name, binding in scope.bindings.items()}
    inner = Scope(scope)
    fields: dict[str, Cell | None] = {}
    inner.declare_damaged(template.declaration.damaged)
    inner.declare_damaged(body.damaged)
    complete = not body.damaged
    for each in body.fields:
        value = _field(evaluation, each, inner)
        complete = complete and value is not UNKNOWN
        inner.bind(each.name.text, value, each.name.span)
        fields[each.name.text] = value if isinstance(value, Cell) else None
    block = Block(template.declaration, inner, fields, arguments, span, complete)
    return new_cell(evaluation, block)


def _field(evaluation: Evaluation, node: ast.Field, scope: Scope) -> Value:
    if node.condition is not None:
        condition = evaluation.truth(node.condition, scope)
        if condition is UNKNOWN:
            return UNKNOWN
        if not condition:
            return Absent(node)
    return _cell_of(evaluation, node.value, scope)


def _cell_of(evaluation: Evaluation, node: ast.Expression, scope: Scope) -> Value:
    value = as_cell(evaluation, evaluation.evaluate(node, scope), node.span)
    if isinstance(value, Term) and value.family == LossKind.family and _is_in_loss(evaluation):
        value = _loss_cell(evaluation, value, node.span)
    if value is UNKNOWN or isinstance(value, Cell):
        return value
    help = f"{value.name}(...)" if isinstance(value, CellTemplate) else None
    if isinstance(value, int | float | str | tuple) and node.span.text:
        written = " ".join(node.span.text.split())
        help = f"a value is an argument with a default: (name = {written}) after the cell's name"
        elements = elements_of(node.span.text)
        if isinstance(value, tuple) and elements and isinstance(value[0], Cell):
            help = f"CellList({elements})"
    if isinstance(value, Term) and value.family == LossKind.family:
        help = f"loss Name() {{ part = {' '.join(node.span.text.split())} ... construct(...) }}"
    if isinstance(value, Kind) and value.family == "cell":
        help = f"{value.name}{value.signature}"
    evaluation.sink.report(errors.wrong_type(node.span, "a cell", describe(value), help))
    return UNKNOWN


def _is_in_loss(evaluation: Evaluation) -> bool:
    """Whether the cell that is made belongs to a loss."""
    first = evaluation.workshop.templates[0]
    return isinstance(first, CellTemplate) and first.declaration.keyword == "loss"


def _loss_cell(evaluation: Evaluation, term: Term, span: Span) -> Value:
    """A loss as a cell of another: one of the vocabulary, or a spec's."""
    if isinstance(term, WrittenLoss):
        return term.cell
    return new_cell(evaluation, LossCell(term, span))
