"""The files a plan was made for, as they are now."""

from __future__ import annotations

from declspore.checkpoint.reader import Checkpoint
from declspore.plan.context import KnownFile
from declspore.plan.files import open_term
from declspore.run.errors import changed_since_planned


def shared(known: KnownFile) -> Checkpoint:
    """As :func:`open_planned`; of a single file with the index that the plan was made with. Not to
    be closed."""
    return known.again() or open_planned(known)


def open_planned(known: KnownFile) -> Checkpoint:
    """Open a checkpoint that a plan is carried out with.

    Raises DiagnosticError where it is not the one the plan was made for: another file took its
    place, it was written to, or a task wrote other entries than it was planned to.
    """
    checkpoint = open_term(known.file)
    is_other = known.stamp is not None and known.stamp != checkpoint.stamp
    # a format may have an order of its own: safetensors sorts, a strategy's entries come first
    if is_other or (known.stamp is None and checkpoint.header.by_name != known.header.by_name):
        checkpoint.close()
        raise changed_since_planned(checkpoint.path, known.file.span)
    return checkpoint
