"""Training and evaluating a model, step by step or in runs of steps, on any backend.

Keras's own trainer does the work; :class:`_WithLoss` wraps the network so that each step reports
its own loss, as MindSpore does, instead of the mean over the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from declspore.lower.loss import Loss, Objective

Batch = tuple[Any, Any]


class Listener(Protocol):
    """What is told of the progress of training. Steps and epochs are counted from 1."""

    stop: bool

    def epoch_begin(self, epoch: int) -> None: ...

    def step_begin(self, epoch: int, step: int) -> None: ...

    def step_end(self, epoch: int, step: int, loss: float) -> None:
        """``step`` counts within the epoch; several steps may be reported as one."""

    def epoch_end(self, epoch: int) -> None: ...


class _StepLoss(keras.metrics.Metric):
    """The loss of the latest step."""

    def __init__(self) -> None:
        super().__init__(name="step_loss")
        self._latest = self.add_variable((), "zeros", name="latest")

    def update_state(self, value: Any) -> None:
        self._latest.assign(ops.cast(value, self._latest.dtype))

    def result(self) -> Any:
        return self._latest.value + 0.0


class _WithLoss(keras.Model):
    """A network and its loss; trained, it leaves both unchanged but for the network's variables."""

    def __init__(self, network: keras.Model, loss: Loss | Objective, scale: float) -> None:
        super().__init__(name="with_loss")
        self.network = network
        self._scale = scale
        self._values = loss.of_batch
        self._step_loss = _StepLoss()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.network(_listed(inputs), training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        values = self._values(y_pred, y)
        self._step_loss.update_state(ops.mean(values))
        total = ops.sum(values)
        return total if self._scale == 1.0 else total * self._scale


class _Bridge(keras.callbacks.Callback):
    """Keras's callbacks to ours. Reading ``self.model`` makes a backend write variables back."""

    def __init__(self, listener: Listener, epoch: int) -> None:
        super().__init__()
        self._listener = listener
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._listener.step_begin(self._epoch, batch + 1)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        model = self.model
        self._listener.step_end(self._epoch, batch + 1, float((logs or {})["step_loss"]))
        if self._listener.stop:
            model.stop_training = True


def train(
    network: keras.Model,
    loss: Loss | Objective,
    optimizer: keras.optimizers.Optimizer,
    batches: Callable[[], Iterable[Batch]],
    epochs: Iterable[int],
    listener: Listener,
    steps_per_execution: int = 1,
    loss_scale: float = 1.0,
) -> None:
    """Train over ``epochs`` (their numbers); ``batches()`` gives the data of one epoch.

    With ``steps_per_execution`` above 1 that many steps run without a word to the listener,
    which is faster where nothing watches each step. Gradients are those of the loss times
    ``loss_scale``; the loss that is told is not.
    """
    model = _WithLoss(network, loss, loss_scale)
    if keras.backend.backend() == "torch":
        steps_per_execution = 1  # Keras runs single steps only there
    model.compile(optimizer=optimizer, steps_per_execution=steps_per_execution)
    for epoch in epochs:
        listener.epoch_begin(epoch)
        data = batches()
        if _is_native(data):
            bridge = _Bridge(listener, epoch)
            model.fit(data, verbose=0, callbacks=[bridge], shuffle=False)
        else:
            _train_on_batches(model, data, epoch, listener)
        listener.epoch_end(epoch)
        if listener.stop:
            return


def _train_on_batches(
    model: keras.Model, batches: Iterable[Any], epoch: int, listener: Listener
) -> None:
    step = 0
    for step, (data, label) in enumerate(_pairs(batches), start=1):
        listener.step_begin(epoch, step)
        logs = model.train_on_batch(data, label if len(label) else None, return_dict=True)
        listener.step_end(epoch, step, float(logs["step_loss"]))
        if listener.stop:
            return
    if step == 0:
        raise ValueError("the dataset has no batches")


def predict(network: keras.Model, data: Any) -> Any:
    """The network's output for one batch, in eval mode, as NumPy arrays: a list of several."""
    return network.predict_on_batch(_listed(_arrays(data)))


def evaluate(
    network: keras.Model, loss: Loss | Objective | None, batches: Iterable[Batch]
) -> Iterator[tuple[int, Any, Any, Any]]:
    """How many samples there are, outputs, labels and loss values (None without a loss) of each
    batch, as NumPy arrays; outputs and labels as a list and a tuple where there are several."""
    for data, label in _pairs(batches):
        outputs = predict(network, data)
        labels = _arrays(label)
        values = None
        if loss is not None:
            values = np.asarray(ops.convert_to_numpy(loss.of_batch(outputs, labels)))
        first = data[0] if isinstance(data, tuple) else data
        yield len(first), outputs, labels, values


def _is_native(data: Any) -> bool:
    """Whether Keras reads the data best itself (a tf.data dataset)."""
    return type(data).__module__.startswith("tensorflow.")


def _kind(batch: Any) -> str:
    name = type(batch).__name__
    return f"a {name} of {len(batch)}" if isinstance(batch, tuple | list) else name


def _pairs(batches: Iterable[Any]) -> Iterator[Batch]:
    """Each batch as (data, label), whatever sequence holds the two."""
    for number, batch in enumerate(batches, start=1):
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(
                f"batch {number} is no (data, label) but {_kind(batch)}; give a list of "
                "such pairs, a dataset of a spec or a tf.data.Dataset"
            )
        data, label = batch
        yield _arrays(data), _arrays(label)


def _listed(inputs: Any) -> Any:
    """Several inputs as Keras's functional models take them; pipelines give tuples."""
    return list(inputs) if isinstance(inputs, tuple) else inputs


def _arrays(value: Any) -> Any:
    """An array, or a tuple of those of several columns."""
    if isinstance(value, tuple) or (isinstance(value, list) and _is_of_arrays(value)):
        return tuple(map(_arrays, value))
    if hasattr(value, "asnumpy"):
        return value.asnumpy()
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def _is_of_arrays(value: list[Any]) -> bool:
    return bool(value) and all(getattr(item, "shape", ()) for item in value)
