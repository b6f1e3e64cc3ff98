"""The vocabulary: families are found in the registry, words in their rooms."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import TypeVar, cast

from declspore.registry.file import FileKind
from declspore.registry.kind import Kind
from declspore.registry.optimizer import OptimizerKind

K = TypeVar("K", bound=Kind)


class Registry:
    """Entries by word; a word has one meaning."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self._kinds: dict[str, Kind] = {}
        self._every: dict[type[Kind], tuple[Kind, ...]] = {}
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"the word {kind.name!r} is defined twice")
            self._kinds[kind.name] = kind

    def add(self, kind: Kind) -> None:
        """Add a word that the rooms do not have (:mod:`declspore.registry.plugin`)."""
        self._kinds[kind.name] = kind
        self._every.clear()

    def get(self, word: str) -> Kind | None:
        return self._kinds.get(word)

    def of(self, contract: type[K], word: str) -> K:
        """The entry of that word, which is known to fulfil the contract."""
        return cast(K, self._kinds[word])

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def words(self) -> list[str]:
        return sorted(self._kinds)

    def every(self, contract: type[K]) -> tuple[K, ...]:
        if contract not in self._every:
            self._every[contract] = tuple(kind for kind in self if isinstance(kind, contract))
        return cast(tuple[K, ...], self._every[contract])


@cache
def families() -> tuple[type[Kind], ...]:
    """The contract of every family, in the order of the reference: found in the registry."""
    package = importlib.import_module("declspore.registry")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found: list[type[Kind]] = []
    waiting = [Kind]
    while waiting:
        contract = waiting.pop()
        waiting += contract.__subclasses__()
        if "family" in vars(contract) and contract.__module__.startswith(package.__name__):
            found.append(contract)
    return tuple(sorted(found, key=lambda contract: contract.rank))


@cache
def namespaces() -> tuple[str, ...]:
    """The namespaces of the words in the reference."""
    shown = (contract.namespace for contract in families() if contract.in_reference)
    return tuple(dict.fromkeys(shown))


@cache
def words_in(namespace: str) -> Registry:
    """The words of a namespace, built at first use."""
    own = (contract.room for contract in families() if contract.namespace == namespace)
    found = (kind for room in dict.fromkeys(own) for kind in definitions(room))
    return Registry(tuple(kind for kind in found if kind.namespace == namespace))


@cache
def vocabulary() -> Registry:
    """The words of expressions."""
    return words_in("expressions")


@cache
def verbs() -> Registry:
    """The verbs of edits. They open a statement, so they may be spelled like an op."""
    return words_in("verbs")


@cache
def file_kinds() -> tuple[FileKind, ...]:
    """The words for checkpoint files alone, for commands that need no other."""
    return tuple(kind for kind in definitions(FileKind.room) if isinstance(kind, FileKind))


@cache
def optimizer_kinds() -> tuple[OptimizerKind, ...]:
    """The optimizers alone."""
    found = definitions(OptimizerKind.room)
    return tuple(kind for kind in found if isinstance(kind, OptimizerKind))


@cache
def definitions(room: str) -> tuple[Kind, ...]:
    """The words that the modules of a room define."""
    package = importlib.import_module(f"declspore.{room}")
    modules = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    found: list[Kind] = []
    for module in modules:
        found += importlib.import_module(f"{package.__name__}.{module}").KINDS
    return tuple(found)
