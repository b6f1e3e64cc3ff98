"""`declspore check --data` and `declspore show`."""

import json

import cv2
import numpy as np
import pytest

import declspore
from declspore.registry.data import Unavailable
from tests.cli.support import codes, failing, said
from tests.data.test_pipeline import write_mnist


@pytest.fixture
def folder(here):
    for name, value in (("a", 0), ("b", 255)):
        (here / "pictures" / name).mkdir(parents=True)
        for i in range(4):
            image = np.full((30 + i, 40, 3), value, np.uint8)
            cv2.imwrite(str(here / "pictures" / name / f"{i}.jpg"), image)
    (here / "d.spec").write_text(
        'spec 1\ndataset d = ImageFolder("pictures") |> Decode() |> RandomResizedCrop(20)\n'
        'dataset e = ImageFolder("pictures", damaged = "skip") |> Decode() |> Resize([8, 8])\n'
        'dataset t = TextFile("d.spec")\n'
    )
    return here / "pictures"


def test_every_item_is_read(folder):
    assert "dataset d: 8 items read\n" in said("check", "d.spec", "--data")
    assert json.loads(said("check", "d.spec", "--data", "--json"))["datasets"]["d"]["items"] == 8
    assert "read" not in said("check", "d.spec")


def test_damaged_items_are_reported_with_file_number_and_class(folder):
    for name in ("a/1.jpg", "b/3.jpg"):
        path = folder / name
        path.write_bytes(path.read_bytes()[:200])
    (folder / "b" / "0.jpg").write_bytes(b"")
    done = failing("check", "d.spec", "--data")
    assert codes(done) == ["E551"] * 3
    for told in (
        "pictures/a/1.jpg (item 1, class a): the JPEG ends before its last byte",
        "pictures/b/0.jpg (item 4, class b): it is empty",
        "pictures/b/3.jpg (item 7, class b): the JPEG ends before its last byte",
    ):
        assert told in done.stderr
    (folder.parent / "s.spec").write_text(
        'spec 1\ndataset e = ImageFolder("pictures", damaged = "skip") |> Decode()\n'
    )
    assert "dataset e: 5 items read, 3 damaged items skipped" in said("check", "s.spec", "--data")


def test_every_item_of_parts_is_read_once(folder):
    for name in ("a/1.jpg", "b/0.jpg", "b/3.jpg"):
        (folder / name).write_bytes((folder / name).read_bytes()[:200])
    text = 'ImageFolder("pictures") |> part([0.5, 0.5], {}) |> Decode()'
    (folder.parent / "p.spec").write_text(
        f"spec 1\ndataset a = {text.format(0)}\ndataset b = {text.format(1)} |> shuffle()\n"
    )
    done = failing("check", "p.spec", "--data")
    for name in ("a/1.jpg", "b/0.jpg", "b/3.jpg"):
        assert done.stderr.count(f"pictures/{name}") == 1
    (folder.parent / "p.spec").write_text(
        'spec 1\ndataset a = ImageFolder("pictures") |> SubsetSampler([0, 2]) |> Decode()\n'
    )
    assert "dataset a: 2 items read" in said("check", "p.spec", "--data")


def test_labels_out_of_range_are_reported(here):
    """MNIST has ten classes."""
    write_mnist(
        here / "m", "train", np.zeros((3, 28, 28), np.uint8), np.array([1, 10, 9], np.uint8)
    )
    (here / "d.spec").write_text('spec 1\ndataset d = Mnist("m", usage = "train")\n')
    done = failing("check", "d.spec", "--data")
    assert codes(done) == ["E551"]
    assert "train-labels-idx1-ubyte, label 2: expected a label below 10, found 10" in done.stderr


def test_a_source_that_is_missing(here):
    (here / "d.spec").write_text('spec 1\ndataset d = NumpySlices("m.npz", [Column("x", [2])])\n')
    done = failing("check", "d.spec", "--data")
    assert codes(done) == ["E551"]
    assert "m.npz" in done.stderr


def test_a_picture_in_a_notebook(folder):
    spec = declspore.load("d.spec")
    said("show", "d.spec:d", "-o", "grid.png", "-n", 5)
    picture = spec.d.show(5)
    assert picture._repr_png_() == (folder.parent / "grid.png").read_bytes()
    assert repr(picture) == f"<picture, {len(picture.png):,} bytes>"
    with pytest.raises(Unavailable, match="not images"):
        spec.t.show()


def test_a_picture_of_a_pipeline(folder):
    assert said("show", "d.spec:d", "-o", "grid.png", "-n", 5) == "wrote grid.png\n"
    image = cv2.imread("grid.png")
    assert image.shape == (2 * 180, 3 * 160, 3)
    first = image[2:158, 2:158]
    assert first.max() < 10
    assert image[190:330, 162:318].min() > 245
    text = "Normalize([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])"
    spec = (folder.parent / "d.spec").read_text()
    (folder.parent / "d.spec").write_text(f"{spec}dataset f = d |> {text}\n")
    said("show", "d.spec:f", "-o", "floats.png", "-n", 5)
    assert np.abs(cv2.imread("floats.png").astype(int) - image).max() <= 2
    said("show", "d.spec:e", "-o", "other.png", "--epoch", 2)
    done = failing("show", "d.spec:t", "-o", "text.png")
    assert codes(done) == ["E551"]
    assert "not images" in done.stderr
    assert failing("show", "d.spec:none", "-o", "x.png").exit_code == 2
    assert failing("show", "d.spec:d", "-o", "x.jpg").exit_code == 2
