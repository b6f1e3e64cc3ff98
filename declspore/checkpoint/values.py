"""Values as the bytes that formats store: little-endian, C order; texts as UCS-4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from declspore.checkpoint import errors
from declspore.checkpoint.format import Computed, Copied, Piece
from declspore.ir.dtype import BY_NUMPY
from declspore.ir.header import TEXT, HeaderEntry
from declspore.ir.tensors import Array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def value_header(path: str, name: str, value: Array | str) -> HeaderEntry:
    """The entry an array or a text makes. Raises DiagnosticError for what cannot be stored."""
    if isinstance(value, str):
        return text_header(name, value)
    dtype = BY_NUMPY.get(value.dtype.name)
    if dtype is None:
        raise errors.unsupported_value(path, name, f"an array of {value.dtype}")
    return HeaderEntry.of(name, dtype, tuple(value.shape))


def text_header(name: str, text: str) -> HeaderEntry:
    return HeaderEntry(name, TEXT, (), len(_characters(text)))


def _characters(text: str) -> memoryview:
    """Four bytes each; an empty text is one zero, as MindSpore writes it and needs to read it."""
    return memoryview((text or "\0").encode("utf-32-le", errors="surrogatepass"))


def contents(piece: Piece) -> Iterator[memoryview]:
    """The bytes of a piece's value, in order: use one, then continue."""
    match piece:
        case Copied():
            yield from piece.entry.pieces()
        case Computed():
            yield computed(piece)
        case _:
            assert_never(piece)


def computed(piece: Computed) -> memoryview:
    """The bytes of a value that is made now, which nothing changes any more. It is what its header
    said, or our mistake."""
    value = piece.compute()
    header = piece.header
    if isinstance(value, str):
        found = text_header(header.name, value)
        data = _characters(value)
    else:
        found = value_header("", header.name, value)
        if header.dtype.kind == "packed" and found.dtype.itemsize == 1:
            found = HeaderEntry.of(header.name, header.dtype, found.shape)
        data = _bytes(value)
    if found != header:
        raise AssertionError(f"{header.name} was to be {header.type}, but is {found.type}")
    return data.toreadonly()


def _bytes(value: NDArray[np.generic]) -> memoryview:
    import numpy as np

    array = np.ascontiguousarray(value)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
