"""Items that are read and changed by one call: the same bytes as step by step."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from declspore.data.lookup import by_value, lookup
from declspore.data.stream import Stream
from declspore.flows.steps import steps_of
from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.registry.data import Element
from tests.support import checked

CHAINS = [
    ("Normalize([123.7, 116.3, 103.5], [58.4, 57.1, 57.4])", 1),
    ("Normalize([123.7, 116.3, 103.5], [58.4, 57.1, 57.4]) |> HWC2CHW()", 2),
    (
        "Rescale(1 / 255, 0.0) |> Normalize([0.49, 0.48, 0.44], [0.24, 0.24, 0.26]) |> HWC2CHW()",
        3,
    ),
    ("HWC2CHW() |> TypeCast(f32)", 0),
    ("ToTensor()", 1),
    ("ToTensor() |> TypeCast(f16)", 1),
    ("Rescale(1 / 3, -0.7) |> HWC2CHW() |> OneHot(10)", 2),
]


def _steps(chain, channels):
    source = "Digits()" if channels == 1 else 'Cifar10("cifar")'
    terms = checked(f"dataset d = {source} |> {chain}").datasets["d"].pipeline.steps
    image = TensorType(UINT8, (5, 7, channels))
    return steps_of(terms, Element.pair(image, TensorType(INT32, ())))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("chain", "count"), CHAINS)
def test_a_table_gives_the_bytes_of_the_steps(chain, count, channels):
    if channels == 1:
        chain = chain.replace(", 116.3, 103.5", "").replace(", 57.1, 57.4", "")
        chain = chain.replace(", 0.48, 0.44", "").replace(", 0.24, 0.26", "")
    steps = by_value(_steps(chain, channels))
    assert len(steps) == count
    if not steps:
        return
    found = lookup(steps)
    image = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    expected = tf.constant(image)
    for step in steps:
        expected, _ = step.kind.apply(tf, step.arguments, step.before, expected, 0, ())
    out = np.empty(expected.shape, np.float32)
    wide = np.repeat(image, 2, axis=1)
    for each in (image, np.asfortranarray(image), wide[:, ::2]):
        found.into(out, each)
        assert out.tobytes() == expected.numpy().tobytes()


@pytest.fixture
def pictures(here):
    generator = np.random.default_rng(0)
    for number in range(5):
        folder = here / "pictures" / f"class{number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        small = generator.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        large = cv2.resize(small, (40 + number, 30), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / f"{number}.jpg"), large)
    return here


STEPS = "RandomCropDecodeResize(16) |> RandomHorizontalFlip()"
LAST = "Normalize([120, 110, 100], [60, 50, 40]) |> HWC2CHW()"


def _epoch(steps, batch):
    text = f'dataset d = ImageFolder("pictures") |> shuffle() |> {steps} |> {batch}'
    return list(Stream(checked(text).datasets["d"], 3).epoch(2).as_numpy_iterator())


def test_batches_of_pictures(pictures):
    """What a last small batch lacks is neither computed nor given."""
    several = _epoch(f"{STEPS} |> {LAST}", "batch(4)")
    assert [x.shape for x, _ in several] == [(4, 3, 16, 16), (1, 3, 16, 16)]
    (whole,) = _epoch(f"{STEPS} |> {LAST}", "batch(9)")
    assert np.concatenate([x for x, _ in several]).tobytes() == whole[0].tobytes()
    assert np.concatenate([y for _, y in several]).tolist() == whole[1].tolist()
    items = _epoch(f"{STEPS} |> {LAST}", "take(5)")
    assert np.stack([x for x, _ in items]).tobytes() == whole[0].tobytes()
    raw = _epoch(STEPS, "batch(5)")[0][0]
    expected = (raw.astype(np.float32) - np.float32([120, 110, 100])) / np.float32([60, 50, 40])
    assert whole[0].tobytes() == np.ascontiguousarray(expected.transpose(0, 3, 1, 2)).tobytes()


def test_steps_that_follow_a_table(pictures):
    """A step that NumPy computes may come behind one that TensorFlow does."""
    first = _epoch(f"{STEPS} |> Rescale(1 / 255, 0.0)", "batch(5)")[0][0]
    second = _epoch(f"{STEPS} |> Rescale(1 / 255, 0.0) |> HorizontalFlip()", "batch(3)")
    assert np.concatenate([x for x, _ in second]).tobytes() == first[:, :, ::-1].tobytes()
