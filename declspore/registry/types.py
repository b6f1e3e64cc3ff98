"""The types an argument of the vocabulary may have: what is accepted, and what it becomes."""

from __future__ import annotations

from math import isfinite
from typing import Protocol

from declspore.dataclass import dataclass
from declspore.ir.amount import Amount
from declspore.ir.dtype import BY_NUMPY, BY_SHORT, STRING, DType
from declspore.ir.shape import Affine, Dim, sizes_of
from declspore.ir.term import Pipeline, Term, pipeline_of, show
from declspore.ir.timeline import Interval
from declspore.ir.value import EntriesLike, TensorLike
from declspore.spelling import closest


class Mismatch(Exception):
    """A value an argument cannot take; the message says why, ``help`` what would do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class ArgumentType(Protocol):
    """``name`` reads after "expected"; ``accept`` returns the value in its canonical form."""

    @property
    def name(self) -> str: ...

    def accept(self, value: object) -> object:
        """The canonical value. Raises :class:`Mismatch`."""


def families_of(type: ArgumentType) -> frozenset[str]:
    """The families of the vocabulary whose words a type takes; none where it takes no words."""
    own = getattr(type, "family", None)
    found = map(families_of, parts_of(type))
    return frozenset({own} if own else ()).union(*found)


def parts_of(type: ArgumentType) -> tuple[ArgumentType, ...]:
    """The types that a type is made of: of a list that of its items, of an alternative each."""
    if isinstance(type, Either):
        return type.types
    return (type.type,) if isinstance(type, Optional | ListOf | Repeated) else ()


def _expected(kind: ArgumentType, value: object) -> Mismatch:
    return Mismatch(f"expected {kind.name}, found {_describe(value)}")


def _describe(value: object) -> str:
    if isinstance(value, Term):
        return f"the {value.family} `{value.word}`"
    return f"`{show(value)}`"


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer, at least ``low``."""

    low: int | None = None

    @property
    def name(self) -> str:
        return {None: "an integer", 0: "an integer from 0", 1: "a positive integer"}[self.low]

    def accept(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _expected(self, value)
        if self.low is not None and value < self.low:
            raise _expected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Extent:
    """An integer, at least ``low``, or a size that is known only when the model runs."""

    low: int | None = None

    @property
    def name(self) -> str:
        return f"{Integer(self.low).name} or a size such as T"

    def accept(self, value: object) -> Dim:
        return value if isinstance(value, Affine) else Integer(self.low).accept(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as float; ``low`` and ``high`` are allowed, ``above`` is not. It is finite, except
    where it is no more than a value of elements, or a bound of them (``infinite``)."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    infinite: bool = False

    @property
    def name(self) -> str:
        parts = []
        if self.above is not None:
            parts.append(f"above {self.above:g}")
        if self.low is not None:
            parts.append(f"from {self.low:g}")
        if self.high is not None:
            parts.append(f"to {self.high:g}")
        return " ".join(["a number", *parts])

    def accept(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _expected(self, value)
        if not self.infinite and not isfinite(value):
            raise Mismatch(f"expected {self.name}, a finite one, found {_describe(value)}")
        too_low = (self.low is not None and value < self.low) or (
            self.above is not None and value <= self.above
        )
        if too_low or (self.high is not None and value > self.high):
            raise _expected(self, value)
        return float(value)


def takes_infinity(type: ArgumentType) -> bool:
    """Whether a type takes infinite numbers: those of elements, and bounds of them."""
    own = isinstance(type, Number) and type.infinite
    return own or any(map(takes_infinity, parts_of(type)))


@dataclass(frozen=True, slots=True)
class Boolean:
    name: str = "true or false"

    def accept(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise _expected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Text:
    name: str = 'a "text"'

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise _expected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Digest:
    """A SHA-256 in hexadecimal digits."""

    name: str = "a SHA-256, 64 hexadecimal digits"

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise _expected(self, value)
        if len(value) != 64 or set(value.lower()) - set("0123456789abcdef"):
            raise Mismatch(f"expected {self.name}", "sha256sum FILE prints it")
        return value.lower()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few texts."""

    options: tuple[str, ...]

    @property
    def name(self) -> str:
        return " or ".join(f'"{option}"' for option in self.options)

    def accept(self, value: object) -> str:
        if isinstance(value, str) and value in self.options:
            return value
        near = closest(value, self.options) if isinstance(value, str) else []
        help = f'did you mean "{near[0]}"?' if near else None
        raise Mismatch(f"expected {self.name}, found {_describe(value)}", help)


@dataclass(frozen=True, slots=True)
class Optional:
    """The type, or ``none``."""

    type: ArgumentType

    @property
    def name(self) -> str:
        return f"{self.type.name} or none"

    def accept(self, value: object) -> object:
        if value is None:
            return None
        try:
            return self.type.accept(value)
        except Mismatch as error:
            if not str(error).startswith("expected"):
                raise
            raise Mismatch(f"expected {self.name}, found {_describe(value)}", error.help) from None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one type; ``length`` fixes how many."""

    type: ArgumentType
    length: int | None = None

    @property
    def name(self) -> str:
        many = "a list" if self.length is None else f"a list of {self.length}"
        return f"{many} of [{self.type.name}, ...]"

    def accept(self, value: object) -> tuple[object, ...]:
        if isinstance(value, EntriesLike):
            value = value.each()
        if not isinstance(value, (list, tuple)):
            raise Mismatch(str(_expected(self, value)), self._of_one(value))
        if self.length is not None and len(value) != self.length:
            raise _expected(self, value)
        return tuple(self.type.accept(item) for item in value)

    def _of_one(self, value: object) -> str | None:
        """The list of a value that would do as its only item."""
        if self.length not in (None, 1) or not isinstance(value, int | float | str | Term):
            return None
        try:
            self.type.accept(value)
        except Mismatch:
            return None
        written = value.span.text if isinstance(value, Term) and value.span else show(value)
        return f"[{written}]"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number, or nested lists of numbers whose rows have one length: a tensor of any shape."""

    name: str = "a number or nested lists of numbers"

    def accept(self, value: object) -> object:
        if isinstance(value, (list, tuple)):
            rows = tuple(map(self.accept, value))
            if len(set(map(sizes_of, rows))) > 1:
                raise Mismatch("the rows of the tensor differ in length")
            return rows
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _expected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Repeated:
    """One value for all axes, or a list of ``count``; becomes the list."""

    type: ArgumentType
    count: int = 2

    @property
    def name(self) -> str:
        return f"{self.type.name} or a list of {self.count}"

    def accept(self, value: object) -> tuple[object, ...]:
        items = value if isinstance(value, (list, tuple)) else (value,) * self.count
        if len(items) != self.count:
            raise _expected(self, value)
        try:
            return tuple(self.type.accept(item) for item in items)
        except Mismatch:
            raise _expected(self, value) from None


@dataclass(frozen=True, slots=True)
class Either:
    """The first of several types that accepts."""

    types: tuple[ArgumentType, ...]

    @property
    def name(self) -> str:
        return " or ".join(kind.name for kind in self.types)

    def accept(self, value: object) -> object:
        for kind in self.types:
            try:
                return kind.accept(value)
            except Mismatch:
                continue
        raise _expected(self, value)


@dataclass(frozen=True, slots=True)
class IntervalType:
    """How often something recurs in a training, or how long it lasts: ``5 epochs``; ``10 min``,
    where ``times`` says so."""

    times: bool = False

    @property
    def name(self) -> str:
        also = " or a time" if self.times else ""
        return f"a number of steps or epochs{also}"

    def accept(self, value: object) -> Interval:
        try:
            found = Interval.of(value) if isinstance(value, Amount) else value
        except ValueError:
            found = None
        if not isinstance(found, Interval) or (found.is_time and not self.times):
            example = "1 epochs, 100 steps" + (", 10 min" if self.times else "")
            raise Mismatch(f"expected {self.name}, found {_describe(value)}", example)
        return found


@dataclass(frozen=True, slots=True)
class Steps:
    """A positive number of steps, or an amount of epochs or steps, which the plan counts in steps
    (:func:`declspore.registry.schedule.counted`)."""

    name: str = "a number of steps or epochs"

    def accept(self, value: object) -> int | Interval:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        found = IntervalType().accept(value)
        return int(found.amount) if found.unit == "step" else found


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset: a source, or one with steps after it."""

    name: str = "a dataset"

    def accept(self, value: object) -> Pipeline:
        found = pipeline_of(value)
        if found is None:
            raise _expected(self, value)
        return found


@dataclass(frozen=True, slots=True)
class ElementType:
    """An element type: ``f32``, ``i64``, ``bool``; with ``texts`` also ``str``."""

    texts: bool = False
    name: str = "an element type such as f32"

    def accept(self, value: object) -> DType:
        if not isinstance(value, DType) or (value is STRING and not self.texts):
            known = BY_NUMPY.get(value) if isinstance(value, str) else None
            known = known or (BY_SHORT.get(value) if isinstance(value, str) else None)
            raise Mismatch(str(_expected(self, value)), None if known is None else known.short)
        return value


@dataclass(frozen=True, slots=True)
class Shape:
    """A list of sizes, each an integer from 0 or a symbolic dimension."""

    symbolic: bool = False
    name: str = "a shape such as [2, 3]"

    def accept(self, value: object) -> tuple[Dim, ...]:
        if not isinstance(value, (list, tuple)):
            one = isinstance(value, int) and not isinstance(value, bool)
            raise Mismatch(str(_expected(self, value)), f"[{value}]" if one else None)
        for dim in value:
            plain = isinstance(dim, int) and not isinstance(dim, bool)
            if not plain and not (self.symbolic and isinstance(dim, Affine)):
                raise _expected(self, value)
            if plain and dim < 0 and not self.symbolic:
                raise _expected(self, value)
        return tuple(value)


@dataclass(frozen=True, slots=True)
class TermOf:
    """A word of one family of the vocabulary with its arguments; ``of_text`` is how one is written
    that is known by a text."""

    family: str
    of_text: str = ""

    @property
    def name(self) -> str:
        article = "an" if self.family[0] in "aeio" else "a"
        return f"{article} {self.family}"

    def accept(self, value: object) -> Term:
        if not isinstance(value, Term) or value.family != self.family:
            help = self.of_text.format(show(value)) if isinstance(value, str) else ""
            raise Mismatch(str(_expected(self, value)), help or None)
        return value


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that flows through ``construct``; numbers are taken where ``scalars`` says so."""

    scalars: bool = False
    name: str = "a tensor"

    def accept(self, value: object) -> object:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if isinstance(value, TensorLike | Affine) or (self.scalars and is_number):
            return value  # a size is a tensor where it is used as one
        raise _expected(self, value)


@dataclass(frozen=True, slots=True)
class Anything:
    """Taken as it is; the definition checks it."""

    name: str = "a value"

    def accept(self, value: object) -> object:
        return value
