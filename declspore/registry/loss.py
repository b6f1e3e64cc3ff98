"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.registry.feeding import TakingKind


@dataclass(frozen=True, kw_only=True)
class LossKind(TakingKind):
    """A loss of what a network gives and a dataset says.

    ``fit(arguments, *types)`` takes the types of what enters in MindSpore's order and raises
    :class:`declspore.registry.kind.Misfit` where they do not fit. ``compute(ops, arguments,
    *tensors)`` gives the loss with its reduction applied (a scalar, or one value per sample for
    ``none``); ``ops`` is ``keras.ops``. ``by_sample(arguments)`` says that the value of a batch is
    the mean of those of its samples (their sum, their list: the argument ``reduction``), so that
    devices which share a batch compute it each of its own samples; of all other losses they need
    the outputs of all samples.
    """

    family: ClassVar[str] = "loss"
    title: ClassVar[str] = "Losses"
    room: ClassVar[str] = "losses"
    rank: ClassVar[int] = 40

    inputs: tuple[str, ...] = ("logits", "labels")
    labels: tuple[str, ...] = ("labels",)
    fit: Callable[..., None]
    compute: Callable[..., Tensor]
    by_sample: Callable[[Arguments], bool] = lambda arguments: False

    def gives_samples(self, arguments: Arguments) -> bool:
        """Whether it gives a value per sample, not a number."""
        return arguments.get("reduction") == "none"
