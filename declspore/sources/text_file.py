"""Lines of text files (mindspore.dataset.TextFileDataset)."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments
from declspore.numerics.files import PATHS, Lines, lines_of, paths_of, remembered
from declspore.registry.data import Column, Element, SourceKind
from declspore.registry.signature import Argument, signature

_lines = remembered(lambda paths: lines_of(paths, quoted=False, skipped=0))


@dataclass(frozen=True)
class _Texts:
    lines: Lines

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        import numpy as np

        found = np.empty(len(items), object)
        found[:] = self.lines.read(items)
        return (found,)

    def place(self, item: int) -> str:
        return self.lines.place(item)


def _open(a: Arguments) -> _Texts:
    return _Texts(_lines(paths_of(a.dataset_files)))


KINDS = (
    SourceKind(
        name="TextFile",
        signature=signature(
            Argument("dataset_files", PATHS, help="a path or several, with * for any part")
        ),
        summary="The lines of text files that are not empty, as the column `text`.",
        example='TextFile("reviews/*.txt")',
        element=lambda a: Element((Column("text", TensorType(STRING, ())),)),
        size=lambda a: len(_open(a).lines),
        open=_open,
        files=lambda a: paths_of(a.dataset_files),
    ),
)
