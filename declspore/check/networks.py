"""The networks of a spec: the one way from a name and arguments to a checked network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from declspore.check.module import Module
from declspore.elaborate.network import elaborate
from declspore.elaborate.template import CellTemplate, instantiate
from declspore.ir.network import Network
from declspore.language.arguments import Given
from declspore.language.domain import Evaluation
from declspore.language.errors import unknown_member
from declspore.language.evaluate import Evaluator
from declspore.language.values import Value
from declspore.report import DiagnosticError, Sink
from declspore.source import Source, Span
from declspore.syntax import ast
from declspore.syntax.parse import parse_expression


class Networks:
    """Makes the networks that one file declares."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._declared = {
            node.name.text: node
            for node in module.spec.declarations
            if isinstance(node, ast.CellDeclaration) and node.keyword == "network"
        }

    @cached_property
    def formals(self) -> Mapping[str, tuple[str, ...]]:
        """The formals of each network, as they are written."""
        return {
            name: tuple(formal.span.text for formal in node.formals)
            for name, node in self._declared.items()
        }

    def proved(self, evaluation: Evaluation) -> dict[str, Network]:
        """Those that need no arguments, with the problems of the others reported where they are
        used."""
        found: dict[str, Network] = {}
        for name, node in self._declared.items():
            if all(formal.default is not None for formal in node.formals):
                network = self._made(evaluation, node, [])
                if network is not None:
                    found[name] = network
        return found

    def called(
        self, name: str, arguments: tuple[Value, ...], keywords: Mapping[str, Value]
    ) -> Network:
        """The network a name makes of values. Raises DiagnosticError."""
        node = self._declared[name]
        span = node.name.span
        given = [Given(None, value, span) for value in arguments]
        given += [Given(ast.Word(key, span), value, span) for key, value in keywords.items()]
        sink = Sink()
        return _known(self._made(Evaluator(sink), node, given), sink)

    def written(self, source: Source) -> Network:
        """The network an expression makes: ``NAME`` or ``NAME(arguments)``. Raises
        DiagnosticError."""
        node = parse_expression(source)
        function = node.function if isinstance(node, ast.Call) else node
        name = function.name if isinstance(function, ast.Name) else source.text
        if name not in self._declared:
            path = self._module.spec.source.name
            raise DiagnosticError([unknown_member(function.span, path, name, self._declared)])
        call = node if isinstance(node, ast.Call) else ast.Call(node, (), node.span)
        sink = Sink()
        evaluator = Evaluator(sink)
        cell = evaluator.evaluate(call, self._module.scope)
        return _known(elaborate(evaluator, cell, node.span, name), sink)

    def _made(
        self, evaluation: Evaluation, node: ast.CellDeclaration, given: list[Given]
    ) -> Network | None:
        span: Span = node.name.span
        cell = instantiate(evaluation, CellTemplate(node, self._module.scope), given, span)
        return elaborate(evaluation, cell, span, node.name.text)


def _known(network: Network | None, sink: Sink) -> Network:
    sink.raise_errors()
    assert network is not None
    return network
