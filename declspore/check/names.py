"""Names, without evaluating anything: every body is looked at, also those no task reaches.

Assumes a module whose declarations are bound; reports names that stand for nothing, arguments
that a word does not take, and names declared twice in one block.
"""

from __future__ import annotations

from collections.abc import Iterable

from declspore.check import errors
from declspore.check.cells import FORMAL_TYPES
from declspore.check.module import Module
from declspore.check.tensor_types import names_in
from declspore.check.values import CellTemplate
from declspore.ir.dtype import BY_SHORT
from declspore.ir.pattern import captures
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast

Names = frozenset[str]
_NONE: Names = frozenset()


def check_names(module: Module, sink: Sink) -> None:
    """Report every problem with names in one file."""
    walker = _Walker(module, sink)
    for declaration in module.spec.declarations:
        walker.declaration(declaration)


def _lost(damaged: Iterable[ast.Damaged]) -> Names:
    """What damaged text may have named. Words of the vocabulary stay what they are."""
    words = (word for place in damaged for word in place.words)
    return frozenset(word for word in words if vocabulary().get(word) is None)


class _Walker:
    """``names`` are those within a declaration; those of the file are known everywhere."""

    def __init__(self, module: Module, sink: Sink) -> None:
        self._module = module
        self._sink = sink
        self._top = frozenset(module.scope.bindings)

    def _is_known(self, name: str, names: Names) -> bool:
        return name in names or name in self._top

    def declaration(self, node: ast.Declaration) -> None:
        match node:
            case ast.Let() | ast.Dataset() | ast.Optimizer():
                self.expression(node.value, _NONE)
            case ast.Param():
                self._optional((node.default, node.bounds), _NONE)
            case ast.CellDeclaration():
                self._cell(node)
            case ast.Train() | ast.Eval():
                self._distinct(attribute.name for attribute in node.attributes)
                for attribute in node.attributes:
                    self.expression(attribute.value, _NONE)
            case ast.Edit():
                self._edit(node)

    def _cell(self, node: ast.CellDeclaration) -> None:
        names = self._formals(node.formals, _NONE) | _lost(node.damaged)
        self._plain_types(node.formals)
        if isinstance(node.body, ast.Preset):
            self.expression(node.body.value, names)
            return
        names |= _lost(node.body.damaged)
        self._distinct([f.name for f in node.formals] + [f.name for f in node.body.fields])
        for field in node.body.fields:
            self._optional((field.value, field.condition), names)
            names |= {field.name.text}
        self._construct(node.body.construct, names)

    def _construct(self, node: ast.Construct, names: Names) -> None:
        for formal in node.formals:
            names |= self._symbols(formal.type, names)
        names = self._formals(node.formals, names) | _lost(node.damaged)
        names = self._statements(node.statements, names)
        for result in node.results:
            self.expression(result, names)

    def _statements(self, statements: tuple[ast.Statement, ...], names: Names) -> Names:
        """Look at statements one after the other; what is known behind them."""
        for statement in statements:
            if isinstance(statement, ast.Assign):
                self.expression(statement.value, names)
                names |= {word.text for word in statement.names}
                continue
            if isinstance(statement, ast.Damaged):
                names |= _lost([statement])
                continue
            inner = self._bindings(statement.bindings, names)
            names |= self._statements(statement.statements, inner) - (inner - names)
        return names

    def _bindings(self, bindings: tuple[ast.Binding, ...], names: Names) -> Names:
        """What is known within a loop."""
        for binding in bindings:
            self.expression(binding.source, names)
            names |= {word.text for word in binding.names}
        return names

    def _symbols(self, type: ast.Type | None, names: Names) -> Names:
        """Names in a tensor type that stand for new symbolic dimensions."""
        dims = (type.shape or ()) if type else ()
        return frozenset(name for dim in dims for name in names_in(dim)) - names - self._top

    def _formals(self, formals: tuple[ast.Formal, ...], names: Names) -> Names:
        self._distinct(formal.name for formal in formals)
        for formal in formals:
            self._optional((formal.default,), names)
            names |= {formal.name.text}
        return names

    def _plain_types(self, formals: Iterable[ast.Formal]) -> None:
        """The arguments of a cell are numbers, texts and lists of them, or have no type."""
        for formal in formals:
            if formal.type is not None and formal.type.name.text not in FORMAL_TYPES:
                word = formal.type.name
                self._sink.report(
                    errors.unknown_type(word.span, word.text, FORMAL_TYPES, formal=True)
                )

    def _edit(self, node: ast.Edit) -> None:
        files = (*node.inputs, *node.uses, *node.outputs)
        self._distinct(file.name for file in files)
        for file in files:
            self.expression(file.value, _NONE)
        names = frozenset(file.name.text for file in files)
        self._edit_parts(node.parts, names | _lost(node.lost))

    def _edit_parts(self, parts: tuple[ast.EditPart, ...], names: Names) -> None:
        for part in parts:
            match part:
                case ast.VerbStatement():
                    captured = {name for each in part.operands for name in captures(each.path.text)}
                    inner = names | captured | {"it", "them"}
                    self._optional((part.condition, part.value, part.network), inner)
                case ast.EditWhen():
                    self.expression(part.condition, names)
                    self._edit_parts((*part.then, *part.otherwise), names)
                case ast.EditLoop():
                    self._edit_parts(part.parts, self._bindings(part.bindings, names))
                case ast.Ensure():
                    self.expression(part.condition, names)

    def _distinct(self, words: Iterable[ast.Word]) -> None:
        first: dict[str, Span] = {}
        for word in words:
            if word.text in first:
                self._sink.report(errors.declared_twice(word.text, first[word.text], word.span))
            first.setdefault(word.text, word.span)

    # ---- expressions

    def _optional(self, nodes: Iterable[ast.Expression | None], names: Names) -> None:
        for node in nodes:
            if node is not None:
                self.expression(node, names)

    def expression(self, node: ast.Element, names: Names) -> None:
        match node:
            case ast.Name():
                self._name(node, names)
            case ast.Call():
                self._call(node, names)
            case ast.List():
                self._each(node.items, names)
            case ast.Comprehension():
                self._comprehension(node, names)
            case ast.Index():
                self.expression(node.value, names)
                for subscript in node.subscripts:
                    if isinstance(subscript, ast.Slice):
                        self._optional((subscript.start, subscript.stop, subscript.step), names)
                    elif not isinstance(subscript, ast.Remaining):
                        self.expression(subscript, names)
            case ast.Member() | ast.PathOf() | ast.Maybe() | ast.Unary():
                self.expression(node.value, names)
            case ast.Binary():
                self._each((node.left, node.right), names)
            case ast.Conditional():
                self._each((node.condition, node.then, node.otherwise), names)

    def _each(self, nodes: Iterable[ast.Element], names: Names) -> None:
        for node in nodes:
            self.expression(node, names)

    def _name(self, node: ast.Name, names: Names) -> None:
        known = self._is_known(node.name, names) or node.name in BY_SHORT
        if not known and vocabulary().get(node.name) is None:
            candidates = [*names, *self._top, *vocabulary().words(), *BY_SHORT]
            self._sink.report(errors.unknown_name(node.span, node.name, candidates))

    def _call(self, node: ast.Call, names: Names) -> None:
        self.expression(node.function, names)
        known = self._keywords_of(node.function, names)
        for argument in node.arguments:
            keyword = argument.keyword
            if keyword is not None and known is not None and keyword.text not in known[1]:
                self._sink.report(
                    errors.unknown_argument(keyword.span, known[0], keyword.text, known[1])
                )
            self.expression(argument.value, names)

    def _keywords_of(
        self, function: ast.Expression, names: Names
    ) -> tuple[str, tuple[str, ...]] | None:
        """The callee and the arguments it takes, where that is known without evaluation."""
        if not isinstance(function, ast.Name):
            return None
        if function.name in names:
            return None
        if function.name not in self._top:
            kind = vocabulary().get(function.name)
            return (kind.name, kind.signature.names) if kind else None
        binding = self._module.scope.bindings.get(function.name)
        template = binding.value if binding else None
        if not isinstance(template, CellTemplate) or template.declaration.damaged:
            return None
        return template.name, tuple(f.name.text for f in template.declaration.formals)

    def _comprehension(self, node: ast.Comprehension, names: Names) -> None:
        names = self._bindings(node.bindings, names)
        if node.carry:
            self.expression(node.carry.first, names)
            names |= {node.carry.name.text}
            self.expression(node.carry.next, names)
        self._each(node.items, names)
