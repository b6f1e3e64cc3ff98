"""Expressions to values.

Assumes a syntax tree; guarantees a value or :data:`UNKNOWN` with the problem reported. Evaluation
is total: loops run over finite lists, nothing recurses, nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from declspore.check import errors
from declspore.check.arguments import Given
from declspore.check.budget import MOST_ITEMS, Budget, weight
from declspore.check.calls import as_cell, call
from declspore.check.cells import instantiate
from declspore.check.formulas import Calculator
from declspore.check.operators import OperandError, binary, negative
from declspore.check.scope import Binding, Scope
from declspore.check.trace import Tracer
from declspore.check.values import (
    UNKNOWN,
    Absent,
    Amount,
    CellTemplate,
    Group,
    Instance,
    Pipeline,
    Selection,
    Sequence,
    Skipped,
    TensorValue,
    Unknown,
    describe,
    flows,
)
from declspore.ir.dtype import BY_SHORT
from declspore.ir.pattern import Pattern, PatternError, filled, path_pattern, regex_pattern
from declspore.ir.subscripts import NEW, REST
from declspore.ir.term import Term
from declspore.registry.cell import CellKind
from declspore.registry.container import ContainerKind
from declspore.registry.kind import Kind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast

_MOST_FAULTS = 20
_ONE_PLACE = "of a list one item is taken by its place: list[0]"
_OF_TENSORS = "between tensors, logical_and(a, b), logical_or(a, b), logical_not(a), where(c, a, b)"


class Evaluator:
    """Evaluates expressions; with a tracer, tensors may flow through cells and ops."""

    def __init__(
        self, sink: Sink, tracer: Tracer | Calculator | None = None, budget: Budget | None = None
    ) -> None:
        self.sink = sink
        self.budget = budget or Budget(sink)
        self.tracer = tracer
        self.making: list[CellTemplate] = []
        self.made: list[Instance] = []
        self.tensors_needed = False
        self._cases: dict[type, Callable[[Any, Scope], Any]] = {
            ast.Name: self._name,
            ast.Literal: self._literal,
            ast.Quantity: self._quantity,
            ast.Path: self._path,
            ast.List: self._list,
            ast.Call: self._call,
            ast.Index: self._index,
            ast.Member: self._member,
            ast.PathOf: self._path_of,
            ast.Maybe: self._maybe,
            ast.Unary: self._unary,
            ast.Binary: self._binary,
            ast.Conditional: self._conditional,
            ast.Damaged: lambda node, scope: UNKNOWN,
        }

    def evaluate(self, node: ast.Expression, scope: Scope) -> Any:
        """The value of an expression, or UNKNOWN with its problems reported."""
        return self._cases[type(node)](node, scope)

    def truth(self, node: ast.Expression, scope: Scope) -> Any:
        """True or False, or UNKNOWN with a diagnostic."""
        value = self.evaluate(node, scope)
        if isinstance(value, bool | Unknown):
            return value
        help = _OF_TENSORS if isinstance(value, TensorValue) else None
        found = describe(value)
        self.sink.report(errors.wrong_type(node.span, "true or false", found, help))
        return UNKNOWN

    def pattern(self, node: ast.Path, scope: Scope) -> Pattern | Unknown:
        """A compiled pattern, or UNKNOWN with a diagnostic at the piece at fault.

        ``{name}`` of a path is a value where the name has one that is a text or whole number.
        """
        try:
            if node.is_regex:
                return regex_pattern(node.text)
            return path_pattern(filled(node.text, lambda name: self.filling(name, scope)))
        except PatternError as error:
            self.sink.report(errors.bad_pattern(inner_span(node, error), str(error)))
            return UNKNOWN

    def filling(self, name: str, scope: Scope) -> str | int | None:
        """What ``{name}`` stands for within a path; None where it captures."""
        binding = scope.find(name)
        value = None if binding is None else self.force(name, binding, binding.span)
        is_plain = isinstance(value, str | int) and not isinstance(value, bool)
        return value if is_plain else None

    def given(self, arguments: tuple[ast.Argument, ...], scope: Scope) -> list[Given]:
        """The arguments of a call, comprehensions spread out."""
        given = []
        for argument in arguments:
            node = argument.value
            if not isinstance(node, ast.Comprehension):
                value = self.evaluate(node, scope)
                if isinstance(value, tuple) and not self.budget.items(len(value), node.span):
                    value = UNKNOWN
                given.append(Given(argument.keyword, value, node.span))
                continue
            for item in self._comprehension(node, scope):
                given.append(Given(argument.keyword, item.value, item.span))
        return given

    def as_cell(self, value: Any, span: Span) -> Any:
        return as_cell(self, value, span)

    def new(self, cell: Instance) -> Any:
        """The cell, remembered as one of those that the template being carried out makes; UNKNOWN
        where there are too many."""
        if not self.budget.cells(1, cell.span):
            return UNKNOWN
        self.made.append(cell)
        return cell

    def instantiate(self, template: CellTemplate, given: list[Given], span: Span) -> Any:
        """The cell a template makes of its arguments, or UNKNOWN with the problems reported."""
        return instantiate(self, template, given, span)

    def nameless(self, span: Span, word: str, written: Span) -> Unknown:
        """Report a cell that is made where it is called."""
        op = vocabulary().get(word.lower())
        same = op.name if isinstance(op, OpKind) and op.takes_one else None
        text = " ".join(written.text.split())
        self.sink.report(errors.nameless_cell(span, word, text, same))
        return UNKNOWN

    def force(self, name: str, binding: Binding, span: Span) -> Any:
        """The value of a binding, computed at first use."""
        if binding.compute is None:
            return binding.value
        if binding.running:
            self.sink.report(errors.cycle(span, name))
            return UNKNOWN
        binding.running = True
        made = len(self.made)
        try:
            binding.value = binding.compute()
        finally:
            binding.running = False
        del self.made[made:]  # cells of a `let` belong to no template: all who name it share them
        binding.compute = None
        return binding.value

    # ---- one node each

    def _literal(self, node: ast.Literal, scope: Scope) -> Any:
        return node.value

    def _quantity(self, node: ast.Quantity, scope: Scope) -> Any:
        return node.value / 100 if node.unit == "%" else Amount(node.value, node.unit)

    def _path(self, node: ast.Path, scope: Scope) -> Any:
        return self.pattern(node, scope)

    def _list(self, node: ast.List, scope: Scope) -> Any:
        found = tuple([given.value for given in self._elements(node.items, scope)])
        return self._bounded(found, node.span)

    def _bounded(self, items: tuple[Any, ...], span: Span) -> Any:
        """The list, or UNKNOWN where an item is or where lists have become too long."""
        if any(item is UNKNOWN for item in items):
            return UNKNOWN
        size = weight(items)
        if size > MOST_ITEMS:
            self.sink.report(errors.too_large(span, "items of a list", MOST_ITEMS))
            return UNKNOWN
        return items if self.budget.items(size, span) else UNKNOWN

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        callee = self.evaluate(node.function, scope)
        given = self.given(node.arguments, scope)
        return call(self, callee, given, node.span, node.function.span)

    def _maybe(self, node: ast.Maybe, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        return Skipped() if isinstance(value, Absent) else value

    def _conditional(self, node: ast.Conditional, scope: Scope) -> Any:
        condition = self.truth(node.condition, scope)
        if condition is UNKNOWN:
            return UNKNOWN
        return self.evaluate(node.then if condition else node.otherwise, scope)

    # ---- names

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        binding = scope.find(node.name)
        if binding is not None:
            return self.force(node.name, binding, node.span)
        if node.name in BY_SHORT:
            return BY_SHORT[node.name]
        kind = vocabulary().get(node.name)
        if kind is None:
            candidates = [*scope.names(), *vocabulary().words(), *BY_SHORT]
            self.sink.report(errors.unknown_name(node.span, node.name, candidates))
            return UNKNOWN
        return kind

    def _member(self, node: ast.Member, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, Group):
            return self._field(value, node)
        if not hasattr(value, "member"):
            self.sink.report(
                errors.unknown_member(node.name.span, describe(value), node.name.text, ())
            )
            return UNKNOWN
        return value.member(self, node)

    def _field(self, group: Group, node: ast.Member) -> Any:
        binding = group.scope.bindings.get(node.name.text)
        if binding is None or node.name.text not in group.fields:
            self.sink.report(
                errors.unknown_member(
                    node.name.span, group.template.name, node.name.text, group.fields
                )
            )
            return UNKNOWN
        return binding.value

    def _path_of(self, node: ast.PathOf, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        pattern = self.pattern(node.path, scope)
        if value is UNKNOWN or isinstance(pattern, Unknown):
            return UNKNOWN
        if isinstance(value, tuple) and any(one is UNKNOWN for one in value):
            return UNKNOWN
        if isinstance(value, tuple) and value and all(hasattr(one, "is_file") for one in value):
            return tuple(Selection(one, pattern) for one in value)
        if not hasattr(value, "is_file"):
            self.sink.report(
                errors.wrong_type(
                    node.value.span, "an input or the output of an edit", describe(value)
                )
            )
            return UNKNOWN
        return Selection(value, pattern)

    # ---- lists

    def _elements(self, items: tuple[ast.Element, ...], scope: Scope) -> Iterator[Given]:
        for item in items:
            if isinstance(item, ast.Comprehension):
                yield from self._comprehension(item, scope)
            else:
                yield Given(None, self.evaluate(item, scope), item.span)

    def _comprehension(self, node: ast.Comprehension, scope: Scope) -> Iterator[Given]:
        carried = self.evaluate(node.carry.first, scope) if node.carry else None
        empty = True
        for inner in self.loop(node.bindings, scope, node.span):
            if node.carry:
                inner.bind(node.carry.name.text, carried, node.carry.name.span)
            yield from self._elements(node.items, inner)
            empty = False
            if node.carry:
                carried = self.evaluate(node.carry.next, inner)
        if empty and self._is_open(node, scope):
            yield Given(None, UNKNOWN, node.span)

    def _is_open(self, node: ast.Comprehension, scope: Scope) -> bool:
        """Whether a comprehension that gave nothing is over a list that has no value yet."""
        return self.evaluate(node.bindings[0].source, scope) is UNKNOWN

    def loop(self, bindings: tuple[ast.Binding, ...], scope: Scope, at: Span) -> Iterator[Scope]:
        """A scope for each item of the loop ``at``, its names bound. Bounded in number, and ended
        early where one item after the other is at fault: their problems are mostly the same."""
        for inner in self._loop(bindings, scope):
            if not self.budget.rounds(at):
                return
            yield inner

    def _loop(self, bindings: tuple[ast.Binding, ...], scope: Scope) -> Iterator[Scope]:
        if not bindings:
            yield Scope(scope)
            return
        first, *others = bindings
        values = self.evaluate(first.source, scope)
        values = values.cells if isinstance(values, Sequence) else values
        if not isinstance(values, tuple):
            if values is not UNKNOWN:
                self.sink.report(errors.wrong_type(first.source.span, "a list", describe(values)))
            return
        faults = 0
        for value in values:
            before = self.sink.reports
            inner = Scope(scope)
            if not self._bind_targets(first, value, inner):
                return
            yield from self._loop(tuple(others), inner)
            faults += self.sink.reports > before
            if faults > _MOST_FAULTS:
                return

    def _bind_targets(self, binding: ast.Binding, value: Any, scope: Scope) -> bool:
        if not binding.unpack:
            scope.bind(binding.names[0].text, value, binding.names[0].span)
            return True
        if value is UNKNOWN:
            return False
        if not isinstance(value, tuple) or len(value) != len(binding.names):
            expected = f"lists of {len(binding.names)} items"
            self.sink.report(errors.wrong_type(binding.source.span, expected, describe(value)))
            return False
        for word, item in zip(binding.names, value, strict=True):
            scope.bind(word.text, item, word.span)
        return True

    def _index(self, node: ast.Index, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        if value is UNKNOWN:
            return UNKNOWN
        if flows(value):
            return self._tensor_index(node, value, scope)
        items = value.cells if isinstance(value, Sequence) else value
        first = node.subscripts[0]
        of_tensors = len(node.subscripts) > 1 or isinstance(first, ast.Slice | ast.Remaining)
        if isinstance(items, tuple) and of_tensors:
            self.sink.report(errors.wrong_type(node.value.span, "a tensor", "a list", _ONE_PLACE))
            return UNKNOWN
        if not isinstance(items, tuple) or isinstance(first, ast.Slice | ast.Remaining):
            self.sink.report(errors.wrong_type(node.value.span, "a list", describe(value)))
            return UNKNOWN
        index = self.evaluate(first, scope)
        if index is UNKNOWN:
            return UNKNOWN
        if isinstance(index, bool) or not isinstance(index, int):
            self.sink.report(errors.wrong_type(first.span, "a whole number", describe(index)))
            return UNKNOWN
        if not -len(items) <= index < len(items):
            self.sink.report(errors.arithmetic(first.span, f"no item {index} of {len(items)}"))
            return UNKNOWN
        return items[index]

    def _tensor_index(self, node: ast.Index, value: Any, scope: Scope) -> Any:
        """``x[:, 0, 1:]``: a slice, a place or ``none`` (a new axis) for each axis; ``...`` for
        those that are left."""
        parts = tuple(self._part(subscript, scope) for subscript in node.subscripts)
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        given = [Given(None, value, node.value.span), Given(None, parts, node.span)]
        return call(self, vocabulary().get("getitem"), given, node.span, node.span)

    def _part(self, subscript: ast.Expression | ast.Slice | ast.Remaining, scope: Scope) -> Any:
        if isinstance(subscript, ast.Remaining):
            return REST
        if not isinstance(subscript, ast.Slice):
            place = self._whole_or_none(subscript, scope)
            return NEW if place is None else place
        bounds = (subscript.start, subscript.stop, subscript.step)
        found = tuple(None if b is None else self._whole_or_none(b, scope) for b in bounds)
        return UNKNOWN if any(bound is UNKNOWN for bound in found) else found

    def _whole_or_none(self, node: ast.Expression, scope: Scope) -> Any:
        value = self.evaluate(node, scope)
        plain = isinstance(value, int) and not isinstance(value, bool)
        if value is UNKNOWN or value is None or plain:
            return value
        self.sink.report(errors.wrong_type(node.span, "a whole number", describe(value)))
        return UNKNOWN

    # ---- operators

    def _unary(self, node: ast.Unary, scope: Scope) -> Any:
        if node.operator == "not":
            value = self.truth(node.value, scope)
            return UNKNOWN if value is UNKNOWN else not value
        value = self.evaluate(node.value, scope)
        if value is UNKNOWN:
            return UNKNOWN
        if flows(value):
            return self._operator("*", value, -1, node.span)
        try:
            return negative(value)
        except OperandError:
            self.sink.report(errors.wrong_type(node.value.span, "a number", describe(value)))
            return UNKNOWN

    def _logic(self, node: ast.Binary, scope: Scope) -> Any:
        left = self.truth(node.left, scope)
        if left is UNKNOWN or left == (node.operator == "or"):
            return left
        return self.truth(node.right, scope)

    def _binary(self, node: ast.Binary, scope: Scope) -> Any:
        if node.operator == "|>":
            return self._pipe(node, scope)
        if node.operator in ("and", "or"):
            return self._logic(node, scope)
        left = self.evaluate(node.left, scope)
        right = self.evaluate(node.right, scope)
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if flows(left) or flows(right):
            return self._operator(node.operator, left, right, node.span)
        try:
            value = binary(node.operator, left, right)
            return self._bounded(value, node.span) if isinstance(value, tuple) else value
        except OperandError as error:
            shown = describe(left), describe(right)
            self.sink.report(
                errors.arithmetic(node.span, str(error))
                if str(error)
                else errors.bad_operands(node.span, node.operator, *shown)
            )
            return UNKNOWN

    def _operator(self, sign: str, left: Any, right: Any, span: Span) -> Any:
        """An operator with a tensor on either side: the op that declares the sign."""
        for op in vocabulary().every(OpKind):
            if op.operator == sign:
                given = [Given(None, left, span), Given(None, right, span)]
                return call(self, op, given, span, span)
        self.sink.report(errors.bad_operands(span, sign, describe(left), describe(right)))
        return UNKNOWN

    def _pipe(self, node: ast.Binary, scope: Scope) -> Any:
        left = self.evaluate(node.left, scope)
        right = node.right
        arguments: tuple[ast.Argument, ...] = ()
        if isinstance(right, ast.Call):
            arguments, function = right.arguments, right.function
        else:
            function = right
        callee = self.evaluate(function, scope)
        given = self.given(arguments, scope)
        if isinstance(callee, Kind) and callee.family == "transform":
            step = call(self, callee, given, right.span, function.span)
            return self._then(left, step, node)
        is_made = isinstance(callee, CellTemplate | CellKind | ContainerKind)
        if is_made and isinstance(self.tracer, Tracer):
            return self.nameless(right.span, callee.name, right.span)
        if isinstance(callee, CellTemplate):
            self.sink.report(errors.not_callable(function.span, describe(callee)))
            return UNKNOWN
        flowing = Given(None, left, node.left.span)
        return call(self, callee, [flowing, *given], right.span, function.span)

    def _then(self, left: Any, step: Any, node: ast.Binary) -> Any:
        if left is UNKNOWN or step is UNKNOWN:
            return UNKNOWN
        if isinstance(left, Term) and left.family == "source":
            left = Pipeline(left, (), left.span)
        if not isinstance(left, Pipeline):
            self.sink.report(errors.wrong_type(node.left.span, "a dataset", describe(left)))
            return UNKNOWN
        return left.then(step, node.right.span)


def inner_span(node: ast.Path, error: PatternError) -> Span:
    """The piece of a path literal that is at fault."""
    opening = 3 if node.is_regex else 1
    start = node.span.start + opening + error.offset
    return Span(node.span.source, start, min(start + error.length, node.span.end - 1))
