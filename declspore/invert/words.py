"""How the words that values are made with are undone, exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declspore.ir.dtype import BOOL, DType
from declspore.ir.formula import Applied, EntryValue, Formula, PartOf, operands
from declspore.ir.subscripts import NEW, spread


class Lossy(Exception):
    """What a value was made of cannot be told from it; the message says why."""


Parts = list[tuple[Formula, str]]
"""What a value was made of, each with an expression that gives it back."""


def undone(formula: Formula, text: str) -> dict[EntryValue, str]:
    """For each entry a value was made of, the expression that gives it back, where ``text`` is
    one for the value. Raises Lossy."""
    match formula:
        case EntryValue():
            return {formula: text}
        case PartOf():
            raise Lossy("a part of it is left out")
        case Applied():
            found: dict[EntryValue, str] = {}
            for inner, expression in _undo(formula, text):
                for entry, back in undone(inner, expression).items():
                    found.setdefault(entry, back)
            return found


def _undo(formula: Applied, text: str) -> Parts:
    rule = UNDO.get(formula.word) if formula.family == "op" else None
    if rule is None:
        if not any(True for _ in operands(formula)):
            raise Lossy("its old values are replaced")
        raise Lossy(f"`{formula.word}` keeps no way back")
    return rule(formula, text)


# ---- words of one tensor


def _reshaped(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    return [(inner, f"reshape({text}, {_list(inner.type.shape)})")]


def _transposed(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    rank = len(inner.type.shape)
    axes = [axis % rank for axis in f.arguments.axis]
    back = [axes.index(axis) for axis in range(rank)]
    return [(inner, f"transpose({text}, {_list(back)})")]


def _swapped(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    return [(inner, f"swapaxes({text}, {f.arguments.axis0}, {f.arguments.axis1})")]


def _flipped(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    return [(inner, f"flip({text}, {f.arguments.axis})")]


def _rolled(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    return [(inner, f"roll({text}, {-f.arguments.shifts}, {f.arguments.dims})")]


def _indexed(f: Applied, text: str) -> Parts:
    """Slices that leave nothing out only turn axes around, or add some of size 1."""
    (inner,) = operands(f)
    parts = spread(f.arguments.parts, inner.type.rank)
    turned = [part for part in parts if part != NEW]
    known = ((None, None), (None, None, None), (None, None, 1), (None, None, -1))
    if any(part not in known for part in turned):
        raise Lossy("a slice leaves elements out")
    if NEW in parts:
        text = f"reshape({text}, {_list(inner.type.shape)})"
    if any(part[2:] == (-1,) for part in turned):
        steps = ["::-1" if part[2:] == (-1,) else ":" for part in turned]
        text = f"{text}[{', '.join(steps)}]"
    return [(inner, text)]


def _cast(f: Applied, text: str) -> Parts:
    (inner,) = operands(f)
    old, new = inner.type.dtype, f.type.dtype
    if not holds(new, old):
        raise Lossy(f"{new.short} does not hold every {old.short}")
    return [(inner, f"cast({text}, {old.short})")]


# ---- words of several tensors


def _concatenated(f: Applied, text: str) -> Parts:
    parts = list(operands(f))
    rank = len(f.type.shape)
    axis = f.arguments.axis % rank
    found, start = [], 0
    for part in parts:
        size = part.type.shape[axis]
        assert isinstance(size, int)
        places = [":"] * axis + [f"{start}:{start + size}"]
        found.append((part, f"{text}[{', '.join(places)}]"))
        start += size
    return found


def _stacked(f: Applied, text: str) -> Parts:
    axis = f.arguments.axis % len(f.type.shape)
    return [
        (part, f"{text}[{', '.join([':'] * axis + [str(index)])}]")
        for index, part in enumerate(operands(f))
    ]


UNDO: dict[str, Callable[[Applied, str], Parts]] = {
    "cast": _cast,
    "concat": _concatenated,
    "expand_dims": _reshaped,
    "flatten": _reshaped,
    "flip": _flipped,
    "getitem": _indexed,
    "reshape": _reshaped,
    "roll": _rolled,
    "squeeze": _reshaped,
    "stack": _stacked,
    "swapaxes": _swapped,
    "transpose": _transposed,
}
PARTS = {"chunk": "concat", "split": "concat", "unstack": "stack"}
"""Words whose results, all of them, are put together again by another."""

LOSES = frozenset({"broadcast_to", "gather", "repeat_interleave", "tile"})
"""Words that move elements, but not each to one place."""


# ---- values that were split


def together(parts: list[Formula]) -> tuple[Formula, str, list[int]]:
    """What several values were split from, the expression over ``them`` that makes it of them
    again, and the order they must be in. Raises Lossy."""
    first = parts[0]
    if isinstance(first, PartOf):
        whole = first.whole
        if any(not isinstance(part, PartOf) or part.whole != whole for part in parts):
            raise Lossy("the parts come of several values")
        places = [part.index for part in parts if isinstance(part, PartOf)]
        if sorted(places) != list(range(len(whole.types))) or whole.word not in PARTS:
            raise Lossy("a part of it is left out")
        (inner,) = operands(whole)
        order = sorted(range(len(parts)), key=places.__getitem__)
        return inner, f"{PARTS[whole.word]}(them, axis = {whole.arguments.axis})", order
    inner, axis, pieces = _slices(parts)
    order = sorted(range(len(parts)), key=pieces.__getitem__)
    end: Any = 0
    for start, stop in (pieces[index] for index in order):
        if start != end:
            raise Lossy("its parts are not all of it, each once")
        end = stop
    if end != inner.type.shape[axis]:
        raise Lossy("a part of it is left out")
    return inner, f"concat(them, axis = {axis})", order


def _slices(parts: list[Formula]) -> tuple[Formula, int, list[tuple[int, int]]]:
    """Parts that are slices of one value along one axis, as start and stop."""
    inners, axes, pieces = [], set(), []
    for part in parts:
        if not isinstance(part, Applied) or part.word != "getitem":
            raise Lossy("its parts are not put together again by any word")
        (inner,) = operands(part)
        inners.append(inner)
        for axis, place in enumerate(part.arguments.parts):
            size = inner.type.shape[axis]
            if not isinstance(place, tuple) or place[2:] not in ((), (None,), (1,)):
                raise Lossy("its parts are not whole slices")
            start, stop, _ = slice(*place).indices(int(str(size)))
            if (start, stop) != (0, size) or len(parts) == 1:
                axes.add(axis)
                pieces.append((start, stop))
    if any(inner != inners[0] for inner in inners) or len(axes) != 1 or len(pieces) != len(parts):
        raise Lossy("its parts are not slices of one value along one axis")
    return inners[0], axes.pop(), pieces


# ---- element types


def holds(wide: DType, narrow: DType) -> bool:
    """Whether every value of an element type is one of another, so that a cast and the cast back
    change nothing."""
    if wide == narrow:
        return True
    if narrow == BOOL:
        return wide.kind in ("int", "uint", "float")
    if wide.kind == narrow.kind == "float":
        return _digits(wide) >= _digits(narrow) and _exponent(wide) >= _exponent(narrow)
    if narrow.kind in ("int", "uint") and wide.kind in ("int", "uint", "float"):
        signed = narrow.kind == "int" and wide.kind == "uint"
        return not signed and _digits(wide) >= _digits(narrow)
    return False


def _digits(dtype: DType) -> int:
    """Binary digits of a number without its sign and exponent."""
    if dtype.kind == "float":
        return {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}.get(dtype.short, 0)
    return 8 * dtype.itemsize - (dtype.kind == "int")


def _exponent(dtype: DType) -> int:
    return {"f16": 5, "bf16": 8, "f32": 8, "f64": 11}.get(dtype.short, 0)


def _list(values: Any) -> str:
    return f"[{', '.join(map(str, values))}]"
