"""Parse tree to syntax tree, one method per grammar rule.

Assumes a tree of ``grammar/spec.lark``; guarantees nodes whose spans lie in the source.
"""

from __future__ import annotations

import re
from math import inf
from typing import Any, NamedTuple, TypeGuard, TypeVar

from lark import Token, Tree
from lark.tree import Meta

from declspore.report import Sink
from declspore.source import Source, Span
from declspore.syntax import ast, errors
from declspore.syntax.operators import Operand, Operator, Run

Node = TypeVar("Node")
Children = list[Any]


def _only(children: Children, kind: type[Node]) -> Node | None:
    """The one child of a kind, or None."""
    return next((child for child in children if isinstance(child, kind)), None)


def _every(children: Children, kind: type[Node]) -> tuple[Node, ...]:
    return tuple(child for child in children if isinstance(child, kind))


class _Bounds(NamedTuple):
    """``in`` of a param without a default."""

    value: ast.Expression


class Build:
    """Turns the tree of one source into :class:`declspore.syntax.ast.Spec`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sink = Sink()

    def node(self, tree: Tree[Token]) -> Any:
        """What a tree stands for: its children first, then the method of its rule."""
        if tree.data == "expr":
            return self._run(tree.children)
        children = [self.node(c) if isinstance(c, Tree) else c for c in tree.children]
        return getattr(self, tree.data)(tree.meta, children)

    # ---- places and words

    def _span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self._source, 0, 0)
        return Span(self._source, meta.start_pos, meta.end_pos)

    def _at(self, token: Token) -> Span:
        start = token.start_pos or 0
        return Span(self._source, start, start + len(token))

    def _word(self, token: Token) -> ast.Word:
        return ast.Word(str(token), self._at(token))

    def _words(self, children: Children) -> tuple[ast.Word, ...]:
        return tuple(self._word(child) for child in children if isinstance(child, Token))

    def _text(self, token: Token) -> ast.Literal:
        return ast.Literal(_unquote(str(token)), self._at(token))

    def _path(self, token: Token) -> ast.Path:
        if token.type == "REGEX":
            return ast.Path(str(token)[3:-1], self._at(token), is_regex=True)
        return ast.Path(str(token)[1:-1], self._at(token))

    def _number(self, token: Token, text: str) -> int | float:
        """0 for a number without use, which Python might not even read; it is reported."""
        if len(text) > _MOST_DIGITS or abs(found := _read_number(text)) == inf:
            title = "the number is too large"
            help = "the largest float is about 1.8e308; infinity is `inf`"
        elif found == 0 and re.match(r"[0.]*[1-9]", text):
            title, help = "the number is too small", "the smallest float is about 4.9e-324"
        else:
            return found
        self.sink.report(errors.bad_number(self._at(token), title, help))
        return 0

    def _whole(self, token: Token) -> int:
        return int(self._number(token, str(token)))

    def _quantity(self, token: Token) -> ast.Quantity:
        text = str(token)
        if text.endswith("%"):
            return ast.Quantity(self._number(token, text[:-1]), "%", self._at(token))
        value, unit = text.split(" ")
        singular = unit[:-1] if unit in ("epochs", "steps") else unit
        return ast.Quantity(self._number(token, value), singular, self._at(token))

    # ---- file and declarations

    def start(self, meta: Meta, children: Children) -> ast.Spec:
        edition, *items = children
        return self.spec(self._whole(edition), items, self._span(meta))

    def spec(self, edition: int, items: Children, span: Span) -> ast.Spec:
        """A file of declarations, some of which may be damaged."""
        declarations = tuple(item for item in items if not isinstance(item, ast.Damaged))
        damaged = tuple(
            ast.Damaged(_declared_within(item.span.text), item.span)
            for item in _every(items, ast.Damaged)
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

    def _declare(self, keyword: str, meta: Meta, children: Children) -> ast.CellDeclaration:
        name, (formals, damaged), body = children
        word, span = self._word(name), self._span(meta)
        return ast.CellDeclaration(keyword, word, formals, body, damaged, span)

    def formals(
        self, meta: Meta, children: Children
    ) -> tuple[tuple[ast.Formal, ...], tuple[ast.Damaged, ...]]:
        return _every(children, ast.Formal), _every(children, ast.Damaged)

    def formal(self, meta: Meta, children: Children) -> ast.Formal:
        name, kind, default = children
        return ast.Formal(self._word(name), kind, default, self._span(meta))

    def preset(self, meta: Meta, children: Children) -> ast.Preset:
        return ast.Preset(children[0], self._span(meta))

    def block(self, meta: Meta, children: Children) -> ast.Block:
        construct = next(child for child in children if isinstance(child, ast.Construct))
        fields, damaged = _every(children, ast.Field), _every(children, ast.Damaged)
        return ast.Block(fields, construct, damaged, self._span(meta))

    def field(self, meta: Meta, children: Children) -> ast.Field:
        name, value, condition = children
        return ast.Field(self._word(name), value, condition, self._span(meta))

    def when(self, meta: Meta, children: Children) -> ast.Expression:
        condition: ast.Expression = children[0]
        return condition

    def construct(self, meta: Meta, children: Children) -> ast.Construct:
        (formals, damaged), *types, (statements, results) = children
        kept, damaged = _every(types, ast.Type), damaged + _every(types, ast.Damaged)
        return ast.Construct(formals, kept, statements, results, damaged, self._span(meta))

    def flow_expr(self, meta: Meta, children: Children) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return (), tuple(children)

    def flow_block(self, meta: Meta, children: Children) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        results: tuple[Any, ...] = next(child for child in children if isinstance(child, tuple))
        return tuple(child for child in children if child is not results), results

    def results(self, meta: Meta, children: Children) -> tuple[Any, ...]:
        return tuple(children)

    def loop(self, meta: Meta, children: Children) -> ast.Loop:
        bindings = _every(children, ast.Binding)
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

    # ---- tasks

    def task(self, meta: Meta, children: Children) -> ast.Task:
        kind, name, *parts = children
        own = self._rules(parts)
        return ast.Task(self._word(kind), self._word(name), own, self._span(meta))

    def _rules(self, parts: Children) -> tuple[ast.Part, ...]:
        """The parts of a task; a rule whose new name follows ``to`` is one mistake."""
        found: list[ast.Part] = []
        for part in parts:
            last = found[-1] if found else None
            if _is_target(part) and isinstance(last, ast.Rule) and not last.targets:
                target, span = part.operands[0].span.text, last.span.to(part.span)
                line = " ".join(f"{last.span.text} -> {target}".split())
                self.sink.report(errors.spelled_arrow(part.verb.span, line))
                found[-1] = ast.Damaged((), span)
            else:
                found.append(part)
        return tuple(found)

    def attribute(self, meta: Meta, children: Children) -> ast.Attribute:
        name, value = children
        return ast.Attribute(self._word(name), value, self._span(meta))

    def clause(self, meta: Meta, children: Children) -> ast.Clause:
        word, *rest = children
        texts = tuple(self._text(child) for child in rest if isinstance(child, Token))
        return ast.Clause(self._word(word), texts, _every(rest, ast.Modifier), self._span(meta))

    def modifier(self, meta: Meta, children: Children) -> ast.Modifier:
        word, token = children
        return ast.Modifier(self._word(word), self._modified(token), self._span(meta))

    def _modified(self, token: Token) -> ast.Quantity | ast.Literal | ast.Name:
        if token.type == "QUANTITY":
            return self._quantity(token)
        if token.type == "INT":
            return ast.Literal(self._whole(token), self._at(token))
        return ast.Name(str(token), self._at(token))

    def ensure(self, meta: Meta, children: Children) -> ast.Ensure:
        return ast.Ensure(children[0], self._span(meta))

    def _file(self, role: str, meta: Meta, children: Children) -> ast.File:
        name, value = children
        return ast.File(role, self._word(name), value, self._span(meta))

    def input(self, meta: Meta, children: Children) -> ast.File:
        return self._file("in", meta, children)

    def use(self, meta: Meta, children: Children) -> ast.File:
        return self._file("use", meta, children)

    def output(self, meta: Meta, children: Children) -> ast.File:
        return self._file("out", meta, children)

    def task_when(self, meta: Meta, children: Children) -> ast.TaskWhen:
        condition, then, otherwise = children
        return ast.TaskWhen(condition, then, otherwise or (), self._span(meta))

    def task_loop(self, meta: Meta, children: Children) -> ast.TaskLoop:
        bindings = _every(children, ast.Binding)
        parts = self._rules(children[len(bindings) :])
        return ast.TaskLoop(bindings, parts, self._span(meta))

    def parts(self, meta: Meta, children: Children) -> tuple[ast.Part, ...]:
        return self._rules(children)

    def rule(self, meta: Meta, children: Children) -> ast.Rule:
        name, operands, excepted, condition, targets, value, network, count = children
        return ast.Rule(
            self._word(name),
            operands,
            excepted or (),
            condition,
            targets or (),
            value,
            network,
            count,
            self._span(meta),
        )

    def operands(self, meta: Meta, children: Children) -> tuple[ast.Operand, ...]:
        return tuple(children)

    def path_operand(self, meta: Meta, children: Children) -> ast.Operand:
        source, path = children
        word = None if source is None else self._word(source)
        return ast.Operand(word, self._path(path), self._span(meta))

    regex_operand = path_operand

    def except_(self, meta: Meta, children: Children) -> tuple[ast.Operand, ...]:
        operands: tuple[ast.Operand, ...] = children[0]
        return operands

    def where(self, meta: Meta, children: Children) -> ast.Expression:
        condition: ast.Expression = children[0]
        return condition

    def becomes(self, meta: Meta, children: Children) -> tuple[ast.Operand, ...]:
        return tuple(children)

    def from_(self, meta: Meta, children: Children) -> ast.Expression:
        network: ast.Expression = children[0]
        return network

    def value(self, meta: Meta, children: Children) -> ast.Expression:
        expression: ast.Expression = children[0]
        return expression

    def exactly(self, meta: Meta, children: Children) -> ast.Count:
        return ast.Count(self._whole(children[0]), self._span(meta))

    def optional(self, meta: Meta, children: Children) -> ast.Count:
        return ast.Count(None, self._span(meta))

    def rest(self, meta: Meta, children: Children) -> ast.Rest:
        return ast.Rest(self._word(children[0]), self._span(meta))

    # ---- expressions

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
        bindings = _every(children, ast.Binding)
        carries = _every(children, ast.Carry)
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


# Python keywords cannot be method names.
setattr(Build, "import", Build.import_)
setattr(Build, "except", Build.except_)
setattr(Build, "from", Build.from_)

_MOST_DIGITS = 400
_ARROWS = ("to", "as", "into", "becomes")


def _is_target(part: ast.Part) -> TypeGuard[ast.Rule]:
    """Whether a rule is the new name of the one before it: ``rename `a` to `b```."""
    return isinstance(part, ast.Rule) and part.verb.text in _ARROWS


# texts, paths and comments hold no names
_NAME = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|`[^`\n]*`|#[^\n]*|(?P<name>[A-Za-z_]\w*)')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}

_DECLARES_ONE = re.compile(r"(?!import\b)[a-z]\w*[ \t]+[A-Za-z_]")


def _names_within(text: str) -> tuple[str, ...]:
    found = (match["name"] for match in _NAME.finditer(text))
    return tuple(dict.fromkeys(filter(None, found)))


def _declared_within(text: str) -> tuple[str, ...]:
    """What a damaged declaration may declare: the word behind the one that opens it, or, where
    several may be meant, all of its first line."""
    names = _names_within(text.split("\n", maxsplit=1)[0])
    return names[1:2] if _DECLARES_ONE.match(text) else names


def _unquote(text: str) -> str:
    parts, rest = [], iter(text[1:-1])
    for char in rest:
        parts.append(_unescape(next(rest)) if char == "\\" else char)
    return "".join(parts)


def _unescape(char: str) -> str:
    return _ESCAPES.get(char, "\\" + char)


def _read_number(text: str) -> int | float:
    if text.startswith("0x"):
        return int(text, 16)
    return float(text) if set(".eE") & set(text) else int(text)
