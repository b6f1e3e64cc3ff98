"""Writes the stubs of generated words for type checkers: ``python -m tests.python.write_stubs``."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from keyword import iskeyword
from pathlib import Path
from typing import Any

from declspore.eager import composed, methods
from declspore.eager.calls import ALIASES, op_named
from declspore.eager.functions import FUNCTIONS, LOSSES, function
from declspore.numerics.initial import InitialValue
from declspore.porting.names import table
from declspore.registry import types
from declspore.registry.cell import CellKind
from declspore.registry.data import SourceKind
from declspore.registry.feeding import FeedingKind
from declspore.registry.kind import Kind
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind
from declspore.registry.op import OpKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.schedule import RateListKind, ScheduleKind
from declspore.registry.signature import Argument
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor
from tests.conftest import ROOT

_HEAD = '''"""{text}

Generated: ``python -m tests.python.write_stubs``.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

{imports}
_Tensor = Tensor | _float | NDArray[Any]
_Initial = Tensor | _Term | _str | _float

'''
_IMPORTS = (
    # words of the vocabulary are called like these
    "from builtins import bool as _bool, float as _float, int as _int, str as _str",
    "from declspore.ir.dtype import DType as _DType",
    "from declspore.ir.term import Term as _Term",
    "from declspore.tensor import Tensor",
)
ANY = "Any"


_PLAIN = {
    types.Integer: "_int",
    types.Extent: "_int",
    types.Number: "_float",
    types.Boolean: "_bool",
    types.Text: "_str",
    types.Shape: "_int | Sequence[_int]",
    types.ElementType: "_DType",
    types.Tensor: "_Tensor",
    types.TermOf: "_Term | Tensor",
    InitialValue: "_Initial",
}


def python_type(type: Any) -> str:
    """What a type checker is told about an argument; Any where it has no name for it."""
    match type:
        case types.Choice():
            return f"Literal[{', '.join(map(repr, type.options))}]"
        case types.Optional():
            return _union([python_type(type.type), "None"])
        case types.ListOf():
            return _of_items(python_type(type.type))
        case types.Repeated():
            one = python_type(type.type)
            return _union([one, _of_items(one)])
        case types.Either():
            return _union([python_type(each) for each in type.types])
    return _PLAIN.get(type.__class__, ANY)


def _of_items(item: str) -> str:
    return ANY if item == ANY else f"Sequence[{item}]"


def _union(parts: list[str]) -> str:
    if ANY in parts:
        return ANY
    return " | ".join(dict.fromkeys(part for each in parts for part in each.split(" | ")))


def formals(arguments: tuple[Argument, ...]) -> list[str]:
    """The arguments of a word as a signature has them."""
    found: list[str] = []
    optional = False
    for argument in arguments:
        name = f"{argument.name}_" if iskeyword(argument.name) else argument.name
        type = python_type(argument.type)
        if argument.repeats:
            found.append(f"*{name}: {type}")
            optional = True
            continue
        # an argument without a default may follow one with
        optional = optional or not argument.required
        found.append(f"{name}: {type}{' = ...' if optional else ''}")
    return found


def _call(name: str, given: list[str], result: str, indent: str = "") -> str:
    return f"{indent}def {name}({', '.join(given)}) -> {result}: ...\n"


def _result(kind: OpKind) -> str:
    told = str(getattr(kind.infer, "__annotations__", {}).get("return"))
    if told == "TensorType":
        return "Tensor"
    return told.replace("TensorType", "Tensor") if told.startswith("tuple") else ANY


ANYTHING = ["*given: Any", "**named: Any"]


def nn_stub() -> str:
    """Cells, optimizers, losses, metrics and schedules."""
    imports = "\n".join(
        (
            *_IMPORTS,
            "from declspore.eager.cell import Cell",
            "from declspore.lower.loss import Loss as _Loss, Objective as _Objective",
            "from declspore.lower.optimizer import Optimizer",
            "from declspore.train.metric import Metric as _Metric",
        )
    )
    body = "".join(map(_nn_word, sorted(vocabulary(), key=lambda kind: kind.name)))
    return _HEAD.format(text="Words of ``declspore.nn`` for type checkers.", imports=imports) + body


def _nn_word(kind: Kind) -> str:
    given = formals(kind.signature.arguments)
    match kind:
        case CellKind() if kind.inputs:
            made = _call("__init__", ["self", *given], "None", "    ")
            return f"class {kind.name}(Cell):\n{made}"
        case OptimizerKind():
            if kind.wraps:  # its first argument is the optimizer
                return _call(kind.name, ["optimizer: Optimizer", *given[1:]], "Optimizer")
            return _call(kind.name, ["params: Iterable[Any]", *given], "Optimizer")
        case LossKind():
            return _call(kind.name, given, "_Loss")
        case MetricKind():
            return _call(kind.name, given, "_Metric")
        case FeedingKind():
            return _call(kind.name, ANYTHING, "_Objective | _Metric")
        case ScheduleKind():
            return _call(kind.name, given, "_Term")
        case RateListKind():
            return _call(kind.name, given, "list[_float]")
    return ""


def ops_stub() -> str:
    """Ops as functions, losses as functions, and primitives."""
    imports = "\n".join([*_IMPORTS, *_imported().values()])
    text = "Functions of ``declspore.ops`` for type checkers."
    head = _HEAD.format(text=text, imports=imports)
    return "".join([head, _op_words(), _functions(), _primitives()])


def _op_words() -> str:
    lines = []
    for name in sorted({*ALIASES, *(kind.name for kind in vocabulary().every(OpKind))}):
        kind = op_named(name)
        if kind is not None and name not in FUNCTIONS and name.isidentifier():
            lines.append(_call(name, formals(kind.signature.arguments), _result(kind)))
    return "".join(lines)


@cache
def _imported() -> dict[str, str]:
    """The functions of modules, by name: a line that imports each."""
    found = {}
    for name, value in FUNCTIONS.items():
        home = inspect.getmodule(value)
        if home is not None and getattr(home, value.__name__, None) is value:
            found[name] = f"from {home.__name__} import {value.__name__} as {name}"
    return found


def _functions() -> str:
    names = sorted({*FUNCTIONS, *LOSSES} - set(_imported()))
    return "".join(_call(n, ANYTHING, "Tensor" if n in LOSSES else ANY) for n in names)


def _primitives() -> str:
    lines = []
    for name in table()["mindspore.ops"]:
        if name[:1].isupper() and name not in FUNCTIONS and _is_there(name):
            lines.append(_call(name, ANYTHING, "Callable[..., Any]"))
    return "".join(lines)


def _is_there(name: str) -> bool:
    try:
        function(name)
    except ImportError:
        return False
    return True


def tensor_stub() -> str:
    """Methods of tensors that are ops."""
    own = {name for name in vars(Tensor) if not name.startswith("_")}
    lines = ["class OpMethods:\n"]
    for name in sorted(methods.PROPERTIES):
        lines.append(f"    @property\n    def {name}(self) -> Any: ...\n")
    for name in sorted(_methods() - own - set(methods.PROPERTIES)):
        kind = op_named(name)
        special = name in methods.METHODS or name in composed.METHODS or name in methods.LISTED
        if special or kind is None:
            lines.append(_call(name, ["self", *ANYTHING], ANY, "    "))
        else:
            given = ["self", *formals(kind.signature.arguments[1:])]
            lines.append(_call(name, given, _result(kind), "    "))
    imports = "\n".join(_IMPORTS)
    head = _HEAD.format(text="Methods of tensors for type checkers.", imports=imports)
    return head + "".join(lines)


def _methods() -> set[str]:
    named = {name for name in table()["mindspore.Tensor"] if _is_method(name)}
    return {*methods.METHODS, *composed.METHODS, *named}


@cache
def _is_method(name: str) -> bool:
    kind = op_named(name)
    return kind is not None and bool(kind.signature.arguments)


def dataset_stub() -> str:
    """Sources of the vocabulary as classes of datasets."""
    common = [
        *("num_samples: _int | None = ...", "shuffle: _bool | None = ...", "sampler: Any = ..."),
        *("num_shards: _int | None = ...", "shard_id: _int | None = ...", "**settings: Any"),
    ]
    lines = []
    for kind in sorted(vocabulary().every(SourceKind), key=lambda each: each.name):
        name = kind.name if kind.name.endswith("Dataset") else f"{kind.name}Dataset"
        if name not in ("NumpySlicesDataset", "GeneratorDataset", "TFRecordDataset"):
            given = [f for f in formals(kind.signature.arguments) if not _clashes(f, common)]
            lines.append(_call(name, [*given, "*", *common], "Dataset"))
    imports = "\n".join(("from declspore.dataset.pipeline import Dataset", *_IMPORTS))
    head = _HEAD.format(text="Sources of ``declspore.dataset`` for type checkers.", imports=imports)
    return head + "".join(lines)


def _clashes(formal: str, others: list[str]) -> bool:
    return any(other.partition(":")[0] == formal.partition(":")[0] for other in others)


STUBS = {
    "declspore/typed/nn.pyi": nn_stub,
    "declspore/typed/ops.pyi": ops_stub,
    "declspore/typed/methods.pyi": tensor_stub,
    "declspore/typed/dataset.pyi": dataset_stub,
}


def formatted(text: str) -> str:
    """A stub as ruff writes it, without what it does not use."""
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert ruff is not None
    for command in (["check", "--fix", "--quiet", "--select", "F401,I"], ["format"]):
        given = [ruff, *command, "--stdin-filename", str(ROOT / "declspore" / "x.pyi"), "-"]
        done = subprocess.run(given, input=text, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        text = done.stdout
    return text


def stubs() -> Iterator[tuple[str, str]]:
    """Each stub's path and text."""
    for path, make in STUBS.items():
        yield path, formatted(make())


if __name__ == "__main__":
    for path, text in stubs():
        (ROOT / path).write_text(text)
