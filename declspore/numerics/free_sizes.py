"""What Keras can do with sizes that are known only when a model runs."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType


def beyond_keras(type: TensorType, shape: Shape) -> bool:
    """Whether a reshape leaves too many sizes free for what Keras has: one, or one in addition to
    the batch's."""
    free = [axis for axis, dim in enumerate(shape) if not isinstance(dim, int)]
    keeps_batch = bool(free) and free[0] == 0 and type.rank > 0 and shape[0] == type.shape[0]
    return len(free) > (2 if keeps_batch else 1)
