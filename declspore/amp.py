"""``mindspore.amp``: loss scales and mixed precision."""

from __future__ import annotations

from declspore.porting.names import absent
from declspore.train.loss_scale_manager import (
    DynamicLossScaleManager,
    FixedLossScaleManager,
    LossScaleManager,
)
from declspore.train.precision import auto_mixed_precision
from declspore.train.scaler import DynamicLossScaler, LossScaler, StaticLossScaler, all_finite
from declspore.train.wrappers import build_train_network

__all__ = [
    "DynamicLossScaleManager",
    "DynamicLossScaler",
    "FixedLossScaleManager",
    "LossScaleManager",
    "LossScaler",
    "StaticLossScaler",
    "all_finite",
    "auto_mixed_precision",
    "build_train_network",
]
__getattr__ = absent("declspore.amp", lambda: __all__)
