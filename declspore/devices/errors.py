"""How a group of processes fails."""

from __future__ import annotations

from declspore.diagnostic import Diagnostic, Label
from declspore.source import Span


class Lost(Exception):
    """A rank ended while others were waiting for it.

    ``rank`` is the one that ended first, as far as this process knows; ``step`` the last step that
    was complete, 0 before the first; ``reason`` what is known of it.
    """

    def __init__(self, rank: int, step: int, reason: str) -> None:
        super().__init__(f"rank {rank} {reason}")
        self.rank, self.step, self.reason = rank, step, reason


def ending_of(error: OSError) -> str:
    """What an error of a connection says of the rank at its other end."""
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "ended"  # without reading all that was sent to it
    return f"is lost ({error.strerror or error})"


class NotMet(Exception):
    """The processes of a group did not find each other: the message says which are missing."""


class Differs(Exception):
    """Ranks that must agree do not: the message names them and what differs."""


def lost(span: Span | None, error: Lost, size: int) -> Diagnostic:
    """E708: a rank ended while the others were still training."""
    when = f"after step {error.step:,}" if error.step else "before the first step was complete"
    title = f"rank {error.rank} of {size} {error.reason} {when}"
    help = "the same command continues from the last saved state, with any number of workers"
    labels = (Label(span),) if span else ()
    notes = ("all other ranks were stopped; files saved before are whole",)
    return Diagnostic("E708", title, labels, notes, (help,))


ON_MACHINES = (
    "start the same command on every machine of TF_CONFIG, with the index of each, and let "
    "them reach each other's ports"
)
ON_ONE = "fewer workers, or the same command while the machine has less to do"


def not_met(span: Span | None, error: NotMet, help: str = ON_MACHINES) -> Diagnostic:
    """E709: the ranks of a training did not find each other."""
    labels = (Label(span),) if span else ()
    return Diagnostic("E709", str(error), labels, helps=(help,))


def differs(span: Span | None, error: Differs) -> Diagnostic:
    """E710: ranks do not train the same."""
    labels = (Label(span),) if span else ()
    return Diagnostic("E710", str(error), labels, helps=("give every rank the same files",))


def unsupported(span: Span | None, reason: str, help: str) -> Diagnostic:
    """E703: devices cannot share a training here."""
    return Diagnostic("E703", reason, (Label(span),) if span else (), helps=(help,))
