"""What values can be used as, whichever room defines them.

The types of arguments in the vocabulary ask for a capability, never for a class of the
interpreter: a value has one by deriving from the class that names it.
"""

from __future__ import annotations

from declspore.ir.header import Header, HeaderEntry
from declspore.ir.tensors import Array


class Described:
    """A value that messages can name."""

    __slots__ = ()

    @property
    def described(self) -> str:
        """The value as a message names it: "a dataset", "the cell `Dense(...)`"."""
        return str(self)


class TensorLike(Described):
    """A tensor, or something that can be used as one."""

    __slots__ = ()


class CellLike(Described):
    """A cell with its arguments."""

    __slots__ = ()


class EntriesLike(Described):
    """Entries of a checkpoint."""

    __slots__ = ()

    @property
    def entries(self) -> tuple[HeaderEntry, ...]:
        """The entries in the order of the file."""
        raise NotImplementedError

    def each(self) -> tuple[EntriesLike, ...]:
        """The entries one by one, in the natural order of their names."""
        raise NotImplementedError

    def array(self, name: str) -> Array:
        """The value of an entry, a NumPy array. Raises TensorsNeeded while there is none."""
        raise NotImplementedError


class FileLike(Described):
    """An input or an output of an edit: a header, and values once they can be read.

    ``index`` is its place among the files of one name.
    """

    __slots__ = ()

    name: str
    index: int
    header: Header

    @property
    def label(self) -> str:
        """The name of the file in messages: ``src``, or ``src[2]`` of several."""
        raise NotImplementedError

    def array(self, name: str) -> Array:
        """The value of an entry, a NumPy array. Raises TensorsNeeded while there is none."""
        raise NotImplementedError
