"""Pipelines: transforms against MindSpore, the promised types, determinism, file formats."""

import gzip
import struct

import numpy as np
import pytest

from declspore.data.stream import Batches, Stream
from declspore.flows.order import opened
from declspore.ir.shape import static
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.data.support import items, term, transformed
from tests.oracle import inputs
from tests.support import checked

# ---- transforms against MindSpore's, on the same images


FLOATS = np.abs(inputs.numbers((8, 8, 1), "image")) * 5
BYTES = np.random.Generator(np.random.Philox(5)).integers(0, 256, (28, 28, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("case", "image", "transform"),
    [
        ("resize_float", FLOATS, "Resize(32)"),
        ("resize_bytes", BYTES, "Resize([32, 32])"),
        ("resize_smaller", BYTES, "Resize([11, 17])"),
        ("resize_nearest", BYTES, 'Resize([32, 20], "nearest")'),
        ("rescale", BYTES, "Rescale(1 / 255, -0.5)"),
        ("normalize", BYTES, "Normalize(mean = [120, 121, 122], std = [60, 61, 62])"),
        ("hwc2chw", BYTES, "HWC2CHW()"),
    ],
)
def test_like_mindspore(case, image, transform, parity):
    found = transformed(transform, image)
    with np.load(GOLDEN / "images.npz") as golden:
        expected = golden[case]
    assert found.dtype == expected.dtype
    if found.dtype == np.uint8:
        np.testing.assert_array_equal(found, expected)
    parity.close(("transform", term(transform).word), case, "image", found, expected)


# ---- what a pipeline promises


PIPELINES = [
    "Digits()",
    'Digits(usage = "train") |> Resize([32, 32]) |> HWC2CHW() |> batch(32, drop_remainder = true)',
    'Digits(usage = "test") |> batch(50)',
    'Digits(usage = "test") |> OneHot(10) |> shuffle(20) |> take(33) |> batch(8) |> repeat(2)',
    'Digits(usage = "test") |> Rescale(0.5, 1.0) |> skip(300) |> cache() |> batch(100)',
]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_what_comes_is_what_was_promised(pipeline):
    dataset = checked(f"dataset d = {pipeline}").datasets["d"]
    element = opened(dataset.pipeline).after
    found = list(Stream(dataset, 0).epoch(1).as_numpy_iterator())
    assert len(found) == element.count
    for data, label in found:
        for array, type in ((data, element.data), (label, element.label)):
            assert array.dtype.name == type.dtype.numpy
            assert array.ndim == type.rank
            assert all(
                size == dim
                for size, dim in zip(array.shape, type.shape, strict=True)
                if isinstance(dim, int)
            )


def test_digits_are_split_without_overlap():
    parts = {part: items(f'Digits(usage = "{part}")') for part in ("train", "test", "all")}
    assert [len(parts[part]) for part in ("train", "test", "all")] == [1438, 359, 1797]
    images = {part: {image.tobytes() for image, _ in items} for part, items in parts.items()}
    assert images["train"] | images["test"] == images["all"]
    assert {int(label) for _, label in parts["test"]} == set(range(10))
    assert max(image.max() for image in (i for i, _ in parts["all"])) == 16.0


def test_shuffles_depend_on_the_seed_alone():
    pipeline = 'Digits(usage = "test") |> shuffle(400) |> batch(400)'

    def order(seed: int, text: str = pipeline) -> bytes:
        return items(text, seed)[0][1].tobytes()

    assert order(1) == order(1)
    assert order(1) != order(2)
    own = pipeline.replace("400)", "400, seed = 5)", 1)
    assert order(1, own) == order(2, own)


def test_every_epoch_has_another_order():
    spec = checked('dataset d = Digits(usage = "test") |> shuffle(400, seed = 1) |> batch(400)')
    batches = Batches("d", spec.datasets["d"])
    first, second = (next(iter(batches))[1] for _ in range(2))
    assert sorted(first) == sorted(second)
    assert not np.array_equal(first, second)
    assert len(batches) == 1
    assert "Digits" in repr(batches)


# ---- MNIST's file format


def write_mnist(folder, prefix, images, labels, packed=False):
    folder.mkdir(exist_ok=True)
    files = {
        f"{prefix}-images-idx3-ubyte": struct.pack(">4i", 0x0803, *images.shape) + images.tobytes(),
        f"{prefix}-labels-idx1-ubyte": struct.pack(">2i", 0x0801, len(labels)) + labels.tobytes(),
    }
    for name, data in files.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (folder / name).write_bytes(data)


@pytest.fixture
def mnist(here):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (7, 28, 28)).astype(np.uint8)
    labels = generator.integers(0, 10, 7).astype(np.uint8)
    write_mnist(here / "plain", "train", images, labels)
    write_mnist(here / "plain", "t10k", images[:3], labels[:3])
    write_mnist(here / "packed", "train", images, labels, packed=True)
    return images, labels


@pytest.mark.parametrize("folder", ["plain", "packed"])
def test_mnist(mnist, folder):
    images, labels = mnist
    found = items(f'Mnist("{folder}", usage = "train")')
    assert found[0][0].shape == (28, 28, 1)
    np.testing.assert_array_equal([image[..., 0] for image, _ in found], images)
    np.testing.assert_array_equal([label for _, label in found], labels)


def test_mnist_as_a_whole(mnist):
    assert len(items('Mnist("plain")')) == 10
    kind = vocabulary().of(SourceKind, "Mnist")
    assert kind.size(term('Mnist("plain")').arguments) == 10


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "too short"),
        (lambda data: data[:3], "too short"),
        (lambda data: b"\0\0\x08\x01" + data[4:], "not an IDX file of the expected kind"),
        (lambda data: data[:8] + struct.pack(">2i", 14, 56) + data[16:], "14x56"),
        (lambda data: data[:4] + struct.pack(">i", 9) + data[8:], "9 images but 7 labels"),
        (lambda data: data[:-5], "ends 5 bytes early"),
        (lambda data: b"\xff\xff\xff\xff" + data[4:], "not an IDX file"),
    ],
)
def test_damaged_mnist(mnist, here, change, reason):
    path = here / "plain" / "train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Unavailable, match=reason):
        items('Mnist("plain", usage = "train")')


def test_damaged_packed_mnist(mnist, here):
    path = here / "packed" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Unavailable):
        items('Mnist("packed", usage = "train")')
    path.write_bytes(b"no gzip")
    with pytest.raises(Unavailable):
        items('Mnist("packed", usage = "train")')


def test_static_types_of_a_batch():
    spec = checked("dataset d = Digits() |> batch(32)\ndataset e = Digits() |> batch(32, true)")
    assert static(spec.datasets["d"].element.data.shape) is None
    assert static(spec.datasets["e"].element.data.shape) == (32, 8, 8, 1)
