"""A word of the vocabulary with its arguments: an initializer, a loss, a transform, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from declspore.dataclass import dataclass
from declspore.ir.value import Described
from declspore.source import Span


class Arguments(Mapping[str, Any]):
    """Arguments bound to a signature: every name has a value, read as attribute or by name."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object] | None = None, **more: object) -> None:
        object.__setattr__(self, "_values", {**(values or {}), **more})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"no argument named {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("arguments are immutable")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def map(self, change: Callable[[object], object]) -> Arguments:
        """The same arguments with every leaf changed: of a list each item."""
        return Arguments({name: mapped(value, change) for name, value in self._values.items()})

    def leaves(self) -> Iterator[Any]:
        """The values in order, of a list each item."""
        return leaves(tuple(self._values.values()))

    def __repr__(self) -> str:
        return f"Arguments({self._values!r})"

    def __reduce__(self) -> tuple[type[Arguments], tuple[dict[str, object]]]:
        return Arguments, (dict(self._values),)


def mapped(value: object, change: Callable[[object], object]) -> object:
    """A value with every leaf changed. A list, which is a tuple here, is a tree of its items."""
    if isinstance(value, tuple):
        return tuple([mapped(item, change) for item in value])
    return change(value)


def leaves(value: object) -> Iterator[Any]:
    """The leaves of a value in order."""
    if isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@dataclass(frozen=True)
class Term(Described):
    """``word(arguments)`` of a family of the registry; ``span`` is where it was written."""

    family: str
    word: str
    arguments: Arguments
    span: Span | None = field(default=None, compare=False)

    @property
    def described(self) -> str:
        return f"the {self.family} `{self.word}`"

    def __str__(self) -> str:
        given = ", ".join(f"{name} = {show(value)}" for name, value in self.arguments.items())
        return f"{self.word}({given})"


@dataclass(frozen=True)
class Pipeline(Described):
    """A source and the transforms after it: a dataset."""

    source: Term
    steps: tuple[Term, ...] = ()
    span: Span | None = field(default=None, compare=False)

    def then(self, step: Term, span: Span) -> Pipeline:
        return Pipeline(self.source, (*self.steps, step), span)

    @property
    def described(self) -> str:
        return "a dataset"

    def __str__(self) -> str:
        return " |> ".join(str(term) for term in (self.source, *self.steps))


def pipeline_of(value: object) -> Pipeline | None:
    """A dataset as it is, a source as one without steps; None for anything else."""
    if isinstance(value, Term) and value.family == "source":
        return Pipeline(value, (), value.span)
    return value if isinstance(value, Pipeline) else None


def show(value: object) -> str:
    """A value as the spec language writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show(item) for item in value)}]"
    return str(value)
