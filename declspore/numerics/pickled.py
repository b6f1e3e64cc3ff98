"""Pickles of lists, numbers, texts and arrays of bytes, read without running anything of them.

Not even NumPy's own types are made: what a pickle says of a type of elements is written into memory
as it is, which can end the process.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from collections.abc import Callable
from typing import NoReturn

from declspore.ir.tensors import Array

_MODULES = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "_codecs")


class PickledArray:
    """An array as a pickle describes it."""

    def __init__(self, *_: object) -> None:
        self._state: object = None

    def __setstate__(self, state: object) -> None:
        self._state = state

    def bytes_array(self) -> Array:
        """The array, u8[...]. Raises ValueError where it is another, or damaged."""
        import numpy as np

        match self._state:
            case (_, tuple() as shape, PickledType(code="u1" | "B"), is_fortran, data):
                content = data.encode("latin1") if isinstance(data, str) else data
                sizes = [size for size in shape if type(size) is int and size >= 0]
                if not isinstance(content, bytes) or len(sizes) != len(shape):
                    raise ValueError("its array is damaged")
                if math.prod(sizes) != len(content):
                    raise ValueError(f"its array has {len(content):,} bytes, its shape {shape}")
                flat = np.frombuffer(content, np.uint8)
                return flat.reshape(sizes[::-1]).T if is_fortran else flat.reshape(sizes)
        raise ValueError("its data is not an array of bytes")


class PickledType:
    """A type of elements by its code, such as ``u1``; what else is said of it changes no byte."""

    __match_args__ = ("code",)

    def __init__(self, code: object = None, *_: object) -> None:
        self.code = code

    def __setstate__(self, state: object) -> None:
        pass


class _Latin1(bytes):
    """How pickles of Python 3 write bytes under protocol 2. Others may take quadratic time."""

    def __new__(cls, text: str, encoding: str) -> _Latin1:
        if encoding != "latin1":
            raise pickle.UnpicklingError(f"the encoding {encoding} has no place in it")
        return super().__new__(cls, text.encode("latin1"))

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("bytes have no state")


_MADE: dict[str, Callable[..., object]] = {
    "_reconstruct": PickledArray,
    "ndarray": PickledArray,
    "dtype": PickledType,
    "encode": _Latin1,
}


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., object]:
        if module not in _MODULES or name not in _MADE:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in it")
        return _MADE[name]


def plain_pickle(data: bytes) -> object:
    """What a pickle holds; texts of Python 2 are Latin-1. Raises whatever a damaged one raises.

    The places that a pickle keeps values in are a list that is as long as the largest of their
    numbers: a few bytes could make it take gigabytes, so the numbers are looked at first.
    """
    for count, (code, argument, _) in enumerate(pickletools.genops(data)):
        if "PUT" in code.name and int(argument or 0) > count + 1:
            raise pickle.UnpicklingError(f"it keeps a value as number {argument}")
    return _Plain(io.BytesIO(data), encoding="latin1").load()
