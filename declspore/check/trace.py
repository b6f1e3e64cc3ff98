"""Tensors through ``construct``: every call becomes a node, every shape is inferred.

Assumes cells whose arguments are checked; guarantees nodes in an order in which each finds its
inputs, or diagnostics that show where the shapes came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from declspore.check import errors
from declspore.check.arguments import Given, bind, converted, match
from declspore.check.cells import walk
from declspore.check.reuse import Trace, flow_key, flowing, replayed
from declspore.check.scope import Scope
from declspore.check.tensor_types import declared_type, unify
from declspore.check.values import (
    UNKNOWN,
    Group,
    Instance,
    Leaf,
    OpCell,
    Sequence,
    TensorValue,
    cell_word,
    describe,
    is_constant,
)
from declspore.diagnostic import Label
from declspore.ir.network import Node, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.source import Span
from declspore.syntax import ast

if TYPE_CHECKING:
    from declspore.check.evaluate import Evaluator


class Tracer:
    """Collects the nodes and value types of one network; ``paths`` names its cells by identity."""

    def __init__(self, paths: dict[int, str]) -> None:
        self.nodes: list[Node] = []
        self.types: list[TensorType] = []
        self._paths = paths
        self._calls: list[Span] = []
        self._blocks: list[str] = [""]

    def value(self, type: TensorType, origin: Span) -> TensorValue:
        self.types.append(type)
        return TensorValue(ValueRef(len(self.types) - 1), type, origin)

    def call_cell(
        self, evaluator: Evaluator, cell: Instance, given: list[Given], span: Span
    ) -> Any:
        """What flows out of a cell: a tensor, a tuple of tensors, or UNKNOWN."""
        if any(item.value is UNKNOWN for item in given) or not evaluator.budget.nodes(1, span):
            return UNKNOWN
        if id(cell) not in self._paths:
            return evaluator.nameless(span, cell_word(cell), cell.span)
        match cell:
            case Leaf():
                return self._call_leaf(evaluator, cell, given, span)
            case OpCell():
                arguments = bind(cell.kind.name, cell.kind.signature, given, span, evaluator.sink)
                return (
                    UNKNOWN
                    if arguments is None
                    else self.call_op(evaluator, cell.kind, arguments, span)
                )
            case Sequence():
                return self._call_sequence(evaluator, cell, given, span)
            case Group():
                return self._call_group(evaluator, cell, given, span)

    def flowing(self, given: Given) -> Given:
        """An argument with tensors made of numbers as values of the network."""
        return Given(given.keyword, self._constants(given.value, given.span), given.span)

    def _constants(self, value: Any, span: Span) -> Any:
        if isinstance(value, tuple):
            return tuple(self._constants(item, span) for item in value)
        return self._constant(value, span) if is_constant(value) else value

    def _constant(self, term: Term, span: Span) -> TensorValue:
        kind = vocabulary().of(TensorKind, term.word)
        result = self.value(kind.infer(term.arguments), span)
        node = Node(
            term.family,
            term.word,
            term.arguments,
            (),
            (result.ref,),
            block=self._blocks[-1],
            span=span,
        )
        self.nodes.append(node)
        return result

    def call_op(self, evaluator: Evaluator, kind: OpKind, arguments: Arguments, span: Span) -> Any:
        """What flows out of an op."""
        if not evaluator.budget.nodes(1, span):
            return UNKNOWN
        values = list(_tensors(arguments.values()))
        types = _replaced(arguments, lambda value: value.type)
        inferred = self._infer(evaluator, lambda: kind.infer(types), values, span)
        if inferred is UNKNOWN:
            return UNKNOWN
        results = self._results(inferred, span)
        node = Node(
            "op",
            kind.name,
            _replaced(arguments, lambda value: value.ref),
            tuple(value.ref for value in values),
            tuple(value.ref for value in results),
            block=self._blocks[-1],
            span=span,
        )
        self.nodes.append(node)
        return results[0] if len(results) == 1 else results

    def _call_leaf(self, evaluator: Evaluator, cell: Leaf, given: list[Given], span: Span) -> Any:
        matched = match(cell.kind.name, cell.kind.taken, None, given, evaluator.sink)
        if matched is None:
            return UNKNOWN
        missing = [name for name in cell.kind.inputs if name not in matched]
        if missing:
            usage = f"({', '.join(cell.kind.inputs)})"
            evaluator.sink.report(errors.missing_arguments(span, cell.kind.name, missing, usage))
            return UNKNOWN
        more = tuple(name for name in cell.kind.optional_inputs if name in matched)
        inputs = [matched[name][0] for name in (*cell.kind.inputs, *more)]
        options = converted(cell.kind.name, cell.kind.options, matched, evaluator.sink)
        if options is None or not all(self._is_tensor(evaluator, item) for item in inputs):
            return UNKNOWN
        values = [item.value for item in inputs]
        types = [value.type for value in values]
        needed = len(cell.kind.inputs)
        named = dict(zip(more, types[needed:], strict=True))
        inferred = self._infer(
            evaluator,
            lambda: cell.kind.infer(cell.arguments, *types[:needed], **named, **options),
            *(values, span, cell.span),
        )
        if inferred is UNKNOWN:
            return UNKNOWN
        results = self._results(inferred, span)
        node = Node(
            "cell",
            cell.kind.name,
            cell.arguments,
            tuple(value.ref for value in values),
            tuple(value.ref for value in results),
            self._paths[id(cell)],
            more,
            options,
            self._blocks[-1],
            span,
        )
        self.nodes.append(node)
        return results[0] if len(results) == 1 else results

    def _call_sequence(
        self, evaluator: Evaluator, cell: Sequence, given: list[Given], span: Span
    ) -> Any:
        if not cell.kind.is_sequence or len(given) != 1 or given[0].keyword is not None:
            reason = (
                f"{cell.kind.name} {'with other than one input' if cell.kind.is_sequence else ''}"
            )
            evaluator.sink.report(errors.not_callable(span, reason.strip()))
            return UNKNOWN
        flowing = given[0].value
        for inner in cell.cells:
            flowing = self.call_cell(evaluator, inner, [Given(None, flowing, span)], span)
        return flowing

    def _call_group(
        self, evaluator: Evaluator, group: Group, given: list[Given], span: Span
    ) -> Any:
        construct = _construct(group)
        key = flow_key(given)
        known = group.traces.get(key) if key is not None else None
        if known is not None:
            if not evaluator.budget.nodes(len(known.nodes), span):
                return UNKNOWN
            return self._replay(group, known, flowing(given))
        reports, first, node = evaluator.sink.reports, len(self.types), len(self.nodes)
        result = self._call_anew(evaluator, group, construct, given, span)
        if key is not None and result is not UNKNOWN and reports == evaluator.sink.reports:
            self._keep(group, key, flowing(given), first, node, result)
        return result

    def _keep(
        self,
        group: Group,
        key: Any,
        given: tuple[TensorValue, ...],
        first: int,
        node: int,
        result: Any,
    ) -> None:
        numbers: dict[str, int] = {}
        for number, (_, cell) in enumerate(walk(group)):
            numbers.setdefault(self._paths[id(cell)], number)
        nodes = [
            (made, numbers.get(made.path), numbers.get(made.block)) for made in self.nodes[node:]
        ]
        refs = tuple(value.ref.index for value in given)
        group.traces[key] = Trace(first, refs, tuple(nodes), tuple(self.types[first:]), result)

    def _replay(self, group: Group, trace: Trace, given: tuple[TensorValue, ...]) -> Any:
        cells = [cell for _, cell in walk(group)]
        first = len(self.types)
        self.types += trace.types
        nodes, result = replayed(trace, given, first, lambda n: self._paths[id(cells[n])])
        self.nodes += nodes
        return result

    def _call_anew(
        self,
        evaluator: Evaluator,
        group: Group,
        construct: ast.Construct,
        given: list[Given],
        span: Span,
    ) -> Any:
        if construct.damaged:
            return UNKNOWN
        names = [formal.name.text for formal in construct.formals]
        matched = match(group.template.name, names, None, given, evaluator.sink)
        if matched is None:
            return UNKNOWN
        scope = self.scope_of(evaluator, group)
        for formal in construct.formals:
            value = self._formal(evaluator, formal, matched, scope, span)
            if value is UNKNOWN:
                return UNKNOWN
            scope.bind(formal.name.text, value, formal.name.span)
        self._calls.append(span)
        self._blocks.append(self._paths[id(group)])
        try:
            return self.run(evaluator, construct, scope)
        finally:
            self._calls.pop()
            self._blocks.pop()

    def scope_of(self, evaluator: Evaluator, group: Group) -> Scope:
        """A scope for the construct of a block, in which its bare parameters are tensors."""
        scope = Scope(group.scope)
        for name, cell in group.fields.items():
            if isinstance(cell, Leaf) and not cell.kind.inputs:
                span = group.scope.bindings[name].span
                scope.defer(name, partial(self._call_leaf, evaluator, cell, [], span), span)
        return scope

    def run(self, evaluator: Evaluator, construct: ast.Construct, scope: Scope) -> Any:
        """The statements of a construct, then its results; formals are bound in ``scope``."""
        scope.lose(construct.damaged)
        self._statements(evaluator, construct.statements, scope, scope)
        results = tuple(
            self._constants(evaluator.evaluate(node, scope), node.span)
            for node in construct.results
        )
        if any(result is UNKNOWN for result in results):
            return UNKNOWN
        for index, (type, result) in enumerate(zip(construct.types, results, strict=False)):
            if isinstance(result, TensorValue):
                self._check_result(evaluator, type, result, scope, index)
        return results[0] if len(results) == 1 else results

    def _check_result(
        self, evaluator: Evaluator, type: ast.Type, result: TensorValue, scope: Scope, index: int
    ) -> None:
        declared = declared_type(evaluator, type, scope)
        if declared is not None and not unify(evaluator, declared, result.type, scope, type.span):
            what = "the result" if index == 0 else f"result {index + 1}"
            evaluator.sink.report(
                errors.type_differs(type.span, what, str(declared), str(result.type), result.origin)
            )

    def _formal(
        self,
        evaluator: Evaluator,
        formal: ast.Formal,
        matched: dict[str, list[Given]],
        scope: Scope,
        span: Span,
    ) -> Any:
        name = formal.name.text
        if name not in matched:
            if formal.default is None:
                evaluator.sink.report(
                    errors.missing_arguments(span, "construct", [name], f"({name})")
                )
                return UNKNOWN
            return evaluator.evaluate(formal.default, scope)
        value = matched[name][0].value
        if formal.type is None or not isinstance(value, TensorValue):
            return value
        declared = declared_type(evaluator, formal.type, scope)
        if declared is None:
            return UNKNOWN
        if not unify(evaluator, declared, value.type, scope, formal.type.span):
            what, declared_text = f"the input `{name}`", str(declared)
            evaluator.sink.report(
                errors.type_differs(
                    formal.type.span, what, declared_text, str(value.type), value.origin
                )
            )
            return UNKNOWN
        return value

    def _statements(
        self,
        evaluator: Evaluator,
        statements: tuple[ast.Statement, ...],
        seen: Scope,
        scope: Scope,
    ) -> None:
        """Carry out statements that see ``seen``; what they name is bound in ``scope``."""
        for statement in statements:
            if isinstance(statement, ast.Assign):
                self._assign(evaluator, statement, seen, scope)
                continue
            if isinstance(statement, ast.Damaged):
                scope.forget(statement)
                continue
            for inner in evaluator.loop(statement.bindings, seen, statement.span):
                self._statements(evaluator, statement.statements, inner, scope)

    def _assign(
        self, evaluator: Evaluator, statement: ast.Assign, seen: Scope, scope: Scope
    ) -> None:
        value = evaluator.evaluate(statement.value, seen)
        if len(statement.names) == 1:
            scope.bind(statement.names[0].text, value, statement.names[0].span)
            return
        count = len(statement.names)
        fits = isinstance(value, tuple) and len(value) == count
        if not fits and value is not UNKNOWN:
            found = describe(value) if not isinstance(value, tuple) else f"{len(value)} values"
            evaluator.sink.report(errors.wrong_type(statement.value.span, f"{count} values", found))
        items = value if fits else (UNKNOWN,) * count
        for word, item in zip(statement.names, items, strict=True):
            scope.bind(word.text, item, word.span)

    def _is_tensor(self, evaluator: Evaluator, given: Given) -> bool:
        if isinstance(given.value, TensorValue):
            return True
        evaluator.sink.report(errors.wrong_type(given.span, "a tensor", describe(given.value)))
        return False

    def _infer(
        self,
        evaluator: Evaluator,
        infer: Callable[[], Any],
        values: list[TensorValue],
        span: Span,
        declared: Span | None = None,
    ) -> Any:
        """The type(s) a shape rule gives, or UNKNOWN with its objection and the places it names."""
        try:
            return infer()
        except Misfit as error:
            places = [Label(declared, "the cell")] if declared else []
            places += [Label(value.origin, f"gives {value.type}") for value in values]
            places += [Label(call, "reached from here") for call in reversed(self._calls)]
            evaluator.sink.report(errors.shape_misfit(span, str(error), error.help, places))
            return UNKNOWN

    def _results(self, inferred: Any, span: Span) -> tuple[TensorValue, ...]:
        types = inferred if isinstance(inferred, tuple) else (inferred,)
        return tuple(self.value(type, span) for type in types)


def _construct(group: Group) -> ast.Construct:
    body = group.template.declaration.body
    assert isinstance(body, ast.Block)
    return body.construct


def _tensors(values: Iterable[Any]) -> Iterable[TensorValue]:
    for value in values:
        if isinstance(value, TensorValue):
            yield value
        elif isinstance(value, tuple):
            yield from _tensors(value)


def _replaced(arguments: Arguments, replace: Callable[[TensorValue], Any]) -> Arguments:
    def convert(value: Any) -> Any:
        if isinstance(value, TensorValue):
            return replace(value)
        return tuple(convert(item) for item in value) if isinstance(value, tuple) else value

    return Arguments({name: convert(value) for name, value in arguments.items()})
