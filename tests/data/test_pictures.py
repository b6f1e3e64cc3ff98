"""Transforms of images against MindSpore's, and those of chance against their distribution."""

import cv2
import numpy as np
import pytest
from scipy import stats

from declspore.datafile import Damaged
from declspore.ir.shape import TensorType
from declspore.numerics.opencv import decoded
from declspore.registry.data import TransformKind
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.data.support import element_of, term, transformed
from tests.oracle.pictures import CASES, LEVELS
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
    draws = np.full(needed, 0.25, np.float32) if needed else ()
    found = transformed(text, value, draws)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if found.dtype == np.uint8:
        apart = np.abs(found.astype(int) - expected).max()
        assert apart <= LEVELS.get(case, 0)
        if case in LEVELS:
            parity.deviation(("transform", word), "About a centre: bytes by at most 2.")
    limit = 3 / 255 if case in LEVELS else 1e-5
    parity.close(
        ("transform", word), case, "image", found.astype(float), expected.astype(float), limit
    )


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


PICTURE = np.random.default_rng(3).integers(0, 256, (30, 40, 3)).astype(np.uint8)
RANDOM = [
    "RandAugment(3, 30)",
    "TrivialAugmentWide()",
    'TrivialAugmentWide(resample = "bilinear", fill_value = [1, 2, 3])',
    "RandomColorAdjust(0.4, 0.4, 0.4, 0.1)",
    "RandomSharpness()",
    "RandomColor()",
    "RandomPosterize([2, 6])",
    "RandomSolarize()",
    "RandomEqualize()",
    "RandomInvert()",
    "RandomAutoContrast(10.0)",
    "RandomAdjustSharpness()",
    "RandomGrayscale()",
    "RandomRotation(30)",
    "RandomAffine([-10, 20], [0.2, 0.1], [0.8, 1.2], 10)",
    "RandomPerspective()",
    "CutOut(8, 2)",
    "RandomErasing()",
    "RandomErasing(value = [1, 2, 3])",
]


@pytest.mark.parametrize("text", RANDOM)
def test_random_changes_keep_the_type_and_depend_on_draws_alone(text):
    found = term(text)
    kind = vocabulary().of(TransformKind, found.word)
    draws = np.random.default_rng(1).random((60, kind.draws(found.arguments))).astype(np.float32)
    before = PICTURE.copy()
    results = [transformed(text, PICTURE, each) for each in draws]
    np.testing.assert_array_equal(PICTURE, before)
    assert {(result.shape, result.dtype) for result in results} == {(PICTURE.shape, PICTURE.dtype)}
    again = [transformed(text, PICTURE, each) for each in draws]
    assert all(map(np.array_equal, results, again))
    several = len({result.tobytes() for result in results})
    assert several > (1 if "prob" in kind.signature.names else 4)


def test_a_turned_image_with_its_corners():
    from tests.data.support import items

    found = items("Digits() |> take(3) |> RandomRotation(45, expand = true) |> CenterCrop(9)")
    assert {image.shape for image, _ in found} == {(9, 9, 1)}


def test_erased_parts_have_the_size_that_was_asked_for():
    text = "RandomErasing(1.0, [0.1, 0.1], [1.0, 1.0], 300.0)"
    white = np.zeros((100, 100, 1), np.float32)
    for draws in np.random.default_rng(1).random((20, 24)).astype(np.float32):
        erased = transformed(text, white, draws) == 300.0
        assert erased.sum() == 32 * 32


def _mixed(text: str, size: int = 6):
    import tensorflow as tf

    from declspore.registry.data import Element

    found = term(text)
    kind = vocabulary().of(TransformKind, found.word)
    images = np.random.default_rng(1).random((size, 10, 12, 3)).astype(np.float32)
    labels = np.eye(size, dtype=np.float32)
    for draws in np.random.default_rng(2).random((50, kind.draws(found.arguments))):
        data, label = kind.apply(
            tf, found.arguments, Element.pair(None, None), images, labels, draws.astype(np.float32)
        )
        yield images, data.numpy(), label.numpy()


def test_mixed_batches_share_images_as_labels():
    shares = []
    for images, data, label in _mixed("MixUpBatch(0.4)"):
        np.testing.assert_allclose(data, np.tensordot(label, images, 1), atol=1e-6)
        np.testing.assert_allclose(label.sum(1), 1, atol=1e-6)
        shares.append(label.diagonal()[0])
    assert 0 < min(shares) < 0.2
    assert 0.8 < max(shares) < 1


def test_parts_of_other_images_count_in_labels():
    for images, data, label in _mixed('CutMixBatch("NHWC")'):
        own = (data == images).all(-1).mean((1, 2))
        np.testing.assert_allclose(label.diagonal(), own, atol=1e-6)
        np.testing.assert_allclose(label.sum(1), 1, atol=1e-6)
    for images, data, label in _mixed('CutMixBatch("NHWC", prob = 0.0)'):
        np.testing.assert_array_equal(data, images)
        np.testing.assert_array_equal(label, np.eye(6))


def test_mixed_batches_are_the_same_from_any_place():
    from tests.data.support import stream

    found = stream("Digits() |> OneHot(10) |> shuffle() |> batch(100) |> MixUpBatch(0.3)")
    whole = [x.tobytes() for x, _ in found.epoch(2).as_numpy_iterator()]
    assert [x.tobytes() for x, _ in found.epoch(2, 11).as_numpy_iterator()] == whole[11:]


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
        ("Equalize()", "takes pictures u8[H, W, 3], found f32[8, 8, 1]"),
        ("MixUpBatch()", "mixes the images of a batch"),
        ("batch(2) |> MixUpBatch()", "mixes labels, found i32[B]"),
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


def test_how_the_camera_was_held_does_not_count():
    """MindSpore 2.10 decodes a JPEG whose EXIF says "turn it" as it does without EXIF."""
    image = np.random.default_rng(0).integers(0, 256, (16, 24, 3), np.uint8)
    plain = cv2.imencode(".jpg", image)[1].tobytes()
    tag = b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"  # Orientation: 6, a quarter turn
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + tag + bytes(4)
    turned = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + plain[2:]
    assert cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_COLOR).shape == (24, 16, 3)
    np.testing.assert_array_equal(decoded(turned), decoded(plain))


def test_a_picture_too_small_for_a_crop():
    a = term("RandomCrop(9)")
    kind = vocabulary().of(TransformKind, "RandomCrop")
    with pytest.raises(Damaged, match="8x8 pixels, RandomCrop takes 9x9"):
        kind.compute(a.arguments, TensorType(None, ()), np.zeros((8, 8, 3), np.uint8), [0.1, 0.2])
