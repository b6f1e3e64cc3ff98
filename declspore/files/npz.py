"""NumPy's archives of arrays."""

from __future__ import annotations

from declspore.checkpoint.npz import NPZ
from declspore.checkpoint.reader import Access
from declspore.ir.term import Arguments
from declspore.registry.file import SHA256, FileKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text


def _access(a: Arguments) -> Access:
    return Access()


KINDS = (
    FileKind(
        name="npz",
        signature=signature(
            Argument("path", Text(), help="relative to the folder that declspore runs in"),
            SHA256,
        ),
        summary="A NumPy archive (.npz); it holds neither bfloat16 nor Int4.",
        example='npz("lenet.npz")',
        format=NPZ,
        access=_access,
    ),
)
