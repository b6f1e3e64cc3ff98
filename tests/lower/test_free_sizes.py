"""Shapes with several free sizes: computed from those of the inputs, or refused with a place."""

import keras
import numpy as np
import pytest

from declspore.lower.network import compile_network
from tests.support import checked, outputs, problems

IMAGE = (2, 3, 4, 6)


def _model(inputs, body, data_format="channels_first"):
    text = f"network Net() {{\n  construct({inputs}) = {body}\n}}"
    return compile_network(checked(text).networks["Net"], data_format=data_format)


def _numbers(shape):
    return np.arange(np.prod(shape), dtype="f4").reshape(shape)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "x |> reshape([B, 3, H * W]) |> swapaxes(1, 2) |> reshape([B, H, W, 3])",
            lambda x: x.transpose(0, 2, 3, 1),
        ),
        ("x |> reshape([-1, W]) |> reshape([B, 3, H, W])", lambda x: x),
        ("x |> reshape([B, 3 * H * W]) |> reshape([B, 3, H, W])", lambda x: x),
        ("x |> reshape([-1]) |> reshape([B, 3, H, W])", lambda x: x),
        ("x |> reshape([3, B, W, H])", lambda x: x.reshape(3, 2, 6, 4)),
        ("x |> reshape([B * H, 3 * W]) |> reshape([B, 3, H, W])", lambda x: x),
        ("x[:, :, 1:] |> reshape([B * 3, -1, W])", lambda x: x[:, :, 1:].reshape(6, 3, 6)),
        (
            "x[:, :, 1:] |> reshape([-1]) |> reshape([B, 3, H - 1, W])",
            lambda x: x[:, :, 1:],
        ),
        (
            "cast(x, f64) |> reshape([-1, W]) |> reshape([B, 3, H, W]) |> cast(f32)",
            lambda x: x,
        ),
        (
            "mean(x, axis = [2, 3]) |> reshape([B, 3, 1, 1]) |> broadcast_to([B, 3, H, 2 * W])",
            lambda x: np.broadcast_to(x.mean((2, 3), keepdims=True), (2, 3, 4, 12)),
        ),
        ("zeros([1]) |> broadcast_to([B, H * W])", lambda x: np.zeros((2, 24), "f4")),
    ],
)
def test_of_an_image(body, expected):
    x = _numbers(IMAGE)
    model = _model("x: f32[B, 3, H, W]", body)
    np.testing.assert_allclose(outputs(model, x)[0], expected(x))
    other = _numbers((1, 3, 5, 2))  # the same network takes other sizes
    assert outputs(model, other)[0].ndim == expected(x).ndim


def test_windows_of_multiples():
    x = _numbers((2, 3, 14, 21))
    body = "x |> reshape([B, 3, H, 7, W, 7]) |> transpose([0, 2, 4, 1, 3, 5])"
    found = outputs(_model("x: f32[B, 3, 7 * H, 7 * W]", body), x)[0]
    expected = x.reshape(2, 3, 2, 7, 3, 7).transpose(0, 2, 4, 1, 3, 5)
    np.testing.assert_array_equal(found, expected)


def test_of_another_input():
    x, like = _numbers((2, 24)), _numbers((2, 3, 4, 2))
    model = _model("x: f32[B, 3 * H * W], like: f32[B, 3, H, W]", "reshape(x, [B, 3, H, W]) + like")
    np.testing.assert_array_equal(outputs(model, x, like)[0], x.reshape(like.shape) + like)


def test_channels_last():
    """The axes of an input are where its tensor has them."""
    x = _numbers(IMAGE)
    body = "x |> reshape([-1, W]) |> reshape([B, 3, H, W])"
    model = _model("x: f32[B, 3, H, W]", body, "channels_last")
    found = outputs(model, x.transpose(0, 2, 3, 1))[0]
    np.testing.assert_array_equal(found, x.transpose(0, 2, 3, 1))


def test_saved_and_loaded(tmp_path):
    x = _numbers(IMAGE)
    model = _model("x: f32[B, 3, H, W]", "x |> reshape([-1, W]) |> reshape([B, 3, H, W])")
    model.save(tmp_path / "net.keras")
    again = keras.models.load_model(tmp_path / "net.keras")
    np.testing.assert_array_equal(outputs(again, x)[0], x)


@pytest.mark.parametrize(
    ("inputs", "body", "sizes"),
    [
        ("x: f32[B, H * W]", "reshape(x, [B, H, W])", "`H` and `W`"),
        ("x: f32[B, H + W]", "broadcast_to(zeros([1, 1]), [B, H])", "`H`"),
    ],
)
def test_what_cannot_be_computed_is_refused(inputs, body, sizes):
    [found] = problems(f"network Net() {{\n  construct({inputs}) = {body}\n}}")
    assert found.startswith("E401 3")
    assert f"{sizes} cannot be computed from the sizes of f32[B" in found


# ---- sizes as arguments

STEPS = (2, 5, 4)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x + table[:, :T]", lambda x: x + 0.5),
        ("x[:, T - 1]", lambda x: x[:, 4]),
        ("x[:, :T - 2]", lambda x: x[:, :3]),
        ("x[:, T - 2:]", lambda x: x[:, 3:]),
        ("x[none, :, T // 2:, 1]", lambda x: x[None, :, 2:, 1]),
        ("x[:, 1:T:2]", lambda x: x[:, 1:5:2]),
        ("x + table[:, -T:]", lambda x: x + 0.5),
        ("x * cast(expand_dims(arange(0, T), 1), f32)", lambda x: x * np.arange(5)[:, None]),
        ("arange(T, 2 * T + 1, 2) + cast(sum(x) * 0, i32)", lambda x: np.arange(5, 11, 2)),
        ("sum(x, axis = 1) / T", lambda x: x.mean(1)),
        ("x * (T * 4) - size_of(T)", lambda x: x * 20 - 5),
        ("x / sqrt(T)", lambda x: x / np.sqrt(5)),
        ("T - x", lambda x: 5 - x),
    ],
)
def test_sizes_as_arguments(body, expected):
    text = (
        "network Net() {\n  table = Parameter([1, 64, 4], init = 0.5)\n"
        f"  construct(x: f32[B, T, 4]) = {body}\n}}"
    )
    model = compile_network(checked(text).networks["Net"])
    x = _numbers(STEPS)
    found = outputs(model, x)[0]
    assert found.shape == expected(x).shape
    np.testing.assert_allclose(found, expected(x), rtol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        'interpolate({}, size = [H, W], mode = "bilinear")',
        'interpolate({}, size = [H, W], mode = "bilinear", align_corners = true)',
        "interpolate({}, size = [H, W])",
        'interpolate({}, size = [H, W], mode = "nearest-exact")',
        "resize_bilinear({}, [H, W])",
        "resize_nearest_neighbor({}, [H, W], align_corners = true)",
    ],
)
@pytest.mark.parametrize("size", [(7, 5), (8, 12), (3, 3)])
def test_a_size_that_is_free_gives_what_a_known_one_does(call, size):
    half = "x[:, :, ::2, ::2]"
    height, width = size
    image = np.random.default_rng(0).normal(size=(2, 3, height, width)).astype("f4")
    free = _model("x: f32[B, 3, H, W]", call.format(half))
    fixed = f"x: f32[B, 3, {height}, {width}]"
    known = _model(fixed, call.format(half).replace("[H, W]", f"[{height}, {width}]"))
    np.testing.assert_allclose(outputs(free, image)[0], outputs(known, image)[0], atol=1e-5)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("x[:, :T:-1]", "a slice to a free size has a positive step, found -1"),
        ("arange(T, 0, -1)", "up to a free size, a step must be positive"),
        ("x[:, T:T - 1]", "nothing is left of an axis of size T from T to T - 1"),
    ],
)
def test_sizes_that_cannot_be_arguments(body, problem):
    text = f"network Net() {{\n  construct(x: f32[B, T, 4]) = {body}\n}}"
    (found,) = problems(text)
    assert problem in found


def test_modes_of_known_sizes_say_so():
    text = (
        "network Net() {\n  construct(x: f32[B, 3, H, W]) =\n"
        '    interpolate(x[:, :, ::2], size = [H, W], mode = "bicubic")\n}'
    )
    (found,) = problems(text)
    assert 'interpolate by "bicubic" needs sizes that are known' in found


def test_tensors_of_one_value_have_free_sizes():
    model = _model(
        "x: f32[B, T, 3]", "concat([zeros([B, 1, 3]), x, full([B, T, 3], 2.5)], axis = 1)"
    )
    x = _numbers((2, 4, 3))
    [found] = outputs(model, x)
    expected = np.concatenate([np.zeros((2, 1, 3), "f4"), x, np.full((2, 4, 3), 2.5, "f4")], 1)
    np.testing.assert_array_equal(found, expected)
    assert problems("network N() {\n  construct(x: f32[B]) = x + ones([-2])\n}") == [
        "E306 3 ones: a size is at least 0, found [-2]"
    ]


def test_a_round_of_a_loop_sees_what_the_one_before_named():
    body = """
network Net() {
  construct(x: f32[B, 3]) {
    for i in 0 ..< 3 {
      y = if i == 0 then x else concat([y, x * i], axis = 1)
    }
    return y
  }
}
"""
    x = _numbers((2, 3))
    [found] = outputs(compile_network(checked(body).networks["Net"]), x)
    np.testing.assert_array_equal(found, np.concatenate([x, x, 2 * x], 1))
    assert problems(body.replace("if i == 0 then x else ", "")) == ["E201 6 unknown name `y`"]
