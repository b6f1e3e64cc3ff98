"""The processes that share the trainings of a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from declspore.cli.output import echo
from declspore.devices import VARIABLE
from declspore.report import DiagnosticError

if TYPE_CHECKING:
    from declspore.devices.meeting import Seat
    from declspore.run.ranks import Workers


def cluster_seat(workers: int) -> Seat | None:
    """The place of this process in a cluster, where ``TF_CONFIG`` gives it one.

    Raises DiagnosticError where that cannot be read, and UsageError next to ``--workers``.
    """
    if not os.environ.get(VARIABLE):
        return None  # what few need is not loaded for all
    from declspore.devices.cluster import seat_of
    from declspore.devices.errors import NotMet, not_met

    try:
        seat = seat_of(os.environ)
    except NotMet as error:
        raise DiagnosticError([not_met(None, error)]) from None
    if seat is not None and workers > 1:
        reason = f"{VARIABLE} makes this process one of {seat.size}"
        raise click.UsageError(f"--workers starts processes of this machine; {reason}")
    return seat


def planned_workers(workers: int) -> int:
    """How many processes share a training. Raises as :func:`cluster_seat`."""
    seat = cluster_seat(workers)
    return workers if seat is None else seat.size


def local_workers(count: int, load: Callable[[], None]) -> Workers | None:
    """So many processes of this machine; None where that is this one."""
    if count == 1:
        return None
    from declspore.run.ranks import Workers

    return Workers(count, load, _show)


def _show(rank: int, line: str) -> None:
    """A line that one of several processes printed."""
    echo(f"[rank {rank}] {line}", err=True)
