"""``mindspore.train`` for training scripts: :class:`Model` and its callbacks."""

from declspore.train.callback import Callback as Callback
from declspore.train.callback import CheckpointConfig as CheckpointConfig
from declspore.train.callback import LossMonitor as LossMonitor
from declspore.train.callback import ModelCheckpoint as ModelCheckpoint
from declspore.train.callback import RunContext as RunContext
from declspore.train.callback import TimeMonitor as TimeMonitor
from declspore.train.loss_scale_manager import FixedLossScaleManager as FixedLossScaleManager
from declspore.train.metric import auc as auc
from declspore.train.model import Model as Model
