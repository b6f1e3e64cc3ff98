"""Tensors through ``construct``: every call becomes a node, every shape is inferred.

Assumes cells whose arguments are checked; guarantees nodes in an order in which each finds its
inputs, or diagnostics that show where the shapes came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar, assert_never

from declspore.diagnostic import Label
from declspore.elaborate.blocks import Block, is_own_parameter
from declspore.elaborate.errors import shape_misfit, type_differs
from declspore.elaborate.flow import TensorValue, tensors, with_tensors
from declspore.elaborate.graph import Graph
from declspore.elaborate.loss_cell import LossCell
from declspore.elaborate.reuse import Trace, flow_key, flowing
from declspore.elaborate.tensor_types import declared_type, unify
from declspore.ir.shape import Affine, Shape, TensorType
from declspore.ir.term import Arguments, Term, mapped
from declspore.ir.value import CellLike
from declspore.language import errors
from declspore.language.arguments import Given, bind, converted, match
from declspore.language.cells import Cell, CellSequence, Leaf, OpCell, report_nameless
from declspore.language.domain import Evaluation, refused_tensor
from declspore.language.respell import respelled
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe, is_constant
from declspore.numerics.fills import require_values
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Tensor
from declspore.source import Span
from declspore.syntax import ast

T = TypeVar("T")


class Tracer:
    """Where tensors are values of a network: the domain of ``construct``."""

    def __init__(self, paths: dict[int, str]) -> None:
        self.graph = Graph(paths)
        self._calls: list[Span] = []

    # ---- the domain

    def lifted(self, given: Given) -> Given:
        """An argument with tensors made of numbers as values of the network."""
        return Given(given.keyword, self._lifted(given.value, given.span), given.span)

    def _lifted(self, value: Value, span: Span) -> Value:
        def lift(leaf: Value) -> Value:
            if not is_constant(leaf):
                return leaf
            assert isinstance(leaf, Term)
            shape = leaf.arguments.get("shape", ())
            if any(isinstance(size, Affine) for size in shape):
                return self._filled(leaf, shape, span)
            return self.graph.constant(leaf, span)

        return mapped(value, lift)

    def _filled(self, term: Term, shape: Shape, span: Span) -> TensorValue:
        """A tensor of one value whose sizes are known only when the model runs."""
        ones = tuple(1 if isinstance(size, Affine) else size for size in shape)
        small = replace(term, arguments=Arguments(term.arguments, shape=ones))
        one = self.graph.constant(small, span)
        arguments = Arguments(input=one.ref, shape=shape)
        kind = vocabulary().of(OpKind, "broadcast_to")
        [found] = self.graph.op(kind, arguments, (one.ref,), (one.type.with_shape(shape),), span)
        return found

    def refuses_new_cell(self, evaluation: Evaluation, word: str, span: Span) -> bool:
        report_nameless(evaluation, word, span, span)
        return True

    def call_tensor(
        self, evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span
    ) -> Value | None:
        return refused_tensor(evaluation, kind, span)

    def call_cell(
        self, evaluation: Evaluation, cell: CellLike, given: list[Given], span: Span
    ) -> Value:
        """What flows out of a cell: a tensor, a tuple of tensors, or UNKNOWN."""
        assert isinstance(cell, Cell)
        if any(item.value is UNKNOWN for item in given) or not evaluation.budget.nodes(1, span):
            return UNKNOWN
        if not self.graph.has(cell):
            report_nameless(evaluation, cell.word, span, cell.span)
            return UNKNOWN
        match cell:
            case Leaf():
                return self._call_leaf(evaluation, cell, given, span)
            case OpCell():
                arguments = bind(cell.kind.name, cell.kind.signature, given, span, evaluation.sink)
                if arguments is None:
                    return UNKNOWN
                return self.call_op(evaluation, cell.kind, arguments, span)
            case CellSequence():
                return self._call_sequence(evaluation, cell, given, span)
            case Block():
                return self._call_block(evaluation, cell, given, span)
            case LossCell():
                return self._call_loss(evaluation, cell, given, span)
        raise AssertionError(f"a cell of an unknown class: {cell!r}")

    def call_op(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Value:
        """What flows out of an op."""
        if not evaluation.budget.nodes(1, span):
            return UNKNOWN
        arguments = self._with_sizes(evaluation, kind, arguments, span)
        values = tensors(arguments)
        types = with_tensors(arguments, lambda value: value.type)
        inferred = self._infer(
            evaluation,
            lambda: require_values(kind.signature, types, kind.infer(types)),
            values,
            span,
        )
        if inferred is None:
            return UNKNOWN
        refs = with_tensors(arguments, lambda value: value.ref)
        inputs = tuple(value.ref for value in values)
        return _one_or_all(self.graph.op(kind, refs, inputs, inferred, span))

    def _with_sizes(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Arguments:
        """The arguments with sizes as tensors where tensors are taken: ``x / T``."""
        sized = {
            argument.name: arguments[argument.name]
            for argument in kind.signature.arguments
            if isinstance(argument.type, Tensor) and isinstance(arguments[argument.name], Affine)
        }
        if not sized:
            return arguments
        size = vocabulary().of(OpKind, "size_of")
        made = {
            name: self.call_op(evaluation, size, Arguments(dim=dim), span)
            for name, dim in sized.items()
        }
        return Arguments(arguments, **made)

    # ---- cells

    def _call_leaf(
        self, evaluation: Evaluation, cell: Leaf, given: list[Given], span: Span
    ) -> Value:
        kind = cell.kind
        matched = match(kind.name, kind.taken, None, given, evaluation.sink)
        if matched is None:
            return UNKNOWN
        missing = [name for name in kind.inputs if name not in matched]
        if missing:
            usage = f"({', '.join(kind.inputs)})"
            evaluation.sink.report(errors.missing_arguments(span, kind.name, missing, usage))
            return UNKNOWN
        more = tuple(name for name in kind.optional_inputs if name in matched)
        options = converted(kind.name, kind.options, matched, evaluation.sink)
        values = [_tensor(evaluation, matched[name][0]) for name in (*kind.inputs, *more)]
        known = [value for value in values if value is not None]
        if options is None or len(known) < len(values):
            return UNKNOWN
        needed = len(kind.inputs)
        types = [value.type for value in known]
        named = dict(zip(more, types[needed:], strict=True))
        inferred = self._infer(
            evaluation,
            lambda: require_values(
                kind.signature,
                cell.arguments,
                kind.infer(cell.arguments, *types[:needed], **named, **options),
            ),
            *(known, span, cell),
        )
        if inferred is None:
            return UNKNOWN
        refs = tuple(value.ref for value in known)
        return _one_or_all(self.graph.leaf(cell, refs, more, options, inferred, span))

    def _call_loss(
        self, evaluation: Evaluation, cell: LossCell, given: list[Given], span: Span
    ) -> Value:
        names = cell.kind.inputs
        matched = match(cell.word, names, None, given, evaluation.sink)
        if matched is None:
            return UNKNOWN
        missing = [name for name in names if name not in matched]
        if missing:
            usage = f"({', '.join(names)})"
            evaluation.sink.report(errors.missing_arguments(span, cell.word, missing, usage))
            return UNKNOWN
        values = [_tensor(evaluation, matched[name][0]) for name in names]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return UNKNOWN
        types = [value.type for value in known]
        inferred = self._infer(evaluation, lambda: cell.infer(*types), known, span)
        if inferred is None:
            return UNKNOWN
        refs = tuple(value.ref for value in known)
        return _one_or_all(self.graph.loss(cell, refs, inferred, span))

    def _call_sequence(
        self, evaluation: Evaluation, cell: CellSequence, given: list[Given], span: Span
    ) -> Value:
        if not cell.kind.is_sequence or len(given) != 1 or given[0].keyword is not None:
            reason = (
                f"{cell.kind.name} {'with other than one input' if cell.kind.is_sequence else ''}"
            )
            evaluation.sink.report(errors.not_callable(span, reason.strip()))
            return UNKNOWN
        flowing = given[0].value
        for inner in cell.cells:
            flowing = self.call_cell(evaluation, inner, [Given(None, flowing, span)], span)
        return flowing

    def _call_block(
        self, evaluation: Evaluation, block: Block, given: list[Given], span: Span
    ) -> Value:
        key = flow_key(given)
        known = block.traces.get(key) if key is not None else None
        if isinstance(known, Trace):
            if not evaluation.budget.nodes(len(known.nodes), span):
                return UNKNOWN
            return self.graph.replay(block, known, flowing(given))
        reports, mark = evaluation.sink.reports, self.graph.mark()
        result = self._call_anew(evaluation, block, given, span)
        if key is not None and result is not UNKNOWN and reports == evaluation.sink.reports:
            block.traces[key] = self.graph.trace(block, mark, flowing(given), result)
        return result

    def _call_anew(
        self, evaluation: Evaluation, block: Block, given: list[Given], span: Span
    ) -> Value:
        construct = block.construct
        if construct.damaged:
            return UNKNOWN
        names = [formal.name.text for formal in construct.formals]
        matched = match(block.word, names, None, given, evaluation.sink)
        if matched is None:
            return UNKNOWN
        scope = self.scope_of(evaluation, block)
        for formal in construct.formals:
            value = _formal(evaluation, formal, matched, scope, span)
            if value is UNKNOWN:
                return UNKNOWN
            scope.bind(formal.name.text, value, formal.name.span)
        self._calls.append(span)
        try:
            with self.graph.within(block):
                return self.run(evaluation, construct, scope)
        finally:
            self._calls.pop()

    def scope_of(self, evaluation: Evaluation, block: Block) -> Scope:
        """A scope for the construct of a block, in which its own parameters are tensors."""
        scope = Scope(block.scope)
        for name, cell in block.fields.items():
            if is_own_parameter(cell):
                span = block.scope.bindings[name].span
                scope.defer(name, partial(self.call_cell, evaluation, cell, [], span), span)
        return scope

    # ---- statements

    def run(self, evaluation: Evaluation, construct: ast.Construct, scope: Scope) -> Value:
        """The statements of a construct, then its results; formals are bound in ``scope``."""
        scope.declare_damaged(construct.damaged)
        _statements(evaluation, construct.statements, scope, scope)
        results = tuple(
            self._lifted(evaluation.evaluate(node, scope), node.span) for node in construct.results
        )
        if any(result is UNKNOWN for result in results):
            return UNKNOWN
        for index, (type, result) in enumerate(zip(construct.types, results, strict=False)):
            if isinstance(result, TensorValue):
                _check_result(evaluation, type, result, scope, index)
        return _one_or_all(results)

    def _infer(
        self,
        evaluation: Evaluation,
        infer: Callable[[], TensorType | tuple[TensorType, ...]],
        values: list[TensorValue],
        span: Span,
        cell: Leaf | None = None,
    ) -> tuple[TensorType, ...] | None:
        """The types a shape rule gives, or None with its objection and the places it names."""
        try:
            inferred = _computable(infer())
        except Misfit as error:
            places = [Label(cell.span, "the cell")] if cell else []
            help = error.help
            if cell is not None and error.fits:
                fix = respelled(cell.span, cell.kind, cell.arguments, error.fits)
                help = ", or ".join(filter(None, (help, fix))) or None
            places += [Label(value.origin, f"gives {value.type}") for value in values]
            places += [Label(call, "reached from here") for call in reversed(self._calls)]
            evaluation.sink.report(shape_misfit(span, str(error), help, places))
            return None
        return inferred if isinstance(inferred, tuple) else (inferred,)


def _computable(
    types: TensorType | tuple[TensorType, ...],
) -> TensorType | tuple[TensorType, ...]:
    """The types of results. Raises Misfit where networks do not compute with one."""
    for type in types if isinstance(types, tuple) else (types,):
        if type.dtype.is_stored:
            reason = f"networks do not compute with {type.dtype.short}, a type of checkpoints alone"
            raise Misfit(reason, "cast(..., f32)")
    return types


def _one_or_all(results: tuple[T, ...]) -> T | tuple[T, ...]:
    return results[0] if len(results) == 1 else results


def _tensor(evaluation: Evaluation, given: Given) -> TensorValue | None:
    """The tensor that is given, or None with something else reported."""
    if isinstance(given.value, TensorValue):
        return given.value
    found = describe(given.value)
    evaluation.sink.report(errors.wrong_type(given.span, "a tensor", found))
    return None


def _formal(
    evaluation: Evaluation,
    formal: ast.Formal,
    matched: dict[str, list[Given]],
    scope: Scope,
    span: Span,
) -> Value:
    """What flows into a formal of ``construct``, of its declared type."""
    name = formal.name.text
    if name not in matched:
        if formal.default is None:
            problem = errors.missing_arguments(span, "construct", [name], f"({name})")
            evaluation.sink.report(problem)
            return UNKNOWN
        return evaluation.evaluate(formal.default, scope)
    value = matched[name][0].value
    if formal.type is None or not isinstance(value, TensorValue):
        return value
    declared = declared_type(evaluation, formal.type, scope)
    if declared is None:
        return UNKNOWN
    if not unify(evaluation, declared, value.type, scope, formal.type.span):
        what, shown = f"the input `{name}`", (str(declared), str(value.type))
        evaluation.sink.report(type_differs(formal.type.span, what, *shown, value.origin))
        return UNKNOWN
    return value


def _check_result(
    evaluation: Evaluation, type: ast.Type, result: TensorValue, scope: Scope, index: int
) -> None:
    declared = declared_type(evaluation, type, scope)
    if declared is not None and not unify(evaluation, declared, result.type, scope, type.span):
        what = "the result" if index == 0 else f"result {index + 1}"
        shown = str(declared), str(result.type)
        evaluation.sink.report(type_differs(type.span, what, *shown, result.origin))


def _statements(
    evaluation: Evaluation, statements: tuple[ast.Statement, ...], seen: Scope, scope: Scope
) -> None:
    """Carry out statements that see ``seen``; what they name is bound in ``scope``."""
    for statement in statements:
        match statement:
            case ast.Assign():
                _assign(evaluation, statement, seen, scope)
            case ast.Damaged():
                scope.assign_damaged(statement)
            case ast.Loop():
                for inner in evaluation.loop(statement.bindings, seen, statement.span):
                    _statements(evaluation, statement.statements, inner, scope)
            case _:
                assert_never(statement)


def _assign(evaluation: Evaluation, statement: ast.Assign, seen: Scope, scope: Scope) -> None:
    value = evaluation.evaluate(statement.value, seen)
    if len(statement.names) == 1:
        scope.bind(statement.names[0].text, value, statement.names[0].span)
        return
    count = len(statement.names)
    if isinstance(value, tuple) and len(value) == count:
        items: tuple[Value, ...] = value
    else:
        items = (UNKNOWN,) * count
        if value is not UNKNOWN:
            found = f"{len(value)} values" if isinstance(value, tuple) else describe(value)
            problem = errors.wrong_type(statement.value.span, f"{count} values", found)
            evaluation.sink.report(problem)
    for word, item in zip(statement.names, items, strict=True):
        scope.bind(word.text, item, word.span)
