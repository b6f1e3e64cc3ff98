"""Several devices of one process that share every batch, on TensorFlow.

Variables are on the first device. Each device computes the gradients of its samples; what it moves
on the way (moving statistics, seeds) is taken from the first one, since all of them move it to the
same values. ``MirroredStrategy`` runs the devices side by side and adds up what a layer asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import keras
import tensorflow as tf

from declspore.devices.group import Group
from declspore.ir.devices import Statistics
from declspore.ir.tensors import Tensor, Tensors

_SPREAD: list[tf.distribute.Strategy] = []


@contextmanager
def spread_over(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Train on the devices of a strategy within the block."""
    _SPREAD.append(strategy)
    try:
        yield
    finally:
        _SPREAD.pop()


def spread_devices() -> tf.distribute.Strategy | None:
    """The devices that were spread over last."""
    return _SPREAD[-1] if _SPREAD else None


def shared(group: Group, statistics: Statistics) -> Sharing | None:
    return None if spread_devices() is None else Sharing(statistics)


class Sharing:
    """See :class:`declspore.training.step.Devices`. Gradients are added up where devices run."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def at(self, place: Tensor) -> Replica:
        return Replica(place, self._statistics)

    def reduced(
        self, gradients: Sequence[Tensor | None], loss: Tensor
    ) -> tuple[list[Tensor | None], Tensor]:
        return list(gradients), loss

    def explained(self) -> AbstractContextManager[None]:
        return nullcontext()


class Replica:
    """The devices in one step, as one of them sees them."""

    def __init__(self, place: Tensor, statistics: Statistics) -> None:
        self.place, self.statistics = place, statistics

    def sum(self, tensor: Tensor) -> Tensor:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.convert_to_tensor(tensor))

    def rows(self, tensor: Tensor) -> Tensor:
        """Each device writes its samples into zeros of the size of the batch, and all are added:
        the strategy gathers parts of one size only."""
        tensor = tf.convert_to_tensor(tensor)
        begin, end, whole = (self.place[at] for at in range(3))
        floats = tensor.dtype if tensor.dtype.is_floating else tf.int64
        ends = [[begin, whole - end], *([0, 0] for _ in tensor.shape[1:])]

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def gathered(tensor: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
            def own(gradient: Tensor) -> Tensor:
                missing = tf.shape(tensor)[0] - (end - begin)
                filled = [[0, missing], *([0, 0] for _ in tensor.shape[1:])]
                return tf.ensure_shape(tf.pad(gradient[begin:end], filled), tensor.shape)

            padded = tf.pad(tf.cast(tensor[: end - begin], floats), ends)
            return tf.cast(self.sum(padded), tensor.dtype), own

        return gathered(tensor)


class Replicas:
    """Runs a function on all devices of a strategy."""

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self._strategy = strategy

    def run(
        self,
        forward: Callable[[Tensors, Tensors, Tensor], tuple[list[Tensor | None], Tensor]],
        data: Tensors,
        labels: Tensors,
        kept: Sequence[keras.Variable],
        place: Tensor | None = None,
    ) -> tuple[list[Tensor | None], Tensor]:
        """The sums of gradients, and what is reported, of samples whose parts are given to
        ``forward`` with their places in the batch. Variables that it assigns have their new values
        after it.

        The samples are those of a place in the batch
        (:class:`declspore.lower.devices.SharingDevices`), or all of it.
        """
        rows = tf.shape(tf.nest.flatten(data)[0])[0]
        start, stop, whole = (0, rows, rows) if place is None else tf.unstack(place)

        def one() -> tuple[list[Tensor | None], Tensor, list[Tensor]]:
            context = tf.distribute.get_replica_context()
            number, count = context.replica_id_in_sync_group, context.num_replicas_in_sync
            begin = (stop - start) * number // count
            end = (stop - start) * (number + 1) // count
            first = tf.minimum(begin, rows - 1)
            last = tf.maximum(end, first + 1)
            own, of_labels = tf.nest.map_structure(lambda x: x[first:last], (data, labels))
            within = tf.stack([start + begin, start + end, whole])
            # devices must not assign one variable at a time: the first one's values are kept
            with keras.StatelessScope() as scope:
                gradients, told = forward(own, of_labels, within)
                moved = [scope.get_current_value(variable) for variable in kept]
            return gradients, told, [_or_nothing(value) for value in moved]

        gradients, told, moved = self._strategy.run(one)
        results = self._strategy.experimental_local_results
        for variable, value in zip(kept, moved, strict=True):
            first = results(value)[0]
            if first.dtype != tf.string:
                variable.assign(first)
        summed = [None if each is None else _added(results(each)) for each in gradients]
        return summed, _reported(results(told))


def _or_nothing(value: Tensor | None) -> Tensor:
    """What a variable was moved to; a text where it was not, since a strategy returns tensors."""
    return tf.constant("") if value is None else tf.convert_to_tensor(value)


def _added(parts: Sequence[tf.Tensor | tf.IndexedSlices]) -> tf.Tensor | tf.IndexedSlices:
    """In the order of the devices; rows of a table are kept as one device would find them."""
    if isinstance(parts[0], tf.IndexedSlices):
        values = tf.concat([part.values for part in parts], axis=0)
        indices = tf.concat([part.indices for part in parts], axis=0)
        return tf.IndexedSlices(values, indices, parts[0].dense_shape)
    return tf.add_n(parts)


def _reported(parts: Sequence[Tensor]) -> Tensor:
    """The loss is that of all devices, everything else is the same on each."""
    return tf.concat([tf.add_n([part[:1] for part in parts]), parts[0][1:]], axis=0)
