"""Managers of the loss scale, as MindSpore's scripts make them (mindspore.amp)."""

from __future__ import annotations


class FixedLossScaleManager:
    """The loss is multiplied by ``loss_scale``; the optimizer, whose ``loss_scale`` must be the
    same, divides gradients by it.

    Raises ValueError where ``loss_scale`` is below 1, or ``drop_overflow_update`` is not False: as
    on MindSpore's CPU, steps are not left out here. Under ``mixed_float16`` the loss is scaled
    dynamically, and steps that overflow are left out.
    """

    def __init__(self, loss_scale: float = 128.0, drop_overflow_update: bool = True) -> None:
        if loss_scale < 1:
            raise ValueError(f"loss_scale must be at least 1, not {loss_scale}")
        if drop_overflow_update:
            raise ValueError(
                "drop_overflow_update must be False; to leave out steps that overflow, set Keras's "
                'dtype policy "mixed_float16", which scales the loss by itself'
            )
        self._loss_scale = float(loss_scale)

    def get_loss_scale(self) -> float:
        """What the loss is multiplied by."""
        return self._loss_scale

    def get_drop_overflow_update(self) -> bool:
        """Whether steps that overflow are left out: never."""
        return False
