"""The vocabulary: families are found in the registry, words in their rooms."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar, cast

from declspore.registry.file import FileKind
from declspore.registry.kind import Kind
from declspore.registry.optimizer import OptimizerKind
from declspore.usercache import cached

K = TypeVar("K", bound=Kind)


class Registry:
    """Entries by word; a word has one meaning.

    Those in modules are loaded when they are asked for: ``places`` has the module of each word.
    """

    def __init__(
        self,
        kinds: tuple[Kind, ...],
        places: Mapping[str, str] = MappingProxyType({}),
        namespace: str | None = None,
    ) -> None:
        self._kinds: dict[str, Kind] = {}
        self._every: dict[type[Kind], tuple[Kind, ...]] = {}
        self._places = places
        self._namespace = namespace
        for kind in kinds:
            if kind.name in self._kinds or kind.name in places:
                raise ValueError(f"the word {kind.name!r} is defined twice")
            self._kinds[kind.name] = kind

    def add(self, kind: Kind) -> None:
        """Add a word that the rooms do not have (:mod:`declspore.registry.plugin`)."""
        self._kinds[kind.name] = kind
        self._every.clear()

    def get(self, word: str) -> Kind | None:
        if word not in self._kinds and word in self._places:
            self._load(self._places[word])
        return self._kinds.get(word)

    def of(self, contract: type[K], word: str) -> K:
        """The entry of that word, which is known to fulfil the contract."""
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return cast(K, found)

    def __iter__(self) -> Iterator[Kind]:
        for word in self._places:
            self.get(word)
        added = [kind for word, kind in self._kinds.items() if word not in self._places]
        return iter([*(self._kinds[word] for word in self._places), *added])

    def words(self) -> list[str]:
        return sorted({*self._places, *self._kinds})

    def every(self, contract: type[K]) -> tuple[K, ...]:
        if contract not in self._every:
            self._every[contract] = tuple(kind for kind in self if isinstance(kind, contract))
        return cast(tuple[K, ...], self._every[contract])

    def _load(self, module: str) -> None:
        for kind in importlib.import_module(module).KINDS:
            if kind.namespace == self._namespace:
                self._kinds[kind.name] = kind


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
    """The words of a namespace, each loaded at first use."""
    return Registry((), _places().get(namespace, {}), namespace)


@cache
def _places() -> dict[str, dict[str, str]]:
    """For each namespace its words, and the modules that define them.

    Loading all of them takes a quarter of a second, so that what they say is kept, as long as their
    files are the same.
    """
    return cached("words", _files(), _found_places, dump=lambda found: found, load=_loaded_places)


def _files() -> bytes:
    """The files of Python of the package's folders, each with its size and when it was written."""
    package = os.path.dirname(os.path.dirname(__file__))
    found = [f"{sys.version} {package}"]
    with os.scandir(package) as folders:
        for folder in folders:
            if folder.is_dir():
                with os.scandir(folder) as files:
                    stats = [(f.name, f.stat()) for f in files if f.name.endswith(".py")]
                found += [f"{folder.name} {n} {s.st_size} {s.st_mtime_ns}" for n, s in stats]
    return "\n".join(sorted(found)).encode()


def _found_places() -> dict[str, dict[str, str]]:
    """From all modules. Raises ValueError where a word has two meanings."""
    found: dict[str, dict[str, str]] = {}
    for room in dict.fromkeys(contract.room for contract in families()):
        for module in modules_of(room):
            for kind in importlib.import_module(module).KINDS:
                words = found.setdefault(kind.namespace, {})
                if kind.name in words:
                    raise ValueError(f"the word {kind.name!r} is defined twice")
                words[kind.name] = module
    return found


def _loaded_places(text: str) -> dict[str, dict[str, str]]:
    """Raises whatever is wrong with the text."""
    found: dict[str, dict[str, str]] = json.loads(text)
    if not all(
        name.startswith("declspore.") for words in found.values() for name in words.values()
    ):
        raise ValueError("modules of another package")
    return found


@cache
def vocabulary() -> Registry:
    """The words of expressions."""
    return words_in("expressions")


@cache
def verbs() -> Registry:
    """The verbs of edits. They open a statement, so they may be spelled like an op."""
    return words_in("verbs")


_ADDED: list[Kind] = []


def add_word(kind: Kind) -> None:
    """Add a word that the rooms do not have (:mod:`declspore.registry.plugin`)."""
    words_in(kind.namespace).add(kind)
    _ADDED.append(kind)
    optimizer_kinds.cache_clear()


@cache
def file_kinds() -> tuple[FileKind, ...]:
    """The words for checkpoint files alone, for commands that need no other."""
    return tuple(kind for kind in definitions(FileKind.room) if isinstance(kind, FileKind))


@cache
def optimizer_kinds() -> tuple[OptimizerKind, ...]:
    """The optimizers alone."""
    found = (*definitions(OptimizerKind.room), *_ADDED)
    return tuple(kind for kind in found if isinstance(kind, OptimizerKind))


@cache
def definitions(room: str) -> tuple[Kind, ...]:
    """The words that the modules of a room define."""
    found: list[Kind] = []
    for module in modules_of(room):
        found += importlib.import_module(module).KINDS
    return tuple(found)


def modules_of(room: str) -> list[str]:
    """The modules of a room, by name."""
    package = importlib.import_module(f"declspore.{room}")
    return sorted(
        f"{package.__name__}.{info.name}" for info in pkgutil.iter_modules(package.__path__)
    )
