"""Gradients of functions of Python: ``value_and_grad``, ``grad`` and ``GradOperation``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from keras import ops

from declspore.ir.tensors import Tensor as Optimized
from declspore.lower.binding import in_mindspore_order
from declspore.lower.immediate import immediate, of_backend
from declspore.lower.optimized import storage_of
from declspore.tensor import Parameter, Tensor
from declspore.training.backends import gradients

Positions = int | Sequence[int] | None
Gradients = tuple[Tensor, ...] | None


def value_and_grad(
    fn: Callable[..., Any],
    grad_position: Positions = 0,
    weights: Parameter | Iterable[Parameter] | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
    sens_param: bool = False,
) -> Callable[..., Any]:
    """A function that gives ``fn``'s result and its gradients (mindspore.ops.value_and_grad).

    Gradients are by the inputs at ``grad_position`` (None for no input), by ``weights``, or both,
    each a tensor or a tuple of them. With ``has_aux`` only the first of ``fn``'s results is
    derived. Where the result has several elements, their sum is. Raises NotImplementedError for
    ``return_ids`` and ``sens_param``.
    """
    if return_ids or sens_param:
        raise NotImplementedError("value_and_grad does not support return_ids and sens_param")
    one = isinstance(weights, Parameter)
    parameters = _parameters(weights)
    places = _places(grad_position)
    if not places and parameters is None:
        raise ValueError("value_and_grad needs grad_position, weights, or both")

    def derived(*given: object, **named: object) -> tuple[object, object]:
        results: list[object] = []
        tensors = [immediate(_tensor(given, place)).tensor for place in places]

        def forward(inputs: Sequence[Optimized]) -> tuple[Optimized, list[Optimized]]:
            arguments = list(given)
            for place, value in zip(places, inputs, strict=True):
                arguments[place] = of_backend(value)
            whole = fn(*arguments, **named)
            first = whole[0] if has_aux or isinstance(whole, tuple) else whole
            results[:] = [whole]
            return ops.sum(immediate(_result(first)).tensor), _leaves(whole)

        by_inputs, by_weights, leaves = gradients(
            forward, tensors, lambda: _variables(parameters or ())
        )
        inputs = tuple(
            of_backend(ops.zeros_like(tensor) if each is None else _dense(each))
            for each, tensor in zip(by_inputs, tensors, strict=True)
        )
        own = tuple(map(_in_mindspore_layout, by_weights, parameters or ()))
        return _refilled(results[0], iter(leaves)), _arranged(
            inputs if places else None,
            own if parameters is not None else None,
            isinstance(grad_position, int),
            one,
        )

    return derived


def grad(
    fn: Callable[..., object],
    grad_position: Positions = 0,
    weights: Parameter | Iterable[Parameter] | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
) -> Callable[..., Any]:
    """A function that gives ``fn``'s gradients: see :func:`value_and_grad`. With ``has_aux`` it
    gives what else ``fn`` returns, too."""
    both = value_and_grad(fn, grad_position, weights, has_aux, return_ids)

    def derived(*given: object, **named: object) -> Any:
        value, found = both(*given, **named)
        return (found, tuple(value[1:])) if has_aux else found

    return derived


class GradOperation:
    """Gradients as older scripts ask for them (mindspore.ops.GradOperation).

    ``get_all`` means by all inputs, ``get_by_list`` by the parameters that are given next to the
    function. With ``sens_param`` the last argument of the call is multiplied with the result.
    """

    def __init__(
        self, get_all: bool = False, get_by_list: bool = False, sens_param: bool = False
    ) -> None:
        self.get_all, self.get_by_list, self.sens_param = get_all, get_by_list, sens_param

    def __call__(
        self, fn: Callable[..., Any], weights: Iterable[Parameter] | None = None
    ) -> Callable[..., Any]:
        """The function that gives the gradients. Raises ValueError."""
        if self.get_by_list and weights is None:
            raise ValueError("GradOperation(get_by_list=True) is called with function and weights")

        def derived(*given: object) -> object:
            inputs, function = given, fn
            if self.sens_param:
                *taken, sens = given
                inputs = tuple(taken)

                def function(*each: object) -> object:
                    return fn(*each) * sens

            positions: Positions = tuple(range(len(inputs))) if self.get_all else 0
            if self.get_by_list and not self.get_all:
                positions = None
            own = weights if self.get_by_list else None
            return grad(function, positions, own)(*inputs)

        return derived


def _leaves(value: object) -> list[Optimized]:
    """The tensors of a result, as the backend has them."""
    if isinstance(value, Tensor):
        return [immediate(value).tensor]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return []


def _refilled(value: object, leaves: Iterator[Optimized]) -> object:
    """The result with other tensors in the places of its own: JAX's are symbols by now."""
    if isinstance(value, Tensor):
        return of_backend(next(leaves))
    if isinstance(value, list | tuple):
        return type(value)(_refilled(item, leaves) for item in value)
    return value


def _parameters(weights: Parameter | Iterable[Parameter] | None) -> tuple[Parameter, ...] | None:
    if weights is None:
        return None
    found = (weights,) if isinstance(weights, Parameter) else tuple(weights)
    if not all(isinstance(each, Parameter) for each in found):
        raise TypeError("weights must be parameters, such as net.trainable_params()")
    return found


def _places(positions: Positions) -> tuple[int, ...]:
    if positions is None:
        return ()
    return (positions,) if isinstance(positions, int) else tuple(positions)


def _tensor(given: Sequence[object], place: int) -> Tensor:
    if place >= len(given):
        raise ValueError(f"grad_position is {place}, and {len(given)} inputs are given")
    tensor = given[place]
    if not isinstance(tensor, Tensor):
        raise TypeError(f"input {place} is not a tensor, so there is no gradient by it")
    return tensor


def _result(value: object) -> Tensor:
    if isinstance(value, Tensor):
        return value
    raise TypeError(f"expected a tensor as the result to derive, found {type(value).__name__}")


def _variables(parameters: Sequence[Parameter]) -> list[object]:
    return [storage_of(parameter).variable for parameter in parameters]


def _dense(gradient: object) -> Optimized:
    """Of a look-up, TensorFlow gives the rows that were used alone."""
    return ops.convert_to_tensor(gradient)


def _in_mindspore_layout(gradient: object, parameter: Parameter) -> Tensor:
    held = storage_of(parameter)
    if gradient is None:
        return of_backend(ops.zeros(held.shape, held.dtype.numpy))
    return of_backend(in_mindspore_order(held.layout, _dense(gradient), held.shape))


def _arranged(inputs: Gradients, own: Gradients, one_input: bool, one_weight: bool) -> object:
    by_inputs = inputs[0] if inputs and one_input else inputs
    by_weights = own[0] if own and one_weight else own
    if inputs is None:
        return by_weights
    return by_inputs if own is None else (by_inputs, by_weights)
