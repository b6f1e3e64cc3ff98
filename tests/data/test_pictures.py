"""Transforms of images against MindSpore's, and those of chance against their distribution."""

import numpy as np
import pytest
from scipy import stats

from declspore.datafile import Damaged
from declspore.ir.shape import TensorType
from declspore.registry.data import TransformKind
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.data.support import element_of, term, transformed
from tests.oracle.pictures import CASES
from tests.support import problems


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "pictures.npz") as found:
        return dict(found)


def _picture(golden, name: str):
    found = golden[f"picture {name}"]
    return found.tobytes() if name in ("jpeg", "png") else found


@pytest.mark.parametrize("case", CASES)
def test_like_mindspore(case, golden, parity):
    picture, _, text = CASES[case]
    value, expected = _picture(golden, picture), golden[case]
    word = term(text).word
    needed = vocabulary().of(TransformKind, word).draws(term(text).arguments)
    draws = np.full(needed, 0.25, np.float32) if needed else None
    found = transformed(text, value, draws)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if found.dtype == np.uint8:
        np.testing.assert_array_equal(found, expected)
    parity.close(("transform", word), case, "image", found, expected)


# ---- chance

RAMP = (np.arange(40)[:, None] * 50 + np.arange(50)).astype(np.float32)[..., None]
"""Every pixel tells its place."""


def _many(text: str, count: int = 4000):
    found = term(text)
    kind = vocabulary().of(TransformKind, found.word)
    draws = np.random.default_rng(1).random((count, kind.draws(found.arguments)))
    type = element_of(RAMP).data
    return [kind.compute(found.arguments, type, RAMP, each) for each in draws.astype(np.float32)]


def test_a_random_crop_is_anywhere_equally_often():
    corners = np.array([part[0, 0, 0] for part in _many("RandomCrop([38, 47])", 12_000)], int)
    places, counts = np.unique(corners, return_counts=True)
    assert set(places) == {row * 50 + column for row in range(3) for column in range(4)}
    assert stats.chisquare(counts).pvalue > 1e-3


def test_a_flip_is_as_likely_as_it_says():
    share = np.mean([part[0, 0, 0] != 0 for part in _many("RandomHorizontalFlip(0.3)")])
    assert abs(share - 0.3) < 0.03


def test_areas_and_ratios_of_random_parts():
    """Of a large picture nearly all first attempts fit: area and logarithm of the ratio are
    uniform."""
    from declspore.transforms.crop import _box

    a = term("RandomResizedCrop(8, [0.1, 0.3], [0.5, 2.0])").arguments
    draws = np.random.default_rng(2).random((5000, 22)).astype(np.float32)
    boxes = np.array([_box(3000, 3000, a, each) for each in draws], float)
    top, left, tall, wide = boxes.T
    areas, ratios = tall * wide / 9e6, np.log(wide / tall)
    assert stats.kstest((areas - 0.1) / 0.2, "uniform").pvalue > 1e-3
    assert stats.kstest((ratios + np.log(2)) / (2 * np.log(2)), "uniform").pvalue > 1e-3
    assert stats.kstest(top / (3000 - tall), "uniform").pvalue > 1e-3
    assert stats.kstest(left / (3000 - wide), "uniform").pvalue > 1e-3


def test_a_part_that_never_fits_is_the_largest_in_the_middle():
    from declspore.transforms.crop import _box

    a = term("RandomResizedCrop(8, [1.0, 1.0], [2.0, 3.0])").arguments
    draws = np.full(22, 0.5, np.float32)
    assert _box(100, 100, a, draws) == (25, 0, 50, 100)
    a = term("RandomResizedCrop(8, [1.0, 1.0], [0.25, 0.5])").arguments
    assert _box(100, 100, a, draws) == (0, 25, 100, 50)


# ---- what is refused


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ('Resize([4, 4], "pilcubic")', "takes images of u8, found f32"),
        ("TypeCast(i32) |> Resize([4, 4])", "found i32"),
        ("RandomCrop(9)", "larger than the image"),
        ("Crop([3, 3], [6, 6])", "the part ends at 9, the image has 8"),
        ("RandomResizedCrop(8, scale = [1.0, 0.5])", "scale goes from 1 to 0.5"),
        ("Decode()", "takes the bytes of a picture"),
        ("batch(2) |> Resize([4, 4])", "single images"),
    ],
)
def test_what_does_not_fit_is_told(steps, reason):
    (problem,) = problems(f"dataset d = Digits() |> {steps}")
    assert reason in problem


def test_bytes_must_be_decoded_first():
    (problem,) = problems('dataset d = ImageFolder("x") |> Resize([4, 4])')
    assert "found bytes" in problem
    (problem,) = problems('dataset d = ImageFolder("x") |> Decode() |> batch(2)')
    assert "differ in size" in problem


@pytest.mark.parametrize("name", ["jpeg", "png"])
@pytest.mark.parametrize("cut", [0, 1, 20, 300])
def test_a_damaged_picture(golden, name, cut):
    data = _picture(golden, name)
    with pytest.raises(Damaged):
        transformed("Decode()", data[:cut] if cut < 300 else data[: len(data) // 2])


def test_a_picture_too_small_for_a_crop():
    a = term("RandomCrop(9)")
    kind = vocabulary().of(TransformKind, "RandomCrop")
    with pytest.raises(Damaged, match="8x8 pixels, RandomCrop takes 9x9"):
        kind.compute(a.arguments, TensorType(None, ()), np.zeros((8, 8, 3), np.uint8), [0.1, 0.2])
