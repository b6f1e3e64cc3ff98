"""Strided convolutions of one element: TensorFlow 2.21 computes their gradient by the kernel out
of bounds with oneDNN, so the compiler makes an equal form that it computes right."""

import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.conftest import ROOT
from tests.support import checked, closeness, network_of

CELLS = [
    ("Conv1d(3, 4, 1, stride = 2)", (2, 3, 9)),
    ("Conv2d(3, 4, 1, stride = 2)", (2, 3, 9, 8)),
    ("Conv2d(3, 4, 1, stride = [1, 3])", (2, 3, 9, 8)),
    ('Conv2d(3, 4, 1, stride = 2, pad_mode = "valid", has_bias = true)', (2, 3, 9, 8)),
    ('Conv2d(3, 4, 1, stride = 2, pad_mode = "pad", padding = [1, 2, 0, 1])', (2, 3, 9, 8)),
    ("Conv2d(4, 4, 1, stride = 2, group = 4)", (2, 4, 9, 8)),
    ("Conv2d(4, 8, 1, stride = 3, group = 2)", (2, 4, 9, 8)),
    ("Conv2d(3, 4, 1, stride = 2, dilation = 2)", (2, 3, 9, 8)),
    ("Conv3d(3, 4, 1, stride = 3)", (2, 3, 6, 7, 8)),
    ("Conv3d(3, 4, [1, 3, 2], stride = [3, 3, 4])", (2, 3, 6, 7, 8)),
    ("Conv1dTranspose(3, 4, 1, stride = 2)", (2, 3, 9)),
    ("Conv2dTranspose(3, 4, 1, stride = 3, has_bias = true)", (2, 3, 4, 5)),
    ('Conv2dTranspose(3, 4, 1, stride = [2, 1], pad_mode = "valid")', (2, 3, 4, 5)),
    ('Conv2dTranspose(3, 4, 1, stride = 2, pad_mode = "pad", padding = 1)', (2, 3, 4, 5)),
    ('Conv2dTranspose(3, 4, 1, 2, "pad", 0, 1, has_bias = true)', (2, 3, 4, 5)),
    ("Conv2dTranspose(4, 4, 1, stride = 2, group = 2)", (2, 4, 4, 5)),
    ("Conv3dTranspose(3, 4, 1, stride = 2)", (2, 3, 4, 5, 3)),
]
OPS = [
    ("conv1d(x, w, stride = 2)", (2, 3, 9), (4, 3, 1)),
    ('conv2d(x, w, stride = 2, pad_mode = "same")', (2, 3, 9, 8), (4, 3, 1, 1)),
    ('conv3d(x, w, stride = 3, pad_mode = "same")', (2, 3, 6, 7, 8), (4, 3, 1, 1, 1)),
]


def _by_op(call, shape, weight):
    sizes = ", ".join(map(str, shape[1:]))
    text = f"""
network Net() {{
  w = Parameter({list(weight)}, init = Normal())
  construct(x: f32[B, {sizes}]) = {call}
}}
"""
    return compile_network(checked(text).networks["Net"])


def _compiled(cell, shape):
    return compile_network(network_of(cell, shape))


MODELS = [
    *(pytest.param(_compiled, case, id=case[0]) for case in CELLS),
    *(pytest.param(_by_op, case, id=case[0]) for case in OPS),
]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="kernels of TensorFlow")
@pytest.mark.parametrize(("make", "case"), MODELS)
def test_no_gradient_of_a_strided_kernel_of_one_element(make, case):
    import tensorflow as tf

    model = make(*case)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(tf.square(model(x, training=True)))
        return tape.gradient(total, model.trainable_variables)

    graph = step.get_concrete_function(tf.TensorSpec(case[1], tf.float32)).graph
    found = [op for op in graph.get_operations() if "BackpropFilter" in op.type]
    assert found or "group" in case[0]  # groups run by XLA, in graphs of their own
    for op in found:
        extents = op.outputs[0].shape[:-2]
        strided = any(stride > 1 for stride in op.get_attr("strides"))
        assert not (strided and all(extent == 1 for extent in extents)), op.type


def _sampled(x, w, stride, same=True):
    """Convolution of [N, C, ...] with [O, I, ...] in float64, by its definition."""
    kernel = w.shape[2:]
    sizes = [-(-n // s) for n, s in zip(x.shape[2:], stride, strict=True)]
    needed = [
        max((o - 1) * s + k - n, 0)
        for o, s, k, n in zip(sizes, stride, kernel, x.shape[2:], strict=True)
    ]
    # in addition zeros for windows that reach beyond: none is read there
    x = np.pad(x, [(0, 0), (0, 0), *((t // 2, t - t // 2 + max(stride)) for t in needed)])
    result = 0.0
    for tap in itertools.product(*map(range, kernel)):
        axes = zip(tap, sizes, stride, strict=True)
        places = tuple(slice(i, i + (o - 1) * s + 1, s) for i, o, s in axes)
        part = x[(slice(None), slice(None), *places)]
        result = result + np.einsum("nc...,oc->no...", part, w[(slice(None), slice(None), *tap)])
    return result


@pytest.mark.parametrize(
    ("cell", "shape", "stride"),
    [
        ("Conv2d(3, 4, 1, stride = 2)", (2, 3, 9, 8), (2, 2)),
        ("Conv3d(3, 4, 1, stride = 3)", (2, 3, 6, 9, 8), (3, 3, 3)),
        ("Conv3d(3, 4, [1, 3, 3], stride = 3)", (2, 3, 6, 9, 7), (3, 3, 3)),
        ("Conv3d(3, 4, 2, stride = 4)", (2, 3, 8, 7, 6), (4, 4, 4)),
    ],
)
def test_windows_of_same_begin_where_they_should(cell, shape, stride):
    """Over three axes TensorFlow without oneDNN shifts windows that are smaller than strides."""
    model = compile_network(network_of(cell, shape))
    [weight] = binding_of(model).parameters
    numbers = np.random.default_rng(0)
    x, w = (numbers.normal(size=size).astype("f4") for size in (shape, weight.shape))
    weight.storage.write(w)
    found = keras.ops.convert_to_numpy(model(x))
    assert closeness(found, _sampled(x.astype("f8"), w.astype("f8"), stride)) < 1e-6


_GRADIENTS = """
import sys
import numpy as np
import tensorflow as tf
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.support import network_of

worst, numbers = 0.0, np.random.default_rng(0)
for n, h, w, entering, leaving, stride in [
    (3, 36, 32, 3, 4, 2), (10, 24, 66, 3, 33, 3), (11, 63, 51, 3, 1, 3), (16, 64, 64, 3, 48, 2),
    (4, 28, 34, 4, 10, 2), (1, 10, 14, 8, 16, 2), (8, 52, 9, 8, 6, 3), (5, 17, 40, 12, 7, 2),
]:
    for kind in ("Conv2d", "Conv2dTranspose"):
        cell = f"{kind}({entering}, {leaving}, 1, stride = {stride})"
        x = numbers.normal(size=(n, entering, h, w)).astype("f4")
        model = compile_network(network_of(cell, x.shape))
        storage = binding_of(model).parameters[0].storage
        variable = storage.variable

        @tf.function
        def gradient(x):
            with tf.GradientTape() as tape:
                y = model(x)
                total = tf.reduce_sum(y * y) / 2
            return tape.gradient(total, variable)

        k = np.float64(storage.read())[:, :, 0, 0]
        variable.assign(gradient(tf.constant(x)))
        found = np.float64(storage.read())[:, :, 0, 0]
        step = stride if kind == "Conv2d" else 1
        rows = np.float64(x[:, :, ::step, ::step]).transpose(0, 2, 3, 1).reshape(-1, entering)
        k = k.T if kind == "Conv2d" else k
        right = rows.T @ (rows @ k)
        right = right.T if kind == "Conv2d" else right
        worst = max(worst, abs(found - right).max() / abs(right).max())
print(worst)
"""


@pytest.mark.slow
@pytest.mark.parametrize("instructions", ["DEFAULT", "AVX2"])
def test_gradients_with_onednn(instructions):
    """Sizes of which TensorFlow's own strided form ends the process, or is wrong by half."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "ONEDNN_MAX_CPU_ISA": instructions,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", _GRADIENTS],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 1e-5
