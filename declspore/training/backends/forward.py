"""What a backend derives outside a training step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Forward: TypeAlias = Callable[[Sequence[Any]], tuple[Any, list[Any]]]
"""A function of tensors of the backend that gives a number to derive, and other tensors; it may
read variables, too."""

Derived: TypeAlias = tuple[list[Any], list[Any], list[Any]]
"""The gradients by inputs and by variables, and the other tensors."""

Variables: TypeAlias = Callable[[], Sequence[Any]]
"""The variables of Keras to derive by. They are asked for once the function has run, since a
network of Python is compiled when it is first called."""
