"""Sizes that only run time knows, as computations on the sizes of tensors that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from declspore.ir.shape import Affine, Atom, Dim, Product, Quotient, Shape, Symbol

Computation = int | list["Computation | str"]
"""A number; ``["size", tensor, axis]``; ``["sum", constant, factor, computation, ...]``;
``["quotient", computation, divisor]``; ``["product", computation, ...]``."""


class Sizes:
    """What the sizes of some tensors say, by their shapes: an axis that is one unknown atom and
    else known, such as ``2*H + 1``, says what that atom is."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._axes: dict[Dim, Computation] = {}
        self._atoms: dict[Atom, Computation] = {}
        places = [(n, axis) for n, shape in enumerate(shapes) for axis in range(len(shape))]
        for n, axis in places:
            self._axes.setdefault(shapes[n][axis], ["size", n, axis])
        while any(self._learns(shapes[n][axis], ["size", n, axis]) for n, axis in places):
            pass

    def of(self, dim: Dim) -> Computation | None:
        """How a size is computed; None where these tensors do not say it."""
        if isinstance(dim, int):
            return dim
        if dim in self._axes:
            return self._axes[dim]
        parts: list[Computation | str] = ["sum", dim.constant]
        for atom, factor in dim.terms:
            found = self._of_atom(atom)
            if found is None:
                return None
            parts += [factor, found]
        return parts

    def _of_atom(self, atom: Atom) -> Computation | None:
        if atom in self._atoms:
            return self._atoms[atom]
        match atom:
            case Symbol():
                return None
            case Quotient():
                inner = self.of(atom.numerator)
                return None if inner is None else ["quotient", inner, atom.divisor]
            case Product():
                factors = [self._of_atom(factor) for factor in atom.factors]
                known = [factor for factor in factors if factor is not None]
                return ["product", *known] if len(known) == len(factors) else None
            case _:
                assert_never(atom)

    def _learns(self, dim: Dim, size: Computation) -> bool:
        """Whether an axis says what an atom is that was not known before."""
        if not isinstance(dim, Affine):
            return False
        unknown = [(atom, factor) for atom, factor in dim.terms if self._of_atom(atom) is None]
        if len(unknown) != 1:
            return False
        ((atom, factor),) = unknown
        rest: list[Computation | str] = ["sum", -dim.constant, 1, size]
        for other, times in dim.terms:
            known = self._of_atom(other)
            if known is not None:
                rest += [-times, known]
        alone = dim == Affine(0, ((atom, 1),))
        self._atoms[atom] = size if alone else ["quotient", rest, factor]
        return True


def tensors_of(computation: Computation) -> Iterator[int]:
    """The numbers of the tensors that a computation asks."""
    if isinstance(computation, list):
        if computation[0] == "size":
            yield int(str(computation[1]))
            return
        for part in computation[1:]:
            if isinstance(part, list):
                yield from tensors_of(part)
