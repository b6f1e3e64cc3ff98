"""Transforms as scripts use them: objects that are given to ``map``, or called with an array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from declspore.datafile import Damaged
from declspore.dataset.config import chance
from declspore.eager.methods import ElementType, as_dtype
from declspore.engine import before_tensorflow
from declspore.ir.dtype import BY_NUMPY, STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.data import ChangeKind, Element, ItemKind
from declspore.registry.kind import Misfit
from declspore.registry.python import bind_call, signed
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor

Columns = list[list[Any]]
"""Of each row the values of some columns."""


class Operation:
    """A transform. ``of_rows`` changes one column of several rows at once."""

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        """The changed values."""
        raise NotImplementedError

    def __call__(self, value: object) -> Any:
        array = value.asnumpy() if isinstance(value, Tensor) else _as_array(value)
        return self.of_rows([array], chance("call", 0))[0]


class VocabularyTransform(Operation):
    """A transform of the vocabulary with its arguments."""

    def __init__(self, kind: ChangeKind | ItemKind, arguments: Arguments) -> None:
        self._kind, self._arguments = kind, arguments

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        arrays = [_as_array(value) for value in values]
        try:
            return self._changed(arrays, draws)
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{self._kind.name}: {error}{help}") from None
        except Damaged as error:
            raise ValueError(f"{self._kind.name}: {error}") from None

    def _changed(self, arrays: Sequence[Array], draws: np.random.Generator) -> list[object]:
        kind = self._kind
        if isinstance(kind, ItemKind):
            return [self._item(kind, array, draws) for array in arrays]
        alike = len({(array.shape, array.dtype.name) for array in arrays}) == 1
        if alike:
            return list(self._several(kind, np.stack(arrays), arrays[0], draws))
        return [self._several(kind, array[None], array, draws)[0] for array in arrays]

    def _item(self, kind: ItemKind, array: Array, draws: np.random.Generator) -> Array | bytes:
        array = self._fitting(array)
        type = _type(array)
        value = array.item() if array.dtype == object and not array.ndim else array
        found: Array | bytes = kind.compute(self._arguments, type, value, self._drawn(1, draws)[0])
        return found

    def _fitting(self, array: Array) -> Array:
        """The value as the transform takes it: MindSpore has the bytes of a file as u8[N]. Raises
        Misfit."""
        type = _type(array)
        try:
            self._kind.infer(self._arguments, Element.pair(type, type))
        except Misfit:
            if array.dtype != np.uint8 or array.ndim != 1:
                raise
            file: Array = _as_array(array.tobytes())
            self._kind.infer(self._arguments, Element.pair(_type(file), _type(file)))
            return file
        return array

    def _several(
        self, kind: ChangeKind, array: Array, one: Array, draws: np.random.Generator
    ) -> Array:
        type = _type(one)
        element = Element.pair(type, type)
        kind.infer(self._arguments, element)
        before_tensorflow()
        import tensorflow as tf

        tensor, drawn = tf.constant(array), tf.constant(self._drawn(len(array), draws))
        data, label = kind.apply(tf, self._arguments, element, tensor, tensor, drawn)
        return np.asarray(data if data is not tensor else label)

    def _drawn(self, count: int, draws: np.random.Generator) -> Array:
        return draws.random((count, self._kind.draws(self._arguments)), np.float32)

    def __repr__(self) -> str:
        return f"{self._kind.name}({', '.join(f'{k}={v}' for k, v in self._arguments.items())})"


def _as_array(value: object) -> Array:
    """A value as an array; texts and bytes as objects of bytes, since NumPy's own type of bytes
    drops zeros at the end."""
    if isinstance(value, bytes):
        found = np.empty((), object)
        found[()] = value
        return found
    array = np.asarray(value)
    if array.dtype.kind not in "US":
        return array
    texts = np.empty(array.shape, object)
    for place, text in np.ndenumerate(array):
        texts[place] = text.encode() if isinstance(text, str) else bytes(text)
    return texts


def _type(array: Array) -> TensorType:
    """The type of one value; bytes and texts are strings."""
    dtype = BY_NUMPY.get(array.dtype.name, STRING)
    return TensorType(dtype, tuple(array.shape))


class TypeCast(Operation):
    """Values of another element type (mindspore.dataset.transforms.TypeCast)."""

    def __init__(self, data_type: ElementType) -> None:
        self._dtype = as_dtype(data_type).as_numpy()

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        return [np.asarray(value).astype(self._dtype) for value in values]


class Compose(Operation):
    """Transforms one after the other (mindspore.dataset.transforms.Compose)."""

    def __init__(self, transforms: Sequence[Callable[..., object]]) -> None:
        self._transforms = list(transforms)

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        changed = apply_all(self._transforms, [[value] for value in values], draws)
        return [row[0] for row in changed]


def apply_all(
    operations: Sequence[Callable[..., object]], columns: Columns, draws: np.random.Generator
) -> list[list[object]]:
    """Rows after operations: each takes what the one before it gave."""
    for operation in operations:
        if isinstance(operation, Operation):
            if any(len(row) != 1 for row in columns):
                raise ValueError(f"{operation!r} takes one column, {len(columns[0])} are given")
            changed = operation.of_rows([row[0] for row in columns], draws)
            columns = [[value] for value in changed]
        elif callable(operation):
            columns = [_results(operation(*row)) for row in columns]
        else:
            raise TypeError(f"an operation must be callable, not {type(operation).__name__}")
    return columns


def _results(value: object) -> list[object]:
    values = value if isinstance(value, tuple) else (value,)
    return [each.asnumpy() if isinstance(each, Tensor) else each for each in values]


def transform_maker(kind: ChangeKind | ItemKind) -> Callable[..., VocabularyTransform]:
    """What makes a transform of that word, as scripts call its class."""

    def make(*given: object, **named: object) -> VocabularyTransform:
        plain = [_plain(value) for value in given]
        by_name = {name: _plain(value) for name, value in named.items()}
        if by_name.get("is_hwc") is True:
            del by_name["is_hwc"]
        return VocabularyTransform(kind, bind_call(kind, plain, by_name))

    return signed(make, kind.name, kind, home="declspore.dataset.vision")


def _plain(value: object) -> object:
    """A setting as the vocabulary has it: MindSpore's enumerations by word, NumPy's types."""
    if isinstance(value, type) and issubclass(value, np.generic):
        return as_dtype(value)
    return getattr(value, "word", value)


def change_kinds() -> list[ChangeKind | ItemKind]:
    """The transforms of the vocabulary that change items."""
    return [kind for kind in vocabulary() if isinstance(kind, ChangeKind | ItemKind)]
