"""Losses of the vocabulary as cells of a loss that a spec declares: ``rest = BCELoss()``."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.ir.term import Term
from declspore.language.cells import Cell
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.table import vocabulary
from declspore.source import Span


@dataclass(frozen=True, eq=False)
class LossCell(Cell):
    """A loss with its arguments, which tensors of a construct enter."""

    term: Term
    span: Span

    @property
    def kind(self) -> LossKind:
        return vocabulary().of(LossKind, self.term.word)

    @property
    def word(self) -> str:
        return self.term.word

    def infer(self, *types: TensorType) -> TensorType:
        """The type of its result, a number. Raises Misfit."""
        if self.kind.gives_samples(self.term.arguments):
            reason = f'{self.word} with reduction = "none" gives a value per sample'
            raise Misfit(
                f"{reason}; within a loss it must give a number", f'{self.word}(reduction = "mean")'
            )
        self.kind.fit(self.term.arguments, *types)
        floats = [type for type in types if type.dtype.is_float]
        return TensorType(floats[0].dtype if floats else types[0].dtype, ())

    def __str__(self) -> str:
        return f"{self.word}(...)"
