"""Values that would have the shape and type a parameter needs: an expression over ``it``."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt

from declspore.ir.header import HeaderEntry

_TOKENS = (1, 0, 2)
"""How many positions may come before those of an image: a class token, none, a distilled one."""


def cast(expression: str, found: HeaderEntry, wanted: HeaderEntry) -> str | None:
    """The expression in the type of the parameter; None between kinds of numbers."""
    if found.dtype == wanted.dtype:
        return expression
    kinds = {"float" if e.dtype.has_floats else e.dtype.kind for e in (found, wanted)}
    if len(kinds) > 1:
        return None
    return f"cast({expression}, {wanted.dtype.short})"


def channels(found: HeaderEntry, wanted: HeaderEntry) -> str | None:
    """A convolution over another number of input channels, with the response to grey kept."""
    old, new = found.shape, wanted.shape
    if len(old) != len(new) or len(old) < 3 or (old[0], *old[2:]) != (new[0], *new[2:]):
        return None
    one = "it" if old[1] == 1 else "sum(it, axis = 1, keep_dims = true)"
    if new[1] == 1:
        return one
    reps = ", ".join(str(new[1] if axis == 1 else 1) for axis in range(len(new)))
    return f"tile({one}, [{reps}]) / {new[1]}"


def positions(found: HeaderEntry, wanted: HeaderEntry) -> str | None:
    """A position embedding of another length: an image's grid resized with its tokens left as
    they are, a text's positions cut or interpolated."""
    old, new = found.shape, wanted.shape
    if "pos" not in found.name or len(old) != len(new) or len(old) not in (2, 3):
        return None
    if old[-1] != new[-1] or (len(old) == 3 and (old[0], new[0]) != (1, 1)):
        return None
    axis, before, after, width = len(old) - 2, old[-2], new[-2], new[-1]
    for tokens in _TOKENS:
        grid, larger = isqrt(max(before - tokens, 0)), isqrt(max(after - tokens, 0))
        if grid > 1 < larger and grid**2 + tokens == before and larger**2 + tokens == after:
            return _grid(axis, tokens, grid, larger, width)
    index = ":, " * axis
    if after < before:
        return f"it[{index}0:{after}]"
    return f"resize(it, [{after}], axes = [{axis}])"


def _grid(axis: int, tokens: int, grid: int, larger: int, width: int) -> str:
    index = ":, " * axis
    cells = f"it[{index}{tokens}:]" if tokens else "it"
    lead = "1, " * axis
    resized = (
        f"reshape(resize(reshape({cells}, [{grid}, {grid}, {width}]), [{larger}, {larger}], "
        f'axes = [0, 1], mode = "cubic"), [{lead}{larger**2}, {width}])'
    )
    if not tokens:
        return resized
    return f"concat([it[{index}0:{tokens}], {resized}], axis = {axis})"


def first_rows(found: HeaderEntry, wanted: HeaderEntry) -> str | None:
    """The first of more rows, such as classes of a head."""
    old, new = found.shape, wanted.shape
    if not new or len(old) != len(new) or old[1:] != new[1:] or old[0] < new[0]:
        return None
    return f"it[0:{new[0]}]"


def initial(wanted: HeaderEntry) -> str:
    """A first value by the shape and the name: scales and variances 1, shifts and means 0."""
    shape = f"[{', '.join(map(str, wanted.shape))}]"
    dtype = "" if wanted.dtype.short == "f32" else f", dtype = {wanted.dtype.short}"
    leaf = wanted.name.rpartition(".")[2]
    if leaf in ("gamma", "moving_variance"):
        return f"ones({shape}{dtype})"
    if len(wanted.shape) < 2:
        return f"zeros({shape}{dtype})"
    return f"normal({shape}, std = 0.02, seed = 1{dtype})"


def remedies(found: HeaderEntry, wanted: HeaderEntry, *, slices: bool) -> Iterator[str]:
    """Expressions that give the shape of the parameter, the most telling first."""
    for remedy in (positions, channels, *((first_rows,) if slices else ())):
        expression = remedy(found, wanted)
        if expression is not None:
            yield expression
