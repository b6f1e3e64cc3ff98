"""Tensors read from files of NumPy."""

from __future__ import annotations

import ast
import os
from typing import Any

from declspore.ir.dtype import BY_NUMPY, DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Text

_MAGIC = b"\x93NUMPY"
_MOST_HEADER = 1 << 16


def _infer(a: Arguments) -> TensorType:
    """Element type and shape, from the file's header alone. Raises Misfit."""
    try:
        with open(a.path, "rb") as file:
            return _header(file.read(_MOST_HEADER), os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise Misfit(f"{a.path} cannot be read: {error.strerror}") from None


def _header(head: bytes, size: int) -> TensorType:
    """Format of numpy.lib.format: magic, version, length of the header, a Python literal."""
    wide = head[6:7] > b"\x01"
    start = 12 if wide else 10
    if head[:6] != _MAGIC or len(head) < start:
        raise Misfit("this is no .npy file", 'npy("values.npy"), as numpy.save writes it')
    length = int.from_bytes(head[8:start], "little")
    try:
        fields = ast.literal_eval(head[start : start + length].decode("latin-1"))
        descr, shape, fortran = fields["descr"], fields["shape"], fields["fortran_order"]
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        raise Misfit("the header of the .npy file is damaged") from None
    dtype = _dtype(descr)
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise Misfit("the header of the .npy file is damaged")
    values = dtype.itemsize
    for n in shape:
        values *= n
    if start + length + values != size or not isinstance(fortran, bool):
        raise Misfit(f"the .npy file has {size:,} bytes, its header tells of another size")
    return TensorType(dtype, shape)


def _dtype(descr: Any) -> DType:
    known = {
        f"{sign}{_CODES[d.kind]}{d.itemsize}": d
        for d in BY_NUMPY.values()
        for sign in "<|="
        if d.kind in _CODES and d.numpy != "bfloat16"
    }
    if not isinstance(descr, str) or descr not in known:
        raise Misfit(f"the .npy file holds {descr!r}, which is no element type of a checkpoint")
    return known[descr]


_CODES = {"bool": "b", "int": "i", "uint": "u", "float": "f", "complex": "c"}


def _compute(np: Any, a: Arguments) -> Any:
    return np.load(a.path, allow_pickle=False)


KINDS = (
    TensorKind(
        name="npy",
        signature=signature(Argument("path", Text(), help="seen from the folder of the run")),
        summary="The array of a .npy file, as numpy.save writes it.",
        example='npy("head.npy")',
        infer=_infer,
        compute=_compute,
        of_tensors=True,
        reads_file=True,
    ),
)
