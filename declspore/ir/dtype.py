"""The table of element types: one row each, read by codec, checker and compiler alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class DType:
    """An element type under the names its different users know it by.

    ``name`` is MindSpore's, as stored in checkpoints and printed by MindSpore; ``short`` is the
    spec language's; ``numpy`` is NumPy's (``bfloat16`` comes from ml_dtypes) and Keras's.
    ``itemsize`` is in bytes. ``kind`` is ``float``, ``int``, ``uint``, ``bool``,
    ``complex``, ``packed``, or beside arrays ``text`` or ``map``.
    """

    name: str
    short: str
    numpy: str
    itemsize: int
    kind: str

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"declspore.{self.numpy}"

    def as_numpy(self) -> np.dtype[Any]:
        """NumPy's dtype; NumPy is loaded only now."""
        return _as_numpy(self.numpy)

    @property
    def is_float(self) -> bool:
        return self.kind == "float"

    @property
    def is_integer(self) -> bool:
        return self.kind in ("int", "uint")


@cache
def _as_numpy(name: str) -> np.dtype[Any]:
    import numpy as np

    if name != "bfloat16":
        return np.dtype(name)
    import ml_dtypes

    found: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return found


BOOL = DType("Bool", "bool", "bool", 1, "bool")
INT8 = DType("Int8", "i8", "int8", 1, "int")
INT16 = DType("Int16", "i16", "int16", 2, "int")
INT32 = DType("Int32", "i32", "int32", 4, "int")
INT64 = DType("Int64", "i64", "int64", 8, "int")
UINT8 = DType("UInt8", "u8", "uint8", 1, "uint")
UINT16 = DType("UInt16", "u16", "uint16", 2, "uint")
UINT32 = DType("UInt32", "u32", "uint32", 4, "uint")
UINT64 = DType("UInt64", "u64", "uint64", 8, "uint")
FLOAT16 = DType("Float16", "f16", "float16", 2, "float")
FLOAT32 = DType("Float32", "f32", "float32", 4, "float")
FLOAT64 = DType("Float64", "f64", "float64", 8, "float")
BFLOAT16 = DType("BFloat16", "bf16", "bfloat16", 2, "float")
INT4 = DType("Int4", "i4x2", "int8", 1, "packed")
"""Two four-bit numbers a byte (MindSpore's qint4x2), as stored: dims count bytes."""
COMPLEX64 = DType("Complex64", "c64", "complex64", 8, "complex")
COMPLEX128 = DType("Complex128", "c128", "complex128", 16, "complex")

DTYPES = (
    *(BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64),
    *(FLOAT16, FLOAT32, FLOAT64, BFLOAT16, INT4, COMPLEX64, COMPLEX128),
)

BY_NAME = {dtype.name: dtype for dtype in DTYPES}
BY_SHORT = {dtype.short: dtype for dtype in DTYPES}
BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES if dtype is not INT4}
