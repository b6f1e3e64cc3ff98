"""What the checker proves: elaboration, scopes, symbolic shapes, containers, tasks."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.api import load
from declspore.check.check import check
from declspore.report import DiagnosticError
from declspore.source import Source
from tests.conftest import SPECS
from tests.support import checked, problems


def _network(text: str, name: str = "Net"):
    return checked(text).networks[name]


def _names(text: str) -> list[str]:
    return [parameter.name for parameter in _network(text).parameters]


def _output(text: str) -> str:
    network = _network(text)
    return str(network.type_of(network.outputs[0]))


def test_a_block_adds_a_segment_and_a_preset_does_not():
    text = """
cell Small(n: int) = Dense(n, n)
cell Pair(n: int) {
  a = Small(n)
  b = Dense(n, n, has_bias = false)
  construct(x) = x |> a |> b
}
network Net() {
  first = Pair(3)
  both = SequentialCell(Pair(3), relu, Small(3))
  construct(x: f32[B, 3]) = x |> first |> both
}
"""
    assert _names(text) == [
        *("first.a.weight", "first.a.bias", "first.b.weight"),
        *("both.0.a.weight", "both.0.a.bias", "both.0.b.weight"),
        *("both.2.weight", "both.2.bias"),
    ]


def test_loops_and_tables():
    text = """
network Net() {
  stack = SequentialCell(
    for [c, n] in [[4, 2], [6, 1]], i in 0 ..< n, carry cin = 3 -> c {
      Dense(cin, c, has_bias = false)
    },
    Dense(6, 1),
  )
  construct(x: f32[B, 3]) = stack(x)
}
"""
    shapes = [parameter.shape for parameter in _network(text).parameters]
    assert shapes == [(4, 3), (4, 4), (6, 4), (1, 6), (1,)]


def test_conditional_cells():
    text = """
network Net(deep: bool = %s) {
  a = Dense(3, 3)
  b = Dense(3, 3) when deep
  construct(x: f32[B, 3]) = x |> a |> b?
}
"""
    assert len(_names(text % "true")) == 4
    assert len(_names(text % "false")) == 2


def test_cells_of_a_list_are_called_one_by_one():
    text = """
network Net() {
  layers = CellList(for i in 0 ..< 3 { Dense(2 + i, 3 + i) })
  construct(x: f32[B, 2]) = layers[2](layers[1](layers[0](x)))
}
"""
    assert _names(text)[2] == "layers.1.weight"
    assert _output(text) == "f32[B, 5]"


def test_a_cell_under_two_names_is_listed_once():
    """Where it stands first, under the last of its names, as MindSpore's assignments do it."""
    text = """
cell Block(c: int) {
  fc  = Dense(c, c, has_bias = false)
  fc2 = fc
  construct(x) = x |> fc |> fc2
}
let shared = Dense(3, 3, has_bias = false)
network Net() {
  a    = shared
  b    = Dense(3, 3, has_bias = false)
  c    = SequentialCell(b, a, b)
  d    = Block(3)
  e    = SequentialCell(d, d.fc, Dense(3, 3, has_bias = false))
  list = CellList(e[2], d)
  construct(x: f32[B, 3]) = x |> a |> b |> c |> d |> e
}
"""
    assert _names(text) == ["c.1.weight", "c.0.weight", "list.1.fc.weight", "list.0.weight"]


def test_symbolic_sizes_flow():
    text = """
network Net() {
  conv = Conv2d(3, 8, 3, stride = 2, pad_mode = "valid")
  pool = MaxPool2d(2, 2, pad_mode = "same")
  construct(x: f32[B, 3, H, W]) = x |> conv |> pool
}
"""
    assert _output(text) == "f32[B, 8, (H + 1) // 4, (W + 1) // 4]"


def test_symbols_are_numbers_where_a_cell_is_called():
    text = """
cell Half(c: int) {
  conv = Conv2d(c, c, 3, stride = 2)
  construct(x: f32[N, c, H, W]) -> f32[N, c, H // 2, W // 2] = conv(x)
}
network Net() {
  half = Half(3)
  construct(x: f32[B, 3, 32, 16]) = x |> half |> half
}
"""
    assert _output(text) == "f32[B, 3, 8, 4]"


def test_arithmetic_between_tensors():
    text = """
network Net() {
  construct(x: f32[B, 3, 4], y: f32[3, 1]) = (x + y) * 2 - x / 3 + -y
}
"""
    assert _output(text) == "f32[B, 3, 4]"
    network = _network(text)
    assert [node.word for node in network.nodes] == ["add", "mul", "div", "sub", "mul", "add"]


def test_several_results():
    text = """
cell Split() {
  a = Dense(3, 1)
  b = Dense(3, 2)
  construct(x) {
    return a(x), b(x)
  }
}
network Net() {
  split = Split()
  construct(x: f32[B, 3]) {
    left, right = split(x)
    return right, left
  }
}
"""
    network = _network(text)
    assert [str(network.type_of(ref)) for ref in network.outputs] == ["f32[B, 2]", "f32[B, 1]"]


def _call(cell, call, formals="x: f32[B, 4, 8]"):
    return f"network Net() {{ cell = {cell} construct({formals}) = {call} }}"


def test_plain_values_of_a_call():
    """They are not tensors, have defaults, and change what flows out."""
    heads = "MultiheadAttention(8, 2, batch_first = true)"
    for options, results in (
        ("", ["f32[B, 4, 8]", "f32[B, 4, 4]"]),
        (", average_attn_weights = false", ["f32[B, 4, 8]", "f32[B, 2, 4, 4]"]),
        (", need_weights = false", ["f32[B, 4, 8]"]),
    ):
        network = _network(_call(heads, f"cell(x, x, x{options})"))
        assert [str(network.type_of(ref)) for ref in network.nodes[0].outputs] == results
    assert problems(_call(heads, "cell(x, x, x, need_weights = x)")) == [
        "E305 2 `need_weights` of MultiheadAttention: expected true or false, found `f32[B, 4, 8]`"
    ]


@pytest.mark.parametrize("size", ["[9, 8]", "[3, 9, 8]", "[B, 3, 9, 8]"])
def test_a_size_to_unpool_to(size):
    formals = "x: f32[B, 3, 4, 4], places: i32[B, 3, 4, 4]"
    frame = _call("MaxUnpool2d(2)", "cell(x, places, output_size = {})", formals)
    network = _network(frame.replace("{}", size))
    assert str(network.type_of(network.outputs[0])) == "f32[B, 3, 9, 8]"
    for wrong in ("[10, 8]", "[9, 6]", "[8]", "[4, 9, 8]", "[2, 3, 9, 8]", "[B, B, 3, 9, 8]"):
        assert [p[:4] for p in problems(frame.replace("{}", wrong))] == ["E401"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("norm(x, 2)", "without dim, ord is of a vector or a matrix, found f32[B, 4, 8]"),
        ('norm(x, "nuc", 1)', 'ord "nuc" is of matrices, and dim names one axis'),
        ("norm(x, 3, [1, 2])", "matrices have no norm of ord 3"),
        ("norm(x, 2, [0, 1])", "singular values need matrices of known sizes, found f32[B, 4, 8]"),
        ("norm(x, dim = [0, 1, 2])", "dim names the axis of vectors or the two of matrices"),
        ("norm(x, dim = [1, 1])", "axes [1, 1] name one axis twice"),
        ("norm(cast(x, i32))", "norm takes floats, found i32[B, 4, 8]"),
        ("median(x, 0)[0]", "median needs an axis of known size, found axis 0 of f32[B, 4, 8]"),
        ("cummax(x, 0)[0]", "cummax needs an axis of known size, found axis 0 of f32[B, 4, 8]"),
        ("cummin(x, 3)[0]", "f32[B, 4, 8] has no axis 3"),
        ("rms_norm(x, ones([4]))[0]", "gamma must have the last axes of f32[B, 4, 8]"),
        (
            "tensor_scatter_max(x, zeros([2, 2], dtype = i32), ones([2, 8]))",
            "tensor_scatter_max needs sizes that are known, found f32[B, 4, 8]",
        ),
        (
            "tensor_scatter_mul(ones([3, 4]), zeros([2, 1], dtype = i32), ones([3, 4]))",
            "updates must be f32[2, 4], found f32[3, 4]",
        ),
        (
            "tensor_scatter_div(ones([3, 4]), zeros([2, 3], dtype = i32), ones([2]))",
            "the last axis of i32[2, 3] must name up to 2 axes of f32[3, 4]",
        ),
    ],
)
def test_ops_that_do_not_fit(expression, reason):
    found = problems(f"network N() {{ construct(x: f32[B, 4, 8]) = {expression} }}")
    assert len(found) == 1
    assert found[0].startswith(f"E401 2 {reason}")


def test_names_of_a_block_win_over_the_vocabulary():
    text = """
network Net() {
  relu = Dense(3, 3)
  construct(x: f32[B, 3]) = relu(x)
}
"""
    assert _names(text) == ["relu.weight", "relu.bias"]


def test_declarations_may_stand_in_any_order():
    assert checked("let a = b * 2\nlet b = c + 1\nparam c: int = 3").values["a"] == 8
    text = "network Net() { a = Later(3) construct(x: f32[B, 3]) = a(x) }\n"
    assert _names(text + "cell Later(n: int) = Dense(n, n)") == ["a.weight", "a.bias"]


def test_imports(tmp_path):
    (tmp_path / "base.spec").write_text("spec 1\ncell Base(n: int) = Dense(n, n)\nlet width = 5\n")
    (tmp_path / "net.spec").write_text(
        'spec 1\nimport "base.spec" as base\nimport "lenet.spec" as shipped\n'
        "network Net() { a = base.Base(base.width) construct(x: f32[B, 5]) = a(x) }\n"
        "network Le() = shipped.LeNet5(num_class = 3)\n"
    )
    spec = load(tmp_path / "net.spec")
    assert spec.Net.network().parameters[0].shape == (5, 5)
    assert spec.Le.network().parameters[-1].shape == (3,)
    (tmp_path / "base.spec").write_text("spec 1\ncell Base(n: int) = Dens(n, n)\n")
    with pytest.raises(DiagnosticError) as caught:
        load(tmp_path / "net.spec")
    places = [str(d.labels[0].place) for d in caught.value.diagnostics]
    assert places[0] == f"{tmp_path / 'base.spec'}:2:21"


def test_imports_of_chosen_names():
    text = 'import "lenet.spec" (LeNet5)\nnetwork Le() = LeNet5(num_class = 3)'
    assert checked(text).networks["Le"].parameters[-1].shape == (3,)
    assert problems('import "lenet.spec" (LeNet5, LeNet6)')[0].startswith("E203 2")
    assert problems('import "lenet.spec" (LeNet5)\nlet a = zoo.LeNet5()')[0].startswith("E201 3")


def test_metrics_and_losses_are_checked_against_the_labels():
    frame = """
import "lenet.spec" as zoo
dataset d = Digits() |> Resize([32, 32]) |> HWC2CHW() |> %s batch(8)
eval e {
  network = zoo.LeNet5()
  dataset = d
  load    = none
  loss    = SoftmaxCrossEntropyWithLogits(sparse = %s)
  metrics = [Accuracy(), Loss()]
}
"""
    assert problems(frame % ("", "true")) == []
    assert problems(frame % ("OneHot(10) |>", "false")) == []
    assert [p[:4] for p in problems(frame % ("", "false"))] == ["E306"]
    assert [p[:4] for p in problems(frame % ("OneHot(10) |>", "true"))] == ["E306"]
    assert [p[:4] for p in problems(frame % ("OneHot(7) |>", "false"))] == ["E306"]
    assert [p[:4] for p in problems(frame % ("OneHot(12) |>", "false"))] == ["E306", "E306"]


def test_ensures_are_typed_before_any_figure_exists():
    frame = """
import "lenet.spec" as zoo
dataset d = Digits() |> Resize([32, 32]) |> HWC2CHW() |> batch(8)
eval e {
  network = zoo.LeNet5()
  dataset = d
  load    = none
  metrics = [Accuracy()]
  ensure %s
}
"""
    assert problems(frame % "accuracy >= 97% and accuracy <= 1") == []
    assert problems(frame % "acuracy > 0")[0].startswith("E201")
    assert problems(frame % 'accuracy > "high"')[0].startswith("E309")
    assert problems(frame % "accuracy")[0].startswith("E307")


def test_an_error_in_a_cell_used_often_is_told_once():
    text = """
cell Bad(n: int) {
  fc = Dense(n, n, has_bias = 3)
  construct(x) = fc(x)
}
network Net() {
  all = SequentialCell(for i in 0 ..< 50 { Bad(4) })
  construct(x: f32[B, 4]) = all(x)
}
"""
    assert len(problems(text)) == 1


CELLS_OF_CELLS = """
cell A(n: int) = SequentialCell(for i in 0 ..< 50 { B(n) })
cell B(n: int) = SequentialCell(for i in 0 ..< 50 { C(n) })
cell C(n: int) = SequentialCell(for i in 0 ..< 50 { D(n) })
cell D(n: int) = SequentialCell(for i in 0 ..< 50 { Dense(n, n) })
network N() { a = A(2) construct(x: f32[B, 2]) = a(x) }
"""


@pytest.mark.parametrize(
    "text",
    [
        "let a = [for i in 0 ..< 99999, carry n = 2 -> n * n { n }]",
        CELLS_OF_CELLS,
        "network N() {\n  construct(x: f32[H, 2]) {\n"
        + "".join(f"    y{i} = [y{i - 1}[0] * y{i - 1}[0]]\n" for i in range(1, 40))
        + "    return x\n  }\n}",
        "let a = " + " + ".join(["1"] * 20000),
        "let a = " + "-" * 5000 + "1",
    ],
    ids=["carry", "cells", "forms", "long", "signs"],
)
def test_hostile_specs_end_soon(text):
    start = time.monotonic()
    with suppress(DiagnosticError):
        checked(text.replace("y0", "H") if "y0" in text else text)
    assert time.monotonic() - start < 30


@settings(max_examples=150)
@given(st.data())
def test_mutated_specs(data):
    """Words, numbers and signs exchanged: a checked spec or diagnostics, nothing else."""
    text = (SPECS / data.draw(st.sampled_from(["quickstart.spec", "lenet.spec"]))).read_text()
    words = text.split(" ")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at] = data.draw(
            st.sampled_from(
                ["1", '"x"', "none", "relu", "Dense(2, 3)", "[1, 2]", "x", "0", "2 epochs"]
            )
        )
    with suppress(DiagnosticError):
        check(Source("any", " ".join(words), SPECS / "any.spec"))


def test_tasks_and_imported_specs_are_named_where_they_do_not_fit():
    found = problems(
        'import "lenet.spec" as zoo\nlet a = mean(1)\nlet b = zoo + 1\n'
        'edit mean {\n  in src = ckpt("a")\n  out dst = ckpt("b")\n}'
    )
    assert any("the task `mean` cannot be called" in problem for problem in found)
    assert any("the spec `" in problem for problem in found)
