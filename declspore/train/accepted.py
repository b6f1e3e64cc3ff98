"""What ``Model`` accepts as its network, loss, optimizer and metrics."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import keras

from declspore.eager.cell import Cell
from declspore.lower.loss import Loss, Objective
from declspore.lower.optimizer import Optimizer
from declspore.train.keras_parts import KerasMetric, KerasObjective, KerasOptimizer
from declspore.train.loss_scale_manager import LossScaleManager
from declspore.train.metric import Metric
from declspore.train.wrappers import CellLoss
from declspore.training.optimizing import TrainingOptimizer

Network: TypeAlias = keras.Model | Cell
"""A model compiled from a spec, or a cell of Python."""
Measure: TypeAlias = Metric | keras.metrics.Metric
Metrics: TypeAlias = Mapping[str, Measure] | Iterable[str | Measure] | None
AnyMetric: TypeAlias = Metric | KerasMetric


def loss_of(given: object) -> Loss | Objective | None:
    """A loss of declspore, a cell or function of Python, or several of them. Raises TypeError."""
    if given is None or isinstance(given, Loss | Objective):
        return given
    if isinstance(given, list | tuple):
        found = [loss_of(each) for each in given]
        return Objective.joined([each for each in found if each is not None])
    if isinstance(given, keras.losses.Loss):
        return KerasObjective(given)
    if not callable(given):
        raise TypeError(
            "loss_fn must be a loss of declspore.nn or of Keras, or a cell or function of Python"
        )
    return CellLoss(given)


def optimizer_of(
    given: Optimizer | keras.optimizers.Optimizer | None, network: Network
) -> TrainingOptimizer | None:
    """An optimizer of declspore, or one of Keras for the trained parameters. Raises TypeError."""
    if given is None or isinstance(given, Optimizer):
        return given
    if not isinstance(given, keras.optimizers.Optimizer):
        raise TypeError("optimizer must be an optimizer of declspore.nn or of Keras")
    return KerasOptimizer(given, network.trainable_params())


def evaluation_of(
    network: Callable[..., object] | None, indexes: Sequence[int] | None
) -> tuple[Callable[..., object] | None, Sequence[int] | None]:
    if indexes is not None and (network is None or len(indexes) != 3):
        raise ValueError(
            "eval_indexes are the places of loss, output and label among the results of "
            f"eval_network; found {indexes!r}"
        )
    return network, indexes


def loss_scale_of(optimizer: TrainingOptimizer | None, manager: LossScaleManager | None) -> float:
    """What the loss is multiplied by. Warns where the optimizer divides by something else."""
    scale = 1.0 if manager is None else manager.get_loss_scale()
    if optimizer is not None and optimizer.loss_scale != scale:
        warnings.warn(
            f"the loss is multiplied by {scale:g}, {optimizer.word} divides gradients by "
            f"{optimizer.loss_scale:g}; give both the same loss_scale, or neither",
            stacklevel=3,
        )
    return scale


def metrics_of(given: Metrics) -> dict[str, AnyMetric]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {name: _metric(name, metric) for name, metric in given.items()}
    found: dict[str, AnyMetric] = {}
    for each in sorted(given, key=_name_of):
        name = _name_of(each)
        found[name] = Metric.named(each) if isinstance(each, str) else _metric(name, each)
    return found


def _name_of(given: str | Measure) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, Metric):
        return given.kind.key
    if isinstance(given, keras.metrics.Metric):
        return str(given.name)
    raise TypeError(f"metrics are names or metrics, not {type(given).__name__}")


def _metric(name: str, given: object) -> AnyMetric:
    if isinstance(given, keras.metrics.Metric):
        return KerasMetric(given)
    if not isinstance(given, Metric):
        raise TypeError(f"the metric {name!r} must be one of declspore.nn or of Keras")
    return given
