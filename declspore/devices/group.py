"""What a training can ask of the group of processes it runs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.generic]"
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | dict[str, Json] | None"


class Group(Protocol):
    """All ranks must call the same methods in the same order. Each call waits for all of them, and
    raises :class:`declspore.devices.errors.Lost` where one has ended.

    ``step`` is the last step that is complete; messages name it.
    """

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def spans_machines(self) -> bool:
        """Whether ranks may have other files than this one."""

    step: int

    def check(self) -> None:
        """Raises Lost where another rank has ended since; to be called where a rank works for long
        without the others."""

    def agreed(self, value: Json) -> Json:
        """The value of rank 0."""

    def gathered(self, value: Json) -> list[Json]:
        """The values of all ranks, in their order."""

    def shared(self, array: Array) -> Array:
        """The array of rank 0; all ranks give one of the same shape and dtype."""

    def sum(self, array: Array) -> Array:
        """The sum of the arrays of all ranks, added in their order: the same bits everywhere."""

    def rows(self, array: Array) -> Array:
        """The arrays of all ranks, one after the other along the first axis."""


class Alone:
    """A process that trains by itself."""

    rank = 0
    size = 1
    spans_machines = False

    def __init__(self) -> None:
        self.step = 0

    def check(self) -> None:
        pass

    def agreed(self, value: Json) -> Json:
        return value

    def gathered(self, value: Json) -> list[Json]:
        return [value]

    def shared(self, array: Array) -> Array:
        return array

    def sum(self, array: Array) -> Array:
        return array

    def rows(self, array: Array) -> Array:
        return array
