"""Tasks and the rules of edits: rules of the grammar to their nodes."""

from __future__ import annotations

from typing import TypeGuard

from lark import Token
from lark.tree import Meta

from declspore.syntax import ast, errors
from declspore.syntax.building.places import Children, Places, every

_ARROWS = ("to", "as", "into", "becomes")


class Tasks(Places):
    """A method for each rule, called by its name."""

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
        return ast.Clause(self._word(word), texts, every(rest, ast.Modifier), self._span(meta))

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
        bindings = every(children, ast.Binding)
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


# Keywords of Python cannot be names of methods.
setattr(Tasks, "except", Tasks.except_)
setattr(Tasks, "from", Tasks.from_)


def _is_target(part: ast.Part) -> TypeGuard[ast.Rule]:
    """Whether a rule is the new name of the one before it: ``rename `a` to `b```."""
    return isinstance(part, ast.Rule) and part.verb.text in _ARROWS
