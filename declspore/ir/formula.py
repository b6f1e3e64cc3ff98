"""Values of an edit as expressions over entries of its inputs, computed when their turn comes.

Every type is known from headers. Results are kept in their element type where elements only move;
arithmetic is done in :func:`wide` types, and rounded once, where a value is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import prod
from typing import assert_never

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, show
from declspore.ir.value import TensorLike
from declspore.source import Span


class _Typed(TensorLike):
    """A tensor with a type."""

    __slots__ = ()

    @property
    def described(self) -> str:
        return f"a tensor {self.type}"  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class EntryValue(_Typed):
    """The value of an entry of an input; ``file`` counts the files of an input of several. Without
    a source it is a column of a dataset."""

    source: str
    file: int
    name: str
    type: TensorType

    def __str__(self) -> str:
        return f"{self.source}.`{self.name}`" if self.source else self.name


@dataclass(frozen=True, slots=True)
class Applied(_Typed):
    """``word(arguments)`` of the families ``op`` or ``tensor``, with formulas for its tensors.

    ``types`` are those of its results. ``moves`` is whether elements of the tensors only move.
    ``scratch`` is how many bytes are needed besides tensors and results while it is computed; None
    where that is twice its results.
    """

    family: str
    word: str
    arguments: Arguments
    types: tuple[TensorType, ...]
    moves: bool
    span: Span
    scratch: int | None = None

    @property
    def type(self) -> TensorType:
        return self.types[0]

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {show(value)}" for name, value in self.arguments.items())
        return f"{self.word}({shown})"


@dataclass(frozen=True, slots=True)
class PartOf(_Typed):
    """One of several results."""

    whole: Applied
    index: int

    @property
    def type(self) -> TensorType:
        return self.whole.types[self.index]

    def __str__(self) -> str:
        return f"{self.whole}[{self.index}]"


Formula = EntryValue | Applied | PartOf


def wide(dtype: DType) -> DType:
    """The element type arithmetic is done in: half precision is widened to float32."""
    return FLOAT32 if dtype.has_floats and dtype.itemsize < 4 else dtype


def formulas_in(values: Iterable[object]) -> Iterator[Formula]:
    """The formulas among values."""
    return (value for value in values if isinstance(value, EntryValue | Applied | PartOf))


def map_formulas(arguments: Arguments, change: Callable[[Formula], object]) -> Arguments:
    """Arguments with every formula changed."""
    return arguments.map(
        lambda value: change(value) if isinstance(value, EntryValue | Applied | PartOf) else value
    )


def operands(formula: Formula) -> tuple[Formula, ...]:
    """The formulas a formula is made of directly."""
    match formula:
        case EntryValue():
            return ()
        case PartOf(whole):
            return (whole,)
        case Applied(arguments=arguments):
            return tuple(formulas_in(arguments.leaves()))
        case _:
            assert_never(formula)


def words(formula: Formula) -> Iterator[Applied]:
    """Every word a formula is made with."""
    waiting = [formula]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Applied):
            yield current
        waiting.extend(operands(current))


def entries(formula: Formula) -> tuple[EntryValue, ...]:
    """The entries a formula reads, each once, in the order they are found."""
    found: dict[EntryValue, None] = {}
    waiting = [formula]
    while waiting:
        current = waiting.pop()
        if isinstance(current, EntryValue):
            found[current] = None
        waiting.extend(reversed(operands(current)))
    return tuple(found)


def uses(formula: Formula) -> Counter[EntryValue]:
    """How often computing a formula asks for each entry: parts of one result compute it once."""
    found: Counter[EntryValue] = Counter()
    wholes: set[int] = set()
    waiting = [formula]
    while waiting:
        current = waiting.pop()
        if isinstance(current, EntryValue):
            found[current] += 1
        if isinstance(current, PartOf):
            if id(current.whole) in wholes:
                continue
            wholes.add(id(current.whole))
        waiting.extend(operands(current))
    return found


def only_moves(formula: Formula) -> bool:
    """Whether every element of the result is an element of an entry, as it was."""
    match formula:
        case EntryValue():
            return True
        case PartOf(whole):
            return only_moves(whole)
        case Applied(moves=moves):
            return moves and all(
                only_moves(inner) or _is_places(inner, formula) for inner in operands(formula)
            )
        case _:
            assert_never(formula)


def _is_places(inner: Formula, outer: Formula) -> bool:
    """Whether a formula only decides which elements are taken."""
    return (
        not entries(inner) and inner.type.dtype.is_integer and inner.type.dtype != outer.type.dtype
    )


def replaced(formula: Formula, other: Callable[[EntryValue], EntryValue]) -> Formula:
    """A formula of moves over other entries of the same shapes, whatever their element types."""
    match formula:
        case EntryValue():
            return other(formula)
        case PartOf(whole, index):
            inner = replaced(whole, other)
            assert isinstance(inner, Applied)
            return PartOf(inner, index)
        case Applied():
            arguments = map_formulas(formula.arguments, lambda inner: replaced(inner, other))
            first = next(formulas_in(arguments.leaves()), None)
            dtype = formula.type.dtype if first is None else first.type.dtype
            types = tuple(TensorType(dtype, type.shape) for type in formula.types)
            return replace(formula, arguments=arguments, types=types)
        case _:
            assert_never(formula)


def peak_bytes(formula: Formula) -> int:
    """Most bytes in memory at once while a formula is computed and its result is written."""
    peak, held = _cost(formula)
    return max(peak, held + _nbytes(formula.type))


def _cost(formula: Formula) -> tuple[int, int]:
    """Most bytes while computing, and those of the result."""
    if isinstance(formula, EntryValue):
        size = _nbytes(formula.type)
        return size, size
    if isinstance(formula, PartOf):
        return _cost(formula.whole)
    peak, held = 0, 0
    for inner in operands(formula):
        inner_peak, result = _cost(inner)
        peak = max(peak, held + inner_peak)
        held += result if formula.moves else result + _widening(inner.type)
    result = sum(_nbytes(TensorType(wide(type.dtype), type.shape)) for type in formula.types)
    scratch = _scratch(formula, result)
    if not formula.moves:
        scratch += _more(formula, held)
    return max(peak, held + result + scratch), result


def _scratch(formula: Applied, result: int) -> int:
    if formula.scratch is not None:
        return formula.scratch
    return 0 if formula.moves else 2 * result


_BLOCK = 4 << 20


def _more(formula: Applied, held: int) -> int:
    """What computing takes of large tensors besides results: a block of wider numbers, and a mask
    of the elements."""
    elements = sum(_nbytes(type) // type.dtype.itemsize for type in formula.types)
    return 0 if held < _BLOCK else _BLOCK + elements


def _widening(type: TensorType) -> int:
    broad = wide(type.dtype)
    return 0 if broad == type.dtype else _nbytes(TensorType(broad, type.shape))


def _nbytes(type: TensorType) -> int:
    sizes = [size for size in type.shape if isinstance(size, int)]
    return prod(sizes) * type.dtype.itemsize
