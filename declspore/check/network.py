"""From a network with its arguments to its checked form: parameter table, nodes, types."""

from __future__ import annotations

from typing import Any

from declspore.check import errors
from declspore.check.budget import Budget
from declspore.check.cells import named, parameters, walk
from declspore.check.evaluate import Evaluator
from declspore.check.scope import Scope
from declspore.check.tensor_types import declared_type, unify
from declspore.check.trace import Tracer
from declspore.check.values import UNKNOWN, Group, TensorValue, describe
from declspore.ir.network import Input, Network, ParameterSpec
from declspore.registry.first_value import distribution
from declspore.registry.kind import Misfit
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast


def elaborate(
    cell: Any, span: Span, sink: Sink, name: str | None = None, budget: Budget | None = None
) -> Network | None:
    """The network a cell makes when it stands alone, or None with the problems reported."""
    if cell is UNKNOWN:
        return None
    if not isinstance(cell, Group):
        help = "a network is a block with `construct`, called with its arguments"
        sink.report(errors.wrong_type(span, "a network", describe(cell), help))
        return None
    complete = all(inner.complete for _, inner in walk(cell) if isinstance(inner, Group))
    tracer = Tracer({id(inner): path for path, inner in named(cell)})
    evaluator = Evaluator(sink, tracer, budget)
    body = cell.template.declaration.body
    assert isinstance(body, ast.Block)
    scope = tracer.scope_of(evaluator, cell)
    inputs = _inputs(evaluator, tracer, body.construct, scope)
    if inputs is None:
        return None
    result = tracer.run(evaluator, body.construct, scope)
    if not complete or body.construct.damaged:
        return None
    outputs = result if isinstance(result, tuple) else (result,)
    table = parameters(cell)
    if not all(_has_first_value(parameter, sink) for parameter in table):
        return None
    if not all(_is_output(value, body.construct, sink) for value in outputs):
        return None
    return Network(
        name or cell.template.name,
        {key: value for key, value in cell.arguments.items() if value is not UNKNOWN},
        inputs,
        tuple(tracer.nodes),
        tuple(value.ref for value in outputs),
        tuple(tracer.types),
        table,
    )


def _has_first_value(parameter: ParameterSpec, sink: Sink) -> bool:
    """Whether its initializer takes parameters of its shape; reports where it does not."""
    try:
        distribution(parameter.init, parameter.shape)
    except Misfit as error:
        init, place = parameter.init, parameter.span
        span = init.span or place
        if span is None:
            raise
        reason = f"it cannot fill `{parameter.name}`: {error}"
        sink.report(errors.misfit(span, init.word, reason, error.help))
        return False
    return True


def _inputs(
    evaluator: Evaluator, tracer: Tracer, construct: ast.Construct, scope: Scope
) -> tuple[Input, ...] | None:
    inputs: list[Input] = []
    for formal in construct.formals:
        if formal.default is not None:
            scope.bind(
                formal.name.text, evaluator.evaluate(formal.default, scope), formal.name.span
            )
            continue
        if formal.type is None or formal.type.shape is None:
            evaluator.sink.report(errors.no_input_type(formal.name.span, formal.name.text))
            return None
        type = declared_type(evaluator, formal.type, scope)
        if type is None:
            return None
        unify(evaluator, type, type, scope, formal.type.span)
        scope.bind(formal.name.text, tracer.value(type, formal.span), formal.name.span)
        inputs.append(Input(formal.name.text, type))
    return tuple(inputs)


def _is_output(value: Any, construct: ast.Construct, sink: Sink) -> bool:
    if isinstance(value, TensorValue):
        return True
    if value is not UNKNOWN:
        sink.report(
            errors.wrong_type(construct.results[0].span, "a tensor as result", describe(value))
        )
    return False
