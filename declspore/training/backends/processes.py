"""Several processes that share every batch, in the graph of TensorFlow.

A value that all processes need leaves the graph for the group (:mod:`declspore.devices`) and comes
back. TensorFlow runs these calls in the order of the trace, which is the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf

from declspore.devices.errors import Lost
from declspore.devices.group import Array, Group
from declspore.ir.devices import Statistics
from declspore.ir.tensors import Tensor


class Processes:
    """See :class:`declspore.training.step.Devices`."""

    def __init__(self, group: Group, statistics: Statistics) -> None:
        self._group, self._statistics = group, statistics
        self._lost: Lost | None = None

    def at(self, place: Tensor) -> _Placed:
        return _Placed(self, place, self._statistics)

    def reduced(
        self, gradients: Sequence[Tensor | None], loss: Tensor
    ) -> tuple[list[Tensor | None], Tensor]:
        """Gradients of one type travel as one vector. Of those that hold rows of a table, the rows
        of all processes are kept, as one process would find them."""
        found: dict[int, Tensor] = {}
        by_type: dict[tf.DType, dict[int, Tensor]] = {}
        for at, gradient in enumerate(gradients):
            if isinstance(gradient, tf.IndexedSlices):
                rows = (self.rows(part) for part in (gradient.values, gradient.indices))
                found[at] = tf.IndexedSlices(*rows, gradient.dense_shape)
            elif gradient is not None:
                by_type.setdefault(gradient.dtype, {})[at] = gradient
        by_type.setdefault(tf.float32, {})
        for dtype, own in by_type.items():
            tensors = [tf.convert_to_tensor(gradient) for gradient in own.values()]
            if dtype == tf.float32:
                tensors.append(loss)
            flat = tf.concat([tf.reshape(each, [-1]) for each in tensors], axis=0)
            called = self._ends_step if dtype == tf.float32 else self._group.sum
            summed = self.called(called, flat, flat.shape)
            parts = tf.split(summed, [tf.size(each) for each in tensors])
            shaped = [tf.reshape(p, tf.shape(t)) for p, t in zip(parts, tensors, strict=True)]
            if dtype == tf.float32:
                loss = tf.ensure_shape(shaped.pop(), loss.shape)
            for (at, given), tensor in zip(own.items(), shaped, strict=True):
                found[at] = tf.ensure_shape(tensor, given.shape)
        return [found.get(at) for at in range(len(gradients))], loss

    def _ends_step(self, flat: Array) -> Array:
        found = self._group.sum(flat)
        self._group.step += 1
        return found

    def sum(self, tensor: Tensor) -> Tensor:
        return self.called(self._group.sum, tensor, tensor.shape)

    def rows(self, tensor: Tensor) -> Tensor:
        return self.called(self._group.rows, tensor, [None, *tensor.shape[1:]])

    def called(
        self, ask: Callable[[Array], Array], tensor: Tensor, shape: Sequence[int | None]
    ) -> Tensor:
        """What the group makes of a tensor."""

        def asked(value: Array) -> Array:
            try:
                return ask(value)
            except Lost as error:
                self._lost = error
                raise

        return tf.ensure_shape(tf.numpy_function(asked, [tensor], tensor.dtype), shape)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raises Lost where a process ended, in place of TensorFlow's error."""
        try:
            yield
        except tf.errors.OpError:
            if self._lost is None:
                raise
            raise self._lost from None


def shared(group: Group, statistics: Statistics) -> Processes:
    return Processes(group, statistics)


class _Placed:
    """The processes in one step."""

    def __init__(self, processes: Processes, place: Tensor, statistics: Statistics) -> None:
        self._processes, self.place, self.statistics = processes, place, statistics

    def sum(self, tensor: Tensor) -> Tensor:
        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def summed(tensor: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
            return self._processes.sum(tensor), self._processes.sum

        return summed(tf.convert_to_tensor(tensor))

    def rows(self, tensor: Tensor) -> Tensor:
        begin, end = self.place[0], self.place[1]

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def gathered(tensor: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
            def own(gradient: Tensor) -> Tensor:
                kept = gradient[begin:end]
                # a sample that does not count has no gradient
                missing = tf.shape(tensor)[0] - (end - begin)
                ends = [[0, missing], *([0, 0] for _ in tensor.shape[1:])]
                return tf.ensure_shape(tf.pad(kept, ends), tensor.shape)

            return self._processes.rows(tensor[: end - begin]), own

        return gathered(tf.convert_to_tensor(tensor))
