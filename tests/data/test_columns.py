"""Steps over columns: filter, map, rename, project, and datasets made of datasets."""

import math

import numpy as np
import pytest

from declspore.data.stream import Stream
from declspore.flows import order
from declspore.registry.data import Unavailable
from tests.data.support import items, stream
from tests.support import checked, problems


@pytest.fixture
def table(here):
    rng = np.random.default_rng(0)
    arrays = {
        "x": rng.normal(size=(40, 3)).astype(np.float32),
        "n": np.arange(40, dtype=np.int32),
        "y": (np.arange(40) % 4).astype(np.int32),
    }
    np.savez(here / "t.npz", **arrays)
    text = 'NumpySlices("t.npz", [Column("x", [3]), Column("n", dtype = i32)], '
    return text + '[Column("y", dtype = i32)])', arrays


def _numbers(pipeline: str, epoch: int = 1, seed: int = 0) -> list[int]:
    return [int(data[1]) for data, _ in items(pipeline, seed, epoch)]


def test_filter(table):
    text, arrays = table
    assert _numbers(f"{text} |> filter(y == 2)") == list(range(2, 40, 4))
    chosen = np.flatnonzero((arrays["x"].sum(axis=1) > 0) & (arrays["n"] < 30))
    found = _numbers(f"{text} |> filter(logical_and(sum(x) > 0.0, n < 30))")
    assert found == chosen.tolist()
    assert (
        _numbers(f"{text} |> filter(any(x > 1.0)) |> filter(n >= 5) |> skip(1)")
        == [n for n in np.flatnonzero((arrays["x"] > 1).any(axis=1)).tolist() if n >= 5][1:]
    )


@pytest.mark.parametrize("step", ["HorizontalFlip()", "VerticalFlip()", "Rotate(90.0)"])
def test_a_filter_reads_what_steps_without_chance_give(here, step):
    images = np.random.default_rng(1).integers(0, 256, (20, 6, 6, 1)).astype(np.uint8)
    np.savez(here / "i.npz", image=images)
    text = f'NumpySlices("i.npz", [Column("image", [6, 6, 1], dtype = u8)]) |> {step}'
    kept = [data for data, _ in items(text) if data.flat[0] < 100]
    assert 0 < len(kept) < 20
    found = [data for data, _ in items(f"{text} |> filter(image[0, 0, 0] < 100)")]
    np.testing.assert_array_equal(found, kept)


def test_positions_of_what_is_filtered_are_numbers(table):
    text, _ = table
    pipeline = f"{text} |> filter(y != 0) |> shuffle(9) |> repeat(2) |> batch(7)"
    whole = {e: _bytes(stream(pipeline), e) for e in (1, 2)}
    assert whole[1] != whole[2]
    for epoch, skip in ((2, 3), (1, 8), (1, 0)):
        assert _bytes(stream(pipeline), epoch, skip) == whole[epoch][skip:]
    assert len(stream(pipeline)) == len(whole[1]) == 9


def _bytes(found: Stream, epoch: int, skip: int = 0) -> list[bytes]:
    import tensorflow as tf

    each = found.epoch(epoch, skip).as_numpy_iterator()
    return [b"".join(part.tobytes() for part in tf.nest.flatten(item)) for item in each]


def test_a_filter_reads_every_item_once(table, monkeypatch):
    text, _ = table
    looked = []
    compute = order.Measured._value
    monkeypatch.setattr(
        order.Measured, "_value", lambda self, n, v: looked.append(n) or compute(self, n, v)
    )
    pipeline = f"{text} |> filter(y == 1) |> shuffle() |> batch(2)"
    for epoch in (1, 2):
        items(pipeline, epoch=epoch)
    assert sorted(looked) == list(range(40))


def test_a_plan_knows_how_many_are_left(table):
    from declspore.flows.order import opened

    text, _ = table
    spec = checked(f"dataset d = {text} |> filter(n < 11) |> batch(2)")
    found = opened(spec.datasets["d"].pipeline)
    assert (found.element.count, found.after.count) == (40, 6)
    nothing = checked(f"dataset d = {text} |> filter(n < 0)").datasets["d"]
    with pytest.raises(Unavailable, match="filter: it leaves no item"):
        Stream(nothing, 0)


def test_map(table):
    text, arrays = table
    pipeline = f"{text} |> map(x = x * 2.0 + 1.0, length = norm(x), y = cast(y, f32)) |> batch(40)"
    (((x, n, length), y),) = items(pipeline)
    np.testing.assert_array_equal(x, arrays["x"] * 2 + 1)
    np.testing.assert_array_equal(n, arrays["n"])
    np.testing.assert_allclose(length, np.linalg.norm(arrays["x"], axis=1), rtol=1e-6)
    assert y.dtype == np.float32
    swapped = f"{text} |> map(a = x[0], x = x[::-1], n = n + cast(x[0] > 0.0, i32)) |> batch(40)"
    (((x, n, a), _),) = items(swapped)
    np.testing.assert_array_equal(x, arrays["x"][:, ::-1])
    np.testing.assert_array_equal(n, arrays["n"] + (arrays["x"][:, 0] > 0))
    np.testing.assert_array_equal(a, arrays["x"][:, 0])


def test_map_of_samples_that_differ_in_size(here):
    (here / "t.txt").write_text("a\nb a b\na b\n")
    (here / "v.txt").write_text("a\nb\n")
    text = 'TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt")'
    found = items(f"{text} |> map(text = text * 10, total = sum(text))")
    assert [(x.tolist(), int(total)) for (x, total), _ in found] == [
        ([0], 0),
        ([10, 0, 10], 2),
        ([0, 10], 1),
    ]


def test_what_only_maps_change_can_be_filtered(table):
    text, arrays = table
    pipeline = f"{text} |> map(x = abs(x)) |> map(most = amax(x)) |> filter(most > 1.5)"
    assert _numbers(pipeline) == np.flatnonzero(np.abs(arrays["x"]).max(axis=1) > 1.5).tolist()


def test_an_autoencoder_from_pictures_alone():
    pipeline = (
        "Digits() |> map(image = image / 16.0, target = image / 16.0) "
        '|> project(["image"], ["target"]) |> take(3) |> batch(3)'
    )
    ((data, labels),) = items(pipeline)
    np.testing.assert_array_equal(data, labels)
    assert data.max() == 1


def test_rename_and_project(table):
    text, arrays = table
    found = checked(f'dataset d = {text} |> rename(["x", "y"], ["features", "kind"])')
    element = found.datasets["d"].element
    assert [c.name for c in element.columns] == ["features", "n", "kind"]
    ((y, n),) = items(f'{text} |> project(["n", "y"], []) |> batch(40)')[0][:1]
    np.testing.assert_array_equal(n, arrays["y"])
    np.testing.assert_array_equal(y, arrays["n"])
    ((n, y),) = items(f'{text} |> project(["n", "y"]) |> batch(40)')
    np.testing.assert_array_equal(n, arrays["n"])
    np.testing.assert_array_equal(y, arrays["y"])


# ---- datasets of datasets


def test_concat(table):
    text, _ = table
    parts = f"[{text} |> take(5) |> map(x = x * 2.0), {text} |> filter(n > 36)]"
    assert _numbers(f"Concat({parts})") == [0, 1, 2, 3, 4, 37, 38, 39]
    mixed = f"Concat({parts}) |> shuffle() |> repeat(2)"
    assert sorted(_numbers(mixed)) == sorted([0, 1, 2, 3, 4, 37, 38, 39] * 2)
    assert _numbers(mixed) != _numbers(mixed, epoch=2)
    nested = f"Concat([Concat({parts}) |> filter(y == 1), {text} |> skip(38)]) |> filter(n < 39)"
    assert _numbers(nested) == [1, 37, 38]


def test_each_part_is_changed_by_its_own_steps(table):
    text, arrays = table
    parts = f"[{text} |> take(2) |> map(x = x * 2.0), {text} |> take(2)]"
    ((data, _),) = items(f"Concat({parts}) |> batch(4)")
    np.testing.assert_array_equal(data[0], np.concatenate([arrays["x"][:2] * 2, arrays["x"][:2]]))


def test_zip(table):
    text, arrays = table
    other = f'{text} |> skip(30) |> project(["x"], []) |> rename(["x"], ["z"])'
    found = items(f"Zip([{text}, {other}]) |> batch(64)")
    (((x, n, z), y),) = found
    assert n.tolist() == list(range(10))
    assert y.tolist() == arrays["y"][:10].tolist()
    np.testing.assert_array_equal(x, arrays["x"][:10])
    np.testing.assert_array_equal(z, arrays["x"][30:])


def test_parts_draw_different_numbers_and_the_same_again():
    crop = "Digits() |> take(20) |> RandomCrop(8, padding = 4)"
    pipeline = f'Zip([{crop}, {crop} |> rename(["image", "label"], ["b", "c"])]) |> batch(20)'
    (((a, b), _),) = items(pipeline)
    assert (a != b).any()
    (((again, _), _),) = items(pipeline)
    np.testing.assert_array_equal(a, again)
    (((other, _), _),) = items(pipeline, epoch=2)
    assert (a != other).any()
    joined = f"Concat([{crop}, {crop}]) |> RandomHorizontalFlip() |> batch(40)"
    ((whole, _),) = items(joined)
    assert (whole[:20] != whole[20:]).any()


def test_merged_datasets_go_to_any_place(table):
    text, _ = table
    other = f'{text} |> shuffle() |> project(["x"], []) |> rename(["x"], ["z"])'
    pipeline = f"Concat([{text}, {text} |> filter(y == 3)]) |> shuffle(5)"
    pipeline = f"Zip([{pipeline}, {other}]) |> map(z = z + x) |> batch(6)"
    whole = _bytes(stream(pipeline), 2)
    assert len(whole) == len(stream(pipeline)) == 7
    assert _bytes(stream(pipeline), 2, 4) == whole[4:]


def test_a_part_is_kept_in_memory(table):
    text, arrays = table
    pipeline = f"Concat([{text} |> map(x = x + 1.0) |> cache(), {text}]) |> batch(80)"
    ((data, _),) = items(pipeline)
    np.testing.assert_array_equal(data[0][:40], arrays["x"] + 1)
    np.testing.assert_array_equal(data[0][40:], arrays["x"])


# ---- mistakes


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("filter(labl < 5)", "unknown name `labl`"),
        ("filter(label)", "filter: it takes true or false for each sample, found i32[]"),
        ("filter(image > 3.0)", "found bool[8, 8, 1]"),
        ("filter(3)", "`predicate` of filter: expected a tensor, found `3`"),
        ("filter()", "predicate"),
        ("shuffle() |> filter(label < 5)", "another order each epoch, and it looks at them once"),
        ("batch(2) |> filter(any(label < 5))", "filter: it chooses single samples"),
        ("Rescale(0.5, 0.0) |> filter(sum(image) > 1.0)", "Rescale changes them in it"),
        ("RandomCrop(4) |> filter(sum(image) > 1.0)", "RandomCrop changes them in it"),
        ("OneHot(10) |> filter(label[0] > 1.0)", "OneHot changes them in it"),
        (
            "Rescale(0.5, 0.0) |> map(ink = sum(image)) |> filter(ink > 1.0)",
            "it needs the values of ink before the run, and Rescale changes them in it",
        ),
        ("map(3)", "each expression needs the name of a column before it"),
        ("map()", "map: it makes no column"),
        ("map(x = 3)", "expected a tensor, found `3`"),
        ("map(x = image, x = image)", "map is given `x` twice"),
        ("map(x = erfinv(image))", "the op `erfinv` in a dataset cannot be called"),
        ("map(x = reshape(image, [7]))", "reshape: "),
        ("map(x = foo(image))", "unknown name `foo`"),
        ('rename(["imge"], ["x"])', "the dataset does not have the column 'imge'"),
        ('rename(["image"], ["label"])', "two columns would be called 'label'"),
        ('rename(["image"], [])', "1 columns are renamed to 0 names"),
        ('project(["label"])', "it leaves no column of data"),
        ('project(["image", "image"])', "the column 'image' is chosen twice"),
        ('project(["picture"])', "does not have the column 'picture'"),
    ],
)
def test_steps_that_do_not_fit(steps, expected):
    assert expected in "\n".join(problems(f"dataset d = Digits() |> {steps}"))


def test_ops_do_not_take_texts(here):
    text = 'dataset d = TextFile("t.txt") |> filter(sum(text) > 1)'
    assert "ops take numbers, and text is str[]" in "\n".join(problems(text))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Concat([])", "Concat: the list of datasets is empty"),
        ("Concat([3])", "`datasets` of Concat: expected a dataset"),
        ("Concat([Digits(), Digits() |> batch(3)])", "Concat: it takes single samples"),
        ("Zip([Digits(), Digits()])", "two of the datasets have a column image"),
        (
            "Concat([Digits(), Digits() |> Resize([4, 4])])",
            "the column image is f32[8, 8, 1] in one dataset and f32[4, 4, 1] in another",
        ),
        (
            'Concat([Digits(), Digits() |> rename(["image"], ["x"])])',
            "the datasets have different columns",
        ),
        ("Concat([Digits() |> OneHot(3), Digits()])", "OneHot: the labels come from 10 classes"),
    ],
)
def test_datasets_that_cannot_be_merged(source, expected):
    assert expected in "\n".join(problems(f"dataset d = {source}"))


def test_one_mistake_one_error():
    text = """
        dataset a = Digits() |> OneHot(3)
        dataset b = a |> filter(label < 3)
        dataset c = Concat([b, a])
    """
    (found,) = problems(text)
    assert "OneHot: the labels come from 10 classes" in found


def test_an_item_that_has_no_value_is_named(table):
    text, _ = table
    with pytest.raises(Unavailable, match=r"item 2: .*cannot be i8"):
        items(f"{text} |> map(z = cast(n * 100, i8)) |> filter(z > 0)")


def test_a_column_wins_over_a_name_of_the_file():
    text = "let label = 3\nlet least = 4\ndataset d = Digits() |> filter(label == least) |> take(2)"
    found = Stream(checked(text).datasets["d"], 0).epoch(1).as_numpy_iterator()
    assert [int(label) for _, label in found] == [4, 4]


def test_maps_of_activations_and_choices(table):
    text, arrays = table
    x, n = arrays["x"], arrays["n"]
    steps = (
        "map(x = relu(x), p = softmax(x), best = argmax(x), code = one_hot(y, 4), "
        "order = sort(x, descending = true)[0], top = topk(x, 2)[1], soft = gelu(x))"
    )
    found = [data for data, _ in items(f"{text} |> {steps}")]
    relu, numbers, p, best, code, order, top, soft = (
        np.stack(column) for column in zip(*found, strict=True)
    )
    np.testing.assert_array_equal(relu, np.maximum(x, 0))
    np.testing.assert_array_equal(numbers, n)
    powers = np.exp(x.astype(np.float64))
    expected = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    np.testing.assert_allclose(p, expected, 1e-7)
    np.testing.assert_array_equal(best, x.argmax(axis=1))
    np.testing.assert_array_equal(code, np.eye(4, dtype=np.float32)[arrays["y"]])
    np.testing.assert_array_equal(order, -np.sort(-x, axis=1))
    np.testing.assert_array_equal(top, np.argsort(-x, axis=1)[:, :2])
    erf = np.vectorize(math.erf)(x / math.sqrt(2))
    np.testing.assert_allclose(soft, 0.5 * x * (1 + erf), 1e-6)
    assert [relu.dtype.name, p.dtype.name, best.dtype.name] == ["float32", "float32", "int64"]


def test_filters_by_the_largest(table):
    text, arrays = table
    expected = np.flatnonzero(arrays["x"].argmax(axis=1) == 1).tolist()
    assert _numbers(f"{text} |> filter(argmax(x) == 1)") == expected


@pytest.mark.parametrize(
    ("expression", "op"),
    [("rand_like(x)", "rand_like"), ("erfinv(x)", "erfinv")],
)
def test_ops_without_an_array_form_are_named(table, expression, op):
    text, _ = table
    (found,) = problems(f"dataset d = {text} |> map(x = {expression})")
    assert found.startswith("E308")
    assert f"the op `{op}` in a dataset cannot be called" in found
