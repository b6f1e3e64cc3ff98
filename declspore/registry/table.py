"""The vocabulary: found in the rooms, looked up by word."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeVar, cast

from declspore.registry.file import FileKind
from declspore.registry.kind import Kind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.policy import Policy, PolicyKind
from declspore.registry.python import bind_call

EXPRESSION_ROOMS = (
    *("cells", "ops", "losses", "optimizers", "schedules", "metrics", "initializers"),
    *("sources", "transforms", "files", "tensors", "queries"),
)
VERB_ROOMS = ("edits",)
POLICY_ROOMS = ("policies",)

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


@lru_cache(maxsize=1)
def vocabulary() -> Registry:
    """The words of expressions, built at first use."""
    return Registry(_kinds_of(EXPRESSION_ROOMS))


@lru_cache(maxsize=1)
def file_kinds() -> tuple[FileKind, ...]:
    """The words for checkpoint files alone, for commands that need no other."""
    return cast(tuple[FileKind, ...], _kinds_of(("files",)))


@lru_cache(maxsize=1)
def optimizer_kinds() -> tuple[OptimizerKind, ...]:
    """The optimizers alone."""
    return tuple(kind for kind in _kinds_of(("optimizers",)) if isinstance(kind, OptimizerKind))


@lru_cache(maxsize=1)
def verbs() -> Registry:
    """The verbs of edits. They open a statement, so they may be spelled like an op."""
    return Registry(_kinds_of(VERB_ROOMS))


@lru_cache(maxsize=1)
def policies() -> Registry:
    """The policies of training. A clause of a task or a door in Python asks for them."""
    return Registry(_kinds_of(POLICY_ROOMS))


def policy(word: str, **arguments: Any) -> Policy:
    """The policy of a word; arguments that are left out have their defaults.

    Raises TypeError or ValueError where the arguments do not fit.
    """
    kind = policies().of(PolicyKind, word)
    return kind.make(bind_call(kind, (), arguments))


def _kinds_of(rooms: tuple[str, ...]) -> tuple[Kind, ...]:
    kinds: list[Kind] = []
    for room in rooms:
        package = importlib.import_module(f"declspore.{room}")
        for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
            kinds += importlib.import_module(f"declspore.{room}.{module}").KINDS
    return tuple(kinds)
