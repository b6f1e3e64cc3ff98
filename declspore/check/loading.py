"""Which checkpoint a task loads, and the exceptions it states."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.check.attributes import Attributes
from declspore.check.errors import bad_clause
from declspore.check.task import TaskAttribute
from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern
from declspore.ir.term import show
from declspore.language.errors import wrong_type
from declspore.language.values import UNKNOWN, CheckpointFile, CheckpointRef, TaskOutput, describe
from declspore.source import Span


@dataclass(frozen=True)
class Load:
    """A checkpoint to be bound to a network, and the exceptions that are stated.

    ``resume`` binds the optimizer's state too. Entries under ``ignore`` may stay unused;
    parameters under ``fresh`` keep their initial value. ``spans`` are where these attributes are
    written. Where it ``ignores_state``, slots and numbers of an optimizer may stay unused, too.
    """

    checkpoint: CheckpointRef
    resume: bool
    ignore: tuple[Pattern, ...]
    fresh: tuple[Pattern, ...]
    spans: Mapping[str, Span]
    ignores_state: bool = False

    @property
    def attribute(self) -> str:
        return "resume" if self.resume else "load"


LOAD = TaskAttribute("load", "a checkpoint for the network")
RESUME = TaskAttribute("resume", "a checkpoint for network and optimizer")
EXCEPTIONS = (
    TaskAttribute(
        "ignore", 'entries of the checkpoint that may stay unused; "optimizer" for all of its state'
    ),
    TaskAttribute("fresh", "parameters that keep their initial values"),
)
STATE = "optimizer"
"""In ``ignore``: every slot and number of an optimizer."""
_EXPECTED = 'a checkpoint such as ckpt("x.ckpt")'


def load_of(a: Attributes) -> Load | None:
    """What a task loads; None where nothing, or with the problems reported."""
    which = next((name for name in (RESUME.name, LOAD.name) if a.has(name)), None)
    ignore, fresh = a.patterns("ignore", (STATE,)), a.patterns("fresh")
    value = None if which is None else a.value(which)
    if which is None or value is None or value is UNKNOWN:
        return None
    if not isinstance(value, CheckpointFile | TaskOutput):
        help = f"{which} = ckpt({show(value)})" if isinstance(value, str) else None
        a.sink.report(wrong_type(a.span(which), _EXPECTED, describe(value), help))
        return None
    if a.has("load") and a.has("resume"):
        reason = (
            "is given together with `resume`; resume loads network and optimizer, load the network"
        )
        a.sink.report(bad_clause(a.span("load"), "load", reason))
    names = ("load", "resume", "ignore", "fresh")
    spans = {name: a.span(name) for name in names if a.has(name)}
    state = a.names_word("ignore", STATE)
    return Load(value, which == "resume", ignore, fresh, spans, state)
