"""Cells of sequences against MindSpore's golden numbers: outputs, states, gradients, names."""

import keras
import numpy as np
import pytest

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.gradients import along, gradients
from tests.oracle import inputs
from tests.oracle.sequences import SEQUENCES
from tests.support import checked, problems


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "sequences.npz") as data:
        return dict(data)


def _formal(name, shape, first):
    dtype = "i32" if isinstance(shape, list) else "f32"
    sizes = shape[0] if isinstance(shape, list) else shape
    batch = "B" if sizes[0] == first[0] else str(sizes[0])
    return f"{name}: {dtype}[{', '.join([batch, *map(str, sizes[1:])])}]"


def _filled(case, results):
    spec, _, call, _, shapes = SEQUENCES[case]
    formals = ", ".join(
        _formal(name, shape, shapes[0]) for name, shape in zip("xyz", shapes, strict=False)
    )
    taken = ", ".join("abcd"[:results])
    body = f"{{\n    {taken} = {call}\n    return {taken}\n  }}"
    text = f"network Net() {{\n  cell = {spec}\n  construct({formals}) {body}\n}}"
    network = checked(text).networks["Net"]
    model = compile_network(network)
    binding = binding_of(model)
    for parameter in binding.parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    return model, binding, inputs.sequences(case, shapes)


TWICE_AT_ONE_PLACE = ("unpool_overlapping",)
"""JAX gives the gradient of a place to one of those that are put there."""


def _several(golden, case):
    return sum(f"{case}/{index}" in golden for index in range(4))


def word_of(case) -> tuple[str, str]:
    return "cell", SEQUENCES[case][0].partition("(")[0]


_UNLIKE = "A mask of truth values and one of floats each keep their documented meaning together."
DEVIATIONS = {"attention_masks_unlike": _UNLIKE, "attention_padding_unlike": _UNLIKE}


@pytest.mark.parametrize("case", SEQUENCES)
def test_sequence(case, golden, parity, forward_alone):
    word = word_of(case)
    if case in DEVIATIONS:
        parity.deviation(word, DEVIATIONS[case])
    model, binding, given = _filled(case, _several(golden, case))
    assert list(binding) == list(golden[f"{case}/names"])
    entered = given if len(given) > 1 else given[0]
    results = model(entered)
    results = results if isinstance(results, list | tuple) else [results]
    for index, result in enumerate(map(keras.ops.convert_to_numpy, results)):
        parity.close(word, case, "forward", result, golden[f"{case}/{index}"])
    if forward_alone or (keras.backend.backend() == "jax" and case in TWICE_AT_ONE_PLACE):
        return
    if not any("gradient" in key for key in golden if key.startswith(f"{case}/")):
        return  # MindSpore has none

    def total(given):
        found = model(given if len(given) > 1 else given[0])
        found = found if isinstance(found, list | tuple) else [found]
        return sum(
            along(r, f"{case} direction {i}")
            for i, r in enumerate(found)
            if keras.backend.is_float_dtype(r.dtype)
        )

    variables = [p.storage.variable for p in binding.trainable]
    of_inputs, of_weights = gradients(total, given, variables)
    for index, gradient in enumerate(one for one in of_inputs if one is not None):
        expected = golden[f"{case}/input_gradient/{index}"]
        parity.close(word, case, "input gradient", gradient, expected)
    for parameter, gradient in zip(binding.trainable, of_weights, strict=True):
        if f"{case}/gradient/{parameter.name}" not in golden:
            continue  # MindSpore has it by rows, which it does not tell
        expected = golden[f"{case}/gradient/{parameter.name}"]
        found = parameter.storage.layout.from_keras(gradient, parameter.shape)
        parity.close(word, case, "gradient", found, expected)


@pytest.mark.parametrize(
    ("cell", "formals", "call", "said"),
    [
        ("TransformerEncoderLayer(8, 3)", "x: f32[5, B, 8]", "cell(x)", "8 is not a multiple"),
        ("Transformer(8, 3)", "x: f32[5, B, 8]", "cell(x, x)", "8 is not a multiple"),
        (
            "MultiheadAttention(8, 2, batch_first = true)",
            *("x: f32[B, 5, 8], y: i32[5, 5]", "cell(x, x, x, attn_mask = y)[0]"),
            "must be truth values or floats",
        ),
        (
            "MultiheadAttention(8, 2, batch_first = true)",
            *("x: f32[3, 5, 8], y: f32[4, 5, 5]", "cell(x, x, x, attn_mask = y)[0]"),
            "has 3 times 2 of them",
        ),
        (
            "MultiheadAttention(8, 2)",
            *("x: f32[5, 8], y: f32[4, 3, 8]", "cell(x, y, y)[0]"),
            "unlike numbers of axes",
        ),
        (
            "TimeDistributed(Dense(8, 2), time_axis = 2, reshape_with_axis = 0)",
            *("x: f32[B, 4, 3, 8]", "cell(x)", "MindSpore moves steps to axis 1"),
        ),
        (
            "TimeDistributed(Flatten(), time_axis = 1, reshape_with_axis = 2)",
            *("x: f32[B, 3, 2, 8]", "cell(x)", "cannot be two again"),
        ),
    ],
)
def test_what_does_not_fit_is_told_by_the_check(cell, formals, call, said):
    text = f"network N() {{\n  cell = {cell}\n  construct({formals}) = {call}\n}}"
    (found,) = problems(text)
    assert said in found
