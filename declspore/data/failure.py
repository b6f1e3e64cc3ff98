"""Why an item could not be read or changed, carried past TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from declspore.datafile import Damaged
from declspore.registry.data import Unavailable


class Failure:
    """The latest reason, if there is one; ``tf.data`` raises an error of its own in its place."""

    def __init__(self) -> None:
        self.reason: Unavailable | None = None

    @contextmanager
    def kept(self, place: Callable[[], str]) -> Iterator[None]:
        """Keeps why what is done within fails; ``place`` names the item."""
        try:
            yield
        except Damaged as error:
            self.reason = Unavailable(f"{place()}: {error}")
            raise
        except Unavailable as error:
            self.reason = error
            raise
