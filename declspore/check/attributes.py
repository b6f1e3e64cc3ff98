"""The attributes of a task, evaluated on demand, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from declspore.check import errors
from declspore.check.datasets import Dataset, checked_dataset
from declspore.check.task import TaskKind
from declspore.elaborate.blocks import Block
from declspore.elaborate.loss import LossTemplate
from declspore.elaborate.network import elaborate
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern
from declspore.ir.term import Term
from declspore.language.domain import Evaluation
from declspore.language.errors import wrong_type
from declspore.language.foreign import Place, helps_for, meant
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Unknown, Value, describe
from declspore.registry.kind import Kind
from declspore.registry.loss import LossKind
from declspore.registry.table import vocabulary
from declspore.source import Span
from declspore.spelling import article, closest
from declspore.syntax import ast

T = TypeVar("T")


class Attributes:
    """The attributes of one task. Unknown and missing ones are reported when it is made."""

    def __init__(
        self, kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
    ) -> None:
        self.name = task.name
        self.evaluation = evaluation
        self.sink = evaluation.sink
        self._scope = scope
        self._given = {attribute.name.text: attribute for attribute in task.attributes}
        self._damaged = {word for place in task.damaged for word in place.words}
        self._report_names(kind, task)

    def _report_names(self, kind: TaskKind, task: ast.Task) -> None:
        known = [attribute.name for attribute in kind.attributes]
        # what damaged text may have named, and what is misspelled, is not missing, too
        given = {*self._given, *self._damaged}
        for attribute in task.attributes:
            word = attribute.name
            if word.text not in known:
                owner = f"`{kind.name}`"
                written = " ".join(attribute.value.span.text.split())
                problem = errors.unknown_attribute(word.span, owner, word.text, known, written)
                self.sink.report(problem)
                given |= meant(Place.ATTRIBUTE, word.text) or set(closest(word.text, known))
        needed = [attribute.name for attribute in kind.attributes if attribute.required]
        missing = [name for name in needed if name not in given]
        if missing:
            who = f"`{self.name.text}`"
            examples = [kind.example_of(name) for name in missing]
            self.sink.report(errors.missing_parts(self.name.span, who, missing, examples))

    def has(self, name: str) -> bool:
        return name in self._given

    def may_have(self, name: str) -> bool:
        """Whether an attribute is given, or named by text that could not be read."""
        return name in self._given or name in self._damaged

    def span(self, name: str) -> Span:
        """Where the value of an attribute is written; of one that is not given, the task's name."""
        return self._given[name].value.span if name in self._given else self.name.span

    def value(self, name: str, default: Value = UNKNOWN) -> Value:
        """The value of an attribute, or the default where it is not given."""
        attribute = self._given.get(name)
        if attribute is None:
            return default
        return self.evaluation.evaluate(attribute.value, self._scope)

    def known(self, name: str) -> Value | None:
        """The value of an attribute; None where it is not given or its problems are reported."""
        value = self.value(name, None)
        return None if value is UNKNOWN else value

    def expect(self, name: str, type: type[T], what: str) -> T | None:
        """The value if it is of a Python type; None where it is not given or another, which is
        reported."""
        value = self.known(name)
        if value is None:
            return None
        if isinstance(value, type) and not isinstance(value, bool):
            return value
        self.sink.report(wrong_type(self.span(name), what, describe(value)))
        return None

    def term(self, name: str, family: str) -> Term | None:
        """A word of a family with its arguments; None where it is not given or another, which is
        reported."""
        value = self.known(name)
        if value is None:
            return None
        if isinstance(value, Term) and value.family == family:
            return value
        self._report_other(name, family, f"{article(family)} {family}", value, None)
        return None

    def terms(
        self, name: str, family: str, example: str, inner: Sequence[str] = ()
    ) -> tuple[Term, ...] | None:
        """Words of a family, one or a list, maybe within a word of the families ``inner``; None
        where they are not given or others, which is reported."""
        value = self.known(name)
        if value is None:
            return None
        found: list[Term] = []
        items: tuple[Value, ...] = value if isinstance(value, tuple) else (value,)
        for item in items:
            if item is UNKNOWN:
                return None
            if not isinstance(item, Term) or _family(item, inner) != family:
                expected = f"{article(family)} {family} or a list of them"
                self._report_other(name, family, expected, item, example)
                return None
            found.append(item)
        return tuple(found)

    def network(self) -> Network | None:
        """The attribute ``network``, elaborated."""
        value = self.value("network", None)
        if value is None:
            return None
        return elaborate(self.evaluation, value, self.span("network"))

    def dataset(self, name: str = "dataset") -> Dataset | None:
        """A dataset whose samples are in batches."""
        value = self.value(name, None)
        if value is None:
            return None
        dataset = checked_dataset(value, self.span(name), self.sink)
        if dataset and not dataset.element.batched:
            reason = "the samples are not in batches"
            self.sink.report(errors.dataset_misfit(self.span(name), reason, None, "|> batch(32)"))
            return None
        return dataset

    def patterns(self, name: str, words: Sequence[str] = ()) -> tuple[Pattern, ...]:
        """A path or a list of them, in which some strings may be, too (:meth:`names_word`)."""
        value = self.value(name, ())
        items: tuple[Value, ...] = value if isinstance(value, tuple) else (value,)
        for item in items:
            if not isinstance(item, Pattern | Unknown) and item not in words:
                expected = " or ".join(["a list of [`path`, ...]", *(f'"{w}"' for w in words)])
                help = None
                if isinstance(item, str):
                    near = closest(item, words)
                    help = f'{name} = "{near[0]}"' if near else f"{name} = [`{item}`]"
                self.sink.report(wrong_type(self.span(name), expected, describe(item), help))
        return tuple(item for item in items if isinstance(item, Pattern))

    def names_word(self, name: str, word: str) -> bool:
        """Whether the value of an attribute is a string, or a list that has it."""
        value = self.value(name, ())
        return word in (value if isinstance(value, tuple) else (value,))

    def seed(self) -> int:
        """The attribute ``seed``; 0 where it is not given."""
        return self.expect("seed", int, "an integer") or 0

    def _report_other(
        self, name: str, family: str, expected: str, found: Value, example: str | None
    ) -> None:
        help = example
        if isinstance(found, Kind) and found.family == family:
            help = f"{found.name}{found.signature}"
        if isinstance(found, LossTemplate):
            help = found.usage
        if isinstance(found, Block) and family == LossKind.family:
            formals = ", ".join(each.span.text for each in found.declaration.formals)
            help = f"it is declared as a loss: loss {found.word}({formals}) {{ ... }}"
        if isinstance(found, str):
            help = next(iter(helps_for(Place.NAME, found)), _word_of(family, found) or help)
        if isinstance(found, Term) and (family, found.family) == ("metric", LossKind.family):
            written = " ".join((found.span.text if found.span else f"{found.word}()").split())
            help = f"loss = {written}, and metrics = [Loss()]"
        self.sink.report(wrong_type(self.span(name), expected, describe(found), help))


def _word_of(family: str, text: str) -> str | None:
    """The word of a family that a string names, with its arguments."""
    for kind in vocabulary():
        if kind.family == family and kind.name.casefold() == text.casefold():
            return f"{kind.name}{kind.signature}"
    return None


def _family(term: Term, inner: Sequence[str]) -> str:
    word = term.arguments.get("word") if term.family in inner else None
    return word.family if isinstance(word, Term) else term.family
