"""What Keras can do with sizes that are known only when a model runs."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.ir.shape import Dim, Shape, TensorType


def beyond_keras(type: TensorType, shape: Shape) -> bool:
    """Whether a reshape leaves too many sizes free for what Keras has: one, or one in addition to
    the batch's."""
    free = [axis for axis, dim in enumerate(shape) if not isinstance(dim, int)]
    keeps_batch = bool(free) and free[0] == 0 and type.rank > 0 and shape[0] == type.shape[0]
    return len(free) > (2 if keeps_batch else 1)


def grown(type: TensorType, shape: Shape) -> dict[int, Dim]:
    """The axes along which a tensor is repeated to sizes that are not known."""
    own = (1,) * (len(shape) - type.rank) + type.shape
    pairs = enumerate(zip(own, shape, strict=True))
    return {axis: new for axis, (old, new) in pairs if old != new and not isinstance(new, int)}


def repeats_beyond_keras(type: TensorType, shape: Shape, inputs: Sequence[Shape]) -> bool:
    """Whether a tensor is repeated to a size that no axis of the network's inputs has."""
    return any(all(dim not in one for one in inputs) for dim in grown(type, shape).values())


def reshaped(given: TensorType, made: TensorType, inputs: Sequence[Shape]) -> str | None:
    """Why no layer of Keras reshapes so, if none does."""
    if beyond_keras(given, made.shape):
        return "it reshapes to several free sizes, which no layer of Keras does"
    return None


def repeated(given: TensorType, made: TensorType, inputs: Sequence[Shape]) -> str | None:
    """Why no layer of Keras repeats so, if none does."""
    if repeats_beyond_keras(given, made.shape, inputs):
        return "it repeats to a computed size, which no layer of Keras does"
    return None
