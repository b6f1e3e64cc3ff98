"""Initializers that make a matrix as a whole (mindspore.common.initializer, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.registry.initializer import Drawn, InitializerKind, Shape
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number

if TYPE_CHECKING:  # NumPy is handed in
    from numpy.random import Generator


def _orthogonal(np: Ops, source: Generator, a: Arguments, shape: Shape) -> Array:
    """Rows (or columns, where there are fewer) at right angles, each of length ``gain``."""
    rows, columns = shape[0], int(np.prod(shape[1:]))
    flat = source.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))
    return ((q if rows >= columns else q.T) * a.gain).reshape(shape)


def _identity(np: Ops, source: Generator, a: Arguments, shape: Shape) -> Array:
    return np.eye(*shape)


def _sparse(np: Ops, source: Generator, a: Arguments, shape: Shape) -> Array:
    """In each column a share of zeros, the rest normal."""
    rows, columns = shape
    values = source.standard_normal(shape) * a.sigma
    zeros = int(np.ceil(a.sparsity * rows))
    for column in range(columns):
        values[source.permutation(rows)[:zeros], column] = 0
    return values


def _dirac(np: Ops, source: Generator, a: Arguments, shape: Shape) -> Array:
    values = np.zeros(shape)
    each = shape[0] // a.groups
    middle = tuple(size // 2 for size in shape[2:])
    for group in range(a.groups):
        for channel in range(min(each, shape[1])):
            values[(group * each + channel, channel, *middle)] = 1
    return values


def _drawn(
    draw: Callable[[Ops, Generator, Arguments, Shape], Array], ranks: tuple[int, ...]
) -> Callable[[Arguments, Shape], Drawn]:
    def distribution(a: Arguments, shape: Shape) -> Drawn:
        if len(shape) not in ranks:
            wanted = " or ".join(map(str, ranks))
            raise Misfit(f"it takes parameters of {wanted} axes, not {list(shape)}")
        if shape[0] % a.get("groups", 1):
            raise Misfit(
                f"the first axis of {list(shape)} is not a multiple of groups = {a.groups}"
            )
        return Drawn(lambda np, source: draw(np, source, a, shape))

    return distribution


KINDS = (
    InitializerKind(
        name="Orthogonal",
        signature=signature(Argument("gain", Number(), 1.0, "length of each row")),
        summary="Rows at right angles to each other.",
        example="Orthogonal()",
        distribution=_drawn(_orthogonal, (2, 3, 4, 5)),
        aliases=("orthogonal",),
    ),
    InitializerKind(
        name="IdentityMatrix",
        signature=signature(),
        summary="1 on the diagonal of a matrix, else 0: MindSpore's Identity, here a cell.",
        example="IdentityMatrix()",
        distribution=_drawn(_identity, (2,)),
        aliases=("identity",),
    ),
    InitializerKind(
        name="Sparse",
        signature=signature(
            Argument("sparsity", Number(0.0, 1.0), help="share of zeros in each column"),
            Argument("sigma", Number(above=0.0), 0.01, "standard deviation of the others"),
        ),
        summary="Normal with a share of zeros in each column of a matrix.",
        example="Sparse(0.1)",
        distribution=_drawn(_sparse, (2,)),
    ),
    InitializerKind(
        name="Dirac",
        signature=signature(Argument("groups", Integer(1), 1, "of the convolution")),
        summary="A convolution's weight that hands its input channels on.",
        example="Dirac()",
        distribution=_drawn(_dirac, (3, 4, 5)),
    ),
)
