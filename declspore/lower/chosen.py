"""An optimizer of chosen variables, in an order of its own.

MindSpore's optimizer is made for parameters and updates those; Keras's is handed whatever a model
trains, and on JAX by position alone. This class connects the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import keras
from keras import ops

from declspore.ir.tensors import Tensor


class OfChosenVariables(keras.optimizers.Optimizer):
    """Keras's optimizer, but that it updates the variables it was first built on and no others.

    Keras always sees it as not built yet: so every ``fit`` finds again which variables the
    model has and in which order, by which JAX's steps distinguish them.

    Where the loss does not depend on a variable, MindSpore's gradient is zero, and weight decay
    and moments continue; Keras would leave the variable alone.
    """

    _reduces = True
    """Whether it adds up the gradients of several devices."""

    _idle: Sequence[keras.Variable] = ()
    """Its own variables that no layer has, and so no model: their gradients are zero. Keras takes
    what is assigned here for state of the optimizer, without which no step on JAX returns it."""

    def meet(self, variables: Sequence[keras.Variable]) -> None:
        """Learn the variables of a model. Raises ValueError where none is one of its own."""
        if not any(self._is_own(variable) for variable in variables):
            raise ValueError(
                f"{self.name} was made for the parameters of another network, or they are all "
                "frozen; make it again with net.trainable_params() of the network that is trained"
            )
        self.__dict__["_met"] = list(variables)
        self.built = False

    @property
    def _trainable_variables(self) -> list[keras.Variable]:
        """The variables of the model that was last used, in its order: Keras's own attribute, kept
        where Keras does not take what it holds for state of the optimizer."""
        met: list[keras.Variable] = self.__dict__.get("_met", [])
        return met

    @_trainable_variables.setter
    def _trainable_variables(self, variables: Sequence[keras.Variable]) -> None:
        self.__dict__["_met"] = list(variables)

    def apply(
        self,
        grads: Iterable[Tensor | None],
        trainable_variables: Iterable[keras.Variable] | None = None,
    ) -> None:
        """Update its own variables by their gradients; those of others are left alone."""
        given = self._trainable_variables if trainable_variables is None else trainable_variables
        variables = list(given)
        self.build(variables)
        pairs = zip(grads, variables, strict=True)
        own = [(gradient, variable) for gradient, variable in pairs if self._is_own(variable)]
        if any(gradient is not None for gradient, _ in own):
            own += [(None, variable) for variable in self._idle if variable.trainable]
            own = [(ops.zeros(v.shape, v.dtype) if g is None else g, v) for g, v in own]
        with self._at_work():
            super().apply([gradient for gradient, _ in own], [variable for _, variable in own])

    def apply_reduced(
        self, grads: Iterable[Tensor | None], trainable_variables: Iterable[keras.Variable]
    ) -> None:
        """:meth:`apply` for gradients that are those of all devices already."""
        self._reduces = False
        try:
            self.apply(grads, trainable_variables)
        finally:
            self._reduces = True

    def _all_reduce_sum_gradients(
        self, grads_and_vars: Iterable[tuple[Tensor, keras.Variable]]
    ) -> object:
        """Called by Keras on TensorFlow, at the end of a step that may have clipped already."""
        if self._reduces:
            return super()._all_reduce_sum_gradients(grads_and_vars)
        return list(grads_and_vars)

    def stateless_apply(
        self, optimizer_variables: object, grads: Tensor, trainable_variables: object
    ) -> tuple[Tensor, Tensor]:
        """:meth:`apply` of values in the order of the model that was last used."""
        with self._at_work():
            values: tuple[Tensor, Tensor] = super().stateless_apply(
                optimizer_variables, grads, trainable_variables
            )
        return values

    def _is_own(self, variable: keras.Variable) -> bool:
        return self._var_key(variable) in self._trainable_variables_indices

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self.built = bool(self._trainable_variables)
        try:
            yield
        finally:
            self.built = False
