"""The networks a command is about: ``FILE`` for all, ``FILE.spec:NAME(...)`` for one."""

from __future__ import annotations

import click

from declspore.check import errors
from declspore.check.check import check_file
from declspore.check.evaluate import Evaluator
from declspore.check.network import elaborate
from declspore.check.result import CheckedSpec
from declspore.check.values import CellTemplate
from declspore.ir.network import Network
from declspore.report import DiagnosticError, Sink
from declspore.source import Source, Span
from declspore.syntax import ast
from declspore.syntax.parse import parse


def networks_of(text: str, settings: dict[str, str]) -> dict[str, Network]:
    """By name: the networks of a file that need no arguments, or the one that is named.

    Raises DiagnosticError.
    """
    if ".spec:" not in text:
        return check_file(text, settings).networks
    network = one_network(text, "FILE", settings)
    return {text.partition(".spec:")[2]: network}


def one_network(text: str, hint: str, settings: dict[str, str]) -> Network:
    """``FILE.spec:NAME`` or ``FILE.spec:NAME(arguments)``, checked. Raises DiagnosticError."""
    file, colon, expression = text.partition(".spec:")
    if not colon or not expression:
        raise click.BadParameter(
            f"write FILE.spec:NAME or FILE.spec:NAME(ARGUMENTS), not {text!r}", param_hint=hint
        )
    path = f"{file}.spec"
    checked = check_file(path, settings)
    return _chosen(expression, Source(text, _spec(expression)), path, checked)


_HEAD = "spec 1\nnetwork Chosen() = "


def _spec(expression: str) -> str:
    return f"{_HEAD}{expression if '(' in expression else f'{expression}()'}\n"


def _chosen(expression: str, source: Source, path: str, checked: CheckedSpec) -> Network:
    """The network an expression makes among the names of a spec. Raises DiagnosticError."""
    declaration, *_ = parse(source).declarations
    assert isinstance(declaration, ast.CellDeclaration)
    name = expression.partition("(")[0].strip()
    known = [each.name.text for each in checked.module.spec.declarations if _is_network(each)]
    if name not in known:
        span = Span(source, len(_HEAD), len(_HEAD) + len(name))
        raise DiagnosticError([errors.unknown_member(span, path, name, known)])
    sink = Sink()
    template = CellTemplate(declaration, checked.module.scope)
    cell = Evaluator(sink).instantiate(template, [], declaration.name.span)
    network = elaborate(cell, declaration.name.span, sink, name)
    sink.raise_errors()
    assert network is not None
    return network


def _is_network(declaration: ast.Declaration) -> bool:
    return isinstance(declaration, ast.CellDeclaration) and declaration.keyword == "network"
