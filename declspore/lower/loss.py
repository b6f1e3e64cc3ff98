"""MindSpore's losses as a Keras loss that carries out the formula of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.shape import TensorType, symbol
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.table import vocabulary


@keras.saving.register_keras_serializable("declspore")
class Loss(keras.losses.Loss):
    """A loss of MindSpore (``word`` of the registry), usable wherever Keras takes one.

    ``values(logits, labels)`` is MindSpore's result, one value per sample where its reduction is
    ``none``. Called as Keras calls a loss it gives a scalar; for ``none`` that is the sum, whose
    gradient is the one MindSpore trains with.
    """

    def __init__(
        self, word: str, arguments: Mapping[str, Any], name: str | None = None, **_: Any
    ) -> None:
        super().__init__(name=name or word, reduction=None)
        self.word = word
        self.arguments = Arguments(arguments)
        self._kind = vocabulary().of(LossKind, word)

    @classmethod
    def of(cls, term: Term) -> Loss:
        return cls(term.word, term.arguments)

    def values(self, logits: Any, labels: Any) -> Any:
        """MindSpore's result. Raises ValueError where logits and labels do not fit together."""
        logits, labels = ops.convert_to_tensor(logits), ops.convert_to_tensor(labels)
        try:
            self._kind.fit(self.arguments, _type_of(logits), _type_of(labels))
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{self.word}: {error}{help}") from None
        return self._kind.compute(ops, self.arguments, logits, labels)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.values(y_pred, y_true)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if sample_weight is not None:
            raise ValueError(f"{self.word} takes no sample weights")
        y_pred = ops.convert_to_tensor(y_pred)
        return ops.sum(self.call(ops.convert_to_tensor(y_true), y_pred))

    def get_config(self) -> dict[str, Any]:
        return {"word": self.word, "arguments": dict(self.arguments), "name": self.name}


def _type_of(tensor: Any) -> TensorType:
    """Element type and shape of a tensor or array; axes of unknown size are symbolic."""
    dtype = BY_NUMPY[keras.backend.standardize_dtype(tensor.dtype)]
    shape = (
        size if size is not None else symbol(f"N{axis}") for axis, size in enumerate(tensor.shape)
    )
    return TensorType(dtype, tuple(shape))
