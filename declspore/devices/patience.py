"""How long the ranks of a group wait for one another."""

from __future__ import annotations

from declspore.dataclass import dataclass

INTERVAL = 1.0
"""Seconds between two heartbeats of a rank."""
LEAST = 3 * INTERVAL
"""The shortest silence that can mean something."""


@dataclass(frozen=True)
class Patience:
    """``silence`` is after how many seconds without a heartbeat a rank counts as lost. Heartbeats
    come from a thread, whatever the rank computes, saves or compiles; a stopped process has none.

    ``exchange`` is how many seconds one exchange may take, for ranks that live and make no
    progress. None is without end.
    """

    silence: float | None = 15.0
    exchange: float | None = None
