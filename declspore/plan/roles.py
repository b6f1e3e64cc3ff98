"""What an entry of a checkpoint is for: a weight, a slot of an optimizer, or a scalar."""

from __future__ import annotations

from functools import lru_cache

from declspore.ir.header import Header, HeaderEntry
from declspore.ir.term import Arguments
from declspore.registry.groups import DEFAULT_RATE
from declspore.registry.optimizer import OptimizerKind, Slot
from declspore.registry.table import optimizer_kinds

ROLES = ("weight", "statistic", "slot", "scalar")
"""What an entry may be for."""
_STATISTICS = ("moving_mean", "moving_variance")


@lru_cache(maxsize=1)
def _slots() -> tuple[Slot, ...]:
    """Every optimizer's slots, those with the longest names first."""
    kinds = [kind for kind in optimizer_kinds() if not kind.wraps]
    found = {slot.beginning: slot for kind in kinds for slot in kind.slots(_everything(kind))}
    return tuple(sorted(found.values(), key=lambda slot: (-len(slot.beginning), slot.beginning)))


@lru_cache(maxsize=1)
def _beginnings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What names of slots begin with: of all, and of those with the shape of their weight."""
    slots = _slots()
    return (
        tuple(slot.beginning for slot in slots),
        tuple(slot.beginning for slot in slots if slot.shape is None),
    )


@lru_cache(maxsize=1)
def scalar_names() -> frozenset[str]:
    """Names of every optimizer's scalars."""
    found = {"global_step", "learning_rate"}
    for kind in optimizer_kinds():
        own = kind.first if kind.wraps else (*kind.first, *kind.scalars(_defaults(kind)))
        found |= {scalar.name for scalar in own}
    return frozenset(found)


def _defaults(kind: OptimizerKind) -> Arguments:
    """Arguments to ask a kind for its state's names; required ones do not matter for that."""
    return Arguments({a.name: 0.0 if a.required else a.default for a in kind.signature.arguments})


def _everything(kind: OptimizerKind) -> Arguments:
    """Arguments with every switch on, so that the slots of each variant are known."""
    given = _defaults(kind)
    switches = {name: True for name, value in given.items() if value is False}
    return Arguments(given, **switches)


def slot_owner(entry: HeaderEntry, header: Header) -> str | None:
    """The weight a slot belongs to: in the same file, with the same shape; else None."""
    if not entry.name.startswith(_beginnings()[0]):
        return None
    for slot in _slots():
        if entry.name.startswith(slot.beginning):
            owner = header.by_name.get(entry.name[len(slot.beginning) :])
            if owner is not None and entry.shape == slot.shape_of(owner.shape):
                return owner.name
    return None


def slots_of(header: Header) -> dict[str, list[tuple[str, HeaderEntry]]]:
    """For each weight its slots, each with the prefix that makes its name of the weight's."""
    found: dict[str, list[tuple[str, HeaderEntry]]] = {}
    beginnings = _beginnings()[0]
    for place, name in enumerate(header.names):
        if name.startswith(beginnings):
            entry = header.entries[place]
            owner = slot_owner(entry, header)
            if owner is not None:
                prefix = name[: -len(owner)]
                found.setdefault(owner, []).append((prefix, entry))
    return found


def role(entry: HeaderEntry, header: Header) -> str:
    """What an entry is for, one of :data:`ROLES`."""
    if slot_owner(entry, header) is not None or entry.name.startswith(_beginnings()[1]):
        return "slot"
    grouped = entry.name.startswith(f"{DEFAULT_RATE}_group_")
    if grouped or entry.name in scalar_names() or (not entry.shape and "." not in entry.name):
        return "scalar"
    return "statistic" if entry.name.endswith(_STATISTICS) else "weight"
