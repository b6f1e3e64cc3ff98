"""Initializers: the distribution a parameter's first value is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from declspore.dataclass import dataclass
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind

if TYPE_CHECKING:  # NumPy is handed in
    from numpy.random import Generator

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    value: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """Over ``low`` to ``high``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gaussian:
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Truncated:
    """A Gaussian from ``low`` to ``high`` deviations of its mean; others are drawn again."""

    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value made as a whole: ``draw(numpy, generator)``."""

    draw: Callable[[Ops, Generator], Array]


Distribution = Constant | Uniform | Gaussian | Truncated | Drawn


@dataclass(frozen=True, kw_only=True)
class InitializerKind(Kind):
    """``distribution(arguments, shape)`` of a parameter with that shape, in MindSpore's layout;
    it raises :class:`declspore.registry.kind.Misfit` where no such parameter can be filled.

    ``aliases`` are the names MindSpore accepts for it as a string.
    """

    family: ClassVar[str] = "initializer"
    title: ClassVar[str] = "Initializers"
    room: ClassVar[str] = "initializers"
    rank: ClassVar[int] = 110

    distribution: Callable[[Arguments, Shape], Distribution]
    aliases: tuple[str, ...] = ()
