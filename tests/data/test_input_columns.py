"""Transforms of chosen columns, alone and alike; values of MindSpore 2.10."""

import cv2
import numpy as np
import pytest

import declspore.dataset as ds
from declspore.dataset import text, vision
from declspore.exports.preparing import Unprepared, preparation
from declspore.registry.data import Unavailable
from tests.data.support import items, stream
from tests.support import checked, problems

PAIRS = (
    'NumpySlices("p.npz", [Column("left", [8, 9, 3], u8), Column("right", [8, 9, 3], u8)], '
    '[Column("mask", [8, 9, 3], u8), Column("y", dtype = i32)])'
)
BOTH = 'input_columns = ["left", "right", "mask"]'


@pytest.fixture
def images(here):
    found = np.random.default_rng(0).integers(0, 256, (6, 8, 9, 3)).astype(np.uint8)
    np.savez(here / "p.npz", left=found, right=255 - found, mask=found, y=np.arange(6, dtype="i4"))
    np.savez(here / "one.npz", image=found, y=np.arange(6, dtype="i4"))
    return found


def columns(steps: str, epoch: int = 1):
    """The columns of all items, data before labels."""
    found = [(*data, *labels) for data, labels in items(f"{PAIRS} |> {steps}", epoch=epoch)]
    return [np.stack(column) for column in zip(*found, strict=True)]


def alone(steps: str, epoch: int = 1):
    source = 'NumpySlices("one.npz", [Column("image", [8, 9, 3], u8)], [Column("y", dtype = i32)])'
    return np.stack([data for data, _ in items(f"{source} |> {steps}", epoch=epoch)])


@pytest.mark.parametrize(
    "step",
    ["Resize([4, 5])", "Normalize([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])", "CenterCrop(4)", "HWC2CHW()"],
)
def test_one_column_changes_as_it_would_alone(images, step):
    name, arguments = step.removesuffix(")").split("(")
    comma = ", " if arguments else ""
    for chosen in ("left", "mask"):
        left, right, mask, y = columns(f'{name}({arguments}{comma}input_columns = ["{chosen}"])')
        changed, kept = (left, mask) if chosen == "left" else (mask, left)
        np.testing.assert_array_equal(changed, alone(step))
        np.testing.assert_array_equal(kept, images)
        np.testing.assert_array_equal(right, 255 - images)
        assert y.tolist() == list(range(6))


@pytest.mark.parametrize("batch", ["", " |> batch(4)"])
def test_columns_change_alike(images, batch):
    """MindSpore's random crops and flips treat several columns alike, too."""
    steps = f"shuffle() |> RandomCrop([5, 6], {BOTH}) |> RandomHorizontalFlip(0.5, {BOTH})"
    seen = []
    for epoch in (1, 2):
        found = items(f"{PAIRS} |> {steps}{batch}", epoch=epoch)
        for (left, right), (mask, y) in found:
            np.testing.assert_array_equal(left, mask)
            np.testing.assert_array_equal(255 - left, right)
            whole = images[y].reshape(-1, 8, 9, 3)
            for part, image in zip(left.reshape(-1, 5, 6, 3), whole, strict=True):
                windows = np.lib.stride_tricks.sliding_window_view(image, (5, 6, 3))[:, :, 0]
                both = np.concatenate([windows, windows[:, :, :, ::-1]])
                assert (both == part).all(axis=(2, 3, 4)).any()
            seen.append(left.reshape(-1, 5, 6, 3))
    parts = np.concatenate(seen)
    assert len(np.unique(parts.reshape(12, -1), axis=0)) > 9


def test_a_label_of_several(images):
    found = columns('OneHot(6, input_columns = ["y"]) |> TypeCast(f16, input_columns = ["mask"])')
    np.testing.assert_array_equal(found[3], np.eye(6, dtype=np.float32))
    assert [column.dtype.name for column in found] == ["uint8", "uint8", "float16", "float32"]


def test_the_only_column_by_its_name(images):
    source = 'NumpySlices("one.npz", [Column("image", [8, 9, 3], u8)])'
    plain, named = (
        checked(f"dataset d = {source} |> Resize([4, 4]{own}) |> ToTensor() |> batch(2)")
        for own in ("", ', input_columns = ["image"]')
    )
    words = [preparation(each.datasets["d"]).words for each in (plain, named)]
    assert words == [("Resize", "ToTensor")] * 2


def test_a_file_does_not_prepare_chosen_columns(images):
    spec = checked(f'dataset d = {PAIRS} |> Resize([4, 4], input_columns = ["left"]) |> batch(2)')
    with pytest.raises(Unprepared, match="Resize changes chosen columns"):
        preparation(spec.datasets["d"])


def test_filters_look_at_what_a_chosen_column_becomes(images):
    steps = 'Crop([0, 0], [1, 1], input_columns = ["left"]) |> filter(sum(left) > 400)'
    *_, y = columns(steps)
    assert y.tolist() == np.flatnonzero(images[:, 0, 0].sum(axis=1, dtype=int) > 400).tolist()


@pytest.fixture
def pictures(here):
    generator = np.random.default_rng(0)
    for place in range(4):
        image = generator.integers(0, 256, (20 + place, 30, 3)).astype(np.uint8)
        for folder, own in (("images", image), ("masks", image if place < 3 else image[:-1])):
            (here / folder / "a").mkdir(parents=True, exist_ok=True)
            cv2.imwrite(f"{folder}/a/{place}.png", own)
    return (
        'Zip([ImageFolder("images"), ImageFolder("masks") |> rename(["image", "label"], ["mask", '
        '"no"])]) |> project(["image"], ["mask"]) |> Decode(input_columns = ["image", "mask"])'
    )


TWO = 'input_columns = ["image", "mask"]'


def test_pictures_and_their_masks(pictures):
    steps = f"take(3) |> RandomCrop([5, 6], {TWO}) |> Resize([9, 9], {TWO}) |> batch(3)"
    ((image, mask),) = items(f"{pictures} |> {steps}")
    assert image.shape == (3, 9, 9, 3)
    np.testing.assert_array_equal(image, mask)


def test_sizes_that_differ_are_named(pictures):
    found = stream(f"{pictures} |> RandomCrop([5, 6], {TWO}) |> batch(4)")

    def read():
        with found.explained():
            list(found.epoch(1))

    with pytest.raises(Unavailable) as caught:
        read()
    reason = "columns that change alike have one size, found image of 23x30, mask of 22x30"
    assert str(caught.value).endswith(f"masks/a/3.png (item 3, class a): {reason}")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("Resize(4)", "it changes one column of data, the dataset has left, right"),
        ("OneHot(6)", "it changes one column of labels, the dataset has mask, y"),
        ('Resize(4, input_columns = ["lft"])', "does not have the column 'lft'"),
        ("Resize(4, input_columns = [])", "input_columns is empty"),
        ('Resize(4, input_columns = ["left", "left"])', "the column 'left' is chosen twice"),
        ('Resize(4, input_columns = ["y"])', "it takes an image [H, W, C], found i32[]"),
        (
            f'CenterCrop(4, input_columns = ["left"]) |> RandomCrop(3, {BOTH})',
            "have one size, found left: u8[4, 4, 3] and right: u8[8, 9, 3]",
        ),
        (
            'Normalize([1.0], [1.0], input_columns = ["left"]) |> filter(sum(left) > 1.0)',
            "it needs the values of left before the run, and Normalize changes them in it",
        ),
    ],
)
def test_mistakes(images, step, reason):
    (found,) = problems(f"dataset d = {PAIRS} |> {step}")
    assert found.startswith("E306")
    assert reason in found


def test_random_parts_of_files_are_not_alike(pictures):
    text = pictures.replace("|> Decode", "|> RandomCropDecodeResize").replace("e(in", "e(4, in")
    (found,) = problems(f"dataset d = {text}")
    assert "is known when it is decoded" in found


# ---- sequences


PAIR = [
    (0, 3, 2, 0, 0),
    (1, 5, 5, 1, 0),
    (4, 5, 5, 2, 2),
    (5, 3, 7, 3, 2),
    (7, 7, 2, 5, 2),
    (6, 4, 5, 3, 3),
    (6, 1, 9, 1, 5),
    (20, 4, 4, 4, 4),
    (9, 5, 5, 5, 4),
    (3, 9, 9, 2, 1),
    (8, 2, 3, 2, 3),
]
"""max_length, two lengths, and what MindSpore's TruncateSequencePair keeps of them."""


@pytest.mark.parametrize(("most", "first", "second", "kept", "other"), PAIR)
def test_truncated_pairs(here, most, first, second, kept, other):
    np.savez(here / "s.npz", a=np.arange(first)[None], b=np.arange(second)[None])
    source = f'NumpySlices("s.npz", [Column("a", [{first}], i64), Column("b", [{second}], i64)])'
    for call in (f"({most})", f'({most}, input_columns = ["a", "b"])'):
        (((a, b), _),) = items(f"{source} |> TruncateSequencePair{call}")
        assert (a.tolist(), b.tolist()) == (list(range(kept)), list(range(other)))
    found = text.TruncateSequencePair(most)(np.arange(first), np.arange(second))
    assert list(map(len, found)) == [kept, other]
    data = {"a": np.arange(first)[None], "b": np.arange(second)[None]}
    mapped = ds.NumpySlicesDataset(data).map(text.TruncateSequencePair(most), ["a", "b"])
    assert [len(each) for each in mapped.first()] == [kept, other]


def test_pairs_that_are_none(images):
    (found,) = problems(f"dataset d = {PAIRS} |> TruncateSequencePair(3)")
    assert "it shortens sequences, found left: u8[8, 9, 3]" in found
    (found,) = problems(f'dataset d = {PAIRS} |> TruncateSequencePair(3, ["left"])')
    assert "it shortens two columns, found left" in found


def test_in_python_columns_are_those_of_map():
    with pytest.raises(TypeError, match="has no argument 'input_columns'"):
        vision.Resize(4, input_columns=["a"])
    assert "input_columns" not in vision.Resize.__doc__
