"""Element types under MindSpore's names: ``from declspore import dtype as mstype``."""

from __future__ import annotations

from declspore.ir import dtype as _table

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

__all__ = [
    *("DType", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "bfloat16"),
]
