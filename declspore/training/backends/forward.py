"""What a backend derives outside a training step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Forward: TypeAlias = Callable[[Sequence[Any]], Any]
"""A function of tensors of the backend that gives a number; it may read variables, too."""

Variables: TypeAlias = Callable[[], Sequence[Any]]
"""The variables of Keras to derive by. They are asked for once the function has run, since a
network of Python is compiled when it is first called."""
