"""Sizes of axes that a network is traced for every value of, as scripts compute with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from declspore.ir.shape import Affine, Dim

Sizes = int | Sequence[int]
"""A shape, or the size of the only axis."""


class NeedsSize(Exception):
    """Raised where a script needs the number itself: the network is then traced for that one."""


class Size:
    """The size of an axis that may be any, such as the batch's. Arithmetic gives further ones."""

    __slots__ = ("dim",)

    def __init__(self, dim: Affine) -> None:
        self.dim = dim

    def __add__(self, other: int | Size) -> int | Size:
        return sized(self.dim + bare(other))

    __radd__ = __add__

    def __sub__(self, other: int | Size) -> int | Size:
        return sized(self.dim - bare(other))

    def __rsub__(self, other: int | Size) -> int | Size:
        return sized(bare(other) - self.dim)

    def __mul__(self, other: int | Size) -> int | Size:
        return sized(self.dim * bare(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> int | Size:
        if isinstance(other, int) and not isinstance(other, bool) and other:
            return sized(self.dim // other)
        raise NeedsSize

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Size) and other.dim == self.dim:
            return True
        if isinstance(other, int | Size):
            raise NeedsSize
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.dim)

    def _unknown(self, *_: object) -> NoReturn:
        raise NeedsSize

    __lt__ = __le__ = __gt__ = __ge__ = __rfloordiv__ = __truediv__ = __rtruediv__ = _unknown
    __mod__ = __rmod__ = __pow__ = __rpow__ = __int__ = __index__ = __float__ = __bool__ = _unknown
    __neg__ = __abs__ = _unknown

    def __repr__(self) -> str:
        return str(self.dim)


def sized(dim: Dim) -> int | Size:
    """A size for a script."""
    return Size(dim) if isinstance(dim, Affine) else dim


def bare(size: int | Size) -> Dim:
    """A size as shapes have it."""
    return size.dim if isinstance(size, Size) else size
