"""Methods of tensors: those MindSpore has in addition to the ops, and the ops as methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from declspore.eager.calls import op, op_named, ops
from declspore.eager.tracing import Results
from declspore.ir.dtype import BY_NUMPY, DType
from declspore.porting.names import refused_member
from declspore.tensor import Parameter, Tensor


def method(tensor: Tensor, name: str) -> object:
    """A method or property. Raises :class:`declspore.porting.names.Unsupported` for what only
    MindSpore has, AttributeError for what neither has."""
    if name in PROPERTIES:
        return PROPERTIES[name](tensor)
    if name in METHODS:
        return lambda *given, **named: METHODS[name](tensor, *given, **named)
    composed = import_module("declspore.eager.composed").METHODS
    if name in composed:
        return lambda *given, **named: composed[name](tensor, *given, **named)
    kind = op_named(name)
    if kind is not None and kind.signature.arguments:
        listed = name in LISTED
        extended = import_module("declspore.eager.extras").extended
        return lambda *given, **named: extended(
            kind, (tensor, _one_list(given)) if listed and given else (tensor, *given), named
        )
    owner = "mindspore.Parameter" if isinstance(tensor, Parameter) else "mindspore.Tensor"
    raise refused_member(owner, name, [*PROPERTIES, *METHODS])


LISTED = ("reshape", "view", "permute", "transpose", "tile", "broadcast_to")
"""Methods whose list may be written as several arguments."""


def _one_list(given: tuple[object, ...]) -> object:
    return given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given


def _astype(tensor: Tensor, dtype: ElementType, copy: bool = True) -> Tensor:
    return op("cast", tensor, as_dtype(dtype))


ElementType = DType | DTypeLike
"""An element type of declspore's, of NumPy's or of Python's."""
_OF_PYTHON: dict[object, str] = {int: "int64", float: "float32", bool: "bool"}


def as_dtype(given: ElementType) -> DType:
    """An element type from declspore's, NumPy's or Python's. Raises TypeError."""
    if isinstance(given, DType):
        return given
    python = _OF_PYTHON.get(given)
    try:
        return BY_NUMPY[python or np.dtype(given).name]
    except (TypeError, KeyError):
        raise TypeError(f"dtype must be one of declspore's, not {given!r}") from None


def _to_type(word: str) -> Callable[[Tensor], Tensor]:
    return lambda tensor: _astype(tensor, BY_NUMPY[word])


def _view(tensor: Tensor, *shape: object) -> Tensor:
    return op("reshape", tensor, _one_list(shape))


def _transpose(tensor: Tensor, *axes: object) -> Tensor:
    order = _one_list(axes) if axes else tuple(reversed(range(tensor.ndim)))
    return op("transpose", tensor, order)


def _repeat(tensor: Tensor, repeats: object, axis: int | None = None) -> Tensor:
    source = tensor if axis is not None else _view(tensor, -1)
    return op("repeat_interleave", source, repeats, 0 if axis is None else axis)


def _extreme(word: str) -> Callable[..., Results]:
    """``max`` and ``min``: of all elements, or over axes, the values alone."""

    def extreme(
        tensor: Tensor, axis: object = None, keepdims: bool = False, return_indices: bool = False
    ) -> Results:
        if return_indices:
            return ops(word, tensor, axis, keepdims)
        return op(f"a{word}", tensor, axis, keepdims)

    return extreme


def _expand_as(tensor: Tensor, other: Tensor) -> Tensor:
    return op("broadcast_to", tensor, other.shape)


def _filled(
    tensor: Tensor, size: int | Sequence[int], value: ArrayLike, dtype: ElementType | None
) -> Tensor:
    shape = (size,) if isinstance(size, int) else tuple(size)
    kind = tensor.dtype if dtype is None else as_dtype(dtype)
    return Tensor(np.full(shape, value, kind.as_numpy()))


def _copied(tensor: Tensor) -> Tensor:
    return Tensor(tensor.asnumpy().copy())


def _init_data(tensor: Tensor, *_: object) -> Tensor:
    return tensor


def _assign(tensor: Tensor, value: object) -> Tensor:
    array = value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)
    tensor.storage.write(array.astype(tensor.dtype.as_numpy()))
    return tensor


METHODS: dict[str, Callable[..., object]] = {
    "astype": _astype,
    "to": _astype,
    "type": _astype,
    "bool": _to_type("bool"),
    "int": _to_type("int32"),
    "long": _to_type("int64"),
    "short": _to_type("int16"),
    "half": _to_type("float16"),
    "float": _to_type("float32"),
    "double": _to_type("float64"),
    "bfloat16": _to_type("bfloat16"),
    "type_as": lambda tensor, other: _astype(tensor, other.dtype),
    "view": _view,
    "view_as": lambda tensor, other: _view(tensor, other.shape),
    "reshape_as": lambda tensor, other: _view(tensor, other.shape),
    "ravel": lambda tensor: _view(tensor, -1),
    "transpose": _transpose,
    "permute": _transpose,
    "t": _transpose,
    "repeat": _repeat,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "expand_as": _expand_as,
    "expand": lambda tensor, *size: op("broadcast_to", tensor, _one_list(size)),
    "dim": lambda tensor: tensor.ndim,
    "numel": lambda tensor: tensor.size,
    "nelement": lambda tensor: tensor.size,
    "copy": _copied,
    "clone": lambda tensor: op("add", tensor, 0),
    "numpy": lambda tensor: tensor.asnumpy(),
    "tolist": lambda tensor: tensor.asnumpy().tolist(),
    "ndimension": lambda tensor: tensor.ndim,
    "new_zeros": lambda tensor, size, *, dtype=None: _filled(tensor, size, 0, dtype),
    "new_ones": lambda tensor, size, *, dtype=None: _filled(tensor, size, 1, dtype),
    "new_full": lambda tensor, size, fill_value, *, dtype=None: _filled(
        tensor, size, fill_value, dtype
    ),
    "new_empty": lambda tensor, size, *, dtype=None: _filled(tensor, size, 0, dtype),
    "is_signed": lambda tensor: tensor.dtype.kind in ("int", "float"),
    "byte": _to_type("uint8"),
    "contiguous": _init_data,
    "is_contiguous": lambda tensor: True,
    "flush_from_cache": lambda tensor: None,
    "init_data": _init_data,
    "is_floating_point": lambda tensor: tensor.dtype.is_float,
    "is_complex": lambda tensor: False,
    "assign_value": _assign,
    "copy_": _assign,
}
PROPERTIES: dict[str, Callable[[Tensor], object]] = {
    "T": _transpose,
    "H": _transpose,
    "mT": lambda tensor: op("swapaxes", tensor, -1, -2),
    "mH": lambda tensor: op("swapaxes", tensor, -1, -2),
    "has_init": lambda tensor: False,
    "strides": lambda tensor: tensor.asnumpy().strides,
    "device": lambda tensor: "CPU",
}
