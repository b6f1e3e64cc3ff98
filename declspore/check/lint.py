"""Warnings: what is allowed and seldom meant.

Assumes a module whose names are checked, and is told what errors there are: what looks unused or
hidden because of an error is no warning. Looks at one file, never at what it imports, and evaluates
nothing but conditions of literals and ``let``.
"""

from __future__ import annotations

from collections.abc import Iterable

from declspore.check import errors
from declspore.check.evaluate import Evaluator
from declspore.check.module import Module
from declspore.check.tensor_types import names_in
from declspore.diagnostic import Diagnostic
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import closest
from declspore.syntax import ast
from declspore.syntax.walk import children, descendants

Names = dict[str, Span]
_OF_NAMES = ("E201", "E203")


def warnings(module: Module, found: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """Every warning of one file that does not follow from the errors ``found`` in it."""
    places = [
        (error.code, place)
        for error in found
        for place in (label.place for label in error.labels[:1])
        if isinstance(place, Span) and place.source is module.spec.source
    ]
    unknown = [place for code, place in places if code in _OF_NAMES]
    linter = _Linter(module, unknown)
    linter.file()
    at_fault = {(place.start, place.end) for _, place in places}
    return tuple(told for told in linter.sink.diagnostics if _extent(told) not in at_fault)


def _extent(told: Diagnostic) -> tuple[int, int]:
    place = told.labels[0].place
    assert isinstance(place, Span)
    return place.start, place.end


class _Linter:
    """``unknown`` are the places of names that stand for nothing."""

    def __init__(self, module: Module, unknown: list[Span]) -> None:
        self.sink = Sink()
        self._unknown = unknown
        self._module = module
        self._spec = module.spec
        self._top: Names = {}
        self._members = set[str]()
        for node in descendants(self._spec):
            if isinstance(node, ast.Member):
                self._members.add(node.name.text)
        self._lets = {d.name.text: d for d in self._spec.declarations if isinstance(d, ast.Let)}

    def file(self) -> None:
        for declaration in self._spec.declarations:
            name = declaration.name
            if not isinstance(declaration, ast.Import) and vocabulary().get(name.text) is not None:
                self.sink.report(errors.hides_word(name.span, name.text))
            self._top[name.text] = name.span
        for declaration in self._spec.declarations:
            if isinstance(declaration, ast.CellDeclaration):
                self._cell(declaration)
            elif isinstance(declaration, ast.Let):
                self._names(declaration.value, {})
        for declaration in self._spec.declarations:
            self._conditions(declaration)

    # ---- unused and hidden names

    def _cell(self, node: ast.CellDeclaration) -> None:
        names = self._bind((f.name for f in node.formals), {})
        if isinstance(node.body, ast.Preset):
            self._names(node.body.value, names)
            return
        self._unused_cells(node.body)
        names = self._bind((field.name for field in node.body.fields), names)
        for field in node.body.fields:
            self._names(field.value, names)
        construct = node.body.construct
        symbols = {
            name: formal.span
            for formal in construct.formals
            for dim in (formal.type.shape or () if formal.type else ())
            for name in names_in(dim)
            if name not in names and name not in self._top
        }
        outer = names | symbols
        own = self._bind((f.name for f in construct.formals), outer)
        self._statements(construct.statements, own, outer)
        for result in construct.results:
            self._names(result, own)
        self._unused_names(construct)

    def _statements(self, nodes: tuple[ast.Statement, ...], names: Names, outer: Names) -> None:
        """``outer`` holds what a statement must not hide; its own names it may give anew."""
        for node in nodes:
            if isinstance(node, ast.Loop):
                words = [word for binding in node.bindings for word in binding.names]
                self._statements(node.statements, self._bind(words, names), outer)
                continue
            if isinstance(node, ast.Damaged):
                continue
            self._names(node.value, names)
            self._bind(node.names, outer)

    def _names(self, node: ast.Element, names: Names) -> None:
        """Look at every loop within an expression."""
        if isinstance(node, ast.Comprehension):
            words = [word for binding in node.bindings for word in binding.names]
            names = self._bind([*words, *([node.carry.name] if node.carry else [])], names)
        for child in children(node):
            self._names(child, names)

    def _bind(self, words: Iterable[ast.Word], names: Names) -> Names:
        """The names with more bound within; those they hide are told."""
        found = dict(names)
        for word in words:
            hidden = names.get(word.text) or self._top.get(word.text)
            if hidden is not None:
                self.sink.report(errors.hides_name(word.span, word.text, hidden))
            found[word.text] = word.span
        return found

    def _unused_cells(self, body: ast.Block) -> None:
        if _lacks_text(body.construct):
            return
        used = self._members | _mentioned(body)
        for field in body.fields:
            if field.name.text not in used and not self._is_meant(field.name, body.span):
                self.sink.report(errors.unused_cell(field.name.span, field.name.text))

    def _unused_names(self, construct: ast.Construct) -> None:
        if _lacks_text(construct):
            return
        used = _mentioned(construct)
        for node in descendants(construct):
            if isinstance(node, ast.Assign) and len(node.names) == 1:
                name = node.names[0]
                if name.text not in used and not self._is_meant(name, construct.span):
                    self.sink.report(errors.unused_name(name.span, name.text))

    def _is_meant(self, name: ast.Word, within: Span) -> bool:
        """Whether a name that stands for nothing is this one, misspelled."""
        return any(
            within.start <= place.start < within.end and closest(place.text, (name.text,))
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
    names = set[str]()
    for found in descendants(node):
        if isinstance(found, ast.Name):
            names.add(found.name)
        elif isinstance(found, ast.Damaged):
            names.update(found.words)
    return names


def _lacks_text(construct: ast.Construct) -> bool:
    """Whether a part is missing, so that nobody knows what it will use."""
    return any(isinstance(n, ast.Damaged) and not n.span.text for n in descendants(construct))
