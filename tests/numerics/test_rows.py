"""Arrays that grow batch by batch, as values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from declspore.numerics.rows import Rows

BATCHES = st.lists(st.integers(0, 3000), max_size=8)


@given(BATCHES)
def test_rows_are_what_was_added(sizes):
    parts = [np.arange(size * 2).reshape(size, 2) + size for size in sizes]
    rows = Rows()
    for part in parts:
        rows = rows.added(part)
    assert len(rows) == sum(sizes)
    if parts:
        assert np.array_equal(rows.array(), np.concatenate(parts))


def test_a_value_stays_what_it_was():
    first = Rows().added(np.array([1, 2]))
    left, right = first.added(np.array([3])), first.added(np.array([4, 5]))
    assert list(first.array()) == [1, 2]
    assert list(left.array()) == [1, 2, 3]
    assert list(right.array()) == [1, 2, 4, 5]


def test_the_type_holds_what_comes_later():
    rows = Rows().added(np.array([1, 2], "i4")).added(np.array([0.5], "f4"))
    assert list(rows.array()) == [1.0, 2.0, 0.5]


def test_adding_takes_time_proportional_to_what_is_added():
    """A buffer is made anew only when the rows have doubled."""
    rows, buffers = Rows(), set()
    for _ in range(4096):
        rows = rows.added(np.zeros(1))
        buffers.add(id(rows._buffer))
    assert len(buffers) <= 4
