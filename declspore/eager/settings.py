"""Small functions of ``mindspore`` that scripts call next to a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from declspore.eager.random import set_seed
from declspore.engine import require
from declspore.ir.dtype import DType
from declspore.tensor import Array, Tensor

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def tensor(
    input_data: ArrayLike | Tensor | None = None, dtype: DType | None = None, shape: object = None
) -> Tensor:
    """A tensor (mindspore.tensor)."""
    return Tensor(input_data, dtype)


def from_numpy(array: Array) -> Tensor:
    """A tensor of an array. Raises TypeError for anything else."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected an array, found {type(array).__name__}")
    return Tensor(array)


def is_tensor(obj: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


@overload
def jit(function: F, *_: object, **__: object) -> F: ...


@overload
def jit(function: None = None, *_: object, **__: object) -> Callable[[F], F]: ...


def jit(function: F | None = None, *_: object, **__: object) -> F | Callable[[F], F]:
    """The function itself: cells are compiled when they are called, and other code is not."""
    return (lambda decorated: decorated) if function is None else function


ms_function = jit_class = jit


def mutable(input_data: T, dynamic_len: bool = False) -> T:
    """The value itself."""
    return input_data


def manual_seed(seed: int) -> None:
    """See :func:`declspore.set_seed`."""
    set_seed(seed)


def set_device(device_target: str, device_id: int | None = None) -> None:
    """Nothing to do: Keras's backend decides where to compute."""


def set_deterministic(deterministic: bool) -> None:
    """Nothing to do: on a processor, results are the same from run to run."""


def run_check() -> None:
    """Compute something and print that it worked."""
    require()
    import keras

    total = Tensor([1.0, 2.0]) + Tensor([3.0, 4.0])
    assert total.asnumpy().tolist() == [4.0, 6.0]
    backend = keras.backend.backend()
    print(f"declspore computes with Keras {keras.__version__} on {backend}")  # noqa: T201
