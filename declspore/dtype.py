"""Element types under MindSpore's names: ``from declspore import dtype as mstype``."""

from __future__ import annotations

from typing import Any

from declspore.ir import dtype as _table
from declspore.ir.dtype import BY_NUMPY, DType
from declspore.porting.names import absent

bool_ = _table.BOOL
int8 = _table.INT8
int16 = _table.INT16
int32 = _table.INT32
int64 = _table.INT64
uint8 = _table.UINT8
uint16 = _table.UINT16
uint32 = _table.UINT32
uint64 = _table.UINT64
float16 = _table.FLOAT16
float32 = _table.FLOAT32
float64 = _table.FLOAT64
bfloat16 = _table.BFLOAT16

byte, short, intc, intp, int_, long = int8, int16, int32, int64, int64, int64
ubyte, ushort, uintc, uintp, uint = uint8, uint16, uint32, uint64, uint64
half, single, double, float_ = float16, float32, float64, float32
Type = TensorType = DType

_PYTHON = {bool: "bool", int: "int64", float: "float32"}


def dtype_to_nptype(type_: DType) -> type:
    """NumPy's type of an element type."""
    return type_.as_numpy().type


def dtype_to_pytype(type_: DType) -> type:
    """Python's type of the elements."""
    if type_.kind == "bool":
        return bool
    return float if type_.is_float else int


def pytype_to_dtype(obj: Any) -> DType:
    """The element type of a type of Python or NumPy. Raises NotImplementedError for others."""
    import numpy as np

    name = _PYTHON.get(obj)
    if name is None and isinstance(obj, type) and issubclass(obj, np.generic):
        name = np.dtype(obj).name
    if name not in BY_NUMPY:
        raise NotImplementedError(f"{obj!r} is not an element type")
    return BY_NUMPY[name]


__all__ = [
    *("DType", "Type", "TensorType", "bool_", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "bfloat16"),
    *("byte", "short", "intc", "intp", "int_", "long", "ubyte", "ushort", "uintc", "uintp", "uint"),
    *("half", "single", "double", "float_"),
    *("dtype_to_nptype", "dtype_to_pytype", "pytype_to_dtype"),
]
__getattr__ = absent("declspore.common.dtype", lambda: __all__)
