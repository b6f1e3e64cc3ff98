"""Sums and products that do not depend on how a library adds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.numerics import exact


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(5, 3, 4), (1, 9000, 2), (70, 20, 300)])
def test_products(dtype, sizes, monkeypatch):
    rows, inner, columns = sizes
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=s).astype(dtype) for s in ((rows, inner), (inner, columns)))
    found = exact.matmul(a, b)
    wide = a.astype(np.longdouble) @ b.astype(np.longdouble)
    assert found.dtype == dtype
    error = np.abs(found - wide).max() / np.abs(wide).max()
    assert error < (1e-7 if dtype == np.float32 else 4e-16)
    for block in (7, 1 << 10):
        monkeypatch.setattr(exact, "BLOCK", block)
        assert exact.matmul(a, b).tobytes() == found.tobytes()


def test_products_of_batches_and_vectors():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(3, 1, 4, 5)), rng.normal(size=(2, 5, 6))
    np.testing.assert_allclose(exact.matmul(a, b), a @ b, rtol=1e-13)
    np.testing.assert_allclose(exact.matmul(a[0, 0, 0], b[0]), a[0, 0, 0] @ b[0], rtol=1e-13)
    np.testing.assert_allclose(exact.matmul(a, b[0, :, 0]), a @ b[0, :, 0], rtol=1e-13)
    whole = np.arange(6).reshape(2, 3)
    assert exact.matmul(whole, whole.T).tolist() == (whole @ whole.T).tolist()


def test_products_where_an_order_would_show():
    """Sums that cancel: any order gives the same bits, since nothing is rounded on the way."""
    rng = np.random.default_rng(2)
    a = (rng.normal(size=(4, 64)) * 10.0 ** rng.integers(-6, 6, size=64)).astype(np.float32)
    b = rng.normal(size=(64, 3)).astype(np.float32)
    order = rng.permutation(64)
    assert exact.matmul(a, b).tobytes() == exact.matmul(a[:, order], b[order]).tobytes()


@settings(max_examples=60)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.data())
def test_sums(shape, data):
    axes = tuple(data.draw(st.sets(st.integers(0, len(shape) - 1))))
    keep = data.draw(st.booleans())
    x = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    found = exact.total(x, axes, keep)
    expected = x.astype(np.float64).sum(axis=axes, keepdims=keep)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    whole = (x * 10).astype(np.int32)
    assert exact.total(whole, axes, keep).tolist() == whole.sum(axis=axes, keepdims=keep).tolist()
