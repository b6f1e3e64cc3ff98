"""Expressions: rules of the grammar to their nodes."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree
from lark.tree import Meta

from declspore.syntax import ast
from declspore.syntax.building.places import Children, Places, every
from declspore.syntax.operators import Operand, Operator, Run


class Expressions(Places):
    """A method for each rule, called by its name."""

    def node(self, tree: Tree[Token]) -> Any:
        """What a tree stands for: its children first, then the method of its rule."""
        if tree.data == "expr":
            return self._run(tree.children)
        children = [self.node(c) if isinstance(c, Tree) else c for c in tree.children]
        return getattr(self, tree.data)(tree.meta, children)

    def conditional(self, meta: Meta, children: Children) -> ast.Conditional:
        condition, then, otherwise = children
        return ast.Conditional(condition, then, otherwise, self._span(meta))

    def _run(self, children: list[Tree[Token] | Token]) -> ast.Expression:
        """A run of operands and operators."""
        pieces: list[Operand | Operator] = []
        for child in children:
            if isinstance(child, Tree):
                meta = child.meta
                pieces.append(Operand(self.node(child), meta.start_pos, meta.end_pos))
            else:
                start = child.start_pos or 0
                pieces.append(Operator(" ".join(child.split()), start, start + len(child)))
        return Run(self._source, self.sink, pieces).tree()

    def call(self, meta: Meta, children: Children) -> ast.Call:
        function, arguments = children
        return ast.Call(function, arguments or (), self._span(meta))

    def arguments(self, meta: Meta, children: Children) -> tuple[ast.Argument, ...]:
        given = [child for child in children if child is not None]
        return tuple(
            child if isinstance(child, ast.Argument) else ast.Argument(None, child, child.span)
            for child in given
        )

    def keyword(self, meta: Meta, children: Children) -> ast.Argument:
        name, value = children
        return ast.Argument(self._word(name), value, self._span(meta))

    def index(self, meta: Meta, children: Children) -> ast.Index:
        value, *subscripts = children
        return ast.Index(value, tuple(subscripts), self._span(meta))

    def slice(self, meta: Meta, children: Children) -> ast.Slice:
        start, stop, step = (*children, None, None)[:3]
        return ast.Slice(start, stop, step, self._span(meta))

    def ellipsis(self, meta: Meta, children: Children) -> ast.Remaining:
        return ast.Remaining(self._span(meta))

    def member(self, meta: Meta, children: Children) -> ast.Member:
        value, name = children
        return ast.Member(value, self._word(name), self._span(meta))

    def path_of(self, meta: Meta, children: Children) -> ast.PathOf:
        value, path = children
        return ast.PathOf(value, self._path(path), self._span(meta))

    regex_of = path_of

    def maybe(self, meta: Meta, children: Children) -> ast.Maybe:
        return ast.Maybe(children[0], self._span(meta))

    def name(self, meta: Meta, children: Children) -> ast.Name:
        return ast.Name(str(children[0]), self._span(meta))

    def int(self, meta: Meta, children: Children) -> ast.Expression:
        reports, found = self.sink.reports, self._number(children[0], str(children[0]))
        span = self._span(meta)
        return ast.Literal(found, span) if reports == self.sink.reports else ast.Damaged((), span)

    float = int

    def quantity(self, meta: Meta, children: Children) -> ast.Expression:
        reports, found = self.sink.reports, self._quantity(children[0])
        return found if reports == self.sink.reports else ast.Damaged((), self._span(meta))

    def string(self, meta: Meta, children: Children) -> ast.Literal:
        return self._text(children[0])

    def path(self, meta: Meta, children: Children) -> ast.Path:
        return self._path(children[0])

    regex = path

    def true(self, meta: Meta, children: Children) -> ast.Literal:
        return ast.Literal(True, self._span(meta))

    def false(self, meta: Meta, children: Children) -> ast.Literal:
        return ast.Literal(False, self._span(meta))

    def none(self, meta: Meta, children: Children) -> ast.Literal:
        return ast.Literal(None, self._span(meta))

    def group(self, meta: Meta, children: Children) -> ast.Expression:
        expression: ast.Expression = children[0]
        return expression

    def list(self, meta: Meta, children: Children) -> ast.List:
        return ast.List(children[0] or (), self._span(meta))

    def elements(self, meta: Meta, children: Children) -> tuple[ast.Element, ...]:
        return tuple(child for child in children if child is not None)

    def comprehension(self, meta: Meta, children: Children) -> ast.Comprehension:
        bindings = every(children, ast.Binding)
        carries = every(children, ast.Carry)
        return ast.Comprehension(bindings, carries, children[-1], self._span(meta))

    def binding(self, meta: Meta, children: Children) -> ast.Binding:
        (names, unpack), source = children
        return ast.Binding(names, unpack, source, self._span(meta))

    def carry(self, meta: Meta, children: Children) -> ast.Carry:
        name, first, following = children
        return ast.Carry(self._word(name), first, following, self._span(meta))

    def one_target(self, meta: Meta, children: Children) -> tuple[tuple[ast.Word, ...], bool]:
        return self._words(children), False

    def many_targets(self, meta: Meta, children: Children) -> tuple[tuple[ast.Word, ...], bool]:
        return self._words(children), True
