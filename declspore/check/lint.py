"""Warnings: what is allowed and seldom meant.

Assumes a module whose names are resolved, and is given what errors there are: what looks unused or
hidden because of an error is not a warning. Looks at one file, never at what it imports, and
evaluates nothing but conditions of literals and ``let``.
"""

from __future__ import annotations

from collections.abc import Iterable

from declspore.check import errors
from declspore.check.module import Module
from declspore.check.names import MOST_PROPOSED
from declspore.check.resolution import Declared, Part, Resolution, Role
from declspore.diagnostic import Diagnostic
from declspore.language.evaluate import Evaluator
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import closest
from declspore.syntax import ast
from declspore.syntax.walk import descendants

_OF_NAMES = ("E201", "E203")
_HIDING = frozenset({Role.FORMAL, Role.FIELD, Role.INPUT, Role.ASSIGNED, Role.LOOP})
_OPEN = frozenset({Role.DAMAGED, Role.CAPTURE, Role.FILE})


def warnings(
    module: Module, found: Resolution, problems: Iterable[Diagnostic] = ()
) -> tuple[Diagnostic, ...]:
    """Every warning of one file that does not follow from the ``problems`` in it."""
    places = [
        (error.code, place)
        for error in problems
        for place in (label.place for label in error.labels[:1])
        if isinstance(place, Span) and place.source is module.spec.source
    ]
    unknown = [place for code, place in places if code in _OF_NAMES]
    linter = _Linter(module, found, unknown, [place for _, place in places])
    linter.file()
    at_fault = {(place.start, place.end) for _, place in places}
    return tuple(each for each in linter.sink.diagnostics if _extent(each) not in at_fault)


def _extent(warning: Diagnostic) -> tuple[int, int]:
    place = warning.labels[0].place
    assert isinstance(place, Span)
    return place.start, place.end


class _Linter:
    """``unknown`` are the places of names that mean nothing, ``at_fault`` those of all errors."""

    def __init__(
        self, module: Module, found: Resolution, unknown: list[Span], at_fault: list[Span]
    ) -> None:
        self.sink = Sink()
        self._module = module
        self._found = found
        self._spec = module.spec
        self._unknown = unknown
        self._at_fault = at_fault
        nodes = [node for node in descendants(self._spec) if isinstance(node, ast.Member)]
        self._members = {node.name.text for node in nodes}
        self._lets = {d.name.text: d for d in self._spec.declarations if isinstance(d, ast.Let)}

    def file(self) -> None:
        self._hidden()
        for part in self._found.parts:
            if isinstance(part.node, ast.CellDeclaration) and isinstance(part.node.body, ast.Block):
                self._unused(part, part.node.body)
        for node in self._spec.declarations:
            self._conditions(node)

    # ---- hidden names

    def _hidden(self) -> None:
        for top in self._found.declared:
            if top.role is not Role.IMPORT and vocabulary().get(top.name) is not None:
                self.sink.report(errors.hides_word(top.span, top.name))
        for part in self._found.parts:
            if not isinstance(part.node, ast.CellDeclaration | ast.Let):
                continue
            for inner in part.declared:
                hidden = inner.hides
                if hidden is not None and inner.role in _HIDING and hidden.role not in _OPEN:
                    self.sink.report(errors.hides_name(inner.span, inner.name, hidden.span))

    # ---- unused names

    def _unused(self, part: Part, body: ast.Block) -> None:
        if _lacks_text(body.construct):
            return
        construct = body.construct.span
        used = {use.name for use in part.uses if body.span.start <= use.span.start}
        used |= _damaged_words(body)
        inside = {use.name for use in part.uses if construct.start <= use.span.start}
        inside |= _damaged_words(body.construct)
        alone = _assigned_alone(body.construct)
        hurt = {field.name.text for field in body.fields if self._is_hurt(field.span)}
        for each in part.declared:
            is_cell = each.role is Role.FIELD and each.name not in used | hurt | self._members
            if is_cell and not self._is_meant(each, body.span):
                self.sink.report(errors.unused_cell(each.span, each.name))
            is_name = each.span.start in alone and each.name not in inside
            if is_name and not self._is_meant(each, construct):
                self.sink.report(errors.unused_name(each.span, each.name))

    def _is_hurt(self, span: Span) -> bool:
        return any(span.start <= place.start < span.end for place in self._at_fault)

    def _is_meant(self, declared: Declared, within: Span) -> bool:
        """Whether a name that means nothing is this one, misspelled; where many mean nothing, each
        of them may be."""
        return len(self._unknown) > MOST_PROPOSED or any(
            within.start <= place.start < within.end and closest(place.text, (declared.name,))
            for place in self._unknown
        )

    # ---- conditions that are always the same

    def _conditions(self, declaration: ast.Declaration) -> None:
        conditions, own = list[ast.Expression](), set[str]()
        for node in descendants(declaration):
            if isinstance(node, ast.Field | ast.Conditional) and node.condition is not None:
                conditions.append(node.condition)
            own |= _bound(node)
        for condition in conditions:
            if self._is_fixed(condition) and not own & _mentioned(condition):
                self._condition(condition)

    def _condition(self, condition: ast.Expression) -> None:
        value = Evaluator(Sink()).truth(condition, self._module.scope)
        if isinstance(value, bool):
            self.sink.report(errors.fixed_condition(condition.span, value))

    def _is_fixed(self, condition: ast.Expression) -> bool:
        """Whether nothing the condition depends on can ever be another."""
        waiting, seen = [*_mentioned(condition)], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in self._lets or name in seen:
                return False
            seen.add(name)
            waiting += _mentioned(self._lets[name].value)
        return True


def _assigned_alone(construct: ast.Construct) -> set[int]:
    """Where names begin that are given a value alone, not by taking a list apart."""
    return {
        node.names[0].span.start
        for node in descendants(construct)
        if isinstance(node, ast.Assign) and len(node.names) == 1
    }


def _bound(node: object) -> set[str]:
    """The names a node within a declaration gives to something."""
    match node:
        case ast.Formal() | ast.Field() | ast.Carry():
            return {node.name.text}
        case ast.Assign() | ast.Binding():
            return {word.text for word in node.names}
    return set()


def _mentioned(node: object) -> set[str]:
    """The names within, and the words of what is damaged, which may be meant as names."""
    names = {found.name for found in descendants(node) if isinstance(found, ast.Name)}
    return names | _damaged_words(node)


def _damaged_words(node: object) -> set[str]:
    damaged = (found for found in descendants(node) if isinstance(found, ast.Damaged))
    return {word for place in damaged for word in place.words}


def _lacks_text(construct: ast.Construct) -> bool:
    """Whether a part is missing, so that what it will use is not known."""
    return any(isinstance(n, ast.Damaged) and not n.span.text for n in descendants(construct))
