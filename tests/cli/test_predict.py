"""``declspore predict``: pictures to answers."""

import csv
import json
import os

import numpy as np
import pytest
from PIL import Image

import declspore
from tests.cli.support import LENET, codes, failing, said
from tests.conftest import SPECS

NETWORK = f"{SPECS / 'lenet.spec'}:LeNet5"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    rng = np.random.default_rng(0)
    for index, suffix in enumerate(("png", "jpg", "png", "bmp")):
        pixels = rng.integers(0, 256, (40 + index, 50, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{index}.{suffix}")
    return tmp_path


def expected(files):
    """The outputs by hand: resized as the pipeline does, greyed by Pillow."""
    from declspore.numerics.opencv import decoded
    from declspore.numerics.resampling import resized

    made = []
    for path in files:
        pixels = resized(decoded(path.read_bytes()), 32, 32, "bilinear")
        made.append(np.asarray(Image.fromarray(pixels).convert("L"), np.float32)[None] / 255)
    network = declspore.load(SPECS / "lenet.spec").LeNet5()
    declspore.load_checkpoint(LENET, net=network)
    return network.predict(np.stack(made), verbose=0)


def test_pictures_to_a_table(here):
    names = here / "names.txt"
    names.write_text("".join(f"digit {i}\n" for i in range(10)))
    text = said(
        *("predict", NETWORK, LENET, "photos/*", "--classes", names, "-o", "a.csv"),
        *("-o", "a.npz", "--answers", "[File(), TopK(2), Raw()]", "--batch", 3),
    )
    assert "answers: 4 samples; wrote a.csv, a.npz" in text
    files = sorted((here / "photos").iterdir())
    outputs = expected(files)
    with open("a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [f"photos/{path.name}" for path in files]
    best = np.argsort(-outputs, kind="stable")[:, :2]
    assert [[row["class_0"], row["class_1"]] for row in rows] == [
        [f"digit {i}" for i in pair] for pair in best
    ]
    with np.load("a.npz") as found:
        np.testing.assert_allclose(found["output"], outputs, rtol=1e-5, atol=1e-6)
        assert found["file"].tolist() == [row["file"] for row in rows]


def test_the_recipe_does_the_same(here):
    given = ("predict", NETWORK, LENET, "photos/0.png", "photos/1.jpg", "-o", "a.jsonl")
    recipe = said(*given, "--recipe")
    assert not (here / "a.jsonl").exists()
    said(*given)
    first = (here / "a.jsonl").read_bytes()
    (here / "a.jsonl").unlink()
    (here / "p.spec").write_text(recipe)
    said("run", "p.spec")
    assert (here / "a.jsonl").read_bytes() == first


def test_arrays(here):
    x = np.random.default_rng(0).normal(size=(3, 1, 32, 32)).astype(np.float32)
    np.savez("x.npz", image=x)
    results = json.loads(
        said("predict", NETWORK, LENET, "x.npz", "-o", "a.npy", "--answers", "[Raw()]", "--json")
    )["results"]
    assert results[0]["samples"] == 3
    network = declspore.load(SPECS / "lenet.spec").LeNet5()
    declspore.load_checkpoint(LENET, net=network)
    np.testing.assert_allclose(
        np.load("a.npy"), network.predict(x, verbose=0), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["photos/none.png", "-o", "a.csv"], "E551", "photos/none.png is missing"),
        (["photos/*.gif", "-o", "a.csv"], "E551", "matches no file"),
        (["photos", "-o", "a.csv"], "E551", "photos is a folder"),
        (["photos/*", "-o", "a.txt"], "E318", "expects a path that ends in one of"),
        (
            ["photos/*", "-o", "a.csv", "--prepare", "|> Resize([8, 8])"],
            "E404",
            "the dataset gives",
        ),
        (["photos/*", "-o", "a.csv", "--answers", "[Labels()]"], "E306", "does not have labels"),
        (["photos/*", "-o", "a.csv", "--classes", "none.txt"], "E551", "none.txt is missing"),
    ],
)
def test_mistakes(here, arguments, code, said):
    done = failing("predict", NETWORK, LENET, *arguments)
    assert codes(done) == [code], done.stderr
    assert said in done.stderr
    assert not list(here.glob("a.*"))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--answers", "[TopK(3"], "E101"),
        (["--answers", "[Foo\x1b[2J]"], "E110"),
        (["--prepare", "|> Resize(["], "E101"),
        (["--prepare", "}\nedit e {"], "E101"),
        (["--classes", "pipe"], "E404"),
        (["--classes", "/dev/zero"], "E551"),
        (["--classes", "loop"], "E551"),
        (["-o", "pipe.csv"], "E554"),
        (["-o", "loop.csv"], "E554"),
    ],
)
def test_hostile_arguments_are_diagnostics(here, options, code):
    """Texts that do not parse, pipes without an end, links to themselves."""
    os.mkfifo("pipe")
    os.mkfifo("pipe.csv")
    os.symlink("loop", "loop")
    os.symlink("loop.csv", "loop.csv")
    done = failing("predict", NETWORK, LENET, "photos/*", "-o", "a.csv", *options)
    assert code in codes(done), done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_a_picture_that_does_not_decode_is_named_and_nothing_is_written(here):
    (here / "photos" / "9.png").write_bytes((here / "photos" / "0.png").read_bytes()[:200])
    done = failing("predict", NETWORK, LENET, "photos/*", "-o", "a.csv")
    assert len(codes(done)) == 1
    assert "photos/9.png" in done.stderr
    assert not list(here.glob("a.*"))


def test_a_network_of_free_sizes_asks_for_one(here):
    done = failing("predict", f"{SPECS / 'unet.spec'}:UNet", LENET, "photos/*", "-o", "a.npz")
    assert done.exit_code == 2
    assert "pictures" in done.stderr


def test_grayscale_is_pillows():
    from declspore.ir.term import Arguments
    from declspore.registry.table import vocabulary

    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    kind = vocabulary().get("Grayscale")
    found = kind.compute(Arguments(num_output_channels=1), None, pixels, ())
    wanted = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
    np.testing.assert_array_equal(found, wanted)
    three = kind.compute(Arguments(num_output_channels=3), None, pixels, ())
    np.testing.assert_array_equal(three, np.repeat(wanted, 3, axis=-1))
