"""What a network gives, with the values of a file as its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from declspore.ir.network import Network
from declspore.ir.tensors import Array
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network


def outputs_of(
    network: Network, load: Callable[[str], Array], inputs: Sequence[object]
) -> list[object]:
    """The outputs of a network for its inputs, as NumPy arrays in MindSpore's order of axes.

    ``load`` reads the value of a parameter by its name.
    """
    model = compile_network(network)
    binding = binding_of(model)
    assert binding is not None
    for parameter in binding.parameters:
        parameter.storage.write(load(parameter.name))
    found = model.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
    return list(found) if isinstance(found, list | tuple) else [found]
