"""Layers of ours take what any op gives: Keras marks a product with a number as sparse."""

import importlib
import inspect
import pkgutil

import keras
import numpy as np
import pytest

import declspore.lower
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.types import Tensor
from tests.oracle import inputs
from tests.oracle.cells import CELLS
from tests.support import checked, closeness, outputs, problems


def _own_layers():
    for module in pkgutil.iter_modules(declspore.lower.__path__, "declspore.lower."):
        for found in vars(importlib.import_module(module.name)).values():
            own = inspect.isclass(found) and found.__module__ == module.name
            if own and issubclass(found, keras.layers.Layer):
                yield found


@pytest.mark.parametrize("layer", list(_own_layers()), ids=lambda layer: layer.__name__)
def test_every_layer_says_what_it_gives(layer):
    assert layer.compute_output_spec.__module__.startswith("declspore.lower.")


ONE_EACH = {row[0].partition("(")[0]: name for name, row in CELLS.items() if len(row) == 3}


@pytest.mark.parametrize("case", list(ONE_EACH.values()), ids=list(ONE_EACH))
def test_cell_of_a_product(case):
    """A cell of ``x * 0.5`` gives what it gives of an input that holds half the numbers."""
    cell, _, shape = CELLS[case]
    if cell.startswith("Dropout"):
        pytest.skip("same in eval, drawn in training")
    sizes = ", ".join(map(str, shape[1:]))
    frame = "network Net() {\n  c = %s\n  construct(x: f32[B, %s]) = c(%s)\n}"
    x = inputs.entering(CELLS[case], case)
    found, expected = (
        outputs(_filled(frame % (cell, sizes, call)), given)
        for call, given in (("x * 0.5", x), ("x", x * 0.5))
    )
    for one, other in zip(found, expected, strict=True):
        assert closeness(one, other) < 1e-6


STEPS = """\
network Net() {{
  gru  = GRUCell(4, 4)
  lstm = LSTMCell(4, 4)
  rnn  = RNNCell(4, 4)
  long = GRU(4, 4, batch_first = true)
  norm = BatchNorm1d(4)
  act  = PReLU(4)
  construct(x: f32[B, 4]) {{
    u = {0}
    h, c = lstm(u, u, u)
    whole, last = long(expand_dims(u, 1), expand_dims(u, 0))
    return gru(u, u), h, c, rnn(u, u), last, norm(u), act(u)
  }}
}}
"""


def _of_floats():
    """A call of each op that makes a float for each element of one or two tensors."""
    for kind in vocabulary().every(OpKind):
        required = [one for one in kind.signature.arguments if one.required]
        drawn = kind.name.startswith("rand")
        if drawn or not required or not all(isinstance(one.type, Tensor) for one in required):
            continue
        call = f"{kind.name}({', '.join('x' for _ in required)})"
        inner = f"network Net() {{\n  construct(x: f32[B, 4]) -> f32[B, 4] = {call}\n}}"
        if not problems(inner) and len(checked(inner).networks["Net"].outputs) == 1:
            yield call


CALLS = [*_of_floats(), "x * 2", "2.0 - x", "x / 2", "broadcast_to(zeros([1, 4]), [B, 4]) + x"]


@pytest.mark.parametrize("call", CALLS)
def test_cells_of_the_result_of_an_op(call):
    x = inputs.numbers((3, 4), "steps")
    given = _filled(f"network Net() {{\n  construct(x: f32[B, 4]) = {call}\n}}")
    middle = outputs(given, x)[0]
    found = outputs(_filled(STEPS.format(call)), x)
    expected = outputs(_filled(STEPS.format("x")), middle)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_state_of_zeros():
    """The obvious way to write a first state."""
    text = """\
network Net() {
  c = GRUCell(4, 8)
  construct(x: f32[B, 4]) = c(x, broadcast_to(zeros([1, 8]), [B, 8]))
}
"""
    given = """\
network Net() {
  c = GRUCell(4, 8)
  construct(x: f32[B, 4], h: f32[B, 8]) = c(x, h)
}
"""
    x = inputs.numbers((3, 4), "steps")
    [found] = outputs(_filled(text), x)
    [expected] = outputs(_filled(given), x, np.zeros((3, 8), "f4"))
    np.testing.assert_array_equal(found, expected)


def _filled(text):
    model = compile_network(checked(text).networks["Net"])
    for parameter in binding_of(model).parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    return model
