"""Shapes whose dimensions may stay symbolic.

A dimension is an ``int`` or an :class:`Affine` form: an integer constant plus integer multiples
of atoms. An atom is a :class:`Symbol` (``B``, ``H``), a :class:`Quotient` that does not divide
evenly, or a :class:`Product` of such. Forms are kept canonical, so two dimensions
are known to be equal exactly when they compare equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from typing import assert_never

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType


@dataclass(frozen=True, slots=True)
class Symbol:
    """A dimension known only by name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Quotient:
    """``numerator // divisor``, rounded down."""

    numerator: Affine
    divisor: int

    def __str__(self) -> str:
        return f"({self.numerator}) // {self.divisor}"


@dataclass(frozen=True, slots=True)
class Product:
    """The product of several atoms, none of them a product, in the order of their names."""

    factors: tuple[Atom, ...]

    def __str__(self) -> str:
        return "*".join(f"({f})" if isinstance(f, Quotient) else str(f) for f in self.factors)


Atom = Symbol | Quotient | Product


@dataclass(frozen=True, slots=True)
class Affine:
    """``constant + sum(coefficient * atom)``; made by arithmetic, never by hand."""

    constant: int
    terms: tuple[tuple[Atom, int], ...]

    def __add__(self, other: Dim) -> Dim:
        return _combine(self, _form(other), 1)

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        return _combine(self, _form(other), -1)

    def __rsub__(self, other: Dim) -> Dim:
        return _combine(_form(other), self, -1)

    def __neg__(self) -> Dim:
        return self * -1

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, Affine):
            return _multiply(self, other)
        return _normal(self.constant * other, {atom: c * other for atom, c in self.terms})

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Dim:
        return _floor_divide(self, divisor)

    def __str__(self) -> str:
        signs = {1: "", -1: "-"}
        parts = [f"{signs.get(c, f'{c}*')}{atom}" for atom, c in self.terms]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return " + ".join(parts).replace("+ -", "- ")


Dim = int | Affine
Shape = tuple[Dim, ...]


def symbol(name: str) -> Affine:
    """The dimension that is known only as ``name``."""
    return Affine(0, ((Symbol(name), 1),))


def ceil_divide(dim: Dim, divisor: int) -> Dim:
    """``dim / divisor`` rounded up."""
    return (dim + (divisor - 1)) // divisor


def product(dims: Shape) -> Dim:
    """The number of elements of a shape."""
    total: Dim = 1
    for dim in dims:
        total = dim * total
    return total


def exact_quotient(dim: Dim, divisor: Dim) -> Dim | None:
    """``dim / divisor``; None where it is not known to be an integer. A divisor of several terms
    divides only its own multiples by integers."""
    if isinstance(divisor, Affine) and (divisor.constant or len(divisor.terms) > 1):
        factor = _form(dim).terms[0][1] // divisor.terms[0][1] if _form(dim).terms else 0
        return factor if divisor * factor == dim else None
    atoms, number = _factors_of(divisor)
    found: Dim = 0
    parts = [(factor, _factors(atom)) for atom, factor in _form(dim).terms]
    for factor, held in [*parts, (_form(dim).constant, ())]:
        left = list(held)
        if not factor:
            continue
        if factor % number or any(left.count(atom) < atoms.count(atom) for atom in atoms):
            return None
        for atom in atoms:
            left.remove(atom)
        found = (
            product(tuple(Affine(0, ((atom, 1),)) for atom in left)) * (factor // number) + found
        )
    return found


def _factors_of(dim: Dim) -> tuple[tuple[Atom, ...], int]:
    """The atoms and the number that a size of one term is the product of."""
    if isinstance(dim, int):
        return (), dim
    ((atom, factor),) = dim.terms
    return _factors(atom), factor


def static(shape: Shape) -> tuple[int, ...] | None:
    """The shape as plain integers, or None where a dimension is symbolic."""
    plain = tuple(dim for dim in shape if isinstance(dim, int))
    return plain if len(plain) == len(shape) else None


def evaluate(dim: Dim, sizes: Mapping[str, Dim]) -> Dim:
    """The dimension with symbols replaced by their sizes; others stay."""
    if isinstance(dim, int):
        return dim
    total: Dim = dim.constant
    for atom, coefficient in dim.terms:
        total = _evaluate(atom, sizes) * coefficient + total
    return total


def _evaluate(atom: Atom, sizes: Mapping[str, Dim]) -> Dim:
    match atom:
        case Symbol():
            return sizes.get(atom.name, Affine(0, ((atom, 1),)))
        case Quotient():
            return evaluate(atom.numerator, sizes) // atom.divisor
        case Product():
            total: Dim = 1
            for factor in atom.factors:
                total = _evaluate(factor, sizes) * total
            return total
        case _:
            assert_never(atom)


def symbols(dim: Dim) -> set[str]:
    """The names of the symbols within a dimension."""
    if isinstance(dim, int):
        return set()
    found: set[str] = set()
    waiting: list[Atom] = [atom for atom, _ in dim.terms]
    while waiting:
        atom = waiting.pop()
        match atom:
            case Symbol():
                found.add(atom.name)
            case Quotient():
                waiting += [inner for inner, _ in atom.numerator.terms]
            case Product():
                waiting += atom.factors
            case _:
                assert_never(atom)
    return found


def solve(wanted: Shape, found: Shape, sizes: dict[str, Dim]) -> tuple[int, ...]:
    """Note what the symbols of one shape stand for where it is another; give the axes along which
    it cannot be.

    A form of one symbol that is not noted yet, such as ``2*H + 1``, is solved for a positive
    integer; of several, it is left open until the others are noted.
    """
    left = dict(enumerate(zip(wanted, found, strict=True)))
    wrong: list[int] = []
    progress = True
    while progress:
        progress = False
        for axis, (dim, size) in list(left.items()):
            unknown = symbols(dim) - sizes.keys()
            if len(unknown) > 1:
                continue
            del left[axis]
            progress = True
            if not unknown:
                if evaluate(dim, sizes) != size:
                    wrong.append(axis)
                continue
            value = _solution(evaluate(dim, sizes), size)
            if value is not None:
                sizes[unknown.pop()] = value
            elif _is_multiple(dim):
                wrong.append(axis)
    return tuple(sorted(wrong))


def _is_multiple(dim: Dim) -> bool:
    return isinstance(dim, Affine) and all(isinstance(atom, Symbol) for atom, _ in dim.terms)


def _solution(dim: Dim, size: Dim) -> Dim | None:
    """What the one symbol of ``dim`` is where that is ``size``; None if that is not a positive
    integer."""
    if not isinstance(dim, Affine) or len(dim.terms) != 1:
        return None
    ((atom, factor),) = dim.terms
    if not isinstance(atom, Symbol):
        return None
    rest = size - dim.constant
    if isinstance(rest, int):
        return rest // factor if rest % factor == 0 and rest // factor > 0 else None
    return rest if factor == 1 else None


def sizes_of(value: object) -> tuple[int, ...]:
    """The shape of a number or of nested lists of numbers, whose rows have one length."""
    if not isinstance(value, (list, tuple)):
        return ()
    return (len(value), *(sizes_of(value[0]) if value else ()))


def show_shape(shape: Shape) -> str:
    return f"[{', '.join(str(dim) for dim in shape)}]"


@dataclass(frozen=True, slots=True)
class TensorType:
    """What is known of a tensor before it exists: element type and shape."""

    dtype: DType
    shape: Shape

    @property
    def rank(self) -> int:
        return len(self.shape)

    def with_shape(self, shape: Shape) -> TensorType:
        return TensorType(self.dtype, shape)

    def __str__(self) -> str:
        return f"{self.dtype.short}{show_shape(self.shape)}"


def _form(dim: Dim) -> Affine:
    return dim if isinstance(dim, Affine) else Affine(dim, ())


def _normal(constant: int, terms: dict[Atom, int]) -> Dim:
    kept = tuple(sorted(((a, c) for a, c in terms.items() if c), key=lambda item: str(item[0])))
    return Affine(constant, kept) if kept else constant


def _combine(left: Affine, right: Affine, sign: int) -> Dim:
    terms = dict(left.terms)
    for atom, coefficient in right.terms:
        terms[atom] = terms.get(atom, 0) + sign * coefficient
    return _normal(left.constant + sign * right.constant, terms)


def _multiply(left: Affine, right: Affine) -> Dim:
    terms: dict[Atom, int] = {}
    for one, factor in left.terms:
        terms[one] = terms.get(one, 0) + factor * right.constant
        for other, second in right.terms:
            both = Product(tuple(sorted((*_factors(one), *_factors(other)), key=str)))
            terms[both] = terms.get(both, 0) + factor * second
    for other, second in right.terms:
        terms[other] = terms.get(other, 0) + left.constant * second
    return _normal(left.constant * right.constant, terms)


def _factors(atom: Atom) -> tuple[Atom, ...]:
    return atom.factors if isinstance(atom, Product) else (atom,)


def _floor_divide(form: Affine, divisor: int) -> Dim:
    """Rounded down; what divides evenly leaves the quotient, nested quotients become one."""
    if divisor <= 0:
        raise ValueError(f"a dimension cannot be divided by {divisor}")
    whole = {atom: c // divisor for atom, c in form.terms if c % divisor == 0}
    rest = {atom: c for atom, c in form.terms if c % divisor}
    quotient, remainder = divmod(form.constant, divisor)
    exact = _normal(quotient, whole)
    if not rest:
        return exact
    return _quotient(_normal(remainder, rest), divisor) + exact


def _quotient(numerator: Dim, divisor: int) -> Dim:
    form = _form(numerator)
    if len(form.terms) == 1:
        atom, coefficient = form.terms[0]
        if coefficient == 1 and isinstance(atom, Quotient):
            inner = atom.numerator + form.constant * atom.divisor
            return _floor_divide(_form(inner), atom.divisor * divisor)
    common = gcd(divisor, *(c for _, c in form.terms))
    if common > 1:
        reduced = _normal(form.constant // common, {a: c // common for a, c in form.terms})
        return _floor_divide(_form(reduced), divisor // common)
    if divisor == 1:
        return numerator
    return Affine(0, ((Quotient(form, divisor), 1),))
