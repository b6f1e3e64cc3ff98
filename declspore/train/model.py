"""``Model``: training, evaluation and prediction as MindSpore's scripts write them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from operator import index
from typing import Any

import keras

from declspore.lower.binding import binding_of
from declspore.lower.loss import Loss, Objective, several
from declspore.lower.optimizer import Optimizer
from declspore.lower.training import evaluate, predict, train
from declspore.plan.errors import too_few_rates
from declspore.report import DiagnosticError
from declspore.run.load import training_parameters
from declspore.tensor import Parameter, Tensor
from declspore.train.callback import (
    Callback,
    CallbackParameters,
    ModelCheckpoint,
    RunContext,
    loss_tensor,
)
from declspore.train.loss_scale_manager import FixedLossScaleManager
from declspore.train.metric import Metric

Metrics = Mapping[str, Metric] | Iterable[str] | None


class Model:
    """A network with loss, optimizer and metrics (mindspore.Model).

    ``network`` is compiled from a spec; ``loss_fn`` and ``optimizer`` come from
    :mod:`declspore.nn`, losses in a list are added up; ``metrics`` is a set of names, as
    ``{"accuracy"}``, or a dict of metrics. Where a network has several outputs or there are several
    labels, ``nn.On`` says which of them enter a loss or metric.
    The loss is scaled by ``loss_scale_manager``; where the optimizer divides by another
    ``loss_scale``, its steps have another length, as in MindSpore, and a warning says so.
    """

    def __init__(
        self,
        network: keras.Model,
        loss_fn: Loss | Objective | Sequence[Loss | Objective] | None = None,
        optimizer: Optimizer | None = None,
        metrics: Metrics = None,
        *,
        loss_scale_manager: FixedLossScaleManager | None = None,
    ) -> None:
        if binding_of(network) is None:
            raise TypeError("network must be a model compiled from a spec, see declspore.load")
        if not all(isinstance(loss, Loss | Objective) for loss in several(loss_fn)):
            raise TypeError("loss_fn must be a loss of declspore.nn")
        if optimizer is not None and not isinstance(optimizer, Optimizer):
            raise TypeError("optimizer must be an optimizer of declspore.nn")
        self._network = network
        self._loss = Objective.joined(loss_fn) if isinstance(loss_fn, Sequence) else loss_fn
        self._optimizer = optimizer
        self._metrics = _metrics(metrics)
        self._loss_scale = _loss_scale(optimizer, loss_scale_manager)

    @property
    def train_network(self) -> TrainNetwork:
        """Network and optimizer together: what a training checkpoint holds."""
        return TrainNetwork(self._network, self._optimizer)

    def train(
        self,
        epoch: int,
        train_dataset: Any,
        callbacks: Callback | list[Callback] | None = None,
        dataset_sink_mode: bool = False,
        sink_size: int = -1,
        initial_epoch: int = 0,
    ) -> None:
        """Train until ``epoch`` epochs are done, counting from ``initial_epoch``.

        ``train_dataset`` is a ``tf.data.Dataset``, a dataset of a spec, or any iterable of
        (data, label) batches, gone through once an epoch; data and label are tuples where there
        are several. ``dataset_sink_mode`` and ``sink_size`` are taken for MindSpore's sake: there
        is no device queue to sink into. Raises TypeError, ValueError, and DiagnosticError where a
        list of learning rates ends before the training (of an iterator: at the step without one).
        """
        if self._loss is None or self._optimizer is None:
            raise ValueError("training needs loss_fn and optimizer")
        epoch, initial_epoch = _whole("epoch", epoch), _whole("initial_epoch", initial_epoch)
        feed = _Feed(train_dataset, epoch - initial_epoch)
        feed.check_rates(self._optimizer)
        listener = _Listener(self, feed, callbacks, epoch - initial_epoch)
        epochs = range(initial_epoch + 1, epoch + 1)
        with listener:
            train(
                self._network,
                self._loss,
                self._optimizer,
                feed.batches,
                epochs,
                listener,
                listener.steps_at_once,
                self._loss_scale,
            )

    def eval(
        self,
        valid_dataset: Any,
        callbacks: Callback | list[Callback] | None = None,
        dataset_sink_mode: bool = False,
    ) -> dict[str, float]:
        """The figures of all metrics over a dataset, by name. Raises ValueError."""
        if not self._metrics:
            raise ValueError("evaluation needs metrics, such as metrics={'accuracy'}")
        for metric in self._metrics.values():
            metric.clear()
        feed = _Feed(valid_dataset, 1)
        told = _callbacks(callbacks)
        context = RunContext(
            self.callback_parameters("eval", feed, told, valid_dataset=valid_dataset)
        )
        arguments = context.original_args()
        _tell(told, "on_eval_begin", context)
        _tell(told, "on_eval_epoch_begin", context)
        for _, outputs, labels, losses in evaluate(self._network, self._loss, feed.batches()):
            arguments.cur_step_num += 1
            _tell(told, "on_eval_step_begin", context)
            for metric in self._metrics.values():
                metric.feed(outputs, labels, losses)
            arguments.net_outputs = outputs
            _tell(told, "on_eval_step_end", context)
            if context.get_stop_requested():
                break
        if not arguments.cur_step_num:
            raise ValueError("the dataset has no batches")
        figures = {name: metric.eval() for name, metric in self._metrics.items()}
        arguments.metrics = figures
        _tell(told, "on_eval_epoch_end", context)
        _tell(told, "on_eval_end", context)
        return figures

    def predict(self, *predict_data: Any) -> Any:
        """The network's output for one batch, as a Tensor (a list of them for several outputs)."""
        data = [item.asnumpy() if isinstance(item, Tensor) else item for item in predict_data]
        outputs = predict(self._network, data[0] if len(data) == 1 else data)
        if isinstance(outputs, list | tuple):
            return [Tensor(output) for output in outputs]
        return Tensor(outputs)

    def callback_parameters(
        self, mode: str, feed: _Feed, callbacks: list[Callback], **more: Any
    ) -> CallbackParameters:
        """What callbacks are shown at the start of a run."""
        return CallbackParameters(
            mode=mode,
            network=self._network,
            loss_fn=self._loss,
            optimizer=self._optimizer,
            metrics=self._metrics,
            list_callback=callbacks,
            batch_num=feed.count() if callbacks else None,
            cur_step_num=0,
            cur_epoch_num=0,
            dataset_sink_mode=False,
            device_number=1,
            parallel_mode="stand_alone",
            **more,
        )


class TrainNetwork:
    """A network with its optimizer, as ``save_checkpoint`` takes it."""

    def __init__(self, network: keras.Model, optimizer: Optimizer | None) -> None:
        self._network = network
        self._optimizer = optimizer

    def parameters_dict(self) -> dict[str, Parameter]:
        """Every parameter by name, in the order MindSpore saves them."""
        if self._optimizer is None:
            return dict(self._network.parameters_dict())
        return training_parameters(self._network, self._optimizer)

    def get_parameters(self) -> list[Parameter]:
        return list(self.parameters_dict().values())

    def trainable_params(self) -> list[Parameter]:
        return list(self._network.trainable_params())


class _Feed:
    """A dataset as something that can be gone through once an epoch."""

    def __init__(self, dataset: Any, epochs: int) -> None:
        self._dataset = dataset.tf_data() if hasattr(dataset, "tf_data") else dataset
        self._epochs = epochs
        if epochs > 1 and isinstance(self._dataset, Iterator):
            raise ValueError(
                "an iterator can be gone through once only; give a list or a dataset for "
                f"{epochs} epochs"
            )

    def batches(self) -> Any:
        return self._dataset

    def check_rates(self, optimizer: Optimizer) -> None:
        """Raises DiagnosticError where a list of the optimizer's rates ends before all epochs do:
        of an iterator, whose length nothing tells, at the first batch that has no rate."""
        if optimizer.fewest_rates is None:
            return
        batches = self.count()
        if batches is None:
            self._dataset = _while_rates_last(self._dataset, optimizer)
        else:
            _check_rates(optimizer, batches * self._epochs)

    def count(self) -> int | None:
        """How many batches an epoch has; counted by going through them where nothing tells."""
        if isinstance(self._dataset, Iterator):
            return None
        for name in ("__len__", "cardinality", "get_dataset_size"):
            if hasattr(self._dataset, name):
                try:
                    number = int(getattr(self._dataset, name)())
                except TypeError:
                    continue
                if number >= 0:
                    return number
        return sum(1 for _ in self._dataset)


class _Listener:
    """Carries what happens in training to MindSpore's callbacks."""

    def __init__(
        self,
        model: Model,
        feed: _Feed,
        callbacks: Callback | list[Callback] | None,
        epochs: int,
    ) -> None:
        self.stop = False
        self._callbacks = _callbacks(callbacks)
        parameters = model.callback_parameters(
            "train",
            feed,
            self._callbacks,
            train_network=model.train_network,
            train_dataset=feed.batches(),
            epoch_num=epochs,
            last_save_ckpt_step=None,
            latest_ckpt_file=None,
        )
        self._context = RunContext(parameters)
        self._stack = ExitStack()

    @property
    def steps_at_once(self) -> int:
        """Steps run one by one where a callback may look at each."""
        return 1 if self._callbacks else 32

    def __enter__(self) -> _Listener:
        for callback in self._callbacks:
            self._stack.enter_context(callback)
        _tell(self._callbacks, "on_train_begin", self._context)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is None:
            _tell(self._callbacks, "on_train_end", self._context)
        else:
            for callback in self._callbacks:
                if isinstance(callback, ModelCheckpoint):
                    callback.save_breakpoint(self._context.original_args())
        self._stack.__exit__(kind, error, trace)

    def epoch_begin(self, epoch: int) -> None:
        self._context.original_args().cur_epoch_num = epoch
        _tell(self._callbacks, "on_train_epoch_begin", self._context)

    def step_begin(self, epoch: int, step: int) -> None:
        if self._callbacks:
            self._context.original_args().cur_step_num += 1
            _tell(self._callbacks, "on_train_step_begin", self._context)

    def step_end(self, epoch: int, step: int, loss: float) -> None:
        if self._callbacks:
            self._context.original_args().net_outputs = loss_tensor(loss)
            _tell(self._callbacks, "on_train_step_end", self._context)
            self.stop = self._context.get_stop_requested()

    def epoch_end(self, epoch: int) -> None:
        _tell(self._callbacks, "on_train_epoch_end", self._context)
        self.stop = self._context.get_stop_requested()


def _callbacks(given: Callback | list[Callback] | None) -> list[Callback]:
    callbacks = [] if given is None else given if isinstance(given, list) else [given]
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(f"callbacks must be Callback objects, not {type(callback).__name__}")
    return list(callbacks)


def _tell(callbacks: list[Callback], event: str, context: RunContext) -> None:
    for callback in callbacks:
        getattr(callback, event)(context)


def _loss_scale(optimizer: Optimizer | None, manager: FixedLossScaleManager | None) -> float:
    """What the loss is multiplied by. Warns where the optimizer divides by something else."""
    scale = 1.0 if manager is None else manager.get_loss_scale()
    if optimizer is not None and optimizer.loss_scale != scale:
        warnings.warn(
            f"the loss is multiplied by {scale:g}, {optimizer.word} divides gradients by "
            f"{optimizer.loss_scale:g}; give both the same loss_scale, or neither",
            stacklevel=3,
        )
    return scale


def _check_rates(optimizer: Optimizer, steps: int) -> None:
    rates, steps = optimizer.fewest_rates, optimizer.steps_done + steps
    if rates is not None and rates < steps:
        raise DiagnosticError([too_few_rates(None, rates, steps)])


def _while_rates_last(batches: Iterator[Any], optimizer: Optimizer) -> Iterator[Any]:
    for batch in batches:
        _check_rates(optimizer, 1)
        yield batch


def _whole(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None


def _metrics(given: Metrics) -> dict[str, Metric]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        for name, metric in given.items():
            if not isinstance(metric, Metric):
                raise TypeError(f"the metric {name!r} must be one of declspore.nn")
        return dict(given)
    return {name: Metric.named(name) for name in sorted(given)}
