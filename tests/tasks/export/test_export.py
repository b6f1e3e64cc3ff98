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
dataset digits = Pictures("*.png") |> Resize([32, 32]) |> Grayscale() |> Rescale(1 / 255, 0.0)
  |> Normalize([0.5], [0.25]) |> HWC2CHW() |> batch(4)
export serving {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  prepare = digits
"""


@pytest.fixture
def pictures(here):
    """Three pictures of several sizes, smooth as photographs are."""
    from PIL import Image, ImageFilter

    rng = np.random.default_rng(0)
    for index in range(3):
        pixels = rng.integers(0, 256, (50 + 9 * index, 60, 3), np.uint8)
        image = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2))
        image.save(f"{index}.png")
    return sorted(here.glob("*.png"))


def answers_of(path):
    """What `predict` answers for the same pictures, through the dataset's own steps."""
    text = PREPARED.replace("export serving {", "predict p {").replace("prepare =", "dataset =")
    path.write_text(f'{text}  save "p.npy"\n}}\n')
    said("run", path, "--no-lock")
    return np.load("p.npy")


def test_steps_of_a_dataset_inside_the_file(here, pictures):
    """The file takes pictures as they are before the first step that it holds."""
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter
    from PIL import Image

    (here / "e.spec").write_text(f'{PREPARED}  save "out/", "a.tflite"\n}}\n')
    text = said("plan", "e.spec")
    steps = "Resize, Grayscale, Rescale, Normalize, HWC2CHW"
    assert f"prepares   image: u8[B, H, W, 3] by {steps}" in text
    assert "at most 1 level of 255" in text
    files = json.loads(said("run", "e.spec", "--json"))["results"][0]["files"]
    assert all(file["difference"] <= 1e-5 and file["levels"] <= 1 for file in files)
    serve = tf.saved_model.load("out").signatures["serving_default"]
    device = Interpreter(model_path="a.tflite").get_signature_runner("serving_default")
    wanted = answers_of(here / "p.spec")
    for path, answer in zip(pictures, wanted, strict=True):
        pixels = np.asarray(Image.open(path))[None]
        found = serve(image=tf.constant(pixels))["output"].numpy()[0]
        np.testing.assert_allclose(device(image=pixels)["output"][0], found, atol=1e-5)
        np.testing.assert_allclose(found, answer, atol=0.05)


def test_files_decoded_inside_the_file(here, pictures):
    import tensorflow as tf

    (here / "e.spec").write_text(f'{PREPARED}  enters = "files"\n  save "out/"\n}}\n')
    assert "prepares   image: str[B] by Decode, Resize" in said("plan", "e.spec")
    said("run", "e.spec")
    serve = tf.saved_model.load("out").signatures["serving_default"]
    files = tf.constant([path.read_bytes() for path in pictures])
    found = serve(image=files)["output"].numpy()
    np.testing.assert_allclose(found, answers_of(here / "p.spec"), atol=0.05)


LABELLED = PREPARED.replace('Pictures("*.png")', 'ImageFolder("all") |> Decode()')


@pytest.fixture
def folder(here):
    from PIL import Image

    rng = np.random.default_rng(0)
    for name in map(str, range(10)):
        (here / "all" / name).mkdir(parents=True)
        for index in range(2):
            pixels = rng.integers(0, 256, (40 + index, 50, 3), np.uint8)
            Image.fromarray(pixels).save(here / "all" / name / f"{index}.png")


@pytest.mark.parametrize("enters", ["pictures", "files"])
def test_figures_of_files_that_prepare(here, folder, enters):
    """They are those of the network behind the dataset's own steps."""
    more = f'enters = "{enters}"\ndataset = digits\nmetrics = [Accuracy(), ConfusionMatrix(10)]\n'
    (here / "e.spec").write_text(f'{LABELLED}{more}save "out/"\n}}\n')
    (file,) = json.loads(said("run", "e.spec", "--json", "--no-lock"))["results"][0]["files"]
    text = LABELLED.replace("export serving {", "eval v {").replace("prepare =", "dataset =")
    (here / "v.spec").write_text(f"{text}metrics = [Accuracy(), ConfusionMatrix(10)]\n}}\n")
    (wanted,) = json.loads(said("run", "v.spec", "--json", "--no-lock"))["results"]
    assert file["figures"] == wanted["figures"]


def test_int8_of_a_file_that_prepares(here, folder):
    more = 'precision = "int8"\nsamples = digits\ndataset = digits\nmetrics = [Accuracy()]\n'
    (here / "e.spec").write_text(f'{LABELLED}{more}save "a.tflite", "out/"\n}}\n')
    small, whole = json.loads(said("run", "e.spec", "--json", "--no-lock"))["results"][0]["files"]
    assert small["bytes"] < 0.5 * whole["bytes"]
    assert abs(small["figures"]["accuracy"] - whole["figures"]["accuracy"]) <= 0.2


def test_steps_that_a_file_cannot_hold_are_reported(here):
    (here / "e.spec").write_text(f'{PREPARED}  save "a.onnx"\n}}\n')
    done = failing("plan", "e.spec")
    assert "E711" in codes(done)
    assert "steps of a dataset run inside a SavedModel or LiteRT file alone" in done.stderr
    (here / "e.spec").write_text(f'{PREPARED}  enters = "files"\n  save "a.tflite"\n}}\n')
    assert "`Decode` inside the file: LiteRT does not have that" in failing("plan", "e.spec").stderr


HEAD_OF_PREPARED = PREPARED.removeprefix("spec 1")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("|> HWC2CHW() |> batch", "|> HWC2CHW() |> RandomErasing() |> batch", "RandomErasing"),
        (
            "|> Resize([32, 32])",
            '|> Resize([40, 40]) |> Resize([32, 32], interpolation = "area")',
            None,
        ),
        ("prepare = digits", 'prepare = digits\n  enters = "bytes"', '"pictures" or "files"'),
        ("prepare = digits", 'enters = "files"', "`enters` needs `prepare`"),
        (
            "prepare = digits",
            """prepare = digits
              dataset = Digits() |> Resize([32, 32]) |> HWC2CHW() |> TypeCast(f32) |> batch(2)
              metrics = [Accuracy()]""",
            "ends with other steps than `prepare`",
        ),
    ],
)
def test_mistakes_of_preparing(before, after, reason):
    assert before in HEAD_OF_PREPARED
    found = problems(f'{HEAD_OF_PREPARED.replace(before, after)}  save "a/"\n}}')
    if reason is None:
        assert found == []
    else:
        assert len(found) == 1, found
        assert reason in found[0], found
