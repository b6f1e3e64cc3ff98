"""The JSON header of a safetensors file: what it says of each tensor, types and shapes once for all
that have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import ByteSource
from declspore.checkpoint.placed import Placed
from declspore.checkpoint.reader import MOST_ENTRIES, is_name
from declspore.checkpoint.scan import MOST_DIMS
from declspore.ir.header import TypedShape
from declspore.untrusted_json import parsed

_METADATA = "__metadata__"
_NAMES = {"dtype", "shape", "data_offsets"}


class Fields(NamedTuple):
    """What is said of a tensor: its type as written, its shape, and where its bytes lie, seen from
    the end of the header."""

    type: str
    shape: tuple[int, ...]
    begin: int
    end: int


class _Row(NamedTuple):
    """The same with the number of its type and shape."""

    kind: int
    begin: int
    end: int


class Table:
    """A parsed header: ``rows`` of names and what is said of them, ``kinds`` of types and shapes;
    ``metadata`` are not looked at. Names that an object has ``twice`` have one row."""

    def __init__(self) -> None:
        self.rows: Mapping[str, object] = {}
        self.kinds: list[tuple[str, tuple[int, ...]]] = []
        self.twice: list[str] = []
        self.metadata: object = {}
        self._known: dict[tuple[str, tuple[int, ...]], int] = {}

    @classmethod
    def parsed(cls, data: bytes, path: str) -> Table:
        """Raises DiagnosticError."""
        # each tensor has one object and two lists; parsed, an empty one is twenty times its bytes
        if data.count(b"{") > MOST_ENTRIES + 2 or data.count(b"[") > 2 * MOST_ENTRIES:
            raise errors.too_many(path, MOST_ENTRIES, "tensors")
        made = cls()
        try:
            found = parsed(data, pairs=made._object)
        except ValueError as error:
            raise errors.damaged_file(path, 8, f"the header is not JSON: {error}") from None
        if isinstance(found, _Row):  # of a header that says of itself what it should of a tensor
            fields = made.fields(found)
            assert fields is not None
            offsets = [fields.begin, fields.end]
            found = {"dtype": fields.type, "shape": [*fields.shape], "data_offsets": offsets}
        if not isinstance(found, dict):
            raise errors.damaged_file(path, 8, "the header is not a JSON object")
        made.metadata = found.pop(_METADATA, {})
        made.rows = found
        return made

    def fields(self, said: object) -> Fields | None:
        """What is said of a tensor, or None where it is not what it should be."""
        row = said if isinstance(said, _Row) else self._row(said)
        return None if row is None else Fields(*self.kinds[row.kind], row.begin, row.end)

    def placed(
        self, types: Sequence[TypedShape] | None, source: ByteSource, start: int
    ) -> Placed | None:
        """The index of tensors that lie from ``start`` on to the end of their source, where
        ``types`` are those of the kinds; None where something is wrong with a tensor."""
        if types is None or self.twice:
            return None
        made, position = Placed(source, list(types)), 0
        for name, row in self._in_order():
            if not isinstance(row, _Row) or not is_name(name):
                return None
            if row.begin != position or row.end - position != types[row.kind].nbytes:
                return None
            made.add(name, start + position, row.kind)
            position = row.end
        return made if start + position == source.size else None

    def _in_order(self) -> Iterable[tuple[str, object]]:
        """The rows in the order of the file, which is mostly that of the header."""
        begin = end = 0
        for row in self.rows.values():
            if not isinstance(row, _Row) or (row.begin, row.end) < (begin, end):
                return sorted(self.rows.items(), key=_place)
            begin, end = row.begin, row.end
        return self.rows.items()

    def _object(self, found: list[tuple[str, object]]) -> object:
        """What stands for an object of the text."""
        made = dict(found)
        if len(made) < len(found):
            counts = Counter(name for name, _ in found)
            self.twice += [name for name, count in counts.items() if count > 1]
        return (self._row(made) if made.keys() == _NAMES else None) or made

    def _row(self, said: object) -> _Row | None:
        if not isinstance(said, dict):
            return None
        type, shape = said.get("dtype"), _sizes(said.get("shape"))
        offsets = _sizes(said.get("data_offsets"))
        if not isinstance(type, str) or shape is None or len(shape) > MOST_DIMS:
            return None
        if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
            return None
        kind = self._known.setdefault((type, shape), len(self.kinds))
        if kind == len(self.kinds):
            self.kinds.append((type, shape))
        return _Row(kind, *offsets)


def _place(named: tuple[str, object]) -> tuple[int, int]:
    _, row = named
    return (row.begin, row.end) if isinstance(row, _Row) else (0, 0)


def _sizes(numbers: object) -> tuple[int, ...] | None:
    """A list of sizes, none so large that it could not be one; else None."""
    if not isinstance(numbers, list):
        return None
    for number in numbers:
        if type(number) is not int or not 0 <= number < 1 << 62:
            return None
    return tuple(numbers)
