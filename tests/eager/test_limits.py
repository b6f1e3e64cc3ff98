"""Functions of elements where plain formulas lose digits or miss a limit, against float64."""

from math import inf, nan

import numpy as np
import pytest
from scipy import special

from declspore import Tensor, ops


def made(values, dtype=np.float32):
    return Tensor(np.asarray(values, dtype))


@pytest.mark.parametrize(
    ("dtype", "most", "tolerance"),
    [(np.float16, 3.0, 4e-3), (np.float32, 9.0, 2e-5), (np.float64, 9.0, 2e-7)],
)
def test_erfc_keeps_its_digits(dtype, most, tolerance):
    """1 - erf(3.5) has one digit in float32."""
    x = np.append(np.linspace(-6, most, 200), -inf).astype(dtype)
    found = ops.erfc(made(x, dtype)).asnumpy()
    assert found.dtype == dtype
    np.testing.assert_allclose(found, special.erfc(x.astype(np.float64)), rtol=tolerance)
    limits = ops.erfc(made([inf, nan], dtype)).asnumpy()
    np.testing.assert_array_equal(limits, np.array([0, nan], dtype))


@pytest.mark.parametrize(("op", "right"), [("lgamma", special.gammaln), ("digamma", special.psi)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float16, 2e-3), (np.float32, 2e-5)])
def test_halves_are_computed_in_float32(op, right, dtype, tolerance):
    """lgamma(1.5) in float16 was 4 % off."""
    x = np.linspace(0.1, 20, 100).astype(dtype)
    found = getattr(ops, op)(made(x, dtype)).asnumpy()
    np.testing.assert_allclose(found, right(x.astype(np.float64)), rtol=tolerance, atol=tolerance)


def test_what_is_close_to_infinity():
    x, y = [0.25, inf, inf, -inf, 1, nan], [inf, inf, -inf, 0.5, 1, nan]
    for equal_nan in (False, True):
        found = ops.isclose(made(x), made(y), equal_nan=equal_nan).asnumpy()
        np.testing.assert_array_equal(found, np.isclose(x, y, equal_nan=equal_nan))


def test_xlogy_of_zero():
    y = [nan, -inf, -2, 0, inf, 3]
    np.testing.assert_array_equal(ops.xlogy(made([0] * 6), made(y)), special.xlogy(0, y))


def test_hypot_of_limits():
    x, y = [inf, nan, -inf, 3, 1e30, 0, 1e-30], [nan, -inf, 1, 4, 1e30, 0, 1e-30]
    found = ops.hypot(made(x), made(y)).asnumpy()
    np.testing.assert_allclose(found, np.hypot(x, y), rtol=1e-6)


def test_negative_powers_of_integers():
    """MindSpore leaves the whole part; TensorFlow refuses them."""
    x, y = made([7, 1, -1, -1, 2, -3, 0], np.int32), made([-2, -3, -3, -2, 5, 3, 0], np.int32)
    assert ops.pow(x, y).asnumpy().tolist() == [0, 1, -1, 1, 32, -27, 1]


def test_the_largest_next_to_what_is_no_number():
    """TensorFlow's kernel lost 4 and 3 of them."""
    x = made([[1, nan, 2, 4, 3], [nan, nan, -inf, 0, nan]])
    values, places = ops.topk(x, 2)
    np.testing.assert_array_equal(values.asnumpy()[0], [4, 3])
    np.testing.assert_array_equal(places.asnumpy()[0], [3, 4])
    assert values.asnumpy()[1, 0] == 0
    values, places = ops.topk(x, 2, largest=False)
    np.testing.assert_array_equal(values.asnumpy()[0], [1, 2])
    assert values.asnumpy()[1, 0] == -inf
