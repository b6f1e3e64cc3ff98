"""First values of parameters.

Every parameter draws from its own generator, seeded by the seed and its path: adding a cell does
not change the values of the others, and every backend starts from the same numbers.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, assert_never

from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Term
from declspore.registry.initializer import (
    Constant,
    Distribution,
    Drawn,
    Gaussian,
    InitializerKind,
    Truncated,
    Uniform,
)
from declspore.registry.table import vocabulary

if TYPE_CHECKING:  # NumPy is handed in
    from numpy.random import Generator


def distribution(init: Term, shape: tuple[int, ...]) -> Distribution:
    """What the first value of a parameter of a shape, in MindSpore's layout, is drawn from."""
    kind = vocabulary().of(InitializerKind, init.word)
    return kind.distribution(init.arguments, shape)


def first_value(np: Ops, init: Term, shape: tuple[int, ...], path: str, seed: int) -> Array:
    """The value a parameter starts from, as float32 in MindSpore's layout; ``np`` is NumPy."""
    found = _drawn(np, init, shape, path, seed)
    row = init.arguments.get("zero_row")
    if row is not None:
        found[row] = 0.0
    return found


def _drawn(np: Ops, init: Term, shape: tuple[int, ...], path: str, seed: int) -> Array:
    match distribution(init, shape):
        case Constant(value):
            return np.full(shape, value, np.float32)
        case Uniform(low, high):
            numbers = _generator(np, path, seed).random(shape, np.float32)
            return numbers * np.float32(high - low) + np.float32(low)
        case Gaussian(mean, deviation):
            numbers = _generator(np, path, seed).standard_normal(shape, np.float32)
            return numbers * np.float32(deviation) + np.float32(mean)
        case Truncated(mean, deviation, low, high):
            numbers = _truncated(np, _generator(np, path, seed), shape, low, high)
            return numbers * np.float32(deviation) + np.float32(mean)
        case Drawn(draw):
            return np.asarray(draw(np, _generator(np, path, seed)), np.float32)
        case unknown:
            assert_never(unknown)


def _truncated(
    np: Ops, source: Generator, shape: tuple[int, ...], low: float, high: float
) -> Array:
    """Standard normal numbers between two bounds."""
    draw = _normal if low <= 0.0 <= high and high - low >= 1.0 else _from_uniform
    numbers, kept = draw(np, source, shape, low, high)
    while not kept.all():
        again, kept_again = draw(np, source, (int((~kept).sum()),), low, high)
        numbers[~kept] = again
        kept[~kept] = kept_again
    return numbers


def _normal(
    np: Ops, source: Generator, shape: tuple[int, ...], low: float, high: float
) -> tuple[Array, Array]:
    numbers = source.standard_normal(shape, np.float32)
    return numbers, (numbers >= low) & (numbers <= high)


def _from_uniform(
    np: Ops, source: Generator, shape: tuple[int, ...], low: float, high: float
) -> tuple[Array, Array]:
    """Where few normal numbers lie between the bounds: uniform ones, kept as often as their density
    says, from the part of the interval that holds all but 1e-19 of it."""
    near = min(max(low, 0.0), high)
    reach = min(9.0, 44.0 / max(abs(near), 1e-6))
    start, end = max(low, near - reach), min(high, near + reach)
    numbers = start + source.random(shape) * (end - start)
    kept = source.random(shape) <= np.exp((near - numbers) * (near + numbers) / 2.0)
    return numbers.astype(np.float32), kept


def _generator(np: Ops, path: str, seed: int) -> Generator:
    digest = hashlib.sha256(f"{seed}\0{path}".encode()).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(digest[:16], "little")))
