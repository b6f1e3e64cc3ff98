"""Groups of parameters: settings of an optimizer for the parameters that patterns name.

A parameter belongs to the first group one of whose patterns matches its path; every parameter must
belong to one, and every group must have one. As in MindSpore, the parameters are then in the
order of their groups, unless ``order_params`` keeps the network's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern
from declspore.ir.term import Arguments, Term, show
from declspore.registry.kind import Kind, Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Boolean, ListOf, Mismatch, TermOf
from declspore.source import Span
from declspore.spelling import closest, listing

DEFAULT_RATE = "learning_rate"


@dataclass(frozen=True, kw_only=True)
class ParameterGroupKind(Kind):
    """A word that makes a group."""

    family: ClassVar[str] = "group"
    title: ClassVar[str] = "Groups of parameters"
    room: ClassVar[str] = "optimizers"
    rank: ClassVar[int] = 60


@dataclass(frozen=True, slots=True)
class Paths:
    """A pattern over parameter paths, or a list of them; becomes the list."""

    name: str = "a `path` or a list of them"

    def accept(self, value: object) -> tuple[Pattern, ...]:
        listed = value if isinstance(value, (list, tuple)) else (value,)
        if not listed or not all(isinstance(item, Pattern) for item in listed):
            help = f"`{value}`" if isinstance(value, str) else None
            raise Mismatch(f"expected {self.name}, found `{show(value)}`", help)
        return tuple(listed)


GROUPS = (
    Argument("groups", ListOf(TermOf("group")), (), "settings for some parameters by their paths"),
    Argument("order_params", Boolean(), False, "whether groups keep the network's order"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter of an optimizer: the entry that holds its rate, its weight decay (a number or a
    schedule), and whether that is applied and its gradient centralised."""

    name: str
    rate: str
    weight_decay: float | Term
    decays: bool
    centralized: bool = False


def members(
    arguments: Arguments, names: Iterable[str], undecayed: Sequence[str]
) -> tuple[Member, ...]:
    """The parameters in the optimizer's order. Raises Misfit where groups and names do not fit.

    Without groups, names with one of ``undecayed`` in them have no weight decay; with groups, the
    group's decay (or the optimizer's) holds for all its members.
    """
    groups: tuple[Term, ...] = arguments.groups
    if not groups:
        decay = arguments.get("weight_decay", 0.0)  # a rule need not have one
        return tuple(
            Member(name, DEFAULT_RATE, decay, _decays(decay) and not _named(name, undecayed))
            for name in names
        )
    placed = _placed(groups, list(names))
    ordered = list(placed) if arguments.order_params else sorted(placed, key=placed.__getitem__)
    return tuple(_member(name, placed[name], groups[placed[name]], arguments) for name in ordered)


def _placed(groups: tuple[Term, ...], names: list[str]) -> dict[str, int]:
    placed: dict[str, int] = {}
    for name in names:
        for number, group in enumerate(groups):
            if any(pattern.matches(name) for pattern in group.arguments.params):
                placed[name] = number
                break
    left = [name for name in names if name not in placed]
    if left:
        raise Misfit(
            f"no group takes {listing(left, limit=3)}", "Group(`**`) as the last of groups"
        )
    for number, group in enumerate(groups):
        if number not in placed.values():
            raise _unused(group, group.arguments.params, names)
    return placed


def _unused(group: Term, patterns: Sequence[Pattern], names: Sequence[str]) -> Misfit:
    """A group without a parameter: its pattern that matches nothing, or what took them before."""
    for pattern in patterns:
        if not any(pattern.matches(name) for name in names):
            reason = f"{pattern} matches no parameter of the network"
            return Misfit(reason, paths_like(pattern, names), at=_place(group, pattern))
    shown = ", ".join(map(str, patterns))
    reason = f"every parameter that {shown} matches belongs to a group before it"
    return Misfit(reason, "put the narrower group first", at=group.span)


def paths_like(pattern: Pattern, names: Sequence[str]) -> str:
    """The paths that may have been meant by one that matches none of these names."""
    near = closest(pattern.text.strip("`"), [*names, *_layers(names)], limit=2)
    if near:
        return f"did you mean {listing(near)}?"
    return f"there are {listing(_layers(names), limit=4)}"


def _layers(names: Sequence[str]) -> list[str]:
    """``a.*`` for each layer ``a`` that parameters are of."""
    return [f"{layer}.*" for layer in dict.fromkeys(name.rpartition(".")[0] for name in names)]


def _place(group: Term, pattern: Pattern) -> Span | None:
    """Where a pattern is written in a group."""
    span = group.span
    start = -1 if span is None else span.source.text.find(str(pattern), span.start, span.end)
    return (
        span if span is None or start < 0 else Span(span.source, start, start + len(str(pattern)))
    )


def _member(name: str, number: int, group: Term, arguments: Arguments) -> Member:
    own = group.arguments
    rate = DEFAULT_RATE if own.lr is None else f"{DEFAULT_RATE}_group_{number}"
    decay = arguments.weight_decay if own.weight_decay is None else own.weight_decay
    return Member(name, rate, decay, _decays(decay), own.grad_centralization)


def _decays(decay: float | Term) -> bool:
    return isinstance(decay, Term) or decay > 0


def _named(name: str, words: Sequence[str]) -> bool:
    return any(word in name for word in words)


def rates(arguments: Arguments, of: Iterable[Member]) -> Mapping[str, object]:
    """The rates in use by the entry that holds them, in the order of their first use: a number, a
    tuple with one for each step, or a schedule."""
    found: dict[str, object] = {}
    for member in of:
        if member.rate == DEFAULT_RATE:
            found[member.rate] = arguments.learning_rate
        else:
            number = int(member.rate.rpartition("_")[2])
            found[member.rate] = arguments.groups[number].arguments.lr
    return found


def rates_come_last(arguments: Arguments) -> bool:
    """Whether MindSpore keeps rates that are numbers in cells of their own, saved after the rest:
    where groups have rates and one of all rates depends on the step."""
    own = [group.arguments.lr for group in arguments.groups if group.arguments.lr is not None]
    return bool(own) and not all(isinstance(r, float) for r in (arguments.learning_rate, *own))
