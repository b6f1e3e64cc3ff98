"""MindSpore's functions for checkpoints: ``load_checkpoint``, ``load_param_into_net``,
``save_checkpoint`` (mindspore.train.serialization, 2.10).

They differ from MindSpore where MindSpore is silent: names match exactly and never by suffix,
every mismatch is reported at once, and what stays unloaded is warned of.
"""

from declspore.serialization.arguments import HasParameters
from declspore.serialization.loading import (
    LoadWarning,
    ParamDictFuture,
    load_checkpoint,
    load_checkpoint_async,
    load_param_into_net,
)
from declspore.serialization.rewriting import ckpt_to_safetensors, safetensors_to_ckpt
from declspore.serialization.saving import (
    async_ckpt_thread_status,
    check_saving,
    save_checkpoint,
)

__all__ = [
    "HasParameters",
    "LoadWarning",
    "ParamDictFuture",
    "async_ckpt_thread_status",
    "check_saving",
    "ckpt_to_safetensors",
    "load_checkpoint",
    "load_checkpoint_async",
    "load_param_into_net",
    "safetensors_to_ckpt",
    "save_checkpoint",
]
