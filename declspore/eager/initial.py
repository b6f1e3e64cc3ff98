"""First values as tensors: ``initializer("normal", [2, 3])``."""

from __future__ import annotations

import secrets

from declspore.eager.random import get_seed
from declspore.eager.sizes import Sizes
from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.term import Term
from declspore.numerics.first_value import first_value
from declspore.numerics.initial import InitialValue
from declspore.registry.types import Mismatch
from declspore.tensor import Array, LazyStorage, Tensor


def initial_term(init: object) -> Term:
    """An initializer from one, from MindSpore's name of it, or from a number. Raises ValueError."""
    try:
        return InitialValue().accept(init)
    except Mismatch as error:
        help = f"; {error.help}" if error.help else ""
        raise ValueError(f"{error}{help}") from None


def initializer(init: object, shape: Sizes | None = None, dtype: DType = FLOAT32) -> Tensor:
    """A tensor with first values (mindspore.common.initializer.initializer).

    ``init`` is an initializer, MindSpore's name of one (``"xavier_uniform"``), a number, or a
    tensor, which is returned. Values are drawn when they are first used. Raises ValueError.
    """
    if isinstance(init, Tensor):
        if shape is not None and tuple(init.shape) != _sizes(shape):
            raise ValueError(f"the tensor has shape {init.shape}, not {_sizes(shape)}")
        return init
    if shape is None:
        raise ValueError("initializer needs a shape, such as initializer('normal', [2, 3])")
    term, sizes = initial_term(init), _sizes(shape)
    tensor = Tensor.stored(LazyStorage(sizes, dtype, lambda: draw(term, sizes, dtype, "")))
    tensor.init = term
    return tensor


def draw(term: Term, shape: tuple[int, ...], dtype: DType, name: str) -> Array:
    """First values of a parameter of that name; ``set_seed`` decides which."""
    import numpy as np

    seed = get_seed()
    chosen = secrets.randbits(63) if seed is None else seed
    found: Array = first_value(np, term, shape, name, chosen)
    return found.astype(dtype.as_numpy(), copy=False)


def _sizes(shape: Sizes) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)
