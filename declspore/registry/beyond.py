"""Uses of words that no layer of Keras has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from declspore.ir.shape import Shape, TensorType

BeyondKeras = Callable[[TensorType, TensorType, Sequence[Shape]], str | None]
"""``(given, made, inputs)`` to why no layer of Keras makes the type ``made`` of ``given``, in a
network whose inputs have these shapes; None where one does."""
