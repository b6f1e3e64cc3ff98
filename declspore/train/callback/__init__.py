"""Callbacks of training (mindspore.train.callback)."""

from declspore.porting.names import absent
from declspore.train.callback.base import Callback as Callback
from declspore.train.callback.base import CallbackParameters as CallbackParameters
from declspore.train.callback.base import RunContext as RunContext
from declspore.train.callback.checkpoint import CheckpointConfig as CheckpointConfig
from declspore.train.callback.checkpoint import ModelCheckpoint as ModelCheckpoint
from declspore.train.callback.monitors import LossMonitor as LossMonitor
from declspore.train.callback.monitors import TimeMonitor as TimeMonitor

__all__ = [
    *("Callback", "CallbackParameters", "RunContext", "CheckpointConfig", "ModelCheckpoint"),
    *("LossMonitor", "TimeMonitor"),
]
__getattr__ = absent("declspore.train.callback", lambda: __all__)
