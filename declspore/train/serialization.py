"""``mindspore.train.serialization``: functions for checkpoints under their older home."""

from __future__ import annotations

from declspore.porting.names import absent
from declspore.serialization import (
    ParamDictFuture,
    async_ckpt_thread_status,
    ckpt_to_safetensors,
    load_checkpoint,
    load_checkpoint_async,
    load_param_into_net,
    safetensors_to_ckpt,
    save_checkpoint,
)
from declspore.train.exporting import export

__all__ = [
    "ParamDictFuture",
    "async_ckpt_thread_status",
    "ckpt_to_safetensors",
    "export",
    "load_checkpoint",
    "load_checkpoint_async",
    "load_param_into_net",
    "safetensors_to_ckpt",
    "save_checkpoint",
]
__getattr__ = absent("declspore.train.serialization", lambda: __all__)
