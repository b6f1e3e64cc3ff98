"""Layouts are reversible, and their shapes are those of what they give."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.ir.layout import SAME, TRANSPOSED, Layout


@st.composite
def layouts(draw):
    split = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=5)))
    order = tuple(draw(st.permutations(range(len(split)))))
    merged = draw(st.booleans())
    stored = draw(st.sampled_from([split, (prod(split),), (1, prod(split))]))
    turned = tuple(split[axis] for axis in order)
    return stored, Layout(order, split, (prod(turned), 1) if merged else None)


@given(layouts())
def test_there_and_back(case):
    stored, layout = case
    value = np.arange(prod(stored)).reshape(stored)
    held = layout.to_keras(value)
    assert held.shape == layout.shape(stored)
    np.testing.assert_array_equal(layout.from_keras(held, stored), value)


def test_known():
    value = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(TRANSPOSED.to_keras(value), value.T)
    assert SAME.to_keras(value) is value
    with pytest.raises(ValueError, match="split"):
        Layout(split=(5,)).shape((2, 3))
