"""What evaluation hands to whatever is called, and what a tensor is where an expression is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from declspore.ir.term import Arguments
from declspore.ir.value import CellLike, Described
from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.budget import Budget
from declspore.language.scope import Binding, Scope
from declspore.language.values import UNKNOWN, Value
from declspore.registry.op import OpKind
from declspore.registry.tensor import TensorKind
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast


class Domain(Protocol):
    """What a tensor is where an expression is read: a node of a network, a formula of an edit, or
    nothing that could be used."""

    def lifted(self, given: Given) -> Given:
        """An argument whose tensors of numbers are what tensors are here."""

    def call_cell(
        self, evaluation: Evaluation, cell: CellLike, given: list[Given], span: Span
    ) -> Value:
        """What flows out of a cell, or UNKNOWN with the problem reported."""

    def call_op(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Value:
        """What flows out of an op, or UNKNOWN with the problem reported."""

    def call_tensor(
        self, evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span
    ) -> Value | None:
        """The tensor a word makes, UNKNOWN with the problem reported, or None where it is no
        more than a term here."""

    def refuses_new_cell(self, evaluation: Evaluation, word: str, span: Span) -> bool:
        """Whether a tensor must not flow into a cell that is only made there; then it is
        reported."""


def refused_tensor(evaluation: Evaluation, kind: TensorKind, span: Span) -> Value | None:
    """What a word for a tensor gives where tensors are not those of an edit: UNKNOWN with that
    reported, or None where the word is no more than a term."""
    if not kind.of_tensors:
        return None
    evaluation.sink.report(errors.not_callable(span, f"`{kind.name}` outside an edit"))
    return UNKNOWN


class Outside:
    """Where no tensors are: a file's declarations, attributes of tasks."""

    def lifted(self, given: Given) -> Given:
        return given

    def call_cell(
        self, evaluation: Evaluation, cell: CellLike, given: list[Given], span: Span
    ) -> Value:
        found = f"{cell.described} outside `construct`"
        evaluation.sink.report(errors.not_callable(span, found))
        return UNKNOWN

    def call_op(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Value:
        found = f"the op `{kind.name}` outside `construct`"
        evaluation.sink.report(errors.not_callable(span, found))
        return UNKNOWN

    def call_tensor(
        self, evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span
    ) -> Value | None:
        return refused_tensor(evaluation, kind, span)

    def refuses_new_cell(self, evaluation: Evaluation, word: str, span: Span) -> bool:
        return False


OUTSIDE = Outside()


class Evaluation(Protocol):
    """An evaluation that is going on: where problems go, what is left of the budget, and how to
    evaluate more."""

    @property
    def sink(self) -> Sink: ...

    @property
    def budget(self) -> Budget: ...

    @property
    def domain(self) -> Domain: ...

    @property
    def workshop(self) -> Workshop: ...

    def within(self, domain: Domain) -> Evaluation:
        """An evaluation that shares sink, budget and observer, where tensors are something else."""

    def evaluate(self, node: ast.Expression, scope: Scope) -> Value:
        """The value of an expression, or UNKNOWN with its problems reported."""

    def truth(self, node: ast.Expression, scope: Scope) -> Value:
        """True or False, or UNKNOWN with its problem reported."""

    def loop(self, bindings: tuple[ast.Binding, ...], scope: Scope, at: Span) -> Iterator[Scope]:
        """A scope for each round of the loop ``at``, its names bound."""

    def force(self, name: str, binding: Binding, span: Span) -> Value:
        """The value of a binding, computed at first use."""


class Callee(Described):
    """A value that can be called."""

    __slots__ = ()

    makes_cell = False
    """Whether calling it makes a cell, into which nothing flows yet."""

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        """The result of the call ``span``, or UNKNOWN with the problem reported; ``at`` is where
        the callee is named."""
        raise NotImplementedError


class HasMembers(Described):
    """A value with members: ``value.name``."""

    __slots__ = ()

    def member(self, evaluation: Evaluation, name: ast.Word) -> Value:
        """The member, or UNKNOWN with the problem reported."""
        raise NotImplementedError


class HasItems(Described):
    """A value that can be looped over and indexed as a list can."""

    __slots__ = ()

    @property
    def items(self) -> tuple[Value, ...]:
        raise NotImplementedError


class Workshop:
    """The cells that are being made: templates at work, innermost last, and cells made so far."""

    def __init__(self) -> None:
        self.templates: list[object] = []
        self.made: list[CellLike] = []
