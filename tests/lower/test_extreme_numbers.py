"""Numbers at the edge: NaN, infinity, equal ones, large offsets, windows beyond the input. The
right values are MindSpore 2.10's, or follow from the documented formula where its kernel errs."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from declspore import nn
from declspore.lower.network import compile_network
from tests.conftest import ROOT
from tests.gradients import gradients
from tests.support import checked, network_of, outputs, problems

NAN, INF = float("nan"), float("inf")


def _row(*values):
    return np.array([values], "f4")


def _of(cell, x, training=False):
    model = compile_network(network_of(cell, x.shape, {2: "f16", 4: "f32"}[x.itemsize]))
    return ops.convert_to_numpy(model(x, training=training))


def _op(call, x):
    sizes = ", ".join(map(str, x.shape[1:]))
    text = f"network Net() {{\n  construct(x: f32[B, {sizes}]) = {call}\n}}"
    return outputs(compile_network(checked(text).networks["Net"]), x)


# ---- losses


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, 1.4076054),
        ({"reduction": "sum"}, 1.4076054),
        ({"reduction": "none"}, [0.0, 1.4076054]),
        ({"label_smoothing": 0.1}, 1.4076054),
    ],
)
def test_an_ignored_row_may_hold_anything(bad, options, value):
    """Its gradient is 0, as the formula has it; MindSpore's kernel makes that NaN."""
    logits = np.array([[bad, 1.0, 2.0], [1.0, 2.0, 3.0]], "f4")
    labels = np.array([0, 1], "i4")
    loss = nn.CrossEntropyLoss(ignore_index=0, **options)
    np.testing.assert_allclose(loss.values(logits, labels), value, rtol=1e-6)
    [found], _ = gradients(lambda x: ops.sum(loss.values(x[0], labels)), [logits])
    assert (found[0] == 0).all()
    assert np.isfinite(found[1]).all()


def test_an_ignored_row_of_logarithms():
    loss = nn.NLLLoss(ignore_index=0)
    rows = np.array([[NAN, -1.0, -2.0], [-1.0, -2.0, -3.0]], "f4")
    assert float(loss.values(rows, np.array([0, 1], "i4"))) == 2.0


def test_divergence_where_the_target_is_0():
    x, y = _row(-INF, -1.0, NAN, -1.0), _row(0.0, 1.0, 0.0, -1.0)
    loss = nn.KLDivLoss(reduction="none")
    np.testing.assert_array_equal(loss.values(x, y), _row(0.0, 1.0, 0.0, 0.0))
    [found], _ = gradients(lambda given: ops.sum(loss.values(given[0], y)), [x])
    np.testing.assert_array_equal(found, -_row(0.0, 1.0, 0.0, 0.0))
    assert np.isinf(loss.values(_row(-INF), _row(0.5))).all()


@pytest.mark.parametrize(
    ("loss", "logits", "labels", "gradient"),
    [
        (nn.SoftmaxCrossEntropyWithLogits(reduction="mean"), _row(1, 2), _row(0.3, 0.7), [0, 0]),
        (nn.KLDivLoss(), _row(-1, -2), _row(0.3, 0.7), [0, 0]),
        (nn.CrossEntropyLoss(), _row(1, 2), _row(0.3, 0.7), [1.3132613, 0.31326127]),
        (nn.BCELoss(), _row(0.1, 0.2), _row(0.3, 0.5), [1.0986123, 0.6931472]),
        (nn.BCEWithLogitsLoss(), _row(0.1, 0.2), _row(0.3, 0.5), [-0.05, -0.1]),
        (nn.MSELoss(), _row(1, 2), _row(3, 5), [2, 3]),
        (nn.DiceLoss(), _row(0.1, 0.2), _row(0.3, 0.5), [0.512781, 0.6836991]),
        (nn.PoissonNLLLoss(), _row(1, 2), _row(1.3, 5), [-0.5, -1]),
    ],
    ids=lambda one: getattr(one, "word", None),
)
def test_gradient_by_labels(loss, logits, labels, gradient):
    [found], _ = gradients(lambda given: ops.sum(loss.values(logits, given[0])), [labels])
    np.testing.assert_allclose(found[0], gradient, atol=1e-6)


# ---- normalisations


@pytest.mark.parametrize("value", [3.0, 3.1, -1e4])
@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("LayerNorm([7])", (2, 7)),
        ("LayerNorm([3, 7], begin_norm_axis = 1, begin_params_axis = 1)", (2, 3, 7)),
        ("BatchNorm1d(2)", (5, 2)),
        ("BatchNorm2d(2)", (3, 2, 5, 4)),
        ("GroupNorm(1, 2)", (1, 2, 3, 3)),
        ("GroupNorm(2, 4)", (2, 4, 3, 3)),
        ("InstanceNorm1d(2)", (1, 2, 5)),
    ],
)
def test_equal_numbers_become_0(cell, shape, value):
    found = _of(cell, np.full(shape, value, "f4"), training=True)
    np.testing.assert_array_equal(found, np.zeros(shape))


@pytest.mark.parametrize(
    ("cell", "shape", "axes"),
    [
        ("GroupNorm(1, 2, eps = 1e-5)", (1, 2, 3, 3), (1, 2, 3)),
        ("LayerNorm([6], epsilon = 1e-5)", (4, 6), (1,)),
        ("BatchNorm1d(3)", (8, 3), (0,)),
    ],
)
def test_large_offsets_keep_their_digits(cell, shape, axes):
    x = (1e3 + np.random.default_rng(0).normal(size=shape)).astype("f4")
    wide = x.astype("f8")
    mean, var = wide.mean(axes, keepdims=True), wide.var(axes, keepdims=True)
    np.testing.assert_allclose(
        _of(cell, x, training=True), (wide - mean) / np.sqrt(var + 1e-5), atol=2e-6
    )


def test_axes_of_parameters_and_of_the_norm():
    x = np.arange(24, dtype="f4").reshape(2, 3, 4) ** 2
    found = _of("LayerNorm([4], begin_norm_axis = 1, begin_params_axis = 2)", x)
    np.testing.assert_allclose(found[0, 0], [-1.0699517, -1.0445774, -0.96845424, -0.84158254],
                               rtol=1e-5)  # fmt: skip
    found = _of("LayerNorm([3, 4], begin_norm_axis = -1, begin_params_axis = 1)", x)
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    np.testing.assert_allclose(found, (x - mean) / np.sqrt(var + 1e-7), rtol=1e-5, atol=1e-6)


def test_norm_of_a_vector():
    text = "network Net() {\n  norm = LayerNorm([6])\n  construct(x: f32[6]) = norm(x)\n}"
    model = compile_network(checked(text).networks["Net"])
    [found] = outputs(model, np.arange(6, dtype="f4"))
    np.testing.assert_allclose(found, [-1.46385, -0.87831, -0.29277, 0.29277, 0.87831, 1.46385],
                               atol=1e-5)  # fmt: skip


# ---- NaN


@pytest.mark.parametrize(
    ("call", "value", "place"),
    [
        ("max(x, axis = 1)", NAN, 1),
        ("min(x, axis = 1)", NAN, 1),
        ("median(x, axis = 1)", NAN, 1),
        ("max(x)", NAN, 0),
    ],
)
def test_nan_is_what_is_found(call, value, place):
    found, where = _op(call, _row(1.0, NAN, 2.0))
    np.testing.assert_array_equal(np.ravel(found), [value])
    assert np.ravel(where) == [place]


@pytest.mark.parametrize("cell", ["HShrink()", 'Dense(3, 3, activation = "hshrink")'])
def test_shrinking_keeps_nan(cell):
    found = _of(cell, _row(NAN, 0.1, 1.0))
    assert np.isnan(found).any()
    if cell == "HShrink()":
        np.testing.assert_array_equal(found, _row(NAN, 0.0, 1.0))


# ---- pools

SQUARE = np.arange(25, dtype="f4").reshape(1, 1, 5, 5)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("AvgPool2d(2, 2, ceil_mode = true)", [[3, 5, 6.5], [13, 15, 16.5], [20.5, 22.5, 24]]),
        (
            "AvgPool2d(2, 2, ceil_mode = true, count_include_pad = false)",
            [[3, 5, 6.5], [13, 15, 16.5], [20.5, 22.5, 24]],
        ),
        (
            "AvgPool2d(2, 2, ceil_mode = true, divisor_override = 3)",
            [[4, 20 / 3, 13 / 3], [52 / 3, 20, 11], [41 / 3, 15, 8]],
        ),
        (
            'AvgPool2d(2, 2, pad_mode = "same", ceil_mode = true)',
            [[3, 5, 3.25], [13, 15, 8.25], [10.25, 11.25, 6]],
        ),
        (
            'AvgPool2d(2, 2, pad_mode = "same", ceil_mode = true, count_include_pad = false)',
            [[3, 5, 6.5], [13, 15, 16.5], [20.5, 22.5, 24]],
        ),
        (
            'AvgPool2d(3, 2, pad_mode = "same", divisor_override = 4)',
            [[3, 6.75, 6], [15.75, 27, 20.25], [18, 29.25, 21]],
        ),
        ('AvgPool2d(3, 2, pad_mode = "same", count_include_pad = false)',
         [[3, 4.5, 6], [10.5, 12, 13.5], [18, 19.5, 21]]),
    ],
)  # fmt: skip
def test_average_pools(cell, value):
    np.testing.assert_allclose(_of(cell, SQUARE)[0, 0], value, rtol=1e-6)


def test_average_pools_over_one_and_three_axes():
    line, cube = np.arange(5, dtype="f4").reshape(1, 1, 5), np.arange(27, dtype="f4")
    np.testing.assert_array_equal(_of("AvgPool1d(2, 2, ceil_mode = true)", line), [[[0.5, 2.5, 4]]])
    same = 'AvgPool1d(2, 2, pad_mode = "same", ceil_mode = true)'
    np.testing.assert_array_equal(_of(same, line), [[[0.5, 2.5, 2]]])
    found = _of('AvgPool3d(2, 2, pad_mode = "same", count_include_pad = false)',
                cube.reshape(1, 1, 3, 3, 3))  # fmt: skip
    np.testing.assert_array_equal(found[0, 0], [[[6.5, 8], [11, 12.5]], [[20, 21.5], [24.5, 26]]])


def test_half_precision_over_three_axes():
    found = _of("AvgPool3d(2)", np.ones((1, 1, 3, 3, 3), "f2"))
    assert found.dtype == "f2"
    assert (found == 1).all()


_GRADIENT = """
import numpy as np
from declspore.lower.network import compile_network
from tests.gradients import gradients
from tests.support import network_of
from keras import ops
model = compile_network(network_of('AvgPool2d(7, 1, pad_mode = "same")', (1, 1, 5, 5)))
x = np.arange(25, dtype="f4").reshape(1, 1, 5, 5)
[found], _ = gradients(lambda given: ops.sum(model(given[0])), [x])
print(*found.ravel())
"""


@pytest.mark.slow
@pytest.mark.parametrize("onednn", ["0", "1"])
def test_gradient_of_a_window_beyond_the_input(onednn):
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _GRADIENT],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    edge, corner = [0.935] * 3, 0.7225
    middle = [0.935, 1.21, 1.21, 1.21, 0.935]
    outer = [corner, *edge, corner]
    np.testing.assert_allclose(
        [float(each) for each in done.stdout.split()], [*outer, *middle * 3, *outer], rtol=1e-5
    )


# ---- infinity in the language


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("clamp(x, -inf, 2.0)", [[1.0, 2.0, -3.0]]),
        ("softmax(masked_fill(x, x < 0, -inf), 1)", [[0.119203, 0.880797, 0.0]]),
        ("norm(x, inf, 1)", [3.0]),
        ("norm(x, -inf, 1)", [1.0]),
        ("maximum(x, -inf)", [[1.0, 3.0, -3.0]]),
        ("where(x < inf, x, 0.0)", [[1.0, 3.0, -3.0]]),
        ("pad(x, [1, 0], value = -inf)", [[-INF, 1.0, 3.0, -3.0]]),
        ("x + tensor([inf, 0.0, -inf])", [[INF, 3.0, -INF]]),
        ("full_like(x, -inf)", [[-INF, -INF, -INF]]),
        ("nan_to_num(x * inf, posinf = 7.0, neginf = -inf)", [[7.0, 7.0, -INF]]),
    ],
)
def test_infinity_in_construct(call, expected):
    [found] = _op(call, _row(1.0, 3.0, -3.0))
    if call.startswith("clamp"):
        expected = [[1.0, 2.0, -3.0]]
    np.testing.assert_allclose(found, np.float32(expected), rtol=1e-5)


def test_a_parameter_and_a_pad_of_infinity():
    text = """
network Net() {
  around = ConstantPad1d(1, -inf)
  least  = Parameter([3], init = Constant(-inf))
  construct(x: f32[B, 1, 1]) = maximum(around(x), least)
}
"""
    [found] = outputs(compile_network(checked(text).networks["Net"]), np.float32([[[2.0]]]))
    np.testing.assert_array_equal(found, np.float32([[[-INF, 2.0, -INF]]]))


# ---- what Keras refused after check had passed


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("x = arange(3, 1)", "there are no numbers from 3 to 1 in steps of 1"),
        ("x = arange(4, dtype = bool)", "arange gives numbers, not bool"),
        ("x = clamp(x, 0, 300)", "300 is not a value of UInt8"),
        ("x = masked_fill(x, x > 1, -1.0)", "-1 is not a value of UInt8"),
        ("x = threshold(x, 1.0, 1e6)", "1e+06 is not a value of UInt8"),
    ],
)
def test_check_refuses_what_could_not_be_built(body, title):
    text = f"network N() {{\n  construct(x: u8[B, 4]) {{\n    {body}\n    return x\n  }}\n}}"
    assert [each.partition(" ")[2].partition(" ")[2] for each in problems(text)] == [title]


def test_gradients_of_truth_values_are_refused():
    text = """network N() {
  gradients = ImageGradients()
  construct(x: bool[B, 2, 5, 4]) = gradients(x)
}"""
    assert problems(text) == ["E401 4 ImageGradients takes numbers, found bool[B, 2, 5, 4]"]


def test_gather_nd_of_several_free_sizes():
    text = """
network Net() {
  construct(x: f32[B, H, 3, W]) = gather_nd(x, tensor([[1], [0]], dtype = i32))
}
"""
    x = np.arange(2 * 4 * 3 * 5, dtype=np.float32).reshape(2, 4, 3, 5)
    [found] = outputs(compile_network(checked(text).networks["Net"]), x)
    np.testing.assert_array_equal(found, x[[1, 0]])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("argmax(x, 1)", [2, 1, 2, 1]),
        ("argmin(x, 1)", [0, 1, 0, 1]),
        ("max(x, 1)[1]", [2, 1, 2, 1]),
        ("amax(x, 1)", [3.0, NAN, 6.0, NAN]),
        ("amin(x, 1)", [1.0, NAN, 4.0, NAN]),
    ],
)
def test_nan_is_the_extreme_wherever_it_is(call, expected):
    """MindSpore's kernels take it or not by its place; NumPy and the formula do."""
    x = np.float32([[1, 2, 3], [2, NAN, 0], [4, 5, 6], [-INF, NAN, NAN]])
    [found] = _op(call, x)
    np.testing.assert_array_equal(found, np.array(expected))


def test_nan_in_all_elements():
    [found] = _op("x * 0.0 + cast(argmax(x), f32)", np.float32([[1, 2], [3, NAN]]))
    assert found[0, 0] == 3


def test_prelu_of_a_vector():
    """MindSpore gives [1, -0.5, 3]."""
    text = "network Net() {\n  p = PReLU()\n  construct(x: f32[B]) = p(x)\n}"
    model = compile_network(checked(text).networks["Net"])
    [found] = outputs(model, np.float32([1, -2, 3]))
    np.testing.assert_array_equal(found, np.float32([1, -0.5, 3]))


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_batch_norm_in_eval_keeps_small_differences_of_large_halves(policy):
    """1000 and what lies half a unit above are told apart, as in float32."""
    x = np.float16([1000.0, 1000.5, 1001.0, 1002.0]).reshape(1, 1, 2, 2)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = compile_network(network_of("BatchNorm2d(1)", x.shape, "f16"))
        for variable in model.variables:
            if "moving_mean" in variable.path:
                variable.assign([1000.0])
        [found] = outputs(model, x)
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(found.ravel(), [0.0, 0.5, 1.0, 2.0], atol=1e-3)
