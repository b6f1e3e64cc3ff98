"""Callbacks of training (mindspore.train.callback)."""

from declspore.porting.names import absent
from declspore.train.callback.base import Callback, CallbackParameters, RunContext
from declspore.train.callback.checkpoint import CheckpointConfig, ModelCheckpoint
from declspore.train.callback.followers import History, LambdaCallback, LearningRateScheduler
from declspore.train.callback.interruption import BackupAndRestore, OnRequestExit
from declspore.train.callback.monitored import EarlyStopping, ReduceLROnPlateau
from declspore.train.callback.monitors import LossMonitor, TimeMonitor
from declspore.train.callback.summary import SummaryCollector

__all__ = [
    "BackupAndRestore",
    "Callback",
    "CallbackParameters",
    "CheckpointConfig",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "LossMonitor",
    "ModelCheckpoint",
    "OnRequestExit",
    "ReduceLROnPlateau",
    "RunContext",
    "SummaryCollector",
    "TimeMonitor",
]
__getattr__ = absent("declspore.train.callback", lambda: __all__)
