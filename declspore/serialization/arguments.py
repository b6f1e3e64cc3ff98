"""What the functions for checkpoints are given: networks, parameters by name, keys, formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from declspore.checkpoint.cipher import MODES, Key
from declspore.checkpoint.format import Format
from declspore.checkpoint.reader import Access
from declspore.plan.files import formats
from declspore.tensor import Parameter, Tensor

ParameterDict = dict[str, Any]
"""Parameters by name, as :class:`Parameter`; entries of texts as str."""
Choice = Callable[[str], bool]
Prefixes = str | Sequence[str] | None

ParameterMap = Mapping[str, Tensor | str]


@runtime_checkable
class HasParameters(Protocol):
    """A network, or an optimizer: it has parameters by the names they are saved under."""

    def parameters_dict(self) -> Mapping[str, Parameter]: ...


@runtime_checkable
class HasState(Protocol):
    """An optimizer: it has entries of its own."""

    def state(self) -> Mapping[str, Parameter]: ...


@runtime_checkable
class _MakesNetwork(Protocol):
    """A template of a spec, which was not called."""

    def network(self) -> object: ...


@runtime_checkable
class _HasWeights(Protocol):
    """A model of Keras that no spec knows."""

    def get_weights(self) -> object: ...


def format_named(name: str) -> Format:
    """The format of checkpoints of that name. Raises ValueError."""
    for format in formats():
        if format.name == name:
            return format
    known = ", ".join(repr(format.name) for format in formats())
    raise ValueError(f"format must be one of {known}, not {name!r}")


def access_by(key: bytes | None, mode: str, crc: bool) -> Access:
    """How a file is read or written with a key. Raises TypeError and ValueError."""
    if key is None:
        return Access(crc=crc)
    if not isinstance(key, bytes):
        raise TypeError(f'a key must be bytes, such as b"...", not {type(key).__name__}')
    if mode not in MODES:
        known = ", ".join(map(repr, MODES))
        raise ValueError(f"the mode of encryption must be one of {known}, not {mode!r}")
    return Access(Key(key, "the call"), mode, crc)


def check_choice(function: Choice | None) -> None:
    """Raises TypeError where names cannot be chosen by it."""
    if function is not None and not callable(function):
        raise TypeError(f"choice_func must be a function of a name, not {function!r}")


def instead(net: object) -> str:
    """What was probably meant where something is given that is not a network."""
    if isinstance(net, _MakesNetwork) and callable(net.network):
        return f"; call it first: {getattr(net, '__name__', 'it')}()"
    if isinstance(net, _HasWeights):
        return (
            ". A clone, or a model opened from a file, has Keras's names alone: give its weights "
            "to a network of the spec, net.set_weights(model.get_weights())"
        )
    return "; the net comes first, then the dict" if isinstance(net, Mapping) else ""
