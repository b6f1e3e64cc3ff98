"""The tables of docs/porting.md: words that exist, and do what the other side's do."""

import re

import keras
import numpy as np
import pytest

from declspore.language.foreign import table
from declspore.lower.network import compile_network
from declspore.registry.table import vocabulary
from tests.conftest import ROOT
from tests.oracle import inputs
from tests.support import checked, closeness

TEXT = (ROOT / "docs" / "porting.md").read_text()
NETWORKS, WORDS = TEXT.split("## Words of other libraries")
ROWS = re.findall(r"^\| (`.*) \| (.*) \|$", NETWORKS, re.MULTILINE)
SHAPES = ("SequentialCell", "CellList", "down", "Name", "Word")
"""Containers, and a name of the page's own."""


def _spec_sides():
    return [code for _, right in ROWS for code in re.findall(r"`([^`]+)`", right)]


def _proposals():
    found = (each for entries in table().values() for each in entries)
    return [code for each in found for code in re.findall(r"`([^`]+)`", each.here)]


def test_the_words_are_in_the_vocabulary():
    sides = [*_spec_sides(), *_proposals()]
    calls = [call for code in sides for call in re.findall(r"(\w+)\(([^()]*)\)", code)]
    assert len(calls) >= 8
    for word, arguments in calls:
        if word in SHAPES:
            continue
        kind = vocabulary().get(word)
        assert kind is not None, word
        named = {argument.name for argument in kind.signature.arguments}
        assert set(re.findall(r"(\w+) = ", arguments)) <= named, word


def _compiled(expression, shape):
    cell = f"cell = {expression}" if expression[0].isupper() else ""
    flow = "x |> cell" if cell else f"x |> {expression}"
    dims = ", ".join(map(str, shape[1:]))
    text = f"network N() {{ {cell} construct(x: f32[B, {dims}]) = {flow} }}"
    return compile_network(checked(text).networks["N"])


@pytest.mark.parametrize(
    "row", [row for row in ROWS if re.match(r"`(Conv2D|MaxPool|Batch|Global)", row[0])]
)
@pytest.mark.parametrize("training", [False, True])
def test_rows_from_keras(row, training):
    """Each side made as the table spells it, with the same weights: outputs and statistics.

    MindSpore's moving variance takes the unbiased variance of a batch, Keras's the biased one.
    """
    (left,), (right,) = (re.findall(r"`([^`]+)`", side) for side in row)
    theirs, ours = eval(left, vars(keras.layers)), _compiled(right, (4, 8, 7, 7))
    x = inputs.numbers((4, 8, 7, 7), "x")
    images = np.transpose(x, (0, 2, 3, 1))
    theirs.build(images.shape)
    for ours_, variable in zip(_like(theirs, ours), theirs.weights, strict=True):
        value = np.abs(inputs.numbers(tuple(variable.shape), variable.name)) + 0.1
        variable.assign(value)
        ours_.set_data(np.transpose(value, (3, 2, 0, 1)) if value.ndim == 4 else value)
    options = {"training": training} if "Batch" in left else {}
    expected = np.asarray(theirs(images, **options))
    found = np.asarray(ours(x, training=training))
    found = np.transpose(found, (0, 2, 3, 1)) if found.ndim == 4 else found
    assert closeness(found, expected) < 1e-5
    for ours_, variable in zip(_like(theirs, ours), theirs.weights, strict=True):
        expected = variable.numpy()
        if training and variable.name == "moving_variance":
            expected = expected + 0.01 * images.var((0, 1, 2)) / (images[..., 0].size - 1)
        if variable.ndim == 1:
            np.testing.assert_allclose(ours_.asnumpy(), expected, rtol=1e-5)


_NAMES = {"kernel": "weight", "moving_mean": "moving_mean", "moving_variance": "moving_variance"}


def _like(theirs, ours):
    held = ours.parameters_dict()
    return [held[f"cell.{_NAMES.get(v.name, v.name)}"] for v in theirs.weights]


def test_gelu_of_a_cell_and_of_an_op():
    """``GELU()`` approximates by tanh, ``gelu`` does not."""
    from math import erf

    x = inputs.numbers((3, 5), "x") * 2
    exact = x * np.array([[0.5 * (1 + erf(v / 2**0.5)) for v in row] for row in x])
    tanh = 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))
    assert closeness(_compiled("GELU()", x.shape)(x), tanh) < 1e-6
    assert closeness(_compiled("gelu", x.shape)(x), exact) < 1e-6
    assert closeness(tanh, exact) > 1e-5
