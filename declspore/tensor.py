"""Tensors and parameters as MindSpore's scripts handle them, over NumPy arrays.

A :class:`Parameter` may be backed by an array, by an entry of a checkpoint that is read when it
is first asked for, or by the variable of a Keras model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from declspore.ir.dtype import BY_NUMPY, DType
from declspore.ir.tensors import Array as Array  # noqa: PLC0414 - taken from here, too
from declspore.ir.term import Term
from declspore.typed.methods import OpMethods


class Storage(Protocol):
    """Where the value of a tensor lives, in MindSpore's layout."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> DType: ...

    def read(self) -> Array: ...

    def write(self, value: Array) -> None: ...

    def train(self, whether: bool) -> None:
        """Takes whether what it holds is to be trained."""


class ArrayStorage:
    """An array in memory."""

    def __init__(self, array: Array) -> None:
        self._array = array

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> DType:
        return BY_NUMPY[self._array.dtype.name]

    def read(self) -> Array:
        return self._array

    def write(self, value: Array) -> None:
        self._array = value

    def train(self, whether: bool) -> None:
        pass


class LazyStorage:
    """A value that is read when first asked for; until then only its type is known."""

    def __init__(self, shape: tuple[int, ...], dtype: DType, load: Callable[[], Array]) -> None:
        self._shape, self._dtype, self._load = shape, dtype, load
        self._array: Array | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    def read(self) -> Array:
        if self._array is None:
            self._array = self._load()
        return self._array

    def write(self, value: Array) -> None:
        self._array = value
        self._shape, self._dtype = value.shape, BY_NUMPY[value.dtype.name]

    def train(self, whether: bool) -> None:
        pass


def as_array(data: object, dtype: DType | None = None) -> Array:
    """Data as an array: Python floats become float32, integers int64, arrays stay as they are.

    Raises TypeError for what is not a number, no bool and no nested list of them.
    """
    if isinstance(data, Tensor):
        array = data.asnumpy()
    elif isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
    else:
        try:
            array = np.array(data)
        except ValueError as error:
            raise TypeError(f"a tensor cannot hold lists of different lengths: {error}") from None
        if array.dtype == np.float64:
            array = array.astype(np.float32)
    if dtype is not None:
        if not isinstance(dtype, DType):
            raise TypeError(
                f"dtype must be one of declspore's, such as declspore.float32: {dtype!r}"
            )
        array = array.astype(dtype.as_numpy())
    if array.dtype.name not in BY_NUMPY:
        raise TypeError(f"a tensor cannot hold {array.dtype}")
    return array


def _apply(sign: str, *operands: object) -> Tensor:
    """The op of the vocabulary that a sign stands for. Found when it is first used, since it needs
    the compiler, and reading a checkpoint does not."""
    result: Tensor = import_module("declspore.eager.calls").by_sign(sign, *operands)
    return result


_OPERANDS = (int, float, np.ndarray, np.generic)


def _fits(other: object) -> bool:
    return isinstance(other, (Tensor, *_OPERANDS))


DEFAULT_NAME = "Parameter"
"""What MindSpore calls a parameter that is given no name; a cell then calls it as its attribute."""


class Tensor(OpMethods):
    """A tensor (mindspore.Tensor): shape, element type, and the value as a NumPy array.

    Operators and methods are the ops of the vocabulary: ``x + 1``, ``x == y`` (elementwise),
    ``x.mean(axis=0)``.
    """

    __array_priority__ = 1000
    """NumPy leaves operators between an array and a tensor to the tensor."""

    init: Term | None = None
    """The initializer its values are drawn from, if any."""

    def __init__(
        self,
        input_data: ArrayLike | Tensor | None = None,
        dtype: DType | None = None,
        shape: Sequence[int] | None = None,
        init: Term | str | float | None = None,
    ) -> None:
        """``input_data`` is anything of numbers; or ``init``, an initializer, fills ``shape``."""
        if input_data is None:
            if init is None or shape is None:
                raise ValueError("a tensor needs input_data, or shape and init")
            made = import_module("declspore.eager.initial").initializer
            filled = made(init, shape, BY_NUMPY["float32"] if dtype is None else dtype)
            self._storage: Storage = filled.storage
            self.init = filled.init
            return
        self._storage = ArrayStorage(as_array(input_data, dtype))

    @classmethod
    def stored(cls, storage: Storage) -> Tensor:
        tensor = cls.__new__(cls)
        tensor._storage = storage  # noqa: SLF001
        return tensor

    @property
    def storage(self) -> Storage:
        """Where the value lives."""
        return self._storage

    @property
    def shape(self) -> tuple[int, ...]:
        return self._storage.shape

    @property
    def dtype(self) -> DType:
        return self._storage.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    def asnumpy(self) -> Array:
        """The value. An array that comes from a file is read-only; copy it to change it."""
        return self._storage.read()

    def item(self, index: int | tuple[int, ...] | None = None) -> Any:
        """An element as a Python number: the one there is, or the one at a place."""
        array = self.asnumpy()
        return array.item() if index is None else array.item(index)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.asnumpy(), dtype=dtype, copy=copy)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name.startswith("_"):
                raise AttributeError(name)
            return import_module("declspore.eager.methods").method(self, name)

    def __getitem__(self, index: object) -> Tensor:
        if isinstance(self._storage, ArrayStorage | LazyStorage):
            return Tensor(self.asnumpy()[_plain_index(index)])
        found: Tensor = import_module("declspore.eager.subscripts").subscript(self, index)
        return found

    def __setitem__(self, index: object, value: ArrayLike | Tensor) -> None:
        array = self.asnumpy().copy()
        array[_plain_index(index)] = value.asnumpy() if isinstance(value, Tensor) else value
        self._storage.write(array)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[place] for place in range(len(self)))

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return _apply("==", self, other) if _fits(other) else NotImplemented

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return _apply("!=", self, other) if _fits(other) else NotImplemented

    def __lt__(self, other: object) -> Tensor:
        return _apply("<", self, other)

    def __le__(self, other: object) -> Tensor:
        return _apply("<=", self, other)

    def __gt__(self, other: object) -> Tensor:
        return _apply(">", self, other)

    def __ge__(self, other: object) -> Tensor:
        return _apply(">=", self, other)

    def __add__(self, other: object) -> Tensor:
        return _apply("+", self, other)

    def __radd__(self, other: object) -> Tensor:
        return _apply("+", other, self)

    def __sub__(self, other: object) -> Tensor:
        return _apply("-", self, other)

    def __rsub__(self, other: object) -> Tensor:
        return _apply("-", other, self)

    def __mul__(self, other: object) -> Tensor:
        return _apply("*", self, other)

    def __rmul__(self, other: object) -> Tensor:
        return _apply("*", other, self)

    def __truediv__(self, other: object) -> Tensor:
        return _apply("/", self, other)

    def __rtruediv__(self, other: object) -> Tensor:
        return _apply("/", other, self)

    def __floordiv__(self, other: object) -> Tensor:
        return _apply("//", self, other)

    def __rfloordiv__(self, other: object) -> Tensor:
        return _apply("//", other, self)

    def __mod__(self, other: object) -> Tensor:
        return _apply("%", self, other)

    def __rmod__(self, other: object) -> Tensor:
        return _apply("%", other, self)

    def __pow__(self, other: object) -> Tensor:
        return _apply("**", self, other)

    def __rpow__(self, other: object) -> Tensor:
        return _apply("**", other, self)

    def __matmul__(self, other: object) -> Tensor:
        return _apply("@", self, other)

    def __rmatmul__(self, other: object) -> Tensor:
        return _apply("@", other, self)

    def __neg__(self) -> Tensor:
        return _apply("neg", self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return _apply("abs", self)

    def __invert__(self) -> Tensor:
        return _apply("logical_not", self)

    def __and__(self, other: object) -> Tensor:
        return _apply("logical_and", self, other)

    def __or__(self, other: object) -> Tensor:
        return _apply("logical_or", self, other)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without axes has no length")
        return self.shape[0]

    def __index__(self) -> int:
        if self.dtype.is_float:
            raise TypeError(f"a tensor of {self.dtype} cannot be used as an index")
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __repr__(self) -> str:
        value = np.array2string(self.asnumpy(), separator=", ", threshold=20)
        return f"Tensor(shape={list(self.shape)}, dtype={self.dtype}, value={value})"

    def __str__(self) -> str:
        return str(self.asnumpy())


def _plain_index(index: object) -> Any:
    """An index of NumPy, with arrays in the place of tensors."""
    if isinstance(index, tuple):
        return tuple(map(_plain_index, index))
    return index.asnumpy() if isinstance(index, Tensor) else index


class Parameter(Tensor):
    """A named tensor (mindspore.Parameter) of a network, an optimizer or a checkpoint."""

    def __init__(
        self,
        default_input: ArrayLike | Tensor,
        name: str | None = DEFAULT_NAME,
        requires_grad: bool = True,
        layerwise_parallel: bool = False,
        parallel_optimizer: bool = True,
    ) -> None:
        """``layerwise_parallel`` and ``parallel_optimizer`` have no effect on one device."""
        if isinstance(default_input, Tensor) and default_input.init is not None:
            self._storage, self.init = default_input.storage, default_input.init
        else:
            super().__init__(default_input)
        self.name = DEFAULT_NAME if name is None else name
        self._requires_grad = requires_grad

    @classmethod
    def backed(cls, name: str, storage: Storage, requires_grad: bool = True) -> Parameter:
        """A parameter whose value lives in ``storage``."""
        parameter = cls.__new__(cls)
        parameter._storage = storage  # noqa: SLF001
        parameter.name = name
        parameter._requires_grad = requires_grad  # noqa: SLF001
        return parameter

    @property
    def requires_grad(self) -> bool:
        """Whether it is trained. Set on a parameter of a network, its Keras variable follows."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, whether: bool) -> None:
        self._requires_grad = bool(whether)
        self._storage.train(self._requires_grad)

    def live_in(self, storage: Storage) -> None:
        """Keep the value in another place from now on."""
        self._storage = storage

    @property
    def data(self) -> Tensor:
        """The value as a tensor that shares it."""
        return Tensor.stored(self._storage)

    def value(self) -> Tensor:
        return self.data

    def set_data(self, data: ArrayLike | Tensor) -> Parameter:
        """Replace the value. Shape and element type must stay. Raises ValueError, TypeError."""
        array = as_array(data)
        if array.shape != self.shape:
            raise ValueError(f"`{self.name}` has shape {self.shape}, the new value {array.shape}")
        if array.dtype != self.dtype.as_numpy():
            raise TypeError(f"`{self.name}` holds {self.dtype}, the new value {array.dtype}")
        self._storage.write(array)
        return self

    def __repr__(self) -> str:
        return (
            f"Parameter (name={self.name}, shape={self.shape}, dtype={self.dtype}, "
            f"requires_grad={self.requires_grad})"
        )

    __str__ = __repr__
