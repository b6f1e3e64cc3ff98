"""Files for other runtimes: written, proved, put in place, or refused."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from declspore import open_checkpoint
from declspore.exports.export import export
from declspore.exports.format import ExportFormat, export_formats, format_of
from declspore.exports.proof import sizes_to_try
from declspore.report import DiagnosticError
from tests.cli.support import LENET, codes, failing, parsed, said
from tests.conftest import SPECS
from tests.exports.support import exportable
from tests.support import checked

NETWORK = f"{SPECS / 'lenet.spec'}:LeNet5"
FREE = """network Net() {
  c = Conv2d(3, 4, 3, stride = 2, has_bias = true)
  construct(image: f32[B, 3, H, W]) = image |> c |> gelu |> mean(axis = [2, 3])
}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_formats_are_found_by_the_end_of_a_path():
    assert sorted(export_formats()) == [".keras", ".onnx", ".tflite", ".weights.h5", "/"]
    assert format_of("a/b.weights.h5").title.startswith("Keras weights")
    assert format_of("serving/1/").is_folder
    assert format_of("x.h5") is None


def test_sizes_are_three_batches_and_two_of_the_rest():
    tried = sizes_to_try(checked(FREE).networks["Net"])
    assert [sizes["B"] for sizes in tried] == [1, 2, 3]
    assert len({(sizes["H"], sizes["W"]) for sizes in tried}) == 2
    assert all(sizes["H"] != sizes["W"] for sizes in tried)


def test_every_format_of_one_network(here):
    names = ["lenet.onnx", "lenet.tflite", "lenet.keras", "lenet.weights.h5", "serving/1/"]
    done = failing("export", NETWORK, LENET, *names, "--json")
    assert done.exit_code == 0, done.output
    files = parsed(done)["files"]
    assert [file["output"] for file in files] == names
    assert all(file["difference"] <= 1e-5 and file["bytes"] > 200_000 for file in files)
    assert sorted(path.name for path in here.iterdir()) == sorted([*names[:4], "serving"]), (
        "nothing else is left behind"
    )
    assert (here / "serving" / "1" / "saved_model.pb").exists()


def test_onnx_has_mindspores_names_values_and_order(here):
    said("export", NETWORK, LENET, "lenet.onnx")
    graph = onnx.load("lenet.onnx").graph
    kept = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    with open_checkpoint(LENET) as file:
        for name in ("conv1.weight", "conv2.weight", "fc1.weight", "fc1.bias", "fc3.weight"):
            np.testing.assert_array_equal(kept[name], file.array(name))
    assert [node.op_type for node in graph.node if node.op_type == "Transpose"] == []
    (entry,) = graph.input
    dims = [dim.dim_param or dim.dim_value for dim in entry.type.tensor_type.shape.dim]
    assert (entry.name, dims) == ("image", ["B", 1, 32, 32])


def test_half_precision_is_smaller_and_told(here):
    whole = json.loads(said("export", NETWORK, LENET, "a.tflite", "--json"))["files"][0]
    half = said("export", NETWORK, LENET, "b.tflite", "--precision", "float16", "--json")
    half = json.loads(half)["files"][0]
    assert half["bytes"] < 0.6 * whole["bytes"]
    assert 0 < half["difference"] < 5e-2


def test_images_channels_last(here):
    from ai_edge_litert.interpreter import Interpreter

    said("export", NETWORK, LENET, "a.tflite", "--data-format", "channels_last")
    runner = Interpreter(model_path="a.tflite").get_signature_runner("serving_default")
    assert runner.get_input_details()["image"]["shape_signature"].tolist() == [-1, 32, 32, 1]


@pytest.mark.parametrize(
    ("network", "output", "options", "reason"),
    [
        (
            "sequences.spec:LstmClassifier",
            "a.tflite",
            [],
            "`LSTM` runs over T steps: LiteRT needs a length that is known",
        ),
        (
            "lenet.spec:LeNet5",
            "a.onnx",
            ["--precision", "float16"],
            "it holds float32, not float16",
        ),
        ("lenet.spec:LeNet5", "a.onnx", ["--data-format", "channels_last"], "channels_first"),
    ],
)
def test_what_a_format_lacks_is_told_before_anything_is_read(
    here, network, output, options, reason
):
    done = failing("export", SPECS / network, "missing.ckpt", output, *options)
    assert (done.exit_code, codes(done)) == (4, ["E711"])
    assert reason in done.stderr
    assert not list(here.iterdir())


def test_a_folder_is_replaced_as_a_whole(here):
    (here / "out").mkdir()
    (here / "out" / "saved_model.pb").write_text("old")
    (here / "out" / "old").write_text("old")
    said("export", NETWORK, LENET, "out/")
    assert not (here / "out" / "old").exists()
    assert [path.name for path in here.iterdir()] == ["out"]


class Wrong:
    """A format whose runtime adds to what a network answers once a word is in it."""

    @staticmethod
    def write(made, path):
        with open(path, "w") as file:
            file.write("gelu" if any(node.word == "gelu" for node in made.network.nodes) else "")

    @staticmethod
    def open(path, made):
        with open(path) as file:
            wrong = file.read()

        def run(inputs):
            found = made.model(inputs[0], training=False)
            return [np.asarray(found) + (1e-3 if wrong else 0.0)]

        return run


@pytest.fixture
def wrong():
    module = __name__
    return ExportFormat(".bad", "a bad format", f"{module}:write_wrong", f"{module}:open_wrong")


write_wrong, open_wrong = Wrong.write, Wrong.open


def test_a_file_that_answers_otherwise_is_not_left_and_the_word_is_named(here, wrong):
    made = exportable(checked(FREE).networks["Net"])
    with pytest.raises(DiagnosticError) as caught:
        export(wrong, made, "a.bad")
    (found,) = caught.value.diagnostics
    assert found.code == "E712"
    assert "differ by" in found.title
    assert found.notes[0] == "the first value that differs is that of `gelu`"
    assert not list(here.iterdir())


def test_a_file_that_does_not_load_is_not_left(here, wrong):
    made = exportable(checked(FREE).networks["Net"])
    broken = replace(wrong, open=f"{__name__}:nothing")
    with pytest.raises(DiagnosticError) as caught:
        export(broken, made, "a.bad")
    assert "does not load it" in caught.value.diagnostics[0].title
    assert not list(here.iterdir())


def nothing(path, made):
    raise ValueError("no such thing\nand more of it")


SEQUENCES = [
    ("LSTM(4, 5, num_layers = 2, bidirectional = true, batch_first = true)", "B, 6, 4", "h, c"),
    ("GRU(4, 5, bidirectional = true)", "7, B, 4", "h"),
    ('RNN(4, 5, nonlinearity = "relu")', "6, B, 4", "h"),
]


@pytest.mark.parametrize(("cell", "shape", "states"), SEQUENCES)
def test_sequences_of_known_length_run_on_devices(here, cell, shape, states):
    body = f"{{\n    y, {states} = r(x)\n    return y, {states}\n  }}"
    text = f"network Net() {{\n  r = {cell}\n  construct(x: f32[{shape}]) {body}\n}}"
    format_ = export_formats()[".tflite"]
    made = exportable(checked(text).networks["Net"])
    assert list(format_.refusals(made.network)) == []
    assert export(format_, made, "a.tflite").proof.difference <= 1e-5
    long = checked(text.replace("6,", "400,").replace("7,", "400,")).networks["Net"]
    (refusal,) = format_.refusals(long)
    assert "runs over 400 steps: LiteRT takes 256 at most" in refusal.reason


def test_lengths_of_sequences_on_devices(here):
    text = """network Net() {
      r = GRU(4, 5, batch_first = true)
      construct(x: f32[B, 6, 4], n: i32[B]) {
        y, h = r(x, seq_length = n)
        return y, h
      }
    }"""
    made = exportable(checked(text).networks["Net"])
    assert export(export_formats()[".tflite"], made, "a.tflite").proof.difference <= 1e-5


def test_random_words_are_refused_by_all():
    network = checked(
        "network Net() {\n  c = RReLU()\n  construct(x: f32[B, 4]) = c(x)\n}"
    ).networks["Net"]
    for suffix, format_ in export_formats().items():
        reasons = [each.reason for each in format_.refusals(network)]
        assert any("draws random numbers" in reason for reason in reasons) != (
            suffix == ".weights.h5"
        ), suffix


def test_a_folder_of_other_things_is_never_replaced(here):
    (here / "photos").mkdir()
    (here / "photos" / "a.png").write_text("mine")
    done = failing("export", NETWORK, LENET, "photos/")
    assert codes(done) == ["E520"]
    assert (here / "photos" / "a.png").read_text() == "mine"
