"""What an entry of a checkpoint is for: a weight, a slot of an optimizer, or a scalar."""

from __future__ import annotations

from functools import lru_cache

from declspore.ir.header import Header, HeaderEntry
from declspore.ir.term import Arguments
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import optimizer_kinds

_STATISTICS = ("moving_mean", "moving_variance")


@lru_cache(maxsize=1)
def slot_prefixes() -> tuple[str, ...]:
    """Prefixes of every optimizer's slots, longest first."""
    found = {slot.prefix for kind in optimizer_kinds() for slot in kind.slots(_defaults(kind))}
    return tuple(sorted(found, key=lambda prefix: (-len(prefix), prefix)))


@lru_cache(maxsize=1)
def scalar_names() -> frozenset[str]:
    """Names of every optimizer's scalars."""
    found = {"global_step", "learning_rate"}
    for kind in optimizer_kinds():
        found |= {scalar.name for scalar in kind.scalars(_defaults(kind))}
    return frozenset(found)


def _defaults(kind: OptimizerKind) -> Arguments:
    """Arguments to ask a kind for its state's names; required ones do not matter for that."""
    return Arguments({a.name: 0.0 if a.required else a.default for a in kind.signature.arguments})


def slot_owner(entry: HeaderEntry, header: Header) -> str | None:
    """The weight a slot belongs to: in the same file, with the same shape; else None."""
    for prefix in slot_prefixes():
        if entry.name.startswith(f"{prefix}."):
            owner = header.by_name.get(entry.name[len(prefix) + 1 :])
            if owner is not None and owner.shape == entry.shape:
                return owner.name
    return None


def slots_of(header: Header) -> dict[str, list[tuple[str, HeaderEntry]]]:
    """For each weight its slots, each with the prefix that makes its name of the weight's."""
    found: dict[str, list[tuple[str, HeaderEntry]]] = {}
    for entry in header:
        owner = slot_owner(entry, header)
        if owner is not None:
            prefix = entry.name[: -len(owner)]
            found.setdefault(owner, []).append((prefix, entry))
    return found


def role(entry: HeaderEntry, header: Header) -> str:
    """``weight``, ``statistic``, ``slot`` or ``scalar``."""
    if slot_owner(entry, header) is not None or entry.name.startswith(
        tuple(f"{prefix}." for prefix in slot_prefixes())
    ):
        return "slot"
    if entry.name in scalar_names() or (not entry.shape and "." not in entry.name):
        return "scalar"
    return "statistic" if entry.name.endswith(_STATISTICS) else "weight"
