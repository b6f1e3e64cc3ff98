"""Checkpoints as expressions of an edit see them: a header, and arrays once they exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any

from declspore.dataclass import dataclass
from declspore.elaborate.network import network_of
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern, exact_pattern
from declspore.ir.tensors import Array
from declspore.ir.value import FileLike
from declspore.language.values import Selection, Value
from declspore.plan.fitting import BindPlan, fitting
from declspore.plan.headers import network_entries
from declspore.plan.question import Asked
from declspore.plan.roles import role, slots_of
from declspore.registry.query import TensorsNeeded


@dataclass(frozen=True)
class FileView(FileLike):
    """An input or an output of an edit, or the file ``index`` of several.

    ``load`` reads an entry, None while that is too early; ``run`` gives the outputs of a network
    with the values of the file. ``task`` is the edit that writes it, if one does. What ``fits``
    was asked and is not so, ``misfits`` keeps, with the reason.
    """

    name: str
    header: Header
    load: Callable[[str], Array] | None = None
    index: int = 0
    many: bool = False
    run: Callable[[Network, Sequence[object]], object] | None = None
    task: str = ""
    misfits: list[Asked] = field(default_factory=list, compare=False, repr=False)

    @property
    def label(self) -> str:
        return f"{self.name}[{self.index}]" if self.many else self.name

    def __str__(self) -> str:
        return self.label

    def array(self, name: str) -> Array:
        if self.load is None:
            raise TensorsNeeded
        return self.load(name)

    def outputs(self, cell: object, inputs: Sequence[object]) -> object:
        """What a network gives for inputs, with the values of the file as its parameters."""
        network = self.network(cell)
        if self.run is None:
            raise TensorsNeeded
        return self.run(network, inputs)

    def role(self, entry: HeaderEntry) -> str:
        return role(entry, self.header)

    def has(self, cell: object, entry: HeaderEntry, name: str | None = None) -> bool:
        """Whether the network a cell makes has a parameter of the entry's shape under its name, or
        another one."""
        return self.network(cell).shapes.get(name or entry.name) == entry.shape

    def holds(self, name: str, shape: tuple[int, ...]) -> bool:
        """Whether there is an entry of that name and shape."""
        found = self.header.by_name.get(name)
        return found is not None and found.shape == shape

    def fits(self, cell: object, ignore: Sequence[Pattern]) -> bool:
        """Whether the checkpoint loads exactly into the network a cell makes."""
        wanted = network_entries(self.network(cell))
        if isinstance(fitting(wanted, self.header, ignore=ignore), BindPlan):
            return True
        source = f"{self.task}.{self.label}" if self.task else None
        self.misfits.append(Asked(wanted, self.header, tuple(ignore), source=source))
        return False

    def network(self, cell: Any) -> Network:
        """The network a cell makes. Raises DiagnosticError."""
        return network_of(cell, cell.span)


@dataclass(frozen=True)
class Sources:
    """The inputs of an edit by name, each with its files. Entries of ``used`` ones do not flow to
    the output."""

    views: Mapping[str, tuple[FileView, ...]]
    used: frozenset[str] = frozenset()
    _headers: dict[str, Header] = field(default_factory=dict, compare=False)
    _slots: dict[str, dict[str, list[tuple[str, HeaderEntry]]]] = field(
        default_factory=dict, compare=False
    )
    _owners: dict[str, dict[str, str]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, headers: Mapping[str, tuple[Header, ...]], many: frozenset[str], used: frozenset[str]
    ) -> Sources:
        views = {
            name: tuple(
                FileView(name, header, index=index, many=name in many)
                for index, header in enumerate(files)
            )
            for name, files in headers.items()
        }
        return cls(views, used)

    @cached_property
    def flowing(self) -> tuple[str, ...]:
        return tuple(name for name in self.views if name not in self.used)

    def is_many(self, source: str) -> bool:
        return self.views[source][0].many

    def header(self, source: str) -> Header:
        """The entries of an input as one header; of several files those of the first that has
        them."""
        views = self.views[source]
        if len(views) == 1:
            return views[0].header
        if source not in self._headers:
            found: dict[str, HeaderEntry] = {}
            for view in views:
                for entry in view.header:
                    found.setdefault(entry.name, entry)
            self._headers[source] = Header.of(source, found.values())
        return self._headers[source]

    def slots(self, source: str) -> dict[str, list[tuple[str, HeaderEntry]]]:
        """For each weight of an input its slots, each with the prefix of its name."""
        if source not in self._slots:
            self._slots[source] = slots_of(self.header(source))
        return self._slots[source]

    def owners(self, source: str) -> dict[str, str]:
        """For each optimizer slot of an input the weight it belongs to."""
        if source not in self._owners:
            self._owners[source] = {
                slot.name: owner for owner, slots in self.slots(source).items() for _, slot in slots
            }
        return self._owners[source]

    def item(self, source: str, name: str) -> Value:
        """What ``it`` stands for: an entry; a list of it, where the input is of several files."""
        found = tuple(Selection(view, exact_pattern(name)) for view in self.views[source])
        return found if self.is_many(source) else found[0]

    @cached_property
    def names(self) -> Mapping[str, Value]:
        """The inputs by name; several files of one name as a list."""
        return names_of(self.views.values())


def names_of(files: Iterable[tuple[FileView, ...]]) -> dict[str, Value]:
    """Files by name; several of one name as a list."""
    return {views[0].name: views if views[0].many else views[0] for views in files}
