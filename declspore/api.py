"""Specs in Python: ``declspore.load("lenet.spec").LeNet5(num_class=10)`` is a Keras model."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import numpy as np

from declspore.check.check import check_file
from declspore.check.spec import CheckedSpec
from declspore.checkpoint.cipher import Key
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.eager.random import as_seed, get_seed
from declspore.engine import require
from declspore.ir.network import Network
from declspore.plan.files import open_any
from declspore.plan.planner import make_plan
from declspore.porting.names import Unsupported
from declspore.porting.reasons import reason_of
from declspore.registry import plugin
from declspore.spelling import did_you_mean

if TYPE_CHECKING:
    import keras

    from declspore.data.stream import Batches
    from declspore.lower.loss import Loss
    from declspore.run.task import Result


def add_words(path: str | PathLike[str]) -> tuple[str, ...]:
    """Run a file of Python whose ``KINDS`` then belong to the vocabulary of specs, of
    :mod:`declspore.nn` and of :mod:`declspore.ops`; their names. Raises ValueError."""
    try:
        return tuple(kind.name for kind in plugin.words_of(fspath(path)))
    except plugin.Unloadable as error:
        raise ValueError(f"{fspath(path)} does not give words: {error}") from None


def load(path: str | PathLike[str], *, allow_python: bool = False, **params: object) -> Spec:
    """Read and check a spec; ``params`` gives its params their values. Where it imports words of
    Python, ``allow_python`` lets it.

    Raises DiagnosticError with every problem found.
    """
    name = fspath(path)
    if name.endswith(".mindir"):
        raise Unsupported("mindspore.load", reason_of("mindspore", "load"))
    given = {param: _plain(value) for param, value in params.items()}
    with plugin.allowing(allow_python):
        return Spec(name, check_file(name, given))


def open_checkpoint(
    path: str | PathLike[str],
    *,
    key: bytes | None = None,
    crc_check: bool = False,
    strategy: str | PathLike[str] | None = None,
    files: str | None = None,
    replicas: str = "equal",
    remove_redundancy: bool | None = None,
) -> Checkpoint:
    """Index a file of any format, whatever its name: ``.ckpt``, safetensors, ``.npz``; or a set of
    files as one checkpoint: a folder of ranks, an index of safetensors.

    Values are read when asked for: ``array(name)`` is a view of the file, ``read(name)`` an array
    of its own, ``load()`` all arrays. ``key`` is used where the file is encrypted; ``crc_check``
    checks the CRC, which must be there.

    Of a folder of ranks, ``strategy`` is the strategy file (or a pattern for those of all pipeline
    stages), ``files`` a pattern for the file names in ``rank_N``; with ``replicas="first"`` the
    lowest rank's value of an entry is used even where others differ; ``remove_redundancy`` is
    whether the set was saved without replicas (None: as its files say). Raises DiagnosticError.
    """
    if replicas not in ("equal", "first"):
        raise ValueError(f'replicas must be "equal" or "first", not {replicas!r}')
    if key is not None and not isinstance(key, bytes):
        raise TypeError(f'key must be bytes, such as b"...", not {type(key).__name__}')
    secret = None if key is None else Key(key, "the argument key")
    options = SetOptions(
        None if strategy is None else fspath(strategy),
        files,
        replicas == "first",
        remove_redundancy,
    )
    return open_any(fspath(path), Access(secret, crc=crc_check), options=options)


class Spec:
    """A checked spec. Its networks, losses, datasets and tasks are attributes."""

    def __init__(self, name: str, checked: CheckedSpec) -> None:
        self._name = name
        self._checked = checked
        found = ((each, _member(checked, each)) for each in checked.names)
        self._members = {each: member for each, member in found if member is not None}

    def __getattr__(self, name: str) -> Any:
        members = self.__dict__.get("_members", {})
        if name in members:
            value = members[name]
            return value() if isinstance(value, _Lazy) else value
        hints = " ".join(did_you_mean(name, members))
        raise AttributeError(f"{self._name} has no {name!r}. {hints}".rstrip())

    def __dir__(self) -> list[str]:
        return sorted(self._members)

    def __repr__(self) -> str:
        return f"<spec {self._name}: {', '.join(self._members)}>"


class _Lazy:
    """A member that is made when first asked for."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object = None

    def __call__(self) -> object:
        if self._made is None:
            self._made = self._make()
        return self._made


def _member(checked: CheckedSpec, name: str) -> object:
    if name in checked.templates:
        return NetworkFactory(checked, name)
    if name in checked.loss_templates:
        return LossFactory(checked, name)
    if name in checked.datasets:
        return _Lazy(lambda: _batches(checked, name))
    if name in checked.tasks:
        return TaskRunner(checked, name)
    value = checked.values.get(name)
    return value if isinstance(value, bool | int | float | str | tuple) else None


def _batches(checked: CheckedSpec, name: str) -> Batches:
    require()
    from declspore.data.fit import FitBatches

    return FitBatches(name, checked.datasets[name], get_seed() or 0)


class NetworkFactory:
    """A network of a spec: call it with the network's arguments for a Keras model."""

    def __init__(self, checked: CheckedSpec, name: str) -> None:
        self._checked = checked
        self.__name__ = name
        self.__doc__ = f"network {name}({', '.join(checked.templates[name])})"

    def __call__(
        self,
        *arguments: object,
        data_format: str = "channels_first",
        seed: int | None = None,
        **keywords: object,
    ) -> keras.Model:
        """A functional Keras model with its parameters at their first values.

        ``data_format`` is how images enter and leave, ``channels_first`` (as declared) or
        ``channels_last``; ``seed`` decides the first values (none: that of ``set_seed``, or
        chance). Raises DiagnosticError.
        """
        from declspore.lower.network import compile_network

        chosen = get_seed() if seed is None else as_seed(seed)
        if chosen is None:
            chosen = secrets.randbits(63)
        network = self.network(*arguments, **keywords)
        return compile_network(network, data_format=data_format, seed=chosen)

    def network(self, *arguments: object, **keywords: object) -> Network:
        """The checked network with its parameter table; loads no Keras. Raises DiagnosticError."""
        given = tuple(map(_plain, arguments))
        named = {name: _plain(value) for name, value in keywords.items()}
        return self._checked.network(self.__name__, *given, **named)

    def __repr__(self) -> str:
        return f"<{self.__doc__}>"


class LossFactory:
    """A loss of a spec: call it with the loss's arguments for a Keras loss."""

    def __init__(self, checked: CheckedSpec, name: str) -> None:
        self._checked = checked
        self.__name__ = name
        self.__doc__ = f"loss {name}({', '.join(checked.loss_templates[name])})"

    def __call__(self, *arguments: object, **keywords: object) -> Loss:
        """A loss for ``compile``, :class:`declspore.train.Model` and calls with tensors. Raises
        DiagnosticError."""
        from declspore.lower.written_loss import loss_of

        given = tuple(map(_plain, arguments))
        named = {name: _plain(value) for name, value in keywords.items()}
        return loss_of(self._checked.loss(self.__name__, *given, **named))

    def __repr__(self) -> str:
        return f"<{self.__doc__}>"


class TaskRunner:
    """A task of a spec: call it to run it and what it needs."""

    def __init__(self, checked: CheckedSpec, name: str) -> None:
        self._checked = checked
        self.__name__ = name

    def __call__(self) -> Result:
        """Run the task; the result of it alone is returned. Raises DiagnosticError."""
        from declspore.run.engine import require_engine
        from declspore.run.kernels import choose_kernels
        from declspore.run.run import run_plan
        from declspore.suggest.advice import advising

        with advising():
            plan = make_plan(self._checked, [self.__name__])
            require_engine(plan)
            choose_kernels(plan)
            return run_plan(plan)[-1]

    def __repr__(self) -> str:
        return f"<task {self.__name__}>"


def _plain(value: object) -> object:
    """Python's lists are the language's lists, NumPy's numbers its numbers."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(_plain(item) for item in value) if isinstance(value, list | tuple) else value
