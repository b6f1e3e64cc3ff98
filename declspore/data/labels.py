"""Labels that are no classes of a network, refused with the place they come from."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from declspore.check.datasets import Labels, not_a_class
from declspore.data.failure import Failure
from declspore.data.units import Place
from declspore.ir.tensors import Array, Tensor
from declspore.registry.data import Unavailable


class Refusing:
    """Lets through what labels may be; backends compute what they like of others, or stop without
    a place."""

    def __init__(self, labels: Labels, place: Place, failure: Failure) -> None:
        self._labels, self._place, self._failure = labels, place, failure

    def checked(self, numbers: Tensor, labels: Tensor) -> Tensor:
        """The labels of some items, or of one. The graph fails where one is not a class."""
        wide = tf.cast(labels, tf.int64)
        right = (wide >= 0) & (wide < self._labels.classes)
        for number in self._labels.ignored:
            right |= tf.equal(wide, number)

        def refused() -> Tensor:
            found = tf.numpy_function(self._refuse, [numbers, labels, right], labels.dtype)
            return tf.ensure_shape(found, labels.shape)

        return tf.cond(tf.reduce_all(right), lambda: labels, refused)

    def _refuse(self, numbers: Array, labels: Array, right: Array) -> Array:
        first = tuple(np.argwhere(~right)[0])
        number = numbers[first[0]] if first and np.ndim(numbers) else numbers
        with self._failure.kept(lambda: self._place(number)):
            reason = not_a_class(self._place(number), self._labels.classes, labels[first])
            raise Unavailable(reason, "class numbers start at 0")
