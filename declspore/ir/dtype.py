"""The table of element types: one row each, read by codec, checker and compiler alike."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from declspore.dataclass import dataclass

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class DType:
    """An element type under the names its different users know it by.

    ``name`` is MindSpore's, as stored in checkpoints and printed by MindSpore; ``short`` is the
    spec language's; ``numpy`` is NumPy's (``bfloat16`` and ``float8`` come from ml_dtypes) and
    Keras's. ``itemsize`` is in bytes. ``kind`` is ``float``, ``float8``, ``int``, ``uint``,
    ``bool``, ``complex``, ``packed``, or, besides arrays, ``text`` or ``map``. Of a number
    ``digits`` are the binary digits without sign and exponent, ``exponent`` those of a float's
    exponent.
    """

    name: str
    short: str
    numpy: str
    itemsize: int
    kind: str
    digits: int = 0
    exponent: int = 0

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
    def has_floats(self) -> bool:
        """Whether its values are floats, of any width: those of eight bits are only stored."""
        return self.kind in ("float", "float8")

    @property
    def is_stored(self) -> bool:
        """Whether it is a type of checkpoints alone, which networks do not compute with."""
        return self.kind in ("float8", "packed")

    @property
    def is_integer(self) -> bool:
        return self.kind in ("int", "uint")

    @property
    def is_array(self) -> bool:
        """Whether entries of it are arrays, not texts or map parameters."""
        return self.kind not in ("text", "map")

    @property
    def has_numbers(self) -> bool:
        """Whether entries of it are arrays of numbers that NumPy knows."""
        return self.is_array and self.kind != "packed"

    @property
    def integers(self) -> range:
        """The values of an integer type."""
        return range(-(2**self.digits) if self.kind == "int" else 0, 2**self.digits)

    def holds(self, narrow: DType) -> bool:
        """Whether every value of another element type is one of this, so that a cast to it and
        back changes nothing."""
        if self == narrow:
            return True
        if narrow.kind == "bool":
            return self.is_integer or self.is_float
        if narrow.has_floats:
            enough = self.digits >= narrow.digits and self.exponent >= narrow.exponent
            return self.has_floats and enough
        if narrow.is_integer and (self.is_integer or self.is_float):
            signed = narrow.kind == "int" and self.kind == "uint"
            return not signed and self.digits >= narrow.digits
        return False


@cache
def _as_numpy(name: str) -> np.dtype[Any]:
    import numpy as np

    if name != "bfloat16" and not name.startswith("float8"):
        return np.dtype(name)
    import ml_dtypes

    found: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return found


BOOL = DType("Bool", "bool", "bool", 1, "bool")
INT8 = DType("Int8", "i8", "int8", 1, "int", 7)
INT16 = DType("Int16", "i16", "int16", 2, "int", 15)
INT32 = DType("Int32", "i32", "int32", 4, "int", 31)
INT64 = DType("Int64", "i64", "int64", 8, "int", 63)
UINT8 = DType("UInt8", "u8", "uint8", 1, "uint", 8)
UINT16 = DType("UInt16", "u16", "uint16", 2, "uint", 16)
UINT32 = DType("UInt32", "u32", "uint32", 4, "uint", 32)
UINT64 = DType("UInt64", "u64", "uint64", 8, "uint", 64)
FLOAT16 = DType("Float16", "f16", "float16", 2, "float", 11, 5)
FLOAT32 = DType("Float32", "f32", "float32", 4, "float", 24, 8)
FLOAT64 = DType("Float64", "f64", "float64", 8, "float", 53, 11)
BFLOAT16 = DType("BFloat16", "bf16", "bfloat16", 2, "float", 8, 8)
FLOAT8_E4M3 = DType("Float8E4M3FN", "f8e4m3", "float8_e4m3fn", 1, "float8", 4, 4)
FLOAT8_E5M2 = DType("Float8E5M2", "f8e5m2", "float8_e5m2", 1, "float8", 3, 5)
"""Values of checkpoints alone: nothing computes with them before they are cast."""
HIFLOAT8 = DType("HiFloat8", "hif8", "uint8", 1, "packed")
"""Ascend's floats of eight bits, whose numbers NumPy does not know, as bytes."""
INT4 = DType("Int4", "i4x2", "int8", 1, "packed")
"""Two four-bit numbers a byte (MindSpore's qint4x2), as stored: dims count bytes."""
COMPLEX64 = DType("Complex64", "c64", "complex64", 8, "complex")
COMPLEX128 = DType("Complex128", "c128", "complex128", 16, "complex")
STRING = DType("String", "str", "object", 0, "text")
"""Texts and bytes, of datasets alone."""

DTYPES = (
    *(BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64),
    *(FLOAT16, FLOAT32, FLOAT64, BFLOAT16, INT4, COMPLEX64, COMPLEX128),
    *(FLOAT8_E4M3, FLOAT8_E5M2, HIFLOAT8),
)

BY_NAME = {dtype.name: dtype for dtype in DTYPES}
BY_SHORT = {dtype.short: dtype for dtype in DTYPES}
WORDS = {**BY_SHORT, STRING.short: STRING}
"""What an expression may call an element type."""
BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES if dtype.kind != "packed"}
