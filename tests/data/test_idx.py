"""Datasets in MNIST's file format, against files as published and MindSpore's own datasets."""

import gzip
import json
import mmap
import struct

import numpy as np
import pytest

import declspore.dataset as ds
from declspore.numerics import idx
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from tests.data.support import items, stream, term


def write(path, values, code=0x08, packed=False):
    head = struct.pack(f">{1 + values.ndim}i", code << 8 | values.ndim, *values.shape)
    data = head + values.tobytes()
    path.parent.mkdir(exist_ok=True)
    if packed:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(data))
    else:
        path.write_bytes(data)


def images(count, seed):
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28)).astype(np.uint8)


def labels(count, seed, below=10):
    return np.random.default_rng(seed).integers(0, below, count).astype(np.uint8)


@pytest.fixture
def folders(here):
    for seed, (part, count) in enumerate((("train", 3), ("t10k", 2))):
        write(here / "m" / f"{part}-images-idx3-ubyte", images(count, seed))
        write(here / "m" / f"{part}-labels-idx1-ubyte", labels(count, seed))
    for seed, (part, count) in enumerate((("qmnist-train", 3), ("qmnist-test", 4), ("xnist", 2))):
        numbers = np.random.default_rng(seed).integers(0, 10, (count, 8)).astype(">i4")
        write(here / "q" / f"{part}-images-idx3-ubyte", images(count, seed))
        write(here / "q" / f"{part}-labels-idx2-int", numbers, 0x0C)
    names = ("letters-train", "letters-test", "byclass-train", "byclass-test")
    for seed, part in enumerate(names):
        write(here / "e" / f"emnist-{part}-images-idx3-ubyte", images(3 + seed, seed))
        write(here / "e" / f"emnist-{part}-labels-idx1-ubyte", labels(3 + seed, seed, 27))
    return here


CASES = [
    ('Mnist("m")', 'ds.MnistDataset("m", shuffle=False)'),
    ('FashionMnist("m")', 'ds.FashionMnistDataset("m", shuffle=False)'),
    ('FashionMnist("m", "test")', 'ds.FashionMnistDataset("m", "test", shuffle=False)'),
    ('KMnist("m", usage = "train")', 'ds.KMnistDataset("m", usage="train", shuffle=False)'),
    ('QMnist("q")', 'ds.QMnistDataset("q", shuffle=False)'),
    ('QMnist("q", "nist")', 'ds.QMnistDataset("q", "nist", shuffle=False)'),
    ('QMnist("q", "test", false)', 'ds.QMnistDataset("q", "test", False, shuffle=False)'),
    ('EMnist("e", "letters")', 'ds.EMnistDataset("e", "letters", shuffle=False)'),
    ('EMnist("e", "byclass", "train")', 'ds.EMnistDataset("e", "byclass", "train", shuffle=False)'),
]
_READ = """
import json
import mindspore.dataset as ds
def rows(data):
    each = data.create_tuple_iterator(num_epochs=1, output_numpy=True)
    return [[image.tolist(), label.tolist()] for image, label in each]
"""


@pytest.mark.mindspore
def test_the_same_rows_as_mindspore(folders, mindspore):
    calls = ", ".join(f"rows({call})" for _, call in CASES)
    expected = json.loads(mindspore(f"{_READ}print(json.dumps([{calls}]))").splitlines()[-1])
    for (text, call), theirs in zip(CASES, expected, strict=True):
        assert [[x.tolist(), y.tolist()] for x, y in items(text)] == theirs, text
        in_python = eval(call, {"ds": ds}).create_tuple_iterator(num_epochs=1, output_numpy=True)
        assert [[x.tolist(), y.tolist()] for x, y in in_python] == theirs, call


def test_all_is_read_in_mindspores_order(folders):
    for text in ('Mnist("m")', 'KMnist("m", "all")', 'FashionMnist("m")'):
        found = np.stack([image[..., 0] for image, _ in items(text)])
        np.testing.assert_array_equal(found, np.concatenate([images(2, 1), images(3, 0)]))
    found = np.stack([image[..., 0] for image, _ in items('QMnist("q")')])
    np.testing.assert_array_equal(
        found, np.concatenate([images(n, s) for s, n in enumerate((3, 4, 2))])
    )


def test_names_of_classes(folders):
    expected = {
        'FashionMnist("m")': (10, "T-shirt/top", "Ankle boot"),
        'KMnist("m")': (10, "o", "wo"),
        'EMnist("e", "letters")': (27, "", "z"),
        'EMnist("e", "byclass")': (62, "0", "z"),
        'EMnist("e", "balanced")': (47, "0", "t"),
        'EMnist("e", "digits")': (10, "0", "9"),
    }
    for text, (count, first, last) in expected.items():
        arguments = term(text).arguments
        kind = vocabulary().of(SourceKind, term(text).word)
        names = kind.classes(arguments)
        assert (len(names), names[0], names[-1]) == (count, first, last)
        assert kind.element(arguments).classes == count


def test_the_test_images_of_qmnist_are_divided(here):
    count = 60_000
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 0, 0] = np.arange(count) % 251
    numbers = np.zeros((count, 8), ">i4")
    numbers[:, 0] = np.arange(count) % 10
    write(here / "q" / "qmnist-test-images-idx3-ubyte", pixels, packed=True)
    write(here / "q" / "qmnist-test-labels-idx2-int", numbers, 0x0C, packed=True)
    for usage, begin, end in (("test10k", 0, 10_000), ("test50k", 10_000, 60_000)):
        source = term(f'QMnist("q", "{usage}")')
        kind = vocabulary().of(SourceKind, "QMnist")
        assert kind.size(source.arguments) == end - begin
        reader = kind.open(source.arguments)
        found, classes = reader.rows(np.asarray([0, end - begin - 1]))
        assert found[:, 0, 0, 0].tolist() == [begin % 251, (end - 1) % 251]
        assert classes.tolist() == [begin % 10, (end - 1) % 10]
        assert reader.place(0) == f"q/qmnist-test-images-idx3-ubyte.gz, image {begin + 1}"


def _owner(array):
    """What holds the bytes of an array."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array.obj


@pytest.mark.parametrize("packed", [False, True])
def test_large_files_are_mapped(here, monkeypatch, packed):
    monkeypatch.setattr(idx, "_IN_MEMORY", 1000)
    write(here / "e" / "emnist-mnist-train-images-idx3-ubyte", images(9, 0), packed=packed)
    write(here / "e" / "emnist-mnist-train-labels-idx1-ubyte", labels(9, 0), packed=packed)
    kind = vocabulary().of(SourceKind, "EMnist")
    reader = kind.open(term('EMnist("e", "mnist", "train")').arguments)
    assert isinstance(_owner(reader.images[0]), mmap.mmap)
    found = np.stack([image[..., 0] for image, _ in items('EMnist("e", "mnist", "train")')])
    np.testing.assert_array_equal(found, images(9, 0))


def refused(text):
    def read():
        found = stream(text)
        with found.explained():
            list(found.epoch(1))

    with pytest.raises(Unavailable) as caught:
        read()
    return str(caught.value), caught.value.helps


def test_folders_that_cannot_be_used(folders):
    reason, helps = refused('EMnist("e", "digits", "test")')
    assert reason == "e/emnist-digits-test-images-idx3-ubyte is missing"
    assert helps == ("e must hold the files of EMNIST as published, plain or .gz",)
    reason, _ = refused('QMnist("q", "test10k")')
    assert reason.startswith(
        "qmnist-test-images-idx3-ubyte has 4 images, and the chosen part needs"
    )
    write(folders / "m" / "t10k-labels-idx1-ubyte", np.array([3, 10], np.uint8))
    reason, _ = refused('FashionMnist("m", "test")')
    assert reason == "m/t10k-labels-idx1-ubyte, label 2: expected a label below 10, found 10"
    write(folders / "q" / "xnist-labels-idx2-int", np.zeros((2, 7), ">i4"), 0x0C)
    assert refused('QMnist("q", "nist")')[0] == "xnist-labels-idx2-int holds labels of 7, not 8"
    (folders / "q" / "xnist-labels-idx2-int").rename(folders / "q" / "xnist-labels-idx2-int.xz")
    assert refused('QMnist("q", "nist")') == (
        "q/xnist-labels-idx2-int is missing, there is only xnist-labels-idx2-int.xz",
        ("unxz q/xnist-labels-idx2-int.xz",),
    )
