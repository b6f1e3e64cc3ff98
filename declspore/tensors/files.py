"""Tensors read from files of NumPy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import BinaryIO

from declspore.ir.dtype import BY_NUMPY, DType
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.npy import read_head
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Text
from declspore.regular import stream_of


def _infer(a: Arguments) -> TensorType:
    """Element type and shape, from the file's header alone. Raises Misfit."""
    with _opened(a.path) as file:
        return _type(file)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    try:
        with stream_of(path) as file:
            yield file
    except OSError as error:
        raise Misfit(f"{path} cannot be read: {error.strerror or error}") from None


def _type(file: BinaryIO) -> TensorType:
    try:
        head = read_head(file)
    except ValueError as error:
        help = 'npy("values.npy"), as numpy.save writes it'
        raise Misfit(f"this is not a .npy file: {error}", help) from None
    dtype = _dtype(head.descr)
    size = os.fstat(file.fileno()).st_size
    if head.length + prod(head.shape) * dtype.itemsize != size:
        raise Misfit(f"the .npy file has {size:,} bytes, its header states another size")
    return TensorType(dtype, head.shape)


def _dtype(descr: object) -> DType:
    known = {
        f"{sign}{_CODES[d.kind]}{d.itemsize}": d
        for d in BY_NUMPY.values()
        for sign in "<|="
        if d.kind in _CODES and d.numpy != "bfloat16"
    }
    if not isinstance(descr, str) or descr not in known:
        raise Misfit(f"the .npy file holds {descr!r}, which is not an element type of a checkpoint")
    return known[descr]


_CODES = {"bool": "b", "int": "i", "uint": "u", "float": "f", "complex": "c"}


def _compute(np: Ops, a: Arguments) -> Array:
    """The values; of a file that was replaced since it was planned, whatever fits its own head."""
    with _opened(a.path) as file:
        _type(file)
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)


KINDS = (
    TensorKind(
        name="npy",
        signature=signature(Argument("path", Text(), help="relative to the folder of the run")),
        summary="The array of a .npy file, as numpy.save writes it.",
        example='npy("head.npy")',
        infer=_infer,
        compute=_compute,
        of_tensors=True,
        reads_file=True,
    ),
)
