"""Whether a checkpoint fits a network: exactly, or every way in which it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

from declspore.dataclass import dataclass
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern


@dataclass(frozen=True)
class BindPlan:
    """``matched`` entries feed the parameters of the same name; ``fresh`` parameters keep their
    first value; ``ignored`` entries stay unused."""

    origin: str
    matched: tuple[str, ...]
    fresh: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class BindMismatch:
    """What does not fit: wanted entries that are ``missing``, entries that would stay ``unused``,
    and pairs (found, wanted) that differ in ``shapes`` or, of one shape, in ``dtypes``.

    ``loaded`` of ``tensors`` would load; those are ``values_loaded`` of all ``values``.
    """

    missing: tuple[HeaderEntry, ...]
    unused: tuple[HeaderEntry, ...]
    shapes: tuple[tuple[HeaderEntry, HeaderEntry], ...]
    dtypes: tuple[tuple[HeaderEntry, HeaderEntry], ...]
    loaded: int
    tensors: int
    values_loaded: int
    values: int

    @property
    def coverage(self) -> str:
        """How much would load: ``would load 61 of 62 tensors, 99.8 % of the values``."""
        share = 100 * self.values_loaded / max(self.values, 1)
        # a part is never reported as all, nor something as nothing
        share = min(share, 99.9) if self.values_loaded < self.values else share
        share = max(share, 0.1) if self.values_loaded else share
        text = f"{share:.1f}".removesuffix(".0")
        return f"would load {self.loaded:,} of {self.tensors:,} tensors, {text} % of the values"


def fitting(
    wanted: Sequence[HeaderEntry],
    header: Header,
    *,
    ignore: Sequence[Pattern] = (),
    fresh: Sequence[Pattern] = (),
) -> BindPlan | BindMismatch:
    """How a checkpoint binds to the ``wanted`` entries, or why it does not.

    Every wanted entry must be in the checkpoint with its shape and element type, or be named by
    ``fresh``; every entry of the checkpoint must be wanted, or be named by ``ignore``.
    """
    fresh_names = named(fresh, (entry.name for entry in wanted))
    needed = [entry for entry in wanted if entry.name not in fresh_names]
    names = {entry.name for entry in needed}
    spare = [entry for entry in header if entry.name not in names]
    # entries named like fresh parameters stay unused without being ignored
    ignored = fresh_names | named(ignore, (entry.name for entry in spare))
    unused = tuple(entry for entry in spare if entry.name not in ignored)
    pairs = [_Pair(header.by_name.get(entry.name), entry) for entry in needed]
    if unused or not all(pair.loads for pair in pairs):
        return _misfit(pairs, unused)
    return BindPlan(
        header.origin,
        tuple(entry.name for entry in needed),
        tuple(entry.name for entry in wanted if entry.name in fresh_names),
        tuple(entry.name for entry in spare),
    )


class _Pair(NamedTuple):
    """A wanted entry and what the checkpoint has under its name."""

    found: HeaderEntry | None
    wanted: HeaderEntry

    @property
    def loads(self) -> bool:
        found, wanted = self
        return found is not None and (found.shape, found.dtype) == (wanted.shape, wanted.dtype)


def _misfit(pairs: Sequence[_Pair], unused: tuple[HeaderEntry, ...]) -> BindMismatch:
    both = [(found, wanted) for found, wanted in pairs if found is not None]
    loaded = [pair.wanted for pair in pairs if pair.loads]
    return BindMismatch(
        missing=tuple(pair.wanted for pair in pairs if pair.found is None),
        unused=unused,
        shapes=tuple(pair for pair in both if pair[0].shape != pair[1].shape),
        dtypes=tuple(
            pair
            for pair in both
            if pair[0].shape == pair[1].shape and pair[0].dtype != pair[1].dtype
        ),
        loaded=len(loaded),
        tensors=len(pairs),
        values_loaded=sum(prod(entry.shape) for entry in loaded),
        values=sum(prod(pair.wanted.shape) for pair in pairs),
    )


def named(patterns: Sequence[Pattern], names: Iterable[str]) -> set[str]:
    """Of the names those that a pattern matches."""
    return {name for name in names if any(p.matches(name) for p in patterns)}
