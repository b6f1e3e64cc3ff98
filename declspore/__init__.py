"""declspore: MindSpore checkpoints in Keras, from a declarative spec, without MindSpore.

``load("file.spec")`` gives the networks, datasets and tasks of a spec. The functions of
MindSpore's guides have their names and arguments here: :func:`load_checkpoint`,
:func:`load_param_into_net`, :func:`save_checkpoint`, :class:`Model`, :class:`Tensor`,
:class:`Parameter`. Names are imported when first used, so reading a checkpoint loads no Keras.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if os.name != "posix":
    raise ImportError(
        "declspore reads and replaces files by calls that only POSIX systems have; it runs on "
        "Linux and macOS, and on Windows inside WSL"
    )

if TYPE_CHECKING:
    from declspore.api import Spec as Spec
    from declspore.api import load as load
    from declspore.api import open_checkpoint as open_checkpoint
    from declspore.api import set_seed as set_seed
    from declspore.checkpoint.reader import Checkpoint as Checkpoint
    from declspore.diagnostic import Diagnostic as Diagnostic
    from declspore.dtype import bfloat16 as bfloat16
    from declspore.dtype import bool_ as bool_
    from declspore.dtype import float16 as float16
    from declspore.dtype import float32 as float32
    from declspore.dtype import float64 as float64
    from declspore.dtype import int8 as int8
    from declspore.dtype import int16 as int16
    from declspore.dtype import int32 as int32
    from declspore.dtype import int64 as int64
    from declspore.dtype import uint8 as uint8
    from declspore.dtype import uint16 as uint16
    from declspore.dtype import uint32 as uint32
    from declspore.dtype import uint64 as uint64
    from declspore.lower.plain import plain_keras as plain_keras
    from declspore.report import DiagnosticError as DiagnosticError
    from declspore.serialization import LoadWarning as LoadWarning
    from declspore.serialization import load_checkpoint as load_checkpoint
    from declspore.serialization import load_param_into_net as load_param_into_net
    from declspore.serialization import save_checkpoint as save_checkpoint
    from declspore.tensor import Parameter as Parameter
    from declspore.tensor import Tensor as Tensor
    from declspore.train.model import Model as Model

__version__ = "0.1.0"

_DTYPES = (
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "bfloat16"),
)
_HOMES = {
    "Spec": "api",
    "load": "api",
    "open_checkpoint": "api",
    "set_seed": "api",
    "Checkpoint": "checkpoint.reader",
    "Diagnostic": "diagnostic",
    "DiagnosticError": "report",
    "LoadWarning": "serialization",
    "load_checkpoint": "serialization",
    "load_param_into_net": "serialization",
    "plain_keras": "lower.plain",
    "save_checkpoint": "serialization",
    "Parameter": "tensor",
    "Tensor": "tensor",
    "Model": "train.model",
    **dict.fromkeys(_DTYPES, "dtype"),
}
_SUBMODULES = ("dtype", "hook", "nn", "train")

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"declspore.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'declspore' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"declspore.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBMODULES])
