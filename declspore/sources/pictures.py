"""Pictures by their paths, without labels: what predictions are made for."""

from __future__ import annotations

import os
from glob import has_magic

from declspore.dataclass import dataclass
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments, Term
from declspore.numerics.files import matches_of
from declspore.numerics.opencv import read_picture
from declspore.registry.data import Column, Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Either, ListOf, Text


@dataclass(frozen=True)
class _Files:
    """Pictures in the order they are named in."""

    paths: tuple[str, ...]

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        import numpy as np

        found = np.empty(len(items), object)
        for place, item in enumerate(items.tolist()):
            try:
                found[place] = read_picture(self.paths[item])
            except OSError as error:
                reason = f"{self.place(item)} cannot be read: {error.strerror or error}"
                raise Unavailable(reason) from None
        return (found,)

    def place(self, item: int) -> str:
        return f"{self.paths[item]} (item {item})"


def _paths(a: Arguments) -> tuple[str, ...]:
    """The files that paths and patterns name, those of a pattern sorted. Raises Unavailable."""
    found: list[str] = []
    for path in a.paths if isinstance(a.paths, tuple) else (a.paths,):
        if os.path.isfile(path):
            found.append(path)
            continue
        if os.path.isdir(path):
            raise Unavailable(f"{path} is a folder", f'Pictures("{os.path.join(path, "*")}")')
        is_pattern = has_magic(path)
        matches = matches_of(path) if is_pattern else []
        if not matches:
            raise Unavailable(f"{path} {'matches no file' if is_pattern else 'is missing'}")
        found += matches
    return tuple(found)


def _decode(a: Arguments) -> tuple[Term, ...]:
    return (Term("transform", "Decode", Arguments()),) if a.decode else ()


KINDS = (
    SourceKind(
        name="Pictures",
        signature=signature(
            Argument(
                "paths",
                Either((Text(), ListOf(Text()))),
                help="a path, a pattern, or a list of them",
            ),
            Argument("decode", Boolean(), True, "whether pictures come as u8[H, W, 3], not bytes"),
        ),
        summary="Pictures by their paths, in the order they are named in, without labels.",
        example='Pictures("photos/*.png")',
        element=lambda a: Element((Column("image", TensorType(STRING, ())),)),
        size=lambda a: len(_paths(a)),
        open=lambda a: _Files(_paths(a)),
        files=_paths,
        names=_paths,
        first=_decode,
    ),
)
