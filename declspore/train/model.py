"""``Model``: training, evaluation and prediction as MindSpore's scripts write them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any

import keras

from declspore.ir.timeline import Timeline
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate, predict
from declspore.lower.loss import Loss, Objective, several
from declspore.lower.optimizer import Optimizer
from declspore.tensor import Parameter, Tensor
from declspore.train.callback.base import Callback, CallbackParameters, RunContext
from declspore.train.callback.policies import (
    AnyCallback,
    TrainedModel,
    listed,
    mindspores,
    of_evaluation,
    policies_of,
)
from declspore.train.feed import PythonFeed
from declspore.train.loss_scale_manager import FixedLossScaleManager
from declspore.train.metric import Metric
from declspore.training.checkpoint import training_parameters
from declspore.training.engine import Engine
from declspore.training.scaling import scaling
from declspore.training.step import Trainee

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
        callbacks: AnyCallback | Sequence[AnyCallback] | None = None,
        dataset_sink_mode: bool = False,
        sink_size: int = -1,
        initial_epoch: int = 0,
    ) -> None:
        """Train until ``epoch`` epochs are done, counting from ``initial_epoch``.

        ``train_dataset`` is a ``tf.data.Dataset``, a dataset of a spec, or any iterable of
        (data, label) batches, gone through once an epoch; data and label are tuples where there
        are several. ``dataset_sink_mode`` and ``sink_size`` are taken for MindSpore's sake: there
        is not a device queue to sink into. Raises TypeError, ValueError, and DiagnosticError where
        a list of learning rates ends before the training (of an iterator: at the step without one).
        """
        if self._loss is None or self._optimizer is None:
            raise ValueError("training needs loss_fn and optimizer")
        epoch, initial_epoch = _whole("epoch", epoch), _whole("initial_epoch", initial_epoch)
        epochs = epoch - initial_epoch
        told = listed(callbacks)
        feed = PythonFeed(train_dataset, epochs)
        feed.check_rates(self._optimizer)
        count = feed.count() if told else None
        parameters = self.callback_parameters(
            "train",
            count,
            mindspores(told),
            train_network=self.train_network,
            train_dataset=feed.batches,
            epoch_num=epochs,
            last_save_ckpt_step=None,
            latest_ckpt_file=None,
        )
        trained = TrainedModel(self._network, self._optimizer)
        policies = [
            *scaling(self._network, self._loss_scale),
            *policies_of(told, RunContext(parameters), trained),
        ]
        timeline = Timeline(epochs, count, None if count is None else count * epochs)
        trainee = Trainee(self._network, self._loss, self._optimizer)
        Engine(trainee, feed.feed, timeline, policies, first_epoch=initial_epoch + 1).train()

    def eval(
        self,
        valid_dataset: Any,
        callbacks: Callback | Sequence[Callback] | None = None,
        dataset_sink_mode: bool = False,
    ) -> dict[str, float]:
        """The figures of all metrics over a dataset, by name. Raises ValueError."""
        if not self._metrics:
            raise ValueError("evaluation needs metrics, such as metrics={'accuracy'}")
        for metric in self._metrics.values():
            metric.clear()
        feed = PythonFeed(valid_dataset, 1)
        told = of_evaluation(callbacks)
        count = feed.count() if told else None
        context = RunContext(
            self.callback_parameters("eval", count, told, valid_dataset=valid_dataset)
        )
        arguments = context.original_args()
        _tell(told, "on_eval_begin", context)
        _tell(told, "on_eval_epoch_begin", context)
        for _, outputs, labels, losses in evaluate(self._network, self._loss, feed.batches):
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
        self, mode: str, count: int | None, callbacks: list[Callback], **more: Any
    ) -> CallbackParameters:
        """What callbacks are shown at the start of a run."""
        return CallbackParameters(
            mode=mode,
            network=self._network,
            loss_fn=self._loss,
            optimizer=self._optimizer,
            metrics=self._metrics,
            list_callback=callbacks,
            batch_num=count,
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


def _whole(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {value!r}") from None


def _tell(callbacks: list[Callback], event: str, context: RunContext) -> None:
    for callback in callbacks:
        getattr(callback, event)(context)


def _metrics(given: Metrics) -> dict[str, Metric]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        for name, metric in given.items():
            if not isinstance(metric, Metric):
                raise TypeError(f"the metric {name!r} must be one of declspore.nn")
        return dict(given)
    return {name: Metric.named(name) for name in sorted(given)}
