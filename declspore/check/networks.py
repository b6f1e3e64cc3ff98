"""The networks and losses of a spec: the one way from a name and arguments to what is checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from declspore.check.module import Module
from declspore.elaborate.loss import LossTemplate, proved_losses, written_loss
from declspore.elaborate.network import elaborate
from declspore.elaborate.template import CellTemplate, instantiate
from declspore.ir.network import Network
from declspore.language.arguments import Given
from declspore.language.domain import Evaluation
from declspore.language.errors import unknown_member
from declspore.language.evaluate import Evaluator
from declspore.language.values import Value
from declspore.registry.written import WrittenLoss
from declspore.report import DiagnosticError, Sink
from declspore.source import Source, Span
from declspore.syntax import ast
from declspore.syntax.parse import parse_expression

T = TypeVar("T")


class Networks:
    """Makes the networks and losses that one file declares."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._declared = {
            node.name.text: node
            for node in module.spec.declarations
            if isinstance(node, ast.CellDeclaration) and node.keyword == "network"
        }
        bound = (binding.value for binding in module.scope.bindings.values())
        own = {each.name: each for each in bound if isinstance(each, LossTemplate)}
        self._losses = {
            name: template
            for name, template in own.items()
            if template.declaration.span.source is module.spec.source
        }

    @cached_property
    def formals(self) -> Mapping[str, tuple[str, ...]]:
        """The formals of each network, as they are written."""
        return {name: _formals(node) for name, node in self._declared.items()}

    @cached_property
    def formals_of_losses(self) -> Mapping[str, tuple[str, ...]]:
        """The formals of each loss, as they are written."""
        return {name: _formals(each.declaration) for name, each in self._losses.items()}

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

    def proved_losses(self, evaluation: Evaluation) -> dict[str, WrittenLoss]:
        """The losses that need no arguments, as :meth:`proved`."""
        return proved_losses(evaluation, self._losses)

    def called(
        self, name: str, arguments: tuple[Value, ...], keywords: Mapping[str, Value]
    ) -> Network:
        """The network a name makes of values. Raises DiagnosticError."""
        node, sink = self._declared[name], Sink()
        given = _given(node, arguments, keywords)
        return _known(self._made(Evaluator(sink), node, given), sink)

    def called_loss(
        self, name: str, arguments: tuple[Value, ...], keywords: Mapping[str, Value]
    ) -> WrittenLoss:
        """The loss a name makes of values. Raises DiagnosticError."""
        template, sink = self._losses[name], Sink()
        node = template.declaration
        given = _given(node, arguments, keywords)
        return _known(written_loss(Evaluator(sink), template, given, node.name.span), sink)

    def written(self, source: Source) -> Network:
        """The network an expression makes, or that of a loss: ``NAME`` or ``NAME(arguments)``.
        Raises DiagnosticError."""
        node = parse_expression(source)
        function = node.function if isinstance(node, ast.Call) else node
        name = function.name if isinstance(function, ast.Name) else source.text
        known = {*self._declared, *self._losses}
        if name not in known:
            path = self._module.spec.source.name
            raise DiagnosticError([unknown_member(function.span, path, name, known)])
        call = node if isinstance(node, ast.Call) else ast.Call(node, (), node.span)
        sink = Sink()
        evaluator = Evaluator(sink)
        cell = evaluator.evaluate(call, self._module.scope)
        if isinstance(cell, WrittenLoss):
            return cell.network
        return _known(elaborate(evaluator, cell, node.span, name), sink)

    def _made(
        self, evaluation: Evaluation, node: ast.CellDeclaration, given: list[Given]
    ) -> Network | None:
        span: Span = node.name.span
        cell = instantiate(evaluation, CellTemplate(node, self._module.scope), given, span)
        return elaborate(evaluation, cell, span, node.name.text)


def _formals(node: ast.CellDeclaration) -> tuple[str, ...]:
    return tuple(formal.span.text for formal in node.formals)


def _given(
    node: ast.CellDeclaration, arguments: tuple[Value, ...], keywords: Mapping[str, Value]
) -> list[Given]:
    span = node.name.span
    given = [Given(None, value, span) for value in arguments]
    return given + [Given(ast.Word(key, span), value, span) for key, value in keywords.items()]


def _known(found: T | None, sink: Sink) -> T:
    sink.raise_errors()
    assert found is not None
    return found
