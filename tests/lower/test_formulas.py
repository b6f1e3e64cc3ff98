"""Cells that MindSpore's CPU cannot run, or that draw random numbers: against their formulas."""

import numpy as np
import pytest
from keras import ops

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.gradients import gradients
from tests.oracle import inputs
from tests.support import checked, network_of, outputs

NO_KERNEL = "By its documented formula: MindSpore's CPU has no kernel."
RANDOM = "Drawn at random, by its documented distribution; the stream of numbers is another."
SHAPES = {1: (2, 3, 11), 2: (2, 3, 9, 8), 3: (2, 3, 5, 6, 7)}


def _filled(cell, shape):
    model = compile_network(network_of(cell, shape))
    binding = binding_of(model)
    for parameter in binding.parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    return model, binding


@pytest.mark.parametrize("n", SHAPES)
def test_instance_norm(n, parity):
    """Every channel of every sample by itself, in eval and in training, and nothing moves."""
    word, shape = ("cell", f"InstanceNorm{n}d"), SHAPES[n]
    model, binding = _filled(f"InstanceNorm{n}d(3, eps = 1e-3)", shape)
    assert [name.removeprefix("wrapper.0.") for name in binding] == [
        *("moving_mean", "moving_variance", "gamma", "beta")
    ]
    x = inputs.numbers(shape, f"instance {n}")
    axes = tuple(range(2, n + 2))
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    by_channel = (1, 3, *(1,) * n)
    gamma, beta = (
        inputs.parameter(f"wrapper.0.{name}", (3,)).reshape(by_channel)
        for name in ("gamma", "beta")
    )
    expected = (x - mean) / np.sqrt(var + 1e-3) * gamma + beta
    parity.deviation(word, NO_KERNEL)
    for training in (False, True):
        found = ops.convert_to_numpy(model(x, training=training))
        parity.close(word, "training" if training else "eval", "forward", found, expected)
    moved = binding["wrapper.0.moving_mean"].read()
    np.testing.assert_array_equal(moved, inputs.parameter("wrapper.0.moving_mean", (3,)))


@pytest.mark.parametrize("n", SHAPES)
def test_dropout_of_channels(n, parity):
    """Whole channels are zero, the others grow, and the share is as asked."""
    shape = (60, 20, *SHAPES[n][2:])
    model, _ = _filled(f"Dropout{n}d(p = 0.3)", shape)
    found = np.asarray(model(np.ones(shape, np.float32), training=True)).reshape(60, 20, -1)
    assert (found == found[:, :, :1]).all()
    parity.deviation(("cell", f"Dropout{n}d"), RANDOM)
    kept = found[:, :, 0] > 0
    np.testing.assert_allclose(found[kept], 1 / 0.7, rtol=1e-6)
    share = np.array([1 - kept.mean()])
    parity.close(("cell", f"Dropout{n}d"), "training", "share", share, [0.3], 0.2)


def test_dropout(parity):
    for text in ("Dropout(p = 0.3)", "Dropout(keep_prob = 0.7)"):
        model, _ = _filled(text, (200, 100))
        found = np.asarray(model(np.ones((200, 100), np.float32), training=True))
        np.testing.assert_allclose(found[found > 0], 1 / 0.7, rtol=1e-6)
        share = np.array([(found == 0).mean()])
        parity.close(("cell", "Dropout"), text, "share", share, [0.3], 0.05)
    parity.deviation(("cell", "Dropout"), RANDOM)


def test_random_slopes(parity):
    """Uniform from lower to upper below 0, anew for each element and call; x above."""
    model, _ = _filled("RReLU(0.1, 0.4)", (200, 100))
    x = np.abs(inputs.numbers((200, 100), "slopes")) + 0.1
    np.testing.assert_array_equal(model(x), x)
    slopes = np.asarray(model(-x)) / -x
    assert slopes.min() >= 0.0999
    assert slopes.max() <= 0.4001
    word = ("cell", "RReLU")
    parity.deviation(word, RANDOM)
    parity.close(word, "0.1 to 0.4", "mean", [slopes.mean()], [0.25], 0.02)
    parity.close(word, "0.1 to 0.4", "deviation", [slopes.std()], [0.3 / 12**0.5], 0.02)
    assert not np.array_equal(np.asarray(model(-x)) / -x, slopes)


def test_cells_of_a_list_and_bare_parameters(parity):
    """CellList numbers its cells; a bare parameter is read as it is."""
    network = checked("""
network Net() {
  scale = Parameter([4], init = 2.0)
  all   = CellList(Dense(4, 4), Dense(4, 3))
  construct(x: f32[B, 4]) = all[1](all[0](x) * scale)
}
""").networks["Net"]
    model = compile_network(network)
    values = {}
    for parameter in binding_of(model).parameters:
        values[parameter.name] = inputs.parameter(parameter.name, parameter.shape)
        parameter.storage.write(values[parameter.name])
    assert list(values) == ["scale", *(f"all.{i}.{n}" for i in (0, 1) for n in ("weight", "bias"))]
    x = inputs.numbers((5, 4), "list")
    hidden = (x @ values["all.0.weight"].T + values["all.0.bias"]) * values["scale"]
    expected = hidden @ values["all.1.weight"].T + values["all.1.bias"]
    [found] = outputs(model, x)
    for word in (("container", "CellList"), ("cell", "Parameter")):
        parity.close(word, "by formula", "forward", found, expected)


def test_likeness_of_images(parity):
    text = "network N() { psnr = PSNR(max_val = 2.0)\n construct(%s) = psnr(x, y) }"
    formals = "x: f32[B, 3, 4, 5], y: f32[B, 3, 4, 5]"
    model = compile_network(checked(text % formals).networks["N"])
    x, y = (inputs.numbers((2, 3, 4, 5), f"psnr {name}") for name in "xy")
    error = np.mean(np.square(x - y), axis=(1, 2, 3))
    parity.deviation(("cell", "PSNR"), NO_KERNEL)
    found = model([x, y])
    parity.close(("cell", "PSNR"), "by formula", "forward", found, 10 * np.log10(4 / error))


def test_poles_of_gamma():
    """As documented: infinite at 0 and below, and no number where the slope has none."""
    text = "network N() { construct(x: f32[B]) { return lgamma(x), digamma(x) } }"
    values, slopes = map(
        np.asarray,
        compile_network(checked(text).networks["N"])(np.float32([0, -1, -3, np.inf, -np.inf, 3])),
    )
    np.testing.assert_allclose(values, [np.inf] * 5 + [np.log(2)], rtol=1e-6)
    assert np.isnan(slopes[1:3]).all()
    np.testing.assert_allclose(slopes[5], 0.9227843, rtol=1e-6)


def test_scaling_to_a_square_of_one(parity):
    text = "network N() { construct(x: f32[B, 3, 4], g: f32[3, 4], h: f32[4]) {\n"
    text += "a, b = rms_norm(x, g, epsilon = 0.1)\nc, d = rms_norm(x, h)\nreturn a, b, c, d } }"
    model = compile_network(checked(text).networks["N"])
    x, g, h = (inputs.numbers(s, f"rms {len(s)}") for s in ((2, 3, 4), (3, 4), (4,)))
    word = ("op", "rms_norm")
    parity.deviation(word, NO_KERNEL)
    found = model([x, g, h])
    for gamma, axes, epsilon, results in ((g, (1, 2), 0.1, found[:2]), (h, 2, 1e-6, found[2:])):
        scale = 1 / np.sqrt(np.mean(np.square(x), axis=axes, keepdims=True) + epsilon)
        parity.close(word, f"gamma of {gamma.ndim}", "forward", results[0], x * scale * gamma)
        parity.close(word, f"gamma of {gamma.ndim}", "scale", results[1], scale)


def test_rows_of_bounded_length(parity):
    """max_norm cuts the rows that are longer."""
    text = "network N() { rows = EmbeddingLookup(6, 4, max_norm = 0.5)\n"
    text += "construct(ids: i32[B]) = rows(ids) }"
    model = compile_network(checked(text).networks["N"])
    table = inputs.numbers((6, 4), "rows") * 0.3
    binding_of(model)["rows.embedding_table"].write(table)
    expected = table * (0.5 / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 0.5))
    word = ("cell", "EmbeddingLookup")
    [found] = outputs(model, np.arange(6, dtype=np.int32))
    parity.close(word, "max_norm by formula", "forward", found, expected)


def test_random_ops(parity):
    """Numbers drawn anew at each call, with the moments of their distributions; dropout as a cell
    drops."""
    text = "network N() { construct(x: f32[B, 90]) "
    text += "{ return randn_like(x), rand_like(x), dropout(x, 0.3) } }"
    model = compile_network(checked(text).networks["N"])
    x = np.ones((200, 90), np.float32)
    first, second = ([np.asarray(y) for y in model(x, training=True)] for _ in range(2))
    moments = {"randn_like": (0.0, 1.0), "rand_like": (0.5, 1 / 12**0.5), "dropout": None}
    for word, found, again in zip(moments, first, second, strict=True):
        assert not np.array_equal(found, again)
        parity.deviation(("op", word), RANDOM)
        if moments[word] is not None:
            drawn = [1.0 + found.mean(), found.std()]
            expected = [1.0 + moments[word][0], moments[word][1]]
            parity.close(("op", word), "90 a row", "moments", drawn, expected, 0.03)
    assert first[1].min() >= 0.0
    assert first[1].max() <= 1.0
    dropped = first[2]
    np.testing.assert_allclose(dropped[dropped > 0], 1 / 0.7, rtol=1e-6)
    parity.close(("op", "dropout"), "p = 0.3", "share", [(dropped == 0).mean()], [0.3], 0.05)
    np.testing.assert_array_equal(model(x)[2], x)


def test_lines_and_diagonals():
    text = "network N() { construct(x: f32[B, 3]) = x @ eye(3, 4) + linspace(0, 1, 4) }"
    x = inputs.numbers((2, 3), "lines")
    expected = x @ np.eye(3, 4, dtype=np.float32) + np.linspace(0, 1, 4, dtype=np.float32)
    found = compile_network(checked(text).networks["N"])(x)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_near_zero_of_sinc():
    """In the gradient of sin(pi x) / (pi x) nearly equal numbers are subtracted."""
    text = "network N() { construct(x: f32[B]) = sinc(x) }"
    model = compile_network(checked(text).networks["N"])
    x = np.array([1e-30, 1e-4, 0.01, 0.05, 0.0999, 0.1001, -0.02, 0.7], np.float32)
    [found] = outputs(model, x)
    angle = np.pi * np.asarray(x, np.float64)
    np.testing.assert_allclose(found, np.sin(angle) / angle, rtol=1e-6)
    slope = np.pi * (angle * np.cos(angle) - np.sin(angle)) / angle**2
    slope[0] = -np.pi * angle[0] / 3
    slope[1] = -np.pi * angle[1] / 3
    [gradient], _ = gradients(lambda given: ops.sum(model(given[0])), [x])
    np.testing.assert_allclose(gradient, slope, rtol=2e-5)


def test_what_is_no_usual_number_has_a_size():
    model = compile_network(checked("network N() { construct(x: f32[4]) = abs(x) }").networks["N"])
    [found] = outputs(model, np.array([-0.0, 0.0, -np.inf, -np.nan], np.float32))
    assert not np.signbit(found).any()
    np.testing.assert_array_equal(found, [0.0, 0.0, np.inf, np.nan])
