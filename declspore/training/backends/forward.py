"""What a backend derives outside a training step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras

from declspore.ir.tensors import Tensor

Forward: TypeAlias = Callable[[Sequence[Tensor]], tuple[Tensor, list[Tensor]]]
"""A function of tensors of the backend that gives a number to derive, and other tensors; it may
read variables, too."""

Derived: TypeAlias = tuple[list[Tensor | None], list[Tensor | None], list[Tensor]]
"""The gradients by inputs and by variables, and the other tensors."""

Variables: TypeAlias = Callable[[], Sequence[keras.Variable]]
"""The variables of Keras to derive by. They are asked for once the function has run, since a
network of Python is compiled when it is first called."""
