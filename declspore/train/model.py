"""``Model``: training, evaluation and prediction as MindSpore's scripts write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import index
from typing import Any, SupportsIndex

import keras
import numpy as np

from declspore.eager.cell import Cell
from declspore.eager.program import compiled
from declspore.ir.tensors import Array, Columns
from declspore.ir.timeline import Timeline
from declspore.lower.batches import pairs
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate, predict
from declspore.lower.loss import several
from declspore.lower.optimizer import Optimizer
from declspore.porting.names import refused_member
from declspore.registry.policy import Phase, Policy, Run, State
from declspore.tensor import Parameter, Tensor
from declspore.train.accepted import (
    Metrics,
    Network,
    evaluation_of,
    loss_of,
    loss_scale_of,
    metrics_of,
    optimizer_of,
)
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
from declspore.train.loss_scale_manager import LossScaleManager
from declspore.train.precision import auto_mixed_precision
from declspore.train.wrappers import WithLossCell
from declspore.training.checkpoint import training_parameters
from declspore.training.engine import Engine
from declspore.training.optimizing import TrainingOptimizer
from declspore.training.scaling import scaling
from declspore.training.step import Trainee


class Model:
    """A network with loss, optimizer and metrics (mindspore.Model).

    ``network`` is compiled from a spec, or an ``nn.Cell``, which is compiled for the data it is
    given; ``loss_fn`` and ``optimizer`` come from :mod:`declspore.nn` or from Keras, losses in a
    list are added up, and a loss may be a cell or function of Python; ``metrics`` is a set of
    names, as ``{"accuracy"}``, or a dict of metrics of declspore.nn or Keras. Where a network has
    several outputs or there are several labels, ``nn.On`` says which of them enter a loss or
    metric. ``eval_network`` is evaluated in place of the network; ``eval_indexes`` are the places
    of loss, output and label among its results. ``amp_level`` other than ``O0`` computes in
    float16 (:mod:`declspore.amp`); ``keep_batchnorm_fp32`` has no effect, since normalization
    stays in float32.
    The loss is scaled by ``loss_scale_manager``; where the optimizer divides by another
    ``loss_scale``, its steps have another length, as in MindSpore, and a warning says so.
    """

    def __init__(
        self,
        network: Network,
        loss_fn: object = None,
        optimizer: Optimizer | keras.optimizers.Optimizer | None = None,
        metrics: Metrics = None,
        eval_network: Callable[..., object] | None = None,
        eval_indexes: Sequence[int] | None = None,
        amp_level: str = "O0",
        boost_level: str = "O0",
        *,
        loss_scale_manager: LossScaleManager | None = None,
        keep_batchnorm_fp32: bool = True,
    ) -> None:
        if isinstance(network, WithLossCell) and loss_fn is None:
            network, loss_fn = network.backbone_network, network.loss_fn
        if not isinstance(network, Cell) and binding_of(network) is None:
            raise TypeError(
                "network must be an nn.Cell, or a model compiled from a spec, see declspore.load"
            )
        trained_by = optimizer_of(optimizer, network)
        if boost_level != "O0":
            raise ValueError("boost_level is not supported; leave it out")
        self._network = auto_mixed_precision(network, amp_level)
        self._loss = loss_of(loss_fn)
        self._optimizer = trained_by
        self._metrics = metrics_of(metrics)
        self._scale_manager = loss_scale_manager
        self._loss_scale = loss_scale_of(trained_by, loss_scale_manager)
        self._eval_network, self._eval_indexes = evaluation_of(eval_network, eval_indexes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise refused_member("mindspore.Model", name, dir(type(self)))

    @property
    def train_network(self) -> TrainNetwork:
        """Network and optimizer together: what a training checkpoint holds."""
        return TrainNetwork(self._network, self._optimizer)

    @property
    def predict_network(self) -> Network:
        """The network alone."""
        return self._network

    @property
    def eval_network(self) -> Callable[..., object]:
        """What evaluation runs: ``eval_network``, or the network."""
        return self._eval_network or self._network

    def train(
        self,
        epoch: int,
        train_dataset: object,
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
        self._train(epoch, train_dataset, listed(callbacks), initial_epoch, None)

    def fit(
        self,
        epoch: int,
        train_dataset: object,
        valid_dataset: object = None,
        valid_frequency: int | Sequence[int] = 1,
        callbacks: AnyCallback | Sequence[AnyCallback] | None = None,
        dataset_sink_mode: bool = False,
        valid_dataset_sink_mode: bool = False,
        sink_size: int = -1,
        initial_epoch: int = 0,
    ) -> None:
        """:meth:`train`, and evaluate after every ``valid_frequency`` epochs, or after the epochs
        it lists.

        Callbacks find the figures as ``eval_results`` of their arguments: those of the metrics by
        name, and ``eval_loss``. Raises what :meth:`train` and :meth:`eval` raise.
        """
        validation = None
        if valid_dataset is not None:
            validation = _Validation(self, valid_dataset, valid_frequency)
        self._train(epoch, train_dataset, listed(callbacks), initial_epoch, validation)

    def _train(
        self,
        epoch: int,
        train_dataset: object,
        told: list[AnyCallback],
        initial_epoch: int,
        validation: _Validation | None,
    ) -> None:
        if self._loss is None or self._optimizer is None:
            raise ValueError("training needs loss_fn and optimizer")
        epoch, initial_epoch = _whole("epoch", epoch), _whole("initial_epoch", initial_epoch)
        epochs = epoch - initial_epoch
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
        model = self._compiled(feed)
        self._optimizer.follow()
        context = RunContext(parameters)
        trained = TrainedModel(model, self._optimizer)
        manager = self._scale_manager
        policies = [
            *scaling(model, self._loss_scale),
            *(() if manager is None else manager.policies()),
            *(() if validation is None else (validation.told(context, told),)),
            *policies_of(told, context, trained),
        ]
        timeline = Timeline(epochs, count, None if count is None else count * epochs)
        trainee = Trainee(model, self._loss, self._optimizer)
        Engine(trainee, feed.feed, timeline, policies, first_epoch=initial_epoch + 1).train()

    def _compiled(self, feed: PythonFeed) -> keras.Model:
        """The network as a model; a cell is compiled for the data's first batch."""
        if not isinstance(self._network, Cell):
            return self._network
        data, _ = feed.first()
        inputs = [Tensor(np.asarray(each)) for each in several(data)]
        return compiled(self._network, inputs).model

    def eval(
        self,
        valid_dataset: object,
        callbacks: Callback | Sequence[Callback] | None = None,
        dataset_sink_mode: bool = False,
    ) -> dict[str, float]:
        """The figures of all metrics over a dataset, by name. Raises ValueError."""
        if not self._metrics:
            raise ValueError("evaluation needs metrics, such as metrics={'accuracy'}")
        return self.evaluate(valid_dataset, of_evaluation(callbacks))[0]

    def evaluate(
        self, valid_dataset: object, told: Sequence[Callback] = ()
    ) -> tuple[dict[str, float], float]:
        """The figures of all metrics, and the mean loss (not a number without a loss)."""
        for metric in self._metrics.values():
            metric.clear()
        feed = PythonFeed(valid_dataset, 1)
        count = feed.count() if told else None
        context = RunContext(
            self.callback_parameters("eval", count, list(told), valid_dataset=valid_dataset)
        )
        arguments = context.original_args()
        _tell(told, "on_eval_begin", context)
        _tell(told, "on_eval_epoch_begin", context)
        total = 0.0
        for outputs, labels, losses in self._evaluated(feed):
            arguments.cur_step_num += 1
            _tell(told, "on_eval_step_begin", context)
            for metric in self._metrics.values():
                metric.feed(outputs, labels, losses)
            total += np.nan if losses is None else float(np.mean(losses))
            arguments.net_outputs = _tensors(outputs)
            _tell(told, "on_eval_step_end", context)
            if context.get_stop_requested():
                break
        if not arguments.cur_step_num:
            raise ValueError("the dataset has no batches")
        figures = {name: metric.eval() for name, metric in self._metrics.items()}
        arguments.metrics = figures
        _tell(told, "on_eval_epoch_end", context)
        _tell(told, "on_eval_end", context)
        return figures, total / arguments.cur_step_num

    def _evaluated(
        self, feed: PythonFeed
    ) -> Iterator[tuple[Array | list[Array], Columns, Array | None]]:
        """Outputs, labels and losses of each batch."""
        if self._eval_network is None:
            model = self._compiled(feed)
            for _, outputs, labels, losses in evaluate(model, self._loss, feed.batches):
                yield outputs, labels, losses
            return
        for data, labels in pairs(feed.batches):
            given = [Tensor(np.asarray(each)) for each in (*several(data), *several(labels))]
            outputs = [_array(each) for each in several(self._eval_network(*given))]
            yield _chosen(outputs, self._eval_indexes)

    def predict(self, *predict_data: object, backend: str | None = None) -> Tensor | list[Tensor]:
        """The network's output for one batch, as a Tensor (a list of them for several outputs).

        Raises ValueError for another ``backend`` than None."""
        if backend is not None:
            raise ValueError("backend is not supported; leave it out")
        data = [item.asnumpy() if isinstance(item, Tensor) else item for item in predict_data]
        model = self._network
        if isinstance(model, Cell):
            model = compiled(model, [Tensor(np.asarray(each)) for each in data]).model
        outputs = predict(model, data[0] if len(data) == 1 else data)
        if isinstance(outputs, list | tuple):
            return [Tensor(output) for output in outputs]
        return Tensor(outputs)

    def build(
        self,
        train_dataset: object = None,
        valid_dataset: object = None,
        sink_size: int = -1,
        epoch: int = 1,
        sink_mode: bool = True,
    ) -> None:
        """Compile a cell for a dataset's batches before it is trained or evaluated."""
        for dataset in (train_dataset, valid_dataset):
            if dataset is not None:
                self._compiled(PythonFeed(dataset, 1))

    def callback_parameters(
        self, mode: str, count: int | None, callbacks: list[Callback], **more: object
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

    def __init__(self, network: Network, optimizer: TrainingOptimizer | None) -> None:
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


class _Validation(Policy):
    """Evaluates within a training, before callbacks are asked at the end of an epoch."""

    phase = Phase.MEASURE

    def __init__(self, model: Model, dataset: object, frequency: int | Sequence[int]) -> None:
        self._model, self._dataset, self._frequency = model, dataset, frequency
        self._context: RunContext | None = None
        self._callbacks: list[Callback] = []

    def told(self, context: RunContext, callbacks: Sequence[AnyCallback]) -> _Validation:
        """With the callbacks that see it, and where they look."""
        self._context = context
        self._callbacks = [each for each in mindspores(callbacks) if each.sees_evaluation]
        return self

    def before_epoch(self, state: State, run: Run) -> State:
        assert self._context is not None
        self._context.original_args().pop("eval_results", None)
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        assert self._context is not None
        if self._is_due(run.epoch):
            figures, loss = self._model.evaluate(self._dataset, self._callbacks)
            results = {**figures, "eval_loss": loss}
            self._context.original_args().eval_results = results
            shown = ", ".join(f"{name} {_short(value)}" for name, value in results.items())
            run.note(f"epoch {run.epoch}: {shown}")
        return state

    def _is_due(self, epoch: int) -> bool:
        if isinstance(self._frequency, int):
            return epoch % self._frequency == 0
        return epoch in self._frequency


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _tensors(outputs: Array | Sequence[Array]) -> Tensor | list[Tensor]:
    """Outputs for callbacks: a tensor, or a list of them."""
    if isinstance(outputs, list | tuple):
        return [Tensor(each) for each in outputs]
    return Tensor(outputs)


def _array(value: object) -> Array:
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)


def _chosen(
    outputs: list[Array], indexes: Sequence[int] | None
) -> tuple[Array | list[Array], Array, Array | None]:
    """Outputs, labels and losses among the results of an ``eval_network``."""
    if indexes is None:
        return outputs[:-1], outputs[-1], None
    if max(indexes) >= len(outputs):
        raise ValueError(f"eval_network gives {len(outputs)} results; eval_indexes is {indexes!r}")
    loss, output, label = (outputs[place] for place in indexes)
    return output, label, loss


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {value!r}") from None


def _tell(callbacks: Sequence[Callback], event: str, context: RunContext) -> None:
    for callback in callbacks:
        getattr(callback, event)(context)
