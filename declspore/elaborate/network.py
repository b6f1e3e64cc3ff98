"""From a network with its arguments to its checked form: parameter table, nodes, types."""

from __future__ import annotations

from declspore.elaborate.blocks import Block, named, parameters, walk
from declspore.elaborate.construct import Tracer
from declspore.elaborate.errors import no_input_type, unknown_sizes
from declspore.elaborate.flow import TensorValue
from declspore.elaborate.graph import Graph
from declspore.elaborate.template import CellTemplate
from declspore.elaborate.tensor_types import declared_type, unify
from declspore.ir.network import Input, Network, ParameterSpec
from declspore.ir.shape import Affine, product
from declspore.ir.sizes import Sizes
from declspore.language import errors
from declspore.language.domain import Evaluation
from declspore.language.evaluate import Evaluator
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.numerics.first_value import distribution
from declspore.registry.kind import Misfit
from declspore.report import DiagnosticError, Sink
from declspore.source import Span
from declspore.syntax import ast


def elaborate(
    evaluation: Evaluation, cell: Value, span: Span, name: str | None = None
) -> Network | None:
    """The network a cell makes by itself, or None with the problems reported."""
    if cell is UNKNOWN:
        return None
    if not isinstance(cell, Block):
        help = "a network is a block with `construct`, called with its arguments"
        if isinstance(cell, CellTemplate):
            formals = ", ".join(each.span.text for each in cell.declaration.formals)
            plain = all(each.default is not None for each in cell.declaration.formals)
            help = f"{cell.name}()" if plain else f"{cell.name}({formals})"
        elif isinstance(cell, str) and cell.endswith(".spec"):
            help = f'import "{cell}" as zoo, then zoo.Name()'
        evaluation.sink.report(errors.wrong_type(span, "a network", describe(cell), help))
        return None
    if name is None and cell.networks:
        return cell.networks[0]
    network = _elaborated(evaluation, cell, name or cell.word)
    if network is not None and name is None:
        cell.networks.append(network)
    return network


def network_of(cell: Value, span: Span) -> Network:
    """The network a cell makes. Raises DiagnosticError."""
    sink = Sink()
    network = elaborate(Evaluator(sink), cell, span)
    if network is None:
        raise DiagnosticError(sink.errors)
    return network


def _elaborated(evaluation: Evaluation, cell: Block, name: str) -> Network | None:
    sink = evaluation.sink
    complete = all(inner.complete for _, inner in walk(cell) if isinstance(inner, Block))
    tracer = Tracer({id(inner): path for path, inner in named(cell)})
    tracing = evaluation.within(tracer)
    construct = cell.construct
    scope = tracer.scope_of(tracing, cell)
    inputs = _inputs(tracing, tracer, construct, scope)
    if inputs is None:
        return None
    result = tracer.run(tracing, construct, scope)
    if not complete or construct.damaged:
        return None
    table = parameters(cell)
    if not all(_has_first_value(parameter, sink) for parameter in table):
        return None
    if not _are_distinct(table, sink):
        return None
    outputs = _outputs(result, construct, sink)
    if outputs is None or not _sizes_are_known(tracer.graph, inputs, sink):
        return None
    return Network(
        name,
        {key: value for key, value in cell.arguments.items() if value is not UNKNOWN},
        inputs,
        tuple(tracer.graph.nodes),
        tuple(value.ref for value in outputs),
        tuple(tracer.graph.types),
        table,
    )


def _sizes_are_known(graph: Graph, inputs: tuple[Input, ...], sink: Sink) -> bool:
    """Whether shapes that are written with symbols can be computed from the sizes of the inputs;
    reports where they cannot. One size of a reshape may follow from the others."""
    known = True
    written: dict[int, bool] = {}
    """By arguments, which the copies of a block share."""
    for node in graph.nodes:
        arguments = node.arguments
        if id(arguments) not in written:
            written[id(arguments)] = any(map(_has_symbols, arguments.values()))
        if not node.span or not written[id(arguments)]:
            continue
        given = [graph.types[ref.index] for ref in node.inputs]
        sizes = Sizes([type.shape for type in (*given, *(one.type for one in inputs))])
        made = graph.types[node.outputs[0].index]
        unknown = [dim for dim in made.shape if sizes.of(dim) is None]
        moves = [product(type.shape) for type in given] == [product(made.shape)]
        if len(unknown) > moves:
            known = False
            sink.report(unknown_sizes(node.span, unknown, [one.type for one in inputs]))
    return known


def _has_symbols(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_has_symbols, value))
    return isinstance(value, Affine)


def _are_distinct(table: tuple[ParameterSpec, ...], sink: Sink) -> bool:
    """Whether no two parameters have one name; reports the first of which there are two."""
    known: set[str] = set()
    for parameter in table:
        if parameter.name in known:
            assert parameter.span is not None
            reason = f"two parameters are called `{parameter.name}`"
            sink.report(errors.misfit(parameter.span, "names", reason))
            return False
        known.add(parameter.name)
    return True


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
    evaluation: Evaluation, tracer: Tracer, construct: ast.Construct, scope: Scope
) -> tuple[Input, ...] | None:
    inputs: list[Input] = []
    for formal in construct.formals:
        name, span = formal.name.text, formal.name.span
        if formal.default is not None:
            scope.bind(name, evaluation.evaluate(formal.default, scope), span)
            continue
        if formal.type is None or formal.type.shape is None:
            evaluation.sink.report(no_input_type(span, name))
            return None
        type = declared_type(evaluation, formal.type, scope)
        if type is None:
            return None
        unify(evaluation, type, type, scope, formal.type.span)
        scope.bind(name, tracer.graph.value(type, formal.span), span)
        inputs.append(Input(name, type))
    return tuple(inputs)


def _outputs(result: Value, construct: ast.Construct, sink: Sink) -> tuple[TensorValue, ...] | None:
    """The tensors a network returns, or None where it returns something else, as is reported."""
    outputs: list[TensorValue] = []
    for value in result if isinstance(result, tuple) else (result,):
        if isinstance(value, TensorValue):
            outputs.append(value)
            continue
        if value is not UNKNOWN:
            expected, found = "a tensor as result", describe(value)
            sink.report(errors.wrong_type(construct.results[0].span, expected, found))
        return None
    return tuple(outputs)
