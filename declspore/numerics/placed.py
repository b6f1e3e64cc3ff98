"""Paths of checkpoints with the place in the training filled in."""

from __future__ import annotations


def placed(path: str, epoch: int, step: int, figure: float = 0.0) -> str:
    """A path with its placeholders filled in."""
    return path.format(epoch=epoch, step=step, figure=figure)
