"""Pickles of arrays of bytes, as CIFAR's files are, and what no pickle may do."""

import pickle

import numpy as np
import pytest

from declspore.numerics.pickled import PickledArray, plain_pickle

ARRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)
OF_PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\n"
    b"q\x04K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x02\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87R"
    b"q\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x00\x7f\x80\xfftb"
    b"U\x06labelsq\x08]q\t(K\x01K\x02eu."
)
"""As Python 2 writes it: the array's bytes are a text."""


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("array", [ARRAY, ARRAY.T, ARRAY[:1], np.zeros((), np.uint8)])
def test_arrays(array, protocol):
    found = plain_pickle(pickle.dumps({"data": array, "more": [1, "ü", None]}, protocol))
    assert found["more"] == [1, "ü", None]
    np.testing.assert_array_equal(found["data"].bytes_array(), array)


def test_python_2():
    found = plain_pickle(OF_PYTHON_2)
    assert found["labels"] == [1, 2]
    assert found["data"].bytes_array().tolist() == [[0, 127], [128, 255]]


@pytest.mark.parametrize("array", [ARRAY.astype(np.int32), ARRAY.astype(object), ARRAY > 3])
def test_other_arrays(array):
    found = plain_pickle(pickle.dumps(array, 2))
    assert isinstance(found, PickledArray)
    with pytest.raises(ValueError, match="not an array of bytes"):
        found.bytes_array()


@pytest.mark.parametrize(
    "state",
    [None, 7, (1, (2,), None, False, b"ab"), (1, (3,), "u1", False, b"ab")],
)
def test_states_that_are_damaged(state):
    array = PickledArray()
    array.__setstate__(state)
    with pytest.raises(ValueError, match="array"):
        array.bytes_array()


@pytest.mark.parametrize("shape", [(3,), (-1, -2), (1 << 70,), ("2",), (True, 2), [2]])
def test_shapes_that_are_not_of_its_bytes(shape):
    own = plain_pickle(pickle.dumps(np.zeros(2, np.uint8), 2))
    version, _, dtype, order, data = own._state
    own.__setstate__((version, shape, dtype, order, data))
    with pytest.raises(ValueError, match="array"):
        own.bytes_array()


class Calls:
    def __reduce__(self):
        return print, ("owned",)


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Calls()),
        b"\x80\x02Nr\xff\xff\xff\x0f.",
        b"Np268435455\n.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x08\x00\x00\x00punycode\x86R.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R}b.",
        b"\x80\x02cnumpy\nsave\n.",
    ],
)
def test_what_no_pickle_may_do(data, capsys):
    with pytest.raises(pickle.UnpicklingError):
        plain_pickle(data)
    assert capsys.readouterr().out == ""
