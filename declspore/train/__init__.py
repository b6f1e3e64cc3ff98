"""``mindspore.train`` for scripts: :class:`Model`, its callbacks, metrics and loss scales."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from declspore.engine import require

require()

from declspore.porting.homes import alias
from declspore.porting.names import refused
from declspore.registry.metric import MetricKind
from declspore.registry.table import vocabulary
from declspore.train.callback import BackupAndRestore as BackupAndRestore
from declspore.train.callback import Callback as Callback
from declspore.train.callback import CheckpointConfig as CheckpointConfig
from declspore.train.callback import EarlyStopping as EarlyStopping
from declspore.train.callback import History as History
from declspore.train.callback import LambdaCallback as LambdaCallback
from declspore.train.callback import LearningRateScheduler as LearningRateScheduler
from declspore.train.callback import LossMonitor as LossMonitor
from declspore.train.callback import ModelCheckpoint as ModelCheckpoint
from declspore.train.callback import OnRequestExit as OnRequestExit
from declspore.train.callback import ReduceLROnPlateau as ReduceLROnPlateau
from declspore.train.callback import RunContext as RunContext
from declspore.train.callback import SummaryCollector as SummaryCollector
from declspore.train.callback import TimeMonitor as TimeMonitor
from declspore.train.loss_scale_manager import DynamicLossScaleManager as DynamicLossScaleManager
from declspore.train.loss_scale_manager import FixedLossScaleManager as FixedLossScaleManager
from declspore.train.loss_scale_manager import LossScaleManager as LossScaleManager
from declspore.train.metric import Metric as Metric
from declspore.train.metric import auc as auc
from declspore.train.metric import get_metric_fn as get_metric_fn
from declspore.train.metric import metric_maker
from declspore.train.metric import names as names
from declspore.train.model import Model as Model
from declspore.train.wrappers import build_train_network as build_train_network

_SUBMODULES = ("callback", "loss_scale_manager", "model", "serialization")


alias(__name__, ("metrics",))


def __getattr__(name: str) -> Any:
    if name == "metrics":
        return sys.modules[__name__]
    if name in _SUBMODULES:
        return importlib.import_module(f"declspore.train.{name}")
    serialization = importlib.import_module("declspore.train.serialization")
    if name in serialization.__all__:
        return getattr(serialization, name)
    kind = vocabulary().get(name)
    if not isinstance(kind, MetricKind):
        raise refused("mindspore.train", name, __dir__())
    made = metric_maker(kind)
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    serialization = importlib.import_module("declspore.train.serialization")
    own = (name for name in globals() if name[0].isupper())
    words = (kind.name for kind in vocabulary().every(MetricKind))
    return sorted({*own, *words, *serialization.__all__, *_SUBMODULES, "auc", "names"})
