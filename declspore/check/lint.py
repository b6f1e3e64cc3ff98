"""Warnings: what is allowed and seldom meant.

Assumes a module whose names are known to stand for something. Looks at one file, never at what
it imports, and evaluates nothing but conditions of literals and ``let``.
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
from declspore.syntax import ast
from declspore.syntax.walk import children, descendants

Names = dict[str, Span]


def warnings(module: Module) -> tuple[Diagnostic, ...]:
    """Every warning of one file."""
    linter = _Linter(module)
    linter.file()
    return linter.sink.diagnostics


class _Linter:
    def __init__(self, module: Module) -> None:
        self.sink = Sink()
        self._module = module
        self._spec = module.spec
        self._top: Names = {}
        self._members = set[str]()
        self._conditions: list[ast.Expression] = []
        for node in descendants(self._spec):
            if isinstance(node, ast.Member):
                self._members.add(node.name.text)
            elif isinstance(node, ast.Field | ast.Conditional) and node.condition is not None:
                self._conditions.append(node.condition)
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
        for condition in self._conditions:
            self._condition(condition)

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
        used = self._members | _mentioned(body.construct)
        for field in body.fields:
            used |= _mentioned(field)
        for field in body.fields:
            if field.name.text not in used:
                self.sink.report(errors.unused_cell(field.name.span, field.name.text))

    def _unused_names(self, construct: ast.Construct) -> None:
        used = _mentioned(construct)
        for node in descendants(construct):
            if isinstance(node, ast.Assign) and len(node.names) == 1:
                name = node.names[0]
                if name.text not in used:
                    self.sink.report(errors.unused_name(name.span, name.text))

    # ---- conditions that are always the same

    def _condition(self, condition: ast.Expression) -> None:
        if not self._is_fixed(condition):
            return
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


def _mentioned(node: object) -> set[str]:
    return {found.name for found in descendants(node) if isinstance(found, ast.Name)}
