"""The losses that a spec declares as Keras losses, carried out by the network they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.network import Input
from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Tensor as BackendTensor
from declspore.ir.term import Arguments, Term
from declspore.lower.loss import Loss, Objective
from declspore.lower.network import compile_network
from declspore.registry.feeding import Fed
from declspore.registry.loss import LossKind
from declspore.registry.written import WrittenLoss, written_kind
from declspore.tensor import Tensor


def loss_of(term: Term) -> Loss:
    """The Keras loss of a term: of the vocabulary, or a spec's."""
    if not isinstance(term, WrittenLoss):
        return Loss.of(term)
    taken = term.network.inputs
    return CompiledLoss(term.word, term.arguments, compile_network(term.network), taken)


def objective_of(losses: Sequence[Fed]) -> Objective:
    """What training makes small, of losses and what enters them."""
    return Objective([(loss_of(loss.term), loss) for loss in losses])


@keras.saving.register_keras_serializable("declspore")
class CompiledLoss(Loss):
    """A loss of a spec: ``model`` gives a number, or a value per sample, of ``inputs``. A saved
    model with it needs no spec to be loaded again."""

    def __init__(
        self,
        word: str,
        arguments: Mapping[str, object],
        model: keras.Model,
        inputs: tuple[Input, ...] | None = None,
        name: str | None = None,
        **_: object,
    ) -> None:
        self._model = model
        self._inputs = _inputs_of(model) if inputs is None else inputs
        super().__init__(word, Arguments(arguments), name)

    def _kind_of(self, word: str) -> LossKind:
        return written_kind(word, self._inputs, len(self._model.output.shape) > 0)

    def _computed(self, *tensors: BackendTensor) -> BackendTensor:
        return self._model(list(tensors) if len(tensors) > 1 else tensors[0])

    def _entering(self, given: tuple[object, ...]) -> list[BackendTensor]:
        """Tensors of the declared types, of numbers that may be wider: Python's are."""
        tensors = zip(super()._entering(given), self._inputs, strict=True)
        return [_like(tensor, entry.type) for tensor, entry in tensors]

    def __call__(
        self, y_true: object, y_pred: object, sample_weight: object = None, *more: object
    ) -> Tensor | BackendTensor:
        given = [y_true, y_pred, *([] if sample_weight is None else [sample_weight]), *more]
        if any(isinstance(one, Tensor) for one in given):
            return self.of_tensors(*given)
        return super().__call__(y_true, y_pred, sample_weight)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "model": keras.saving.serialize_keras_object(self._model)}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> CompiledLoss:
        model = keras.saving.deserialize_keras_object(config["model"])
        return cls(**{**config, "model": model})


def _like(tensor: BackendTensor, type: TensorType) -> BackendTensor:
    found = BY_NUMPY.get(keras.backend.standardize_dtype(tensor.dtype))
    if found is None or found == type.dtype or found.is_float != type.dtype.is_float:
        return tensor
    return ops.cast(tensor, type.dtype.numpy)


def _inputs_of(model: keras.Model) -> tuple[Input, ...]:
    """The inputs of a model that was saved; axes of any size are symbols of their own."""
    found = []
    for place, tensor in enumerate(model.inputs):
        shape = [
            symbol(f"N{place}_{axis}") if size is None else size
            for axis, size in enumerate(tensor.shape)
        ]
        dtype = BY_NUMPY[keras.backend.standardize_dtype(tensor.dtype)]
        found.append(Input(tensor.name, TensorType(dtype, tuple(shape))))
    return tuple(found)
