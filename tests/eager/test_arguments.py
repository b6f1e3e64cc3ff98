"""Functions and methods take the arguments of MindSpore by its names, whatever those of the words
are; the numbers are what MindSpore 2.10 gives."""

import numpy as np
import pytest

import declspore as ms
from declspore import Tensor, ops

X = Tensor(np.array([[200.0, 200.0, 200.0], [300, -7.5, 7.5]], np.float16))
W, V = (Tensor(np.array(v, np.int32)) for v in ([7, -7, 6], [2, 2, -4]))
F = Tensor(np.array([7.0, -7, 6.5], np.float32))
WIDE = [[200.0, 40000.0, 8000000.0], [300.0, -2250.0, -16875.0]]
SUMS = [[40000.0, 80000.0, 120000.0], [60000.0, 58500.0, 60000.0]]
CASES = {
    "ops.cumprod(X, 1, dtype=ms.float32)": WIDE,
    "ops.cumsum(X * 200, 1, ms.float32)": SUMS,
    "ops.sum(X, dim=1, keepdim=True, dtype=ms.float32)": [[600.0], [300.0]],
    "ops.prod(X, 1, dtype=ms.float32)": [8000000.0, -16875.0],
    "ops.softmax(X, -1, dtype=ms.float32)": [[1 / 3] * 3, [1.0, 0.0, 0.0]],
    "ops.count_nonzero(X, dtype=ms.int64)": 6,
    "ops.div(W, V, rounding_mode='floor')": [3, -4, -2],
    "ops.div(W, V, rounding_mode='trunc')": [3, -3, -1],
    "ops.div(F, 2, rounding_mode='floor')": [3.0, -4.0, 3.0],
    "ops.div(F, 2, rounding_mode='trunc')": [3.0, -3.0, 3.0],
    "ops.true_divide(dividend=F, divisor=2)": [3.5, -3.5, 3.25],
    "ops.subtract(W, V, alpha=2)": [3, -11, 14],
    "ops.subtract(F, other=F, alpha=2)": [-7.0, 7.0, -6.5],
    "ops.zeros_like(W, dtype=ms.float16)": [0.0, 0.0, 0.0],
    "ops.ones_like(input=W, dtype=ms.float16)": [1.0, 1.0, 1.0],
    "ops.full_like(W, 2.5, dtype=ms.float32)": [2.5, 2.5, 2.5],
    "ops.sequence_mask(Tensor([1, 3]))": [[True, False, False], [True, True, True]],
    "ops.meshgrid(F, F)[0]": [[7.0, -7.0, 6.5]] * 3,
    "ops.einsum('i,i->', F, F)": 140.25,
    "ops.argmax(X, dim=1, keepdim=True)": [[0], [0]],
    "ops.flip(X, dims=(0,))": [[300.0, -7.5, 7.5], [200.0] * 3],
    "ops.tile(F, dims=(2,))": [7.0, -7, 6.5] * 2,
    "ops.pow(F, exponent=2)": [49.0, 49.0, 42.25],
    "ops.ones(shape=(2,), dtype=ms.int32)": [1, 1],
    "ops.mm(input=F[None], mat2=F[:, None])": [[140.25]],
    "ops.clip_by_value(x=F, clip_value_min=-1.0, clip_value_max=1.0)": [1.0, -1.0, 1.0],
    "ops.floor_div(x=W, y=V)": [3, -4, -2],
    "ops.swapdims(X, dim0=0, dim1=1)[0]": [200.0, 300.0],
    "ops.vstack(inputs=(F, F))": [[7.0, -7, 6.5]] * 2,
    "ops.relu(input=F, inplace=False)": [7.0, 0.0, 6.5],
    "X.sum(1, keepdim=True)": [[600.0], [300.0]],
    "X.div(2, rounding_mode='floor')[1]": [150.0, -4.0, 3.0],
    "X.flip(dims=(1,))[1]": [7.5, -7.5, 300.0],
}


@pytest.mark.parametrize("call", CASES)
def test_arguments_of_mindspore(call):
    found = eval(call)
    np.testing.assert_allclose(found.asnumpy(), CASES[call], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "dtype"),
    [
        ("ops.div(W, V, rounding_mode='trunc')", ms.int32),
        ("ops.softmax(X, dtype=ms.float32)", ms.float32),
        ("ops.count_nonzero(X, dtype=ms.int64)", ms.int64),
        ("ops.full_like(W, 2.5)", ms.int32),
    ],
)
def test_element_types(call, dtype):
    assert eval(call).dtype == dtype


def test_losses_take_their_arguments_in_the_order_of_functions():
    """The words have another order, as the cells of MindSpore do."""
    anchor, near, far = (Tensor(np.array([row], np.float32)) for row in ([0, 0], [3, 4], [0, 1]))
    call = ops.triplet_margin_loss
    assert call(anchor, near, far, 0.5).asnumpy() == pytest.approx(5 - 1 + 0.5, rel=1e-5)
    assert call(anchor, near, far, 0.5, 1).asnumpy() == pytest.approx(7 - 1 + 0.5, rel=1e-5)
    named = call(anchor=anchor, positive=near, negative=far, margin=0.5, reduction="sum")
    assert named.asnumpy() == pytest.approx(4.5, rel=1e-5)
    x, target = Tensor(np.array([[0.1, 0.2, 0.4]], np.float32)), Tensor(np.array([2]))
    found = ops.multi_margin_loss(x, target, 1, 1.0, None, "none")
    assert found.asnumpy() == pytest.approx([(0.7 + 0.8) / 3], rel=1e-5)
    logits, labels = Tensor(np.zeros((1, 3), np.float32)), Tensor(np.ones((1, 3), np.float32))
    found = ops.binary_cross_entropy_with_logits(input=logits, target=labels)
    assert found.asnumpy() == pytest.approx(np.log(2), rel=1e-6)


def test_what_is_no_argument_is_refused():
    logits, labels = Tensor(np.zeros((1, 3), np.float32)), Tensor(np.array([1], np.int32))
    assert ops.nll_loss(logits, labels, None, -100, "mean", 0.0).asnumpy() == 0
    with pytest.raises(ValueError, match="cross_entropy takes label_smoothing"):
        ops.nll_loss(logits, labels, label_smoothing=0.1)
    with pytest.raises(ValueError, match="rounding_mode of div is None, 'floor' or 'trunc'"):
        ops.div(F, 2, rounding_mode="up")
    with pytest.raises(TypeError, match="does not have an argument 'dtype'"):
        ops.mean(F, dtype=ms.float32)
