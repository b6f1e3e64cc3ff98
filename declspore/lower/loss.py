"""MindSpore's losses as a Keras loss that carries out the formula of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, TypeAlias, TypeVar

import keras
import numpy as np
from keras import ops

from declspore.ir.tensors import Tensor as BackendTensor
from declspore.ir.tensors import Tensors
from declspore.ir.term import Arguments, Term
from declspore.lower.entering import of_one_width, type_entering
from declspore.lower.immediate import immediate, of_backend
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor

T = TypeVar("T")

Entering: TypeAlias = tuple[tuple[BackendTensor, ...], tuple[BackendTensor, ...]]
"""The outputs and the labels that enter a loss."""


@keras.saving.register_keras_serializable("declspore")
class Loss(keras.losses.Loss):
    """A loss of MindSpore (``word`` of the registry), usable wherever Keras takes one.

    ``values(*given)`` is MindSpore's result of what enters in MindSpore's order, such as
    ``values(logits, labels)``: one value per sample where its reduction is ``none``. Called with
    tensors of declspore it gives the same as a tensor: ``loss(logits, labels)``. Called as Keras
    calls a loss, ``loss(y_true, y_pred)``, it gives a scalar; for ``none`` that is the sum, whose
    gradient is the one MindSpore trains with.
    """

    def __init__(
        self, word: str, arguments: Mapping[str, object], name: str | None = None, **_: object
    ) -> None:
        super().__init__(name=name or word, reduction=None)
        self.word = word
        self.arguments = Arguments(arguments)
        self._kind = self._kind_of(word)

    def _kind_of(self, word: str) -> LossKind:
        return vocabulary().of(LossKind, word)

    @classmethod
    def of(cls, term: Term) -> Loss:
        return cls(term.word, term.arguments)

    @property
    def gives_samples(self) -> bool:
        """Whether it gives a value per sample, not a number."""
        return self._kind.gives_samples(self.arguments)

    @property
    def term(self) -> Term:
        return Term("loss", self.word, self.arguments)

    @property
    def made_by(self) -> str:
        """What makes one value of those of the samples."""
        return str(self.arguments.get("reduction", "mean"))

    def unreduced(self) -> Loss:
        """The loss of each sample, or of each element."""
        return Loss(self.word, {**self.arguments, "reduction": "none"})

    @property
    def is_by_sample(self) -> bool:
        """Whether its value is the mean, the sum or the list of those of the samples."""
        return self._kind.by_sample(self.arguments)

    def values(self, *given: object) -> BackendTensor:
        """MindSpore's result. Raises ValueError where what enters does not fit together."""
        names = self._kind.inputs
        if len(given) != len(names):
            raise ValueError(f"{self.word} takes {', '.join(names)}; {len(given)} are given")
        try:
            tensors = self._entering(given)
            self._kind.fit(self.arguments, *map(type_entering, tensors))
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{self.word}: {error}{help}") from None
        return self._computed(*tensors)

    def _entering(self, given: tuple[object, ...]) -> list[BackendTensor]:
        return of_one_width([_tensor(one) for one in given])

    def _computed(self, *tensors: BackendTensor) -> BackendTensor:
        return self._kind.compute(ops, self.arguments, *tensors)

    def of_tensors(self, *given: Any) -> Tensor:
        """MindSpore's call, ``loss(logits, labels)``: the result as a tensor."""
        tensors = (one if isinstance(one, Tensor) else Tensor(one) for one in given)
        return of_backend(self.values(*(immediate(one).tensor for one in tensors)))

    def of_batch(self, outputs: Tensors | None, labels: Tensors | None) -> BackendTensor:
        """MindSpore's result of a network's outputs and a batch's labels: one of each, or a list.

        Raises ValueError where there are more or fewer than the loss takes, or they do not fit.
        """
        try:
            given = self._kind.arranged(several(outputs), several(labels))
        except Misfit as error:
            raise ValueError(f"{self.word}: {error}") from None
        return self.values(*given)

    def call(self, y_true: Tensors, y_pred: Tensors) -> BackendTensor:
        return self.of_batch(y_pred, y_true)

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Tensor | BackendTensor:
        if isinstance(y_true, Tensor) or isinstance(y_pred, Tensor):
            return self.of_tensors(
                y_true, y_pred, *(() if sample_weight is None else (sample_weight,))
            )
        if sample_weight is not None:
            raise ValueError(f"{self.word} takes no sample weights")
        return ops.sum(self.call(y_true, y_pred))

    def get_config(self) -> dict[str, object]:
        return {"word": self.word, "arguments": dict(self.arguments), "name": self.name}


class Objective:
    """What training makes small: losses of chosen outputs and labels, added up by weight.

    Raises ValueError where one of several gives no number.
    """

    def __init__(self, parts: Sequence[tuple[Loss, Fed]]) -> None:
        self.parts = tuple(parts)
        for loss, _ in parts if len(parts) > 1 else ():
            if loss.gives_samples:
                raise ValueError(f'{loss.word}: several losses are added up; reduction="mean"')

    @classmethod
    def joined(cls, losses: Sequence[Loss | Objective]) -> Objective:
        """The sum of losses and of sums of losses."""
        parts: list[tuple[Loss, Fed]] = []
        for loss in losses:
            parts += loss.parts if isinstance(loss, Objective) else [(loss, Fed(loss.term))]
        return cls(parts)

    def of_batch(self, outputs: Tensors | None, labels: Tensors | None) -> BackendTensor:
        """The value for a batch: a number, or one loss's value per sample where it is alone and
        without reduction. Raises ValueError where outputs and labels do not fit."""
        return self.added(outputs, labels, lambda loss, entering: loss.of_batch(*entering))

    def added(
        self,
        outputs: Tensors | None,
        labels: Tensors | None,
        value: Callable[[Loss, Entering], BackendTensor],
    ) -> BackendTensor:
        """The same, of the value of each loss for the outputs and labels that enter it."""
        outputs, labels = several(outputs), several(labels)
        found = []
        for loss, fed in self.parts:
            try:
                entering = fed.chosen(outputs, labels)
            except Misfit as error:
                raise ValueError(f"{loss.word}: {error}") from None
            part = value(loss, entering)
            found.append(part if fed.weight == 1.0 else part * fed.weight)
        return reduce(add, found)


def several(given: T | Sequence[T] | None) -> Sequence[T]:
    """One tensor, a list of them, or none, as a list."""
    if given is None:
        return ()
    return given if isinstance(given, list | tuple) else (given,)


def _tensor(given: object) -> BackendTensor:
    """As a tensor. Raises Misfit where an array holds no numbers, which backends report each in its
    own way."""
    if isinstance(given, np.ndarray):
        type_entering(given)
    return ops.convert_to_tensor(given)
