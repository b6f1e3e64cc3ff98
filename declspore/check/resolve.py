"""Names: what each declares, and which declaration each use of a name means.

One pass over the text of a file, without evaluating anything, so that every body is looked at,
also those no task reaches. What it finds feeds the errors of names, the warnings and the search
for cycles; an editor finds definitions, references and what a name may be at a place with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import assert_never

from declspore.check.resolution import Call, Declared, Names, Part, Resolution, Role, Use
from declspore.check.task import task_kind
from declspore.elaborate.tensor_types import names_in
from declspore.ir.pattern import captures
from declspore.language.names import NAMES
from declspore.registry.data import TransformKind
from declspore.registry.kind import Kind
from declspore.registry.table import families, vocabulary
from declspore.registry.types import families_of
from declspore.source import Span
from declspore.syntax import ast
from declspore.syntax.walk import children


def _dimensions(type: ast.Type | None) -> Iterator[ast.Name]:
    for dim in (type.shape or ()) if type else ():
        yield from names_in(dim)


def resolve(spec: ast.Spec) -> Resolution:
    """What the names of a file mean."""
    top = Names(spec.span)
    declared = []
    for node in spec.declarations:
        words = node.names if isinstance(node, ast.Import) and node.names else (node.name,)
        for word in words:
            if word.text not in top.own:  # the loader reports a second one
                top.own[word.text] = Declared(word.text, word.span, _ROLES[type(node)], None, node)
                declared.append(top.own[word.text])
    _declare_damaged(top, spec.damaged)
    parts = tuple(_Resolver(node).resolved(top) for node in spec.declarations)
    return Resolution(top, tuple(declared), parts)


def _declare_damaged(names: Names, damaged: Iterable[ast.Damaged]) -> None:
    """What damaged text may have named. Words of the vocabulary stay what they are."""
    for place in damaged:
        for word in place.words:
            if vocabulary().get(word) is None and names.find(word) is None:
                names.own[word] = Declared(word, place.span, Role.DAMAGED)


_CELLS = frozenset(("cell", "container", "op"))
_FAMILIES: Mapping[type, frozenset[str]] = {
    ast.Dataset: frozenset(("source", "transform", "column")),
    ast.Optimizer: frozenset(("optimizer", "group", "schedule", "rates")),
    ast.CellDeclaration: _CELLS | {"tensor"},
}
_OF_EDITS = frozenset(("op", "tensor", "query", "file"))


def _of_attribute(name: str) -> frozenset[str]:
    """The families that an attribute of a task is named after, and what is made of their words."""
    every = {contract.family for contract in families()}
    found = {f for f in every if name in (f, f"{f}s", f"{f[:-1]}ies")}
    return frozenset(found | {"feeding"} if found else ())


def _fitting(kind: Kind | None, place: int, keyword: ast.Word | None) -> frozenset[str]:
    """The families whose words an argument takes; none where that is not known."""
    if kind is None:
        return frozenset()
    every = kind.signature
    if keyword is not None:
        argument = every.get(keyword.text)
    else:
        repeating = every.repeating
        argument = every.arguments[place] if place < len(every.arguments) else repeating
    return frozenset() if argument is None else families_of(argument.type)


_ROLES: Mapping[type, Role] = {
    ast.Import: Role.IMPORT,
    ast.Param: Role.PARAM,
    ast.Let: Role.LET,
    ast.CellDeclaration: Role.CELL,
    ast.Dataset: Role.DATASET,
    ast.Optimizer: Role.OPTIMIZER,
    ast.Task: Role.TASK,
}


def _assigned(loop: ast.Loop) -> frozenset[str]:
    """The names that a round of a loop gives to something."""
    found: set[str] = set()
    for statement in loop.statements:
        if isinstance(statement, ast.Assign):
            found.update(word.text for word in statement.names)
        elif isinstance(statement, ast.Loop):
            found |= _assigned(statement)
    return frozenset(found)


class _Resolver:
    """Resolves the names of one declaration."""

    def __init__(self, node: ast.Declaration) -> None:
        self.found = Part(node)
        self._later: frozenset[str] = frozenset()
        self._families = _FAMILIES.get(type(node), frozenset())
        if isinstance(node, ast.CellDeclaration) and node.keyword == "loss":
            self._families |= {"loss"}
        self._of_columns = False

    def resolved(self, top: Names) -> Part:
        match self.found.node:
            case ast.Let(value=value) | ast.Dataset(value=value) | ast.Optimizer(value=value):
                self._expression(value, top)
            case ast.Param() as node:
                self._optional((node.default, node.bounds), top)
            case ast.CellDeclaration() as node:
                self._cell(node, top)
            case ast.Task() as node:
                self._task(node, top)
            case ast.Import():
                pass  # it has no expressions
            case _ as other:
                assert_never(other)
        return self.found

    @contextmanager
    def _expecting(self, families: frozenset[str]) -> Iterator[None]:
        """Words of these families fit what is looked at within; where none are named, those that
        fit around it."""
        before, self._families = self._families, families or self._families
        try:
            yield
        finally:
            self._families = before

    # ---- declaring

    def _block(self, span: Span, outer: Names) -> Names:
        block = Names(span, outer)
        self.found.blocks.append(block)
        return block

    def _declare(
        self,
        names: Names,
        word: ast.Word,
        role: Role,
        outer: Names | None = None,
    ) -> Declared:
        """A new name; it hides what ``outer`` (else what is around the block) has of that name."""
        around = outer or names.outer
        hides = around.find(word.text) if around is not None else None
        declared = Declared(word.text, word.span, role, hides)
        names.own[word.text] = declared
        self.found.declared.append(declared)
        return declared

    def _once(self, names: Names, word: ast.Word, role: Role) -> None:
        """A new name that the block must not have yet."""
        first = names.own.get(word.text)
        declared = self._declare(names, word, role)
        if first is not None and first.role is role:
            self.found.twice.append((first, declared))

    # ---- cells

    def _cell(self, node: ast.CellDeclaration, top: Names) -> None:
        names = self._block(node.span, top)
        for formal in node.formals:
            self._optional((formal.default,), names)
            self._once(names, formal.name, Role.FORMAL)
        _declare_damaged(names, node.damaged)
        if isinstance(node.body, ast.Preset):
            self._expression(node.body.value, names)
            return
        fields = self._block(node.body.span, names)
        _declare_damaged(fields, node.body.damaged)
        for each in node.body.fields:
            self._optional((each.value, each.condition), fields)
            self._field(fields, each.name, names)
        self._construct(node.body.construct, fields)

    def _field(self, fields: Names, word: ast.Word, formals: Names) -> None:
        first = formals.own.get(word.text)
        self._once(fields, word, Role.FIELD)
        if first is not None and first.role is Role.FORMAL:
            self.found.twice.append((first, fields.own[word.text]))

    def _construct(self, node: ast.Construct, fields: Names) -> None:
        outer = self._block(node.span, fields)
        for formal in node.formals:
            self._sizes(formal.type, outer)
        names = self._block(node.span, outer)
        for formal in node.formals:
            self._optional((formal.default,), names)
            self._once(names, formal.name, Role.INPUT)
        _declare_damaged(names, node.damaged)
        self._statements(node.statements, names, names, outer)
        for result in node.results:
            self._expression(result, names)
        for type in node.types:
            for name in _dimensions(type):
                if names.find(name.name) is not None:
                    self._use(name, names)

    def _sizes(self, type: ast.Type | None, names: Names) -> None:
        """Names in a tensor type that are new symbolic sizes."""
        for name in _dimensions(type):
            if names.find(name.name) is None:
                self._declare(names, ast.Word(name.name, name.span), Role.SIZE)
            else:
                self._use(name, names)

    def _statements(
        self, statements: tuple[ast.Statement, ...], seen: Names, construct: Names, outer: Names
    ) -> None:
        """Statements that see ``seen``; what they name is known after them in ``construct``."""
        for statement in statements:
            match statement:
                case ast.Assign():
                    self._expression(statement.value, seen)
                    for word in statement.names:
                        self._declare(construct, word, Role.ASSIGNED, outer)
                case ast.Damaged():
                    _declare_damaged(construct, [statement])
                case ast.Loop():
                    inner = self._block(statement.span, seen)
                    self._bindings(statement.bindings, inner)
                    # a round sees what the one before named; the first one is evaluation's matter
                    before, self._later = self._later, self._later | _assigned(statement)
                    self._statements(statement.statements, inner, construct, outer)
                    self._later = before
                case _:
                    assert_never(statement)

    # ---- tasks

    def _task(self, node: ast.Task, top: Names) -> None:
        seen: dict[str, ast.Word] = {}
        for attribute in node.attributes:
            with self._expecting(_of_attribute(attribute.name.text)):
                self._optional((attribute.value,), top)
            self._distinct(seen, attribute.name)
        names = self._block(node.span, top)
        files = [part for part in node.parts if isinstance(part, ast.File)]
        for file in files:
            self._expression(file.value, top)
        for file in files:
            self._once(names, file.name, Role.FILE)
        kind = task_kind(node.kind.text)
        more = None if kind is None else kind.names(node)
        if more is None:
            return  # what its statements may use is known once its attributes are
        for name in more - set(names.own):
            names.own[name] = Declared(name, node.name.span, Role.CAPTURE)
        _declare_damaged(names, node.damaged)
        with self._expecting(_OF_EDITS):
            self._parts(node.parts, names)

    def _distinct(self, seen: dict[str, ast.Word], word: ast.Word) -> None:
        first = seen.setdefault(word.text, word)
        if first is not word:
            pair = (Declared(w.text, w.span, Role.FIELD) for w in (first, word))
            self.found.twice.append((next(pair), next(pair)))

    def _parts(self, parts: tuple[ast.Part, ...], names: Names) -> None:
        for part in parts:
            match part:
                case ast.Rule():
                    self._rule(part, names)
                case ast.TaskWhen():
                    self._expression(part.condition, names)
                    self._parts((*part.then, *part.otherwise), names)
                case ast.TaskLoop():
                    inner = self._block(part.span, names)
                    self._bindings(part.bindings, inner)
                    self._parts(part.parts, inner)
                case ast.Ensure():
                    self._expression(part.condition, names)
                case ast.Attribute() | ast.Clause() | ast.File() | ast.Rest() | ast.Damaged():
                    pass  # looked at already, or without names
                case _:
                    assert_never(part)

    def _rule(self, rule: ast.Rule, names: Names) -> None:
        inner = self._block(rule.span, names)
        for operand in rule.operands:
            for name in captures(operand.path.text):
                inner.own[name] = Declared(name, operand.path.span, Role.CAPTURE)
        for name in ("it", "them"):
            inner.own[name] = Declared(name, rule.verb.span, Role.CAPTURE)
        self._optional((rule.condition, rule.value, rule.network), inner)

    # ---- expressions

    def _optional(self, nodes: Iterable[ast.Element | None], names: Names) -> None:
        for node in nodes:
            if node is not None:
                self._expression(node, names)

    def _expression(self, node: object, names: Names) -> None:
        if isinstance(node, ast.Name):
            self._use(node, names)
        elif isinstance(node, ast.Call):
            self._call(node, names)
        elif isinstance(node, ast.Comprehension):
            self._comprehension(node, names)
        else:
            for child in children(node):
                self._expression(child, names)

    def _use(self, node: ast.Name, names: Names) -> Use:
        name = node.name
        declared = names.find(name)
        known = declared is not None or name in NAMES or vocabulary().get(name) is not None
        known = known or name in self._later
        # which columns a dataset has is known once it is evaluated
        unknown = not known and not self._of_columns
        use = Use(name, node.span, declared, unknown, self._families)
        self.found.uses.append(use)
        return use

    def _call(self, node: ast.Call, names: Names) -> None:
        if isinstance(node.function, ast.Name):
            use = self._use(node.function, names)
            keywords = tuple(a.keyword for a in node.arguments if a.keyword is not None)
            self.found.calls.append(Call(use, node.span, keywords))
        else:
            self._expression(node.function, names)
        kind = vocabulary().get(getattr(node.function, "name", ""))
        outside = self._of_columns
        over = isinstance(kind, TransformKind) and kind.over_columns
        self._of_columns = outside or over
        for place, argument in enumerate(node.arguments):
            with self._expecting(_fitting(kind, place, argument.keyword)):
                self._expression(argument.value, names)
        self._of_columns = outside

    def _comprehension(self, node: ast.Comprehension, names: Names) -> None:
        inner = self._block(node.span, names)
        self._bindings(node.bindings, inner)
        for carry in node.carries:
            self._expression(carry.first, inner)
        for carry in node.carries:
            self._declare(inner, carry.name, Role.LOOP)
        for carry in node.carries:
            self._expression(carry.next, inner)
        for item in node.items:
            self._expression(item, inner)

    def _bindings(self, bindings: tuple[ast.Binding, ...], names: Names) -> None:
        for binding in bindings:
            self._expression(binding.source, names)
            for word in binding.names:
                self._declare(names, word, Role.LOOP)
