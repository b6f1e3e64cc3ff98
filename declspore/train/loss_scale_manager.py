"""Managers of the loss scale, as MindSpore's scripts make them (mindspore.amp)."""

from __future__ import annotations

from declspore.registry.policy import Policy, policy


class LossScaleManager:
    """Base class of managers (mindspore.amp.LossScaleManager)."""

    def get_loss_scale(self) -> float:
        """What the loss is multiplied by, and the optimizer divides by."""
        raise NotImplementedError

    def policies(self) -> list[Policy]:
        """What a training does besides that."""
        return []


class FixedLossScaleManager(LossScaleManager):
    """The loss is multiplied by ``loss_scale``; the optimizer, whose ``loss_scale`` must be the
    same, divides gradients by it.

    Raises ValueError where ``loss_scale`` is below 1, or ``drop_overflow_update`` is not False: as
    on MindSpore's CPU, steps are not left out here. :class:`DynamicLossScaleManager` leaves them
    out, and so does training under ``mixed_float16``.
    """

    def __init__(self, loss_scale: float = 128.0, drop_overflow_update: bool = True) -> None:
        if loss_scale < 1:
            raise ValueError(f"loss_scale must be at least 1, not {loss_scale}")
        if drop_overflow_update:
            raise ValueError(
                "drop_overflow_update must be False; to leave out steps that overflow, use "
                "DynamicLossScaleManager, or set Keras's dtype policy "
                '"mixed_float16", which scales the loss by itself'
            )
        self._loss_scale = float(loss_scale)

    def get_loss_scale(self) -> float:
        """What the loss is multiplied by."""
        return self._loss_scale

    def get_drop_overflow_update(self) -> bool:
        """Whether steps that overflow are left out: never."""
        return False


class DynamicLossScaleManager(LossScaleManager):
    """The loss is multiplied by a scale that grows by ``scale_factor`` after ``scale_window``
    finite steps and shrinks where gradients are not finite; such steps are left out.

    The optimizer's ``loss_scale`` stays 1. Raises ValueError.
    """

    def __init__(
        self, init_loss_scale: float = 2.0**24, scale_factor: float = 2, scale_window: int = 2000
    ) -> None:
        self._policy = policy(
            "DynamicLossScale",
            init_loss_scale=float(init_loss_scale),
            scale_factor=float(scale_factor),
            scale_window=scale_window,
        )

    def get_loss_scale(self) -> float:
        """What the optimizer divides by: the policy divides by the scale itself."""
        return 1.0

    def get_drop_overflow_update(self) -> bool:
        """Whether steps that overflow are left out: always."""
        return True

    def policies(self) -> list[Policy]:
        """The scale that moves."""
        return [self._policy]
