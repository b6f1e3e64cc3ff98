"""Every cell, optimizer, schedule, list of rates, initializer, loss and metric of MindSpore with
its arguments, and the types of places its ops give; parts of tests/oracle/generate.py."""

import importlib
import inspect
import json
import pkgutil

import mindspore as ms
import mindspore.common.initializer as init
import numpy as np
from mindspore import nn
from mindspore.nn import dynamic_lr, learning_rate_schedule, loss, optim
from mindspore.nn.layer import rnns
from mindspore.train import metrics

MODULES = {
    "optimizer": optim,
    "schedule": learning_rate_schedule,
    "rates": dynamic_lr,
    "initializer": init,
    "loss": loss,
    "metric": metrics,
}


def _undecorated(function):
    """The function MindSpore's decorators hide in their closures."""
    function = inspect.unwrap(function)
    while function.__name__ in ("deco", "wrapper"):
        cells = (cell.cell_contents for cell in function.__closure__)
        function = inspect.unwrap(next(c for c in cells if inspect.isfunction(c)))
    return function


def _argument(parameter):
    required = parameter.default is parameter.empty
    default = "a function" if callable(parameter.default) else parameter.default
    return [parameter.name] if required else [parameter.name, default]


def signatures(golden):
    found = {}
    for family, module in MODULES.items():
        for name in module.__all__:
            made = getattr(module, name)
            if family == "metric" and not inspect.isclass(made):
                continue
            taken = inspect.signature(
                _undecorated(made.__init__ if inspect.isclass(made) else made)
            ).parameters
            own = [p for n, p in taken.items() if n not in ("self", "kwargs")]
            # the function `initializer` takes a type, which is not a plain value
            if name != "initializer":
                found.setdefault(family, {})[name] = [_argument(p) for p in own]
    (golden / "signatures.json").write_text(json.dumps(found, indent=0) + "\n")


def places(golden):
    """Element types of where things are in a matrix."""
    x = ms.Tensor(np.arange(12, dtype=np.float32).reshape(3, 4))
    found = {
        "argmax": ms.ops.argmax(x, 1),
        "argmin": ms.ops.argmin(x, 1),
        "max": ms.ops.max(x, 1)[1],
        "min": ms.ops.min(x, 1)[1],
        "topk": ms.ops.topk(x, 2)[1],
        "argsort": ms.ops.argsort(x, 1),
        **{word: getattr(ms.ops, word)(x, 1)[1] for word in ("median", "cummax", "cummin")},
    }
    types = {name: str(value.dtype) for name, value in found.items()}
    (golden / "places.json").write_text(json.dumps(types, indent=0) + "\n")


def cells(golden):
    """Of every cell of mindspore.nn."""
    found = {}
    for module in pkgutil.iter_modules(nn.layer.__path__):
        home = importlib.import_module(f"mindspore.nn.layer.{module.name}")
        for name in home.__all__ if hasattr(home, "__all__") else ():
            made = getattr(home, name)
            if inspect.isclass(made) and hasattr(nn, name):
                found[name] = _taken(made)
    (golden / "cells.json").write_text(json.dumps(found, indent=0) + "\n")


def calls(golden):
    """What the calls of every cell of mindspore.nn take; none where it is whatever comes."""
    found = {}
    for name in json.loads((golden / "cells.json").read_text()):
        made = getattr(nn, name)
        own = rnns._RNNBase if made in (nn.RNN, nn.LSTM, nn.GRU) else made
        function = getattr(own, "construct", None) or own.__call__
        taken = list(inspect.signature(_undecorated(function)).parameters.values())[1:]
        if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in taken):
            found[name] = [_argument(p) for p in taken]
    (golden / "calls.json").write_text(json.dumps(found, indent=0) + "\n")


def _taken(made):
    """Cells of sequences hand all they are given to one, which has a ``mode`` beside."""
    own = rnns._RNNBase if made in (nn.RNN, nn.LSTM, nn.GRU) else made
    taken = inspect.signature(_undecorated(own.__init__)).parameters
    hidden = {"self", "mode"} if own is not made else {"self"}
    shown = [p for n, p in taken.items() if n not in hidden and not n.startswith("_")]
    # element types are not plain values
    return [[p.name, str(p.default)] if p.name == "dtype" else _argument(p) for p in shown]


def ops(golden):
    """What every function of mindspore.ops takes: ``*name`` is whatever comes, ``name=`` by its
    name alone. Defaults that are not plain values are shown as strings."""
    found = {}
    for name in sorted(ms.ops.__all__):
        made = getattr(ms.ops, name, None)
        if not inspect.isfunction(made):
            continue
        try:
            taken = inspect.signature(_undecorated(made)).parameters.values()
        except (TypeError, ValueError, StopIteration):
            continue
        found[name] = [_plain(p) for p in taken if p.kind is not p.VAR_KEYWORD]
    (golden / "ops.json").write_text(json.dumps(found, indent=0) + "\n")


def _plain(parameter):
    name, *default = _argument(parameter)
    plain = all(one is None or isinstance(one, (int, float, str, tuple, list)) for one in default)
    shown = {parameter.VAR_POSITIONAL: f"*{name}", parameter.KEYWORD_ONLY: f"{name}="}
    return [shown.get(parameter.kind, name), *(default if plain else map(str, default))]
