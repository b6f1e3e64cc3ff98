"""The processes that share the trainings of a command."""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from declspore.cli.output import echo
from declspore.devices.cluster import VARIABLE, seat_of
from declspore.devices.errors import NotMet, not_met
from declspore.devices.meeting import Seat
from declspore.report import DiagnosticError
from declspore.run.ranks import Workers


def cluster_seat(workers: int) -> Seat | None:
    """The place of this process in a cluster, where ``TF_CONFIG`` gives it one.

    Raises DiagnosticError where that cannot be read, and UsageError next to ``--workers``.
    """
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
    return None if count == 1 else Workers(count, load, _show)


def _show(rank: int, line: str) -> None:
    """A line that one of several processes printed."""
    echo(f"[rank {rank}] {line}", err=True)
