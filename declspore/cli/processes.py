"""The processes that share the trainings of a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from declspore.cli.output import echo, fail
from declspore.cli.progress import Lines, Noted, Progress
from declspore.dataclass import dataclass
from declspore.devices import VARIABLE
from declspore.devices.patience import LEAST, Patience
from declspore.report import DiagnosticError

if TYPE_CHECKING:
    from declspore.devices.meeting import Seat
    from declspore.run.ranks import Place, Workers


@dataclass(frozen=True)
class Sharing:
    """How a command shares its trainings: among so many processes of this machine, or as the one of
    a cluster that has a seat."""

    workers: int = 1
    seat: Seat | None = None
    patience: Patience = Patience()

    @property
    def leads(self) -> bool:
        """Whether this process writes what the command writes."""
        return self.seat is None or self.seat.rank == 0


def sharing_of(workers: int, heartbeat_timeout: float, exchange_timeout: float) -> Sharing:
    """What the options say, and ``TF_CONFIG``. Raises as :func:`cluster_seat`."""
    if 0 < heartbeat_timeout < LEAST:
        reason = f"heartbeats come once a second: at least {LEAST:g}, or 0 to wait without end"
        raise click.BadParameter(reason, param_hint="'--heartbeat-timeout'")
    patience = Patience(heartbeat_timeout or None, exchange_timeout or None)
    return Sharing(workers, cluster_seat(workers), patience)


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


def local_workers(sharing: Sharing, load: Callable[[], None]) -> Workers | None:
    """The processes of this machine; None where that is this one."""
    if sharing.workers == 1:
        return None
    from declspore.run.ranks import Workers

    return Workers(sharing.workers, load, _show, sharing.patience)


def place_in_cluster(sharing: Sharing, reporter: Progress | Noted) -> Place | None:
    """The place of this process in a cluster; None where it is in none."""
    if sharing.seat is None:
        return None
    from declspore.run.ranks import Place

    def give_up(error: DiagnosticError) -> None:
        """In a thread, while the work continues."""
        try:
            if isinstance(reporter, Progress):
                reporter.close()
            as_json, as_lines = isinstance(reporter, Noted), isinstance(reporter, Lines)
            fail(error, as_json=as_json, as_lines=as_lines)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.exit_code)

    return Place(sharing.seat, sharing.patience, give_up)


def _show(rank: int, line: str) -> None:
    """A line that one of several processes printed."""
    echo(f"[rank {rank}] {line}", err=True)
