"""Losses that a spec declares: elaborated as networks, whose result training makes small."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.diagnostic import Diagnostic
from declspore.elaborate.blocks import Block
from declspore.elaborate.network import elaborate
from declspore.elaborate.template import CellTemplate, instantiate
from declspore.ir.network import Network
from declspore.ir.term import Arguments
from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.domain import Evaluation
from declspore.language.values import UNKNOWN, Value
from declspore.registry.loss import LossKind
from declspore.registry.written import WrittenLoss
from declspore.source import Span
from declspore.syntax import ast


class LossTemplate(CellTemplate):
    """A ``loss`` of a spec, with the scope it was declared in."""

    makes_cell = False

    @property
    def usage(self) -> str:
        return f"{self.name}({', '.join(each.span.text for each in self.declaration.formals)})"

    @property
    def described(self) -> str:
        return f"the loss `{self.name}` without its arguments"

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        return written_loss(evaluation, self, given, span) or UNKNOWN


def written_loss(
    evaluation: Evaluation, template: LossTemplate, given: list[Given], span: Span
) -> WrittenLoss | None:
    """The loss a template makes of its arguments, or None with the problems reported."""
    sink, name = evaluation.sink, template.name
    body = template.declaration.body
    if isinstance(body, ast.Preset):
        sink.report(_without_construct(template.declaration))
        return None
    cell = instantiate(evaluation, template, given, span)
    network = elaborate(evaluation, cell, span, name)
    if network is None:
        return None
    assert isinstance(cell, Block)
    problem = _misfit(network, name, body)
    if problem is not None:
        sink.report(problem)
        return None
    arguments = Arguments(network.arguments)
    return WrittenLoss(LossKind.family, name, arguments, span, network=network, cell=cell)


def _misfit(network: Network, name: str, body: ast.Block) -> Diagnostic | None:
    """What keeps a network from being a loss, if anything does."""
    construct = body.construct
    at = construct.results[0].span if construct.results else construct.span
    for parameter in network.parameters:
        reason = f"a loss has no parameters, and `{parameter.name}` is one"
        help = "the network has them, and returns what they make of its tensors as an output"
        return errors.misfit(parameter.span or body.span, name, reason, help)
    if len(network.outputs) != 1:
        reason = f"a loss returns one value, this one {len(network.outputs)}"
        return errors.misfit(at, name, reason, "return first + second")
    result = network.type_of(network.outputs[0])
    if not result.dtype.is_float:
        return errors.misfit(at, name, f"a loss is a float, this one is {result}", "cast(..., f32)")
    samples = next((e.type.shape[:1] for e in network.inputs if e.type.rank), ())
    if result.rank and result.shape != samples:
        reason = f"a loss is a number, or one per sample, and this one is {result}"
        return errors.misfit(at, name, reason, f"mean({' '.join(at.text.split())})")
    return None


def _without_construct(node: ast.CellDeclaration) -> Diagnostic:
    taken = ", ".join(
        formal.span.text if formal.type and formal.type.shape else f"{formal.name.text}: f32[B]"
        for formal in node.formals
    )
    written = " ".join(node.body.span.text.removeprefix("=").split())
    return errors.wrong_type(
        node.body.span,
        "a loss in braces",
        "a value",
        f"loss {node.name.text}() {{ construct({taken or 'x: f32[B], y: f32[B]'}) = {written} }}",
    )


def proved_losses(
    evaluation: Evaluation, templates: Mapping[str, LossTemplate]
) -> dict[str, WrittenLoss]:
    """Those that need no arguments, with the problems of the others reported where they are
    used."""
    found: dict[str, WrittenLoss] = {}
    for name, template in templates.items():
        node = template.declaration
        if isinstance(node.body, ast.Preset) or all(f.default is not None for f in node.formals):
            loss = written_loss(evaluation, template, [], template.declaration.name.span)
            if loss is not None:
                found[name] = loss
    return found
