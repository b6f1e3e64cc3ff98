"""What the language can say of tensors: checked, compiled, and computed as NumPy does."""

import numpy as np
import pytest

from declspore.lower.network import compile_network
from tests.oracle import inputs
from tests.support import checked, outputs, problems

FORMS = """
network Forms() {
  construct(x: f32[B, 6, H, 5]) {
    a, b = split(x, 3, axis = 1)
    d, e = chunk(x, 2, axis = 1)
    f    = transpose(x, [0, 2, 3, 1]) |> reshape([B, H * 5, 6])
    return x[:, 0], x[:, 1:5:2], x[:, :, ::2], x[:, :, 1::3], x[:, :, ::-1], x[:, -1, -2:],
      stack([a, b], axis = 1), concat([a, e], axis = 1), f, f @ swapaxes(f, 1, 2)
  }
}
"""


def test_slices_and_forms():
    model = compile_network(checked(FORMS).networks["Forms"])
    x = inputs.numbers((2, 6, 7, 5), "x")
    f = x.transpose(0, 2, 3, 1).reshape(2, 35, 6)
    expected = [
        *(x[:, 0], x[:, 1:5:2], x[:, :, ::2], x[:, :, 1::3], x[:, :, ::-1], x[:, -1, -2:]),
        *(np.stack([x[:, :3], x[:, 3:]], 1), np.concatenate([x[:, :3], x[:, 3:]], 1)),
        *(f, f @ f.transpose(0, 2, 1)),
    ]
    for found, value in zip(outputs(model, x), expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-6)


def test_the_axes_that_are_left():
    """``...`` stands for as many whole axes as the other subscripts leave, also for none."""
    text = """
network Rest() {
  construct(x: f32[B, 6, H, 5]) {
    return x[..., 0], x[..., 1:3], x[0, ...], x[:, 2, ..., ::-1], x[..., none], x[...],
      x[1, ..., 2:, 3, -1], (x |> transpose([0, 2, 3, 1]))[..., 2:4]
  }
}
"""
    network = checked(text).networks["Rest"]
    shapes = [str(network.type_of(output)) for output in network.outputs]
    assert shapes[:2] == ["f32[B, 6, H]", "f32[B, 6, H, 2]"]
    assert shapes[4:7] == ["f32[B, 6, H, 5, 1]", "f32[B, 6, H, 5]", "f32[4]"]
    model = compile_network(network)
    x = inputs.numbers((2, 6, 7, 5), "x")
    expected = [
        *(x[..., 0], x[..., 1:3], x[0, ...], x[:, 2, ..., ::-1], x[..., None], x[...]),
        *(x[1, ..., 2:, 3, -1], x.transpose(0, 2, 3, 1)[..., 2:4]),
    ]
    for found, value in zip(outputs(model, x), expected, strict=True):
        np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize(
    "cuts",
    [
        (":, 4:1:-2",),
        (":, -2::-3", ":, 2::-1", ":, :-3:-1"),
        (":, 1:4:-1", ":, 9:1:-1"),
        ("0, ::-1, none, ..., 3:0:-1", "none, ::-1, 1, ::-2"),
    ],
)
def test_backward_slices(cuts):
    results = ", ".join(f"x[{cut}]" for cut in cuts)
    text = f"network N() {{ construct(x: f32[B, 6, H, 5]) {{ return {results} }} }}"
    model = compile_network(checked(text).networks["N"])
    x = inputs.numbers((2, 6, 7, 5), "x")
    for one, cut in zip(outputs(model, x), cuts, strict=True):
        np.testing.assert_array_equal(one, eval(f"x[{cut.replace('none', 'None')}]"))


def test_numbers_that_depend_on_no_input():
    """They meet those that do on either side, enter cells, and are results."""
    text = """
network Fixed() {
  cell = Dense(4, 3, weight_init = "ones", has_bias = false)
  construct(x: f32[B, 4]) {
    a = linspace(0.5, 2, 4)
    return a - x, a / x, maximum(a, x), logaddexp(a, x), a > x,
      concat([eye(2, 4), x]), a, a + 1, cell(eye(2, 4))
  }
}
"""
    model = compile_network(checked(text).networks["Fixed"])
    x = inputs.numbers((2, 4), "fixed")
    a, eye = np.linspace(0.5, 2, 4), np.eye(2, 4)
    expected = [
        *(a - x, a / x, np.maximum(a, x), np.logaddexp(a, x), a > x),
        *(np.concatenate([eye, x]), a, a + 1, eye @ np.ones((4, 3))),
    ]
    for found, value in zip(outputs(model, x), expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-5)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("x[..., 0, ...]", "E401 2 `...` stands for all axes that are left, so it can stand there"),
        ("x[..., 0, 0, 0]", "E401 2 f32[B, H] has 2 axes, 3 are indexed"),
        ("[x, x][..., 0]", "E307 2 expected a tensor, found a list"),
        ("x[....]", "E101 2 unexpected `.`"),
    ],
)
def test_wrong_axes_that_are_left(expression, problem):
    (found,) = problems(f"network N() {{ construct(x: f32[B, H]) = {expression} }}")
    assert found.startswith(problem)


def test_sizes_of_slices_with_a_step():
    network = checked(FORMS).networks["Forms"]
    shapes = [str(network.type_of(output)) for output in network.outputs]
    assert shapes[2:5] == [
        "f32[B, 6, (H + 1) // 2, 5]",
        "f32[B, 6, (H + 1) // 3, 5]",
        "f32[B, 6, H, 5]",
    ]
    found = problems("network N() { construct(x: f32[B, H]) = x[:, 5::-1] }")
    assert found == ["E401 2 a step of -1 over an axis of size H"]


def test_comparisons_and_masks():
    text = """
network Masks() {
  construct(x: f32[B, 5, 4], lengths: i32[B]) {
    inside = arange(0, 5) < expand_dims(lengths, 1)
    mask   = expand_dims(logical_and(inside, lengths[0] >= 2), 2)
    y      = where(x > 0, x * 2, 1 - x / 2)
    return masked_fill(y, logical_not(mask), -1e4), x == x, lengths != 2
  }
}
"""
    model = compile_network(checked(text).networks["Masks"])
    x, lengths = inputs.numbers((3, 5, 4), "x"), np.array([2, 5, 1], np.int32)
    y = np.where(x > 0, x * 2, 1 - x / 2)
    inside = (np.arange(5) < lengths[:, None])[:, :, None]
    found = outputs(model, x, lengths)
    np.testing.assert_allclose(found[0], np.where(inside, y, -1e4), rtol=1e-6)
    assert np.all(found[1])
    np.testing.assert_array_equal(found[2], lengths != 2)


@pytest.mark.parametrize("expression", ["x > 0 and x < 1", "not (x > 0)", "if x > 0 then x else 0"])
def test_words_of_truth_are_not_for_tensors(expression):
    found = problems(f"network N() {{ construct(x: f32[B]) = {expression} }}")
    assert found == ["E307 2 expected true or false, found a tensor bool[B]"]


def test_parameters_constants_and_buffers():
    """Parameters of a block itself, trained or not, and numbers of the spec's own."""
    text = """
let SCALES = [[1, 2, 3], [4, 5, 6]]
network Own() {
  token  = Parameter([1, 1, 3], init = "ones")
  buffer = Parameter([2, 3], init = 0.5, requires_grad = false)
  construct(x: f32[B, 2, 3]) =
    concat([broadcast_to(token, [B, 1, 3]), x * tensor(SCALES) + buffer], axis = 1)
}
"""
    network = checked(text).networks["Own"]
    assert [(p.name, p.shape, p.trainable) for p in network.parameters] == [
        ("token", (1, 1, 3), True),
        ("buffer", (2, 3), False),
    ]
    model = compile_network(network)
    x = inputs.numbers((4, 2, 3), "x")
    scaled = x * np.array([[1, 2, 3], [4, 5, 6]]) + 0.5
    expected = np.concatenate([np.ones((4, 1, 3)), scaled], 1)
    np.testing.assert_allclose(outputs(model, x)[0], expected, rtol=1e-6)
    assert len(model.trainable_weights) == 1


def test_several_inputs_and_outputs():
    text = """
network Two() {
  construct(left: f32[B, 3], right: f32[B, 3]) {
    return left - right, left * right
  }
}
"""
    model = compile_network(checked(text).networks["Two"])
    left, right = inputs.numbers((2, 3), "left"), inputs.numbers((2, 3), "right")
    for found, value in zip(outputs(model, left, right), (left - right, left * right), strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-6)


def test_parameters_begin_with_given_values():
    """Buffers of a graph, lists for weights, and tensors that are made of numbers."""
    text = """
network Given() {
  ring  = Parameter([3, 3], init = [[0, 1, 0], [0, 0, 1], [1, 0, 0]], requires_grad = false)
  one   = Parameter([3], init = full([3], 2.5))
  dense = Dense(3, 2, weight_init = [[1, 2, 3], [4, 5, 6]], bias_init = zeros([2]))
  construct(x: f32[B, 3]) {
    return x @ ring, dense(x + one)
  }
}
"""
    model = compile_network(checked(text).networks["Given"])
    x = inputs.numbers((2, 3), "x")
    ring, weight = np.roll(np.eye(3), 1, axis=1), np.array([[1, 2, 3], [4, 5, 6]])
    for found, value in zip(outputs(model, x), [x @ ring, (x + 2.5) @ weight.T], strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-6)
    assert problems(text.replace("full([3], 2.5)", "eye(3)")) == [
        "E306 5 Given: it cannot fill `one`: the values have the shape [3, 3], the parameter [3]"
    ]
    assert problems(text.replace("[[1, 2, 3], [4, 5, 6]]", "[[1, 2, 3], [4]]")) == [
        "E305 6 `weight_init` of Dense: the rows of the tensor differ in length"
    ]


def test_a_network_that_is_a_sequence_has_names_that_begin_with_numbers():
    text = """
network Net() {
  body = SequentialCell(Dense(2, 3), relu, Dense(3, 2), names = ["0", "1", "2"])
  construct(x: f32[B, 2]) = body(x)
}
"""
    network = checked(text).networks["Net"]
    assert [p.name for p in network.parameters] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    model = compile_network(network)
    assert outputs(model, inputs.numbers((2, 2), "x"))[0].shape == (2, 2)
