"""``export``: files for other runtimes, with figures that each must reach in its own."""

import json

import numpy as np
import pytest

from tests.cli.support import codes, failing, said
from tests.conftest import GOLDEN
from tests.support import problems

HEAD = """spec 1
import "lenet.spec" as zoo
dataset digits = Digits(usage = "test") |> Resize([32, 32]) |> Rescale(1 / 16, 0.0) |> HWC2CHW()
  |> take(64) |> batch(32)
export serving {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    return tmp_path


def spec(here, body):
    (here / "e.spec").write_text(f"{HEAD}{body}}}\n")
    return "e.spec"


MEASURED = "dataset = digits\nmetrics = [Accuracy()]\n"


def test_each_file_is_measured_in_its_runtime_and_recorded(here):
    saves = 'save "out/net.onnx", "out/net.tflite", "out/serving/1/"'
    body = f"{MEASURED}{saves}\nensure accuracy >= 0%\n"
    path = spec(here, body)
    planned = json.loads(said("plan", path, "--json"))["tasks"][0]
    assert planned["saves"] == ["out/net.onnx", "out/net.tflite", "out/serving/1/"]
    assert not (here / "out").exists()
    files = json.loads(said("run", path, "--json"))["results"][0]["files"]
    assert [file["difference"] <= 1e-5 for file in files] == [True] * 3
    assert len({file["figures"]["accuracy"] for file in files}) == 1
    locked = json.loads((here / "e.spec.lock").read_text())["tasks"]["serving"]
    written = [file["path"] for file in locked["outputs"]]
    assert written[:2] == ["out/net.onnx", "out/net.tflite"]
    assert "out/serving/1/saved_model.pb" in written


def test_int8_is_measured_on_samples(here):
    body = f'{MEASURED}precision = "int8"\nsamples = digits\nsave "a.tflite", "a.onnx"\n'
    path = spec(here, body)
    small, whole = json.loads(said("run", path, "--json"))["results"][0]["files"]
    assert small["bytes"] < 0.35 * whole["bytes"]
    assert abs(small["figures"]["accuracy"] - whole["figures"]["accuracy"]) < 0.1
    from ai_edge_litert.interpreter import Interpreter

    made = Interpreter(model_path="a.tflite")
    kinds = {str(np.dtype(each["dtype"])) for each in made.get_tensor_details()}
    assert "int8" in kinds


def test_a_file_that_fails_its_ensure_is_not_left(here):
    path = spec(here, f'{MEASURED}save "a.onnx", "out/"\nensure accuracy > 100%\n')
    done = failing("run", path)
    assert (done.exit_code, codes(done)) == (3, ["E601"])
    assert sorted(each.name for each in here.iterdir()) == ["e.spec", "lenet.ckpt"]


def test_what_can_be_known_is_reported_by_plan(here):
    (here / "photos").mkdir()
    (here / "photos" / "a.png").write_text("mine")
    body = 'precision = "int8"\nsave "photos/", "a.tflite", "b.onnx"\n'
    done = failing("plan", spec(here, body))
    assert sorted(codes(done)) == ["E554", "E711"]
    assert "does not hold a SavedModel" in done.stderr
    assert "int8 needs samples" in done.stderr
    assert (here / "photos" / "a.png").exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('save "a.pb"', "expects a path that ends in one of"),
        ('save "a.onnx", "a.onnx"', "names a.onnx twice"),
        ('save "a.onnx"\nprecision = "int4"', '`precision` is "float32" or "float16" or "int8"'),
        ('save "a.onnx"\ndata_format = "NHWC"', '`data_format` is "channels_first" or'),
        ('save "a.onnx"\nmetrics = [Accuracy()]', "`metrics` needs `dataset`"),
        ('save "a.onnx"\ndataset = digits', "`dataset` needs `metrics`"),
        ('save "a.onnx"\nensure accuracy > 90%', "`ensure` needs `dataset`, `metrics`"),
        ("", "`serving` needs `save`"),
    ],
)
def test_mistakes_are_diagnostics(body, expected):
    found = problems(f"{HEAD.removeprefix('spec 1')}{body}\n}}")
    assert any(expected in line for line in found), found
    assert len(found) == 1, found


PREPARED = """spec 1
import "lenet.spec" as zoo
dataset digits = Pictures("x.png") |> Resize([32, 32]) |> Grayscale() |> Rescale(1 / 255, 0.0)
  |> Normalize([0.5], [0.25]) |> HWC2CHW() |> batch(4)
export serving {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  prepare = digits
"""


def test_steps_of_a_dataset_inside_the_file(here):
    """The file takes bytes of pictures as they are before the first step that it holds."""
    import tensorflow as tf
    from PIL import Image

    from declspore import load, load_checkpoint
    from tests.conftest import SPECS

    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save("x.png")
    (here / "e.spec").write_text(f'{PREPARED}  save "out/", "a.tflite"\n}}\n')
    text = said("plan", "e.spec")
    assert "prepares   image: u8[B, 32, 32, 1] by Rescale, Normalize, HWC2CHW" in text
    files = json.loads(said("run", "e.spec", "--json"))["results"][0]["files"]
    assert all(file["difference"] <= 1e-5 for file in files)
    network = load(SPECS / "lenet.spec").LeNet5()
    load_checkpoint("lenet.ckpt", net=network)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1), np.uint8)
    serve = tf.saved_model.load("out").signatures["serving_default"]
    found = serve(image=tf.constant(pixels))["output"].numpy()
    entering = ((pixels / np.float32(255)) - 0.5) / 0.25
    wanted = network.predict(entering.transpose(0, 3, 1, 2).astype(np.float32), verbose=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_steps_that_a_file_cannot_hold_are_reported(here):
    (here / "e.spec").write_text(f'{PREPARED}  save "a.onnx"\n}}\n')
    done = failing("plan", "e.spec")
    assert "E711" in codes(done)
    assert "steps of a dataset run inside a SavedModel or LiteRT file alone" in done.stderr
    text = PREPARED.replace("|> HWC2CHW() |> batch", "|> HWC2CHW() |> shuffle(9) |> batch")
    head = text.removeprefix("spec 1").replace("Normalize([0.5], [0.25]) |> HWC2CHW()", "HWC2CHW()")
    assert problems(f'{head}  save "a/"\n}}') == []
    body = 'metrics = [Accuracy()]\ndataset = digits\nsave "a/"'
    assert any("given with `prepare`" in line for line in problems(f"{head}{body}\n}}"))
