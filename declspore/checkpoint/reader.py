"""A checkpoint, whatever its format: an index at once, values when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import PIECE, ByteRange, ByteSource, pieces
from declspore.checkpoint.cipher import Key
from declspore.checkpoint.filebytes import Stamp
from declspore.checkpoint.reads import Read, fill, fill_one, reads
from declspore.checkpoint.scan import LONGEST_NAME, Record
from declspore.diagnostic import Diagnostic, in_order
from declspore.ir.dtype import BY_NUMPY, DType
from declspore.ir.header import TEXT, Entries, Header, HeaderEntry
from declspore.report import DiagnosticError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]


MOST_ENTRIES = 1_000_000
"""Of a file: an index takes more memory than the smallest entries take bytes."""
_LARGE = 4 << 20
"""From here on NumPy itself asks the system for large pages."""
_BLOCK = 32 << 20
_ALIGNMENT = 64


class Access(NamedTuple):
    """How a file is read or written apart from its format.

    ``key`` decrypts or encrypts; ``mode`` is MindSpore's name of the way, None for what the file
    says, or AES-GCM. ``crc``: its CRC must be there and right, or is written. ``metadata`` are
    texts to write that belong to no entry, None for those of the files that values come from.
    """

    key: Key | None = None
    mode: str | None = None
    crc: bool = False
    metadata: Mapping[str, str] | None = None


class Indexed(Sequence["Entry"], ABC):
    """Entries that are made when they are asked for."""

    @property
    @abstractmethod
    def headers(self) -> Entries:
        """Their headers, in order."""

    @property
    @abstractmethod
    def source(self) -> ByteSource:
        """What all of them lie in."""

    @abstractmethod
    def contents(self) -> Iterator[tuple[int, int]]:
        """Where the bytes of each value begin and end: in one piece each, in the order of the
        file."""

    @abstractmethod
    def find(self, name: str) -> Entry | None: ...


class Crc(NamedTuple):
    """The CRC-32 a file states, and how to compute it from the file's bytes."""

    stated: int
    compute: Callable[[], int]


class Entry(NamedTuple):
    """A named value of a file: its header and where its bytes lie (sliced ones: in parts).

    ``dims`` is the shape as stored: older files give scalars as ``[0]``. ``records`` are those of
    MindSpore's format.
    """

    header: HeaderEntry
    dims: tuple[int, ...]
    source: ByteSource
    parts: tuple[ByteRange, ...]
    records: tuple[Record, ...] = ()

    @property
    def name(self) -> str:
        return self.header.name

    def pieces(self, length: int = PIECE) -> Iterator[memoryview]:
        """The bytes of the value, a buffer at a time: use one, then continue."""
        return pieces(self.source, self.parts, length)


def is_name(text: str) -> bool:
    """Whether an entry may be called so: UTF-8 can spell it, in at most a mebibyte."""
    if text.isascii():
        return len(text) <= LONGEST_NAME
    return is_utf8(text) and len(text.encode()) <= LONGEST_NAME


def is_utf8(text: str) -> bool:
    """Whether UTF-8 can spell a text; half of a surrogate pair, which JSON can, it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_MOST_PROBLEMS = 100


def sorted_out(
    found: Iterable[Entry | Diagnostic], path: str
) -> tuple[list[Entry], list[Diagnostic]]:
    """Entries, and what is wrong with others. Damage that ``found`` raises is the last of that;
    where much is wrong, no more is looked at."""
    entries: list[Entry] = []
    problems: list[Diagnostic] = []
    try:
        for one in found:
            if isinstance(one, Entry):
                entries.append(one)
                continue
            problems.append(one)
            if len(problems) >= _MOST_PROBLEMS:
                raise errors.too_many(path, _MOST_PROBLEMS - 1, "faulty entries")
    except DiagnosticError as error:
        problems += error.diagnostics
    return entries, problems


def is_countable(shape: tuple[int, ...]) -> bool:
    """Whether an array without elements may have that shape: the other sizes count for NumPy."""
    return prod(size or 1 for size in shape) < 1 << 58


class Hash(Protocol):
    """A hash in the making."""

    def update(self, data: bytes | bytearray | memoryview, /) -> object: ...

    def hexdigest(self) -> str: ...


class Copy(NamedTuple):
    """An entry of a new file that has the bytes of another one's, which is at a ``place`` in the
    order of its file."""

    source: Checkpoint
    place: int
    name: str


class Copies(Protocol):
    """What a new file has of others, in the order in which it was to be written; it can be gone
    through again and again."""

    @property
    def sources(self) -> Iterable[Checkpoint]:
        """The files that values are copied from."""

    def __iter__(self) -> Iterator[Copy]: ...


class Storage(Protocol):
    """What a checkpoint lies in: a file, or the files of a set."""

    size: int

    @property
    def permissions(self) -> int: ...

    @property
    def stamp(self) -> Stamp: ...

    def close(self) -> None: ...


class Checkpoint:
    """An indexed file. Immutable; closed when garbage-collected or by ``close``.

    The file stays open, so that values can be read even after it is replaced. ``format`` is the
    word of its format, ``mode`` how it is encrypted. ``problems`` is empty unless the file was
    opened leniently; what they are about is left out of ``entries``. ``metadata`` are texts that
    belong to no entry, as safetensors has them.

    Of a file that was just written, ``copies`` are the entries whose values are those of another
    file, and ``hash`` took in its bytes, if it was asked to and they were written in order.
    """

    def __init__(
        self,
        path: str,
        format: str,
        file: Storage,
        entries: Sequence[Entry],
        *,
        problems: Iterable[Diagnostic] = (),
        mode: str | None = None,
        crc: Crc | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.format = format
        self.size = file.size
        self.entries = entries
        self.problems = in_order(problems)
        self.mode = mode
        self.crc = crc
        self.metadata = metadata or {}
        self.copies: Copies | None = None
        self.hash: Hash | None = None
        self._file = file

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def storage(self) -> Storage:
        return self._file

    @property
    def stamp(self) -> Stamp:
        """What distinguishes the file, as it is, from another one."""
        return self._file.stamp

    @cached_property
    def header(self) -> Header:
        if isinstance(self.entries, Indexed):
            return Header.of(self.path, self.entries.headers)
        return Header.of(self.path, (entry.header for entry in self.entries))

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        if isinstance(self.entries, Indexed):
            return _ByName(self.entries)
        return {entry.name: entry for entry in self.entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def array(self, name: str) -> Array:
        """The value of an entry, read-only: a view of the file where it can be one (a decrypted
        value cannot, and of a sliced one the first 512 MiB). Raises DiagnosticError where there is
        no such array."""
        entry = self._array_entry(name)
        return _viewed(entry.source, entry.parts, entry.header.dtype, entry.header.shape)

    def read(self, name: str) -> Array:
        """The value of an entry in an array of its own: aligned, writable. Several threads read a
        large one. Raises DiagnosticError where the array does not exist."""
        import numpy as np

        entry = self._array_entry(name)
        array = np.empty(entry.header.shape, entry.header.dtype.as_numpy())
        fill_one(entry.source, entry.parts, _memory(array))
        return array

    def load(self, names: Iterable[str] | None = None) -> dict[str, Array]:
        """Values in arrays of their own by name: all arrays of the file, or those named.

        Aligned and writable. Several threads read, since most of the time goes into copying and
        into the system's handing out memory; which it does faster by large pages, so that small
        values that lie side by side share a block of up to 32 MiB: it is given back when the last
        of them is. Raises DiagnosticError where a name is not an array.
        """
        wanted = self._arrays() if names is None else list(names)
        entries = [self._array_entry(name) for name in wanted]
        found: dict[str, Array] = {}
        shares: list[list[Read]] = []
        for block in _blocks(entries):
            own: list[Read] = []
            for entry, array in zip(block, _room_for(block), strict=True):
                found[entry.name] = array
                own += reads(entry.source, entry.parts, _memory(array))
            shares += [own] if len(block) > 1 else [[read] for read in own]
        fill(shares)
        return found

    def text(self, name: str) -> str:
        """The value of a text entry."""
        entry = self._entry(name)
        data = b"".join(entry.source.read(part.start, len(part)) for part in entry.parts)
        return data.decode("utf-32-le", errors="replace").rstrip("\0")

    def table(self, name: str) -> tuple[Array, Array, Array]:
        """Keys, values and status of a map parameter, read-only."""
        import numpy as np

        entry = self._entry(name)
        columns: list[Array] = []
        for tensor in range(3):
            views = [_tensor_view(entry.source, record, tensor) for record in entry.records]
            column = views[0] if len(views) == 1 else np.concatenate(views)
            column.flags.writeable = False
            columns.append(column)
        keys, values, status = columns
        return keys, values, status

    def check_crc(self) -> None:
        """Raises DiagnosticError where the file states no CRC, or another than its bytes give."""
        if self.crc is None:
            raise errors.no_crc(self.path)
        found = self.crc.compute()
        if found != self.crc.stated:
            raise errors.wrong_crc(self.path, self.crc.stated, found)

    def disagreements(self) -> Iterator[Diagnostic]:
        """What is wrong with values that the checkpoint holds more than once; reads all of them."""
        return iter(())

    def _arrays(self) -> list[str]:
        return [e.name for e in self.entries if e.header.dtype.is_array]

    def _entry(self, name: str) -> Entry:
        entry = self.by_name.get(name)
        if entry is None:
            raise errors.no_such_entry(self.path, name, self.by_name)
        return entry

    def _array_entry(self, name: str) -> Entry:
        entry = self._entry(name)
        if not entry.header.dtype.is_array:
            found = "a text" if entry.header.dtype == TEXT else "a map parameter"
            raise errors.not_an_array(self.path, name, found)
        return entry


class _ByName(Mapping[str, Entry]):
    """The entries of an index by their names."""

    def __init__(self, entries: Indexed) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Entry:
        found = self._entries.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries.headers.names)

    def __len__(self) -> int:
        return len(self._entries)


def _blocks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Neighbours whose values are read into one block; a large value has one alone."""
    block: list[Entry] = []
    room = _BLOCK
    for entry in entries:
        if block and (entry.header.nbytes >= _LARGE or entry.header.nbytes > room):
            yield block
            block, room = [], _BLOCK
        block.append(entry)
        room -= entry.header.nbytes if entry.header.nbytes < _LARGE else _BLOCK
    if block:
        yield block


def _room_for(block: list[Entry]) -> list[Array]:
    """Arrays for these values, side by side."""
    import numpy as np

    sizes = [-(-entry.header.nbytes // _ALIGNMENT) * _ALIGNMENT for entry in block]
    memory = np.empty(sum(sizes) + _ALIGNMENT, np.uint8)
    start = -memory.__array_interface__["data"][0] % _ALIGNMENT
    found: list[Array] = []
    for entry, size in zip(block, sizes, strict=True):
        where = memory[start : start + entry.header.nbytes]
        found.append(where.view(entry.header.dtype.as_numpy()).reshape(entry.header.shape))
        start += size
    return found


def _memory(array: Array) -> memoryview:
    import numpy as np

    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")


def _viewed(
    source: ByteSource, parts: tuple[ByteRange, ...], dtype: DType, shape: tuple[int, ...]
) -> Array:
    import numpy as np

    return np.ndarray(shape, dtype.as_numpy(), source.view(parts))


def _tensor_view(source: ByteSource, record: Record, tensor: int) -> Array:
    """A tensor of a map parameter, whose types are spelled as NumPy's."""
    field = record.tensors[tensor]
    return _viewed(source, (record.content(tensor),), BY_NUMPY[field.type.lower()], field.dims)
