"""declspore: MindSpore checkpoints in Keras, from a declarative spec, without MindSpore.

``load("file.spec")`` gives the networks, datasets and tasks of a spec. The functions of
MindSpore's guides have their names and arguments here: :func:`load_checkpoint`,
:func:`load_param_into_net`, :func:`save_checkpoint`, :class:`Model`, :class:`Tensor`,
:class:`Parameter`. Names are imported when first used, so reading a checkpoint loads no Keras.
"""

from __future__ import annotations

from declspore.stopping import end_in_one_line, is_command

if is_command():  # before what takes longer to import
    end_in_one_line()

import importlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from declspore.porting.homes import add_absent_modules, is_absent_module

if os.name != "posix":
    raise ImportError(
        "declspore reads and replaces files by calls that only POSIX systems have; it runs on "
        "Linux and macOS, and on Windows inside WSL"
    )

if TYPE_CHECKING:
    from declspore.api import Spec as Spec
    from declspore.api import add_words as add_words
    from declspore.api import load as load
    from declspore.api import open_checkpoint as open_checkpoint
    from declspore.checkpoint.reader import Checkpoint as Checkpoint
    from declspore.context import COMPATIBLE as COMPATIBLE
    from declspore.context import GRAPH_MODE as GRAPH_MODE
    from declspore.context import LAX as LAX
    from declspore.context import PYNATIVE_MODE as PYNATIVE_MODE
    from declspore.context import STRICT as STRICT
    from declspore.context import get_context as get_context
    from declspore.context import set_context as set_context
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
    from declspore.eager.cell import ParameterTuple as ParameterTuple
    from declspore.eager.gradients import grad as grad
    from declspore.eager.gradients import value_and_grad as value_and_grad
    from declspore.eager.printing import spec_of as spec_of
    from declspore.eager.random import get_seed as get_seed
    from declspore.eager.random import set_seed as set_seed
    from declspore.eager.settings import from_numpy as from_numpy
    from declspore.eager.settings import is_tensor as is_tensor
    from declspore.eager.settings import jit as jit
    from declspore.eager.settings import jit_class as jit_class
    from declspore.eager.settings import manual_seed as manual_seed
    from declspore.eager.settings import ms_function as ms_function
    from declspore.eager.settings import mutable as mutable
    from declspore.eager.settings import run_check as run_check
    from declspore.eager.settings import set_deterministic as set_deterministic
    from declspore.eager.settings import set_device as set_device
    from declspore.eager.settings import tensor as tensor
    from declspore.lower.plain import plain_keras as plain_keras
    from declspore.porting.names import Unsupported as Unsupported
    from declspore.report import DiagnosticError as DiagnosticError
    from declspore.serialization import LoadWarning as LoadWarning
    from declspore.serialization import async_ckpt_thread_status as async_ckpt_thread_status
    from declspore.serialization import ckpt_to_safetensors as ckpt_to_safetensors
    from declspore.serialization import load_checkpoint as load_checkpoint
    from declspore.serialization import load_checkpoint_async as load_checkpoint_async
    from declspore.serialization import load_param_into_net as load_param_into_net
    from declspore.serialization import safetensors_to_ckpt as safetensors_to_ckpt
    from declspore.serialization import save_checkpoint as save_checkpoint
    from declspore.tensor import Parameter as Parameter
    from declspore.tensor import Tensor as Tensor
    from declspore.train.exporting import export as export
    from declspore.train.model import Model as Model

__version__ = "0.1.0"

_DTYPES = (
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "bfloat16"),
    *("byte", "short", "intc", "intp", "int_", "long", "ubyte", "ushort", "uintc", "uintp", "uint"),
    *("half", "single", "double", "float_", "Type", "TensorType"),
    *("dtype_to_nptype", "dtype_to_pytype", "pytype_to_dtype"),
)
_CONTEXT = (
    *("GRAPH_MODE", "PYNATIVE_MODE", "STRICT", "COMPATIBLE", "LAX", "get_context", "set_context"),
)
_SETTINGS = (
    *("from_numpy", "is_tensor", "jit", "jit_class", "manual_seed", "ms_function", "mutable"),
    *("run_check", "set_deterministic", "set_device", "tensor"),
)
_FILES = (
    *("LoadWarning", "async_ckpt_thread_status", "ckpt_to_safetensors", "load_checkpoint"),
    *("load_checkpoint_async", "load_param_into_net", "safetensors_to_ckpt", "save_checkpoint"),
)
_HOMES = {
    "Spec": "api",
    "add_words": "api",
    "load": "api",
    "open_checkpoint": "api",
    "Checkpoint": "checkpoint.reader",
    "Diagnostic": "diagnostic",
    "DiagnosticError": "report",
    "Unsupported": "porting.names",
    "plain_keras": "lower.plain",
    "Parameter": "tensor",
    "ParameterTuple": "eager.cell",
    "Tensor": "tensor",
    "Model": "train.model",
    "export": "train.exporting",
    "spec_of": "eager.printing",
    "get_seed": "eager.random",
    "set_seed": "eager.random",
    "grad": "eager.gradients",
    "value_and_grad": "eager.gradients",
    **dict.fromkeys(_FILES, "serialization"),
    **dict.fromkeys(_CONTEXT, "context"),
    **dict.fromkeys(_SETTINGS, "eager.settings"),
    **dict.fromkeys(_DTYPES, "dtype"),
}
_SUBMODULES = (
    *("amp", "common", "communication", "context", "dataset", "dtype", "hook", "log", "nn", "ops"),
    "train",
)

__all__ = ["__version__", *_HOMES]


add_absent_modules()


def __getattr__(name: str) -> Any:
    if is_absent_module(name):
        return sys.modules[f"declspore.{name}"]
    if name in _SUBMODULES:
        return _module(f"declspore.{name}")
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _HOMES:
        value = getattr(_module(f"declspore.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    names = importlib.import_module("declspore.porting.names")
    if name in names.table()["mindspore.train"] and name in names.table()["mindspore"]:
        return getattr(_module("declspore.train"), name)
    raise names.refused("mindspore", name, __dir__())


def _module(name: str) -> ModuleType:
    """A module of ours. Raises EngineMissing where Keras or its backend is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        from declspore.engine import EngineMissing, missing

        if error.name in missing():
            raise EngineMissing(missing()) from None
        raise


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBMODULES])
