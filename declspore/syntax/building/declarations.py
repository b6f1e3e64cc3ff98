"""Files, declarations and networks: rules of the grammar to their nodes."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lark import Token
from lark.tree import Meta

from declspore.source import Span
from declspore.syntax import ast
from declspore.syntax.building.places import Children, Places, every

# texts, paths and comments hold no names
_NAME = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|`[^`\n]*`|#[^\n]*|(?P<name>[A-Za-z_]\w*)')

_DECLARES_ONE = re.compile(r"(?!import\b)[a-z]\w*[ \t]+[A-Za-z_]")


class _Bounds(NamedTuple):
    """``in`` of a param without a default."""

    value: ast.Expression


class Declarations(Places):
    """A method for each rule, called by its name."""

    def start(self, meta: Meta, children: Children) -> ast.Spec:
        edition, *items = children
        return self.spec(self._whole(edition), items, self._span(meta))

    def spec(self, edition: int, items: Children, span: Span) -> ast.Spec:
        """A file of declarations, some of which may be damaged."""
        declarations = tuple(item for item in items if not isinstance(item, ast.Damaged))
        damaged = tuple(
            ast.Damaged(_declared_within(item.span.text), item.span)
            for item in every(items, ast.Damaged)
        )
        return ast.Spec(self._source, edition, declarations, damaged, span)

    def damaged(self, meta: Meta, children: Children) -> ast.Damaged:
        (token,) = children
        return ast.Damaged(_names_within(str(token)), self._at(token))

    def import_(self, meta: Meta, children: Children) -> ast.Import:
        path, what = children
        selected = what if isinstance(what, tuple) else ()
        alias = None if selected else self._word(what)
        return ast.Import(self._text(path), alias, selected, self._span(meta))

    def selected(self, meta: Meta, children: Children) -> tuple[ast.Word, ...]:
        return self._words([child for child in children if child is not None])

    def param(self, meta: Meta, children: Children) -> ast.Param:
        name, kind, given = children
        default, bounds = given, None
        if isinstance(given, _Bounds):
            default, bounds = None, given.value
        elif isinstance(given, ast.Binary) and given.operator == "in":
            default, bounds = given.left, given.right  # "= 3 in 1 .. 5" is a value with bounds
        return ast.Param(self._word(name), self._word(kind), default, bounds, self._span(meta))

    def bounds(self, meta: Meta, children: Children) -> _Bounds:
        return _Bounds(children[0])

    def let(self, meta: Meta, children: Children) -> ast.Let:
        name, value = children
        return ast.Let(self._word(name), value, self._span(meta))

    def dataset(self, meta: Meta, children: Children) -> ast.Dataset:
        name, value = children
        return ast.Dataset(self._word(name), value, self._span(meta))

    def optimizer(self, meta: Meta, children: Children) -> ast.Optimizer:
        name, value = children
        return ast.Optimizer(self._word(name), value, self._span(meta))

    # ---- networks

    def cell(self, meta: Meta, children: Children) -> ast.CellDeclaration:
        return self._declare("cell", meta, children)

    def network(self, meta: Meta, children: Children) -> ast.CellDeclaration:
        return self._declare("network", meta, children)

    def loss(self, meta: Meta, children: Children) -> ast.CellDeclaration:
        return self._declare("loss", meta, children)

    def _declare(self, keyword: ast.Keyword, meta: Meta, children: Children) -> ast.CellDeclaration:
        name, (formals, damaged), body = children
        word, span = self._word(name), self._span(meta)
        return ast.CellDeclaration(keyword, word, formals, body, damaged, span)

    def formals(
        self, meta: Meta, children: Children
    ) -> tuple[tuple[ast.Formal, ...], tuple[ast.Damaged, ...]]:
        return every(children, ast.Formal), every(children, ast.Damaged)

    def formal(self, meta: Meta, children: Children) -> ast.Formal:
        name, kind, default = children
        return ast.Formal(self._word(name), kind, default, self._span(meta))

    def preset(self, meta: Meta, children: Children) -> ast.Preset:
        return ast.Preset(children[0], self._span(meta))

    def block(self, meta: Meta, children: Children) -> ast.Block:
        construct = next(child for child in children if isinstance(child, ast.Construct))
        fields, damaged = every(children, ast.Field), every(children, ast.Damaged)
        return ast.Block(fields, construct, damaged, self._span(meta))

    def field(self, meta: Meta, children: Children) -> ast.Field:
        name, value, condition = children
        return ast.Field(self._word(name), value, condition, self._span(meta))

    def when(self, meta: Meta, children: Children) -> ast.Expression:
        condition: ast.Expression = children[0]
        return condition

    def construct(self, meta: Meta, children: Children) -> ast.Construct:
        (formals, damaged), *types, (statements, results) = children
        kept, damaged = every(types, ast.Type), damaged + every(types, ast.Damaged)
        return ast.Construct(formals, kept, statements, results, damaged, self._span(meta))

    def flow_expr(self, meta: Meta, children: Children) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return (), tuple(children)

    def flow_block(self, meta: Meta, children: Children) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        results: tuple[Any, ...] = next(child for child in children if isinstance(child, tuple))
        return tuple(child for child in children if child is not results), results

    def results(self, meta: Meta, children: Children) -> tuple[Any, ...]:
        return tuple(children)

    def loop(self, meta: Meta, children: Children) -> ast.Loop:
        bindings = every(children, ast.Binding)
        return ast.Loop(bindings, tuple(children[len(bindings) :]), self._span(meta))

    def assign(self, meta: Meta, children: Children) -> ast.Assign:
        names = [child for child in children if isinstance(child, Token)]
        values = tuple(children[len(names) :])
        value = values[0]
        if len(values) > 1:
            value = ast.List(values, values[0].span.to(values[-1].span))
        return ast.Assign(self._words(names), value, self._span(meta))

    def type(self, meta: Meta, children: Children) -> ast.Type:
        name, *dims = children
        bracketed = self._source.text[meta.end_pos - 1] == "]"
        shape = tuple(dim for dim in dims if dim is not None)
        return ast.Type(self._word(name), shape if bracketed else None, self._span(meta))


# A keyword of Python cannot be the name of a method.
setattr(Declarations, "import", Declarations.import_)


def _names_within(text: str) -> tuple[str, ...]:
    found = (match["name"] for match in _NAME.finditer(text))
    return tuple(dict.fromkeys(filter(None, found)))


def _declared_within(text: str) -> tuple[str, ...]:
    """What a damaged declaration may declare: the word after the one that opens it, or, where
    several may be meant, all of its first line."""
    names = _names_within(text.split("\n", maxsplit=1)[0])
    return names[1:2] if _DECLARES_ONE.match(text) else names
