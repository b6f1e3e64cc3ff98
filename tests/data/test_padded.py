"""Batches of samples that differ in size; expected values are MindSpore 2.10's."""

import pytest

from declspore.data.stream import Stream
from declspore.registry.data import Unavailable
from tests.data.support import items, stream
from tests.support import checked, problems

LENGTHS = [1, 5, 2, 7, 3, 3, 8, 1, 2, 6, 4]
TEXT = 'TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt")'


@pytest.fixture(autouse=True)
def texts(here):
    """The line n consists of so many times the number n, counted from 1."""
    lines = (" ".join([str(n)] * size) for n, size in enumerate(LENGTHS, start=1))
    (here / "t.txt").write_text("\n".join(lines) + "\n")
    (here / "v.txt").write_text("\n".join(map(str, range(20))) + "\n")


def _batches(steps: str, epoch: int = 1, seed: int = 0) -> list:
    return [data.tolist() for data, _ in items(f"{TEXT} |> {steps}", seed, epoch)]


def _filled(numbers, size: int, value: int = 0) -> list:
    rows = ([n] * LENGTHS[n - 1] for n in numbers)
    return [(row + [value] * size)[:size] for row in rows]


@pytest.mark.parametrize(
    ("pad_info", "sizes", "value"),
    [
        ("none", [5, 7, 8, 6], 0),
        ('[["text", [none], 9]]', [5, 7, 8, 6], 9),
        ('[["text", none, 9]]', [5, 7, 8, 6], 9),
        ('[["text", [10], 9]]', [10] * 4, 9),
        ('[["text", [4], 9]]', [4] * 4, 9),
    ],
)
def test_padded_batch(pad_info, sizes, value):
    groups = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11]]
    expected = [_filled(group, size, value) for group, size in zip(groups, sizes, strict=True)]
    assert _batches(f"padded_batch(3, pad_info = {pad_info})") == expected
    assert _batches(f"padded_batch(3, true, {pad_info})") == expected[:3]


BUCKETS = [([4], 7), ([2, 5], 5), ([7], 8), ([1, 3, 8], 2), ([10], 6), ([6, 11], 4), ([9], 2)]
"""What ``bucket_batch_by_length(["x"], [3, 6], [3, 2, 1])`` of MindSpore gives, in its order."""


def test_buckets():
    expected = [_filled(numbers, size) for numbers, size in BUCKETS]
    call = 'bucket_batch_by_length(["text"], [3, 6], [3, 2, 1]'
    assert _batches(f"{call})") == expected
    assert _batches(f"{call}, drop_remainder = true)") == expected[:6]
    filled = [_filled(numbers, size, 9) for numbers, size in BUCKETS]
    assert _batches(f'{call}, pad_info = [["text", [none], 9]])') == filled


def test_buckets_up_to_their_boundaries():
    found = _batches(
        'bucket_batch_by_length(["text"], [3, 6, 10], [3, 2, 2, 1], pad_to_bucket_boundary = true)'
    )
    expected = [([2, 5], 5), ([4, 7], 9), ([1, 3, 8], 2), ([6, 11], 5), ([9], 2), ([10], 9)]
    assert found == [_filled(numbers, size) for numbers, size in expected]


def test_a_length_without_a_boundary_above_is_named():
    steps = 'bucket_batch_by_length(["text"], [3, 6], [3, 2, 1], pad_to_bucket_boundary = true)'
    with pytest.raises(Unavailable, match=r"t.txt, line 4: its length is 7, .* the last one is 6"):
        Stream(checked(f"dataset d = {TEXT} |> {steps}").datasets["d"], 0)


def test_positions_in_buckets_are_numbers():
    steps = f'{TEXT} |> shuffle() |> bucket_batch_by_length(["text"], [3, 6], [3, 2, 1])'
    for epoch in (1, 2):
        whole = [data.tolist() for data, _ in items(steps, 3, epoch)]
        assert len(whole) == len(stream(steps)) == 7
        rest = stream(steps, 3).epoch(epoch, 4).as_numpy_iterator()
        assert [data.tolist() for data, _ in rest] == whole[4:]
    orders = [[data.tolist() for data, _ in items(steps, 3, epoch)] for epoch in (1, 2)]
    assert orders[0] != orders[1]
    both = f"{steps} |> shuffle() |> repeat(2)"
    assert len(items(both)) == 14


def test_several_columns_are_padded():
    pairs = f'Zip([{TEXT}, Digits() |> rename(["image"], ["picture"])])'
    steps = 'padded_batch(4, pad_info = [["text", [none], 5]]) |> OneHot(10)'
    (text, pictures), labels = items(f"{pairs} |> {steps}")[0]
    assert text.tolist() == _filled([1, 2, 3, 4], 7, 5)
    assert pictures.shape == (4, 8, 8, 1)
    assert labels.shape == (4, 10)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("batch(2)", "the samples differ in size: text: i32[L]"),
        ("padded_batch(2) |> padded_batch(2)", "batched already"),
        ("padded_batch(2, pad_info = [[3]])", "pad_info is a list of name, sizes and value"),
        ('padded_batch(2, pad_info = [["x", [4], 0]])', "does not have the column 'x'"),
        ('padded_batch(2, pad_info = [["text", [4, 4], 0]])', "pad_info has 2 sizes for text"),
        ('padded_batch(2, pad_info = [["text", [0], 0]])', "are not a list of sizes"),
        ('padded_batch(2, pad_info = [["text", [4], 0.5]])', "cannot hold 0.5"),
        ('padded_batch(2, pad_info = [["text", [4], "a"]])', "is filled with a number"),
        ('bucket_batch_by_length(["x"], [3], [2, 1])', "does not have the column 'x'"),
        ('bucket_batch_by_length(["text"], [3], [2])', "which make 2 buckets, and 1 batch sizes"),
        ('bucket_batch_by_length(["text"], [3, 3], [2, 1, 1])', "are lengths that increase"),
        ('bucket_batch_by_length(["text", "b"], [3], [2, 1])', "the length is that of one column"),
        (
            'shuffle() |> take(4) |> bucket_batch_by_length(["text"], [3], [2, 1])',
            "the samples are others each epoch",
        ),
        (
            'map(text = text[0]) |> bucket_batch_by_length(["text"], [3], [2, 1])',
            "text: i32[] has no length",
        ),
    ],
)
def test_mistakes(steps, expected):
    assert expected in "\n".join(problems(f"dataset d = {TEXT} |> {steps}"))


# ---- lengths by an expression

BY_LONGER = [([1, 3], 2, 4), ([2, 4], 7, 6), ([5, 7], 8, 8), ([6, 9], 3, 3), ([8, 10], 6, 7)]
BY_BOTH = [([1, 3], 2, 4), ([4, 6], 7, 3), ([2, 5, 7], 8, 8), ([9, 11], 4, 2), ([8], 1, 7)]
"""Batches of ``bucket_batch_by_length(["text", "other"], [6, 9], [2, 2, 3], function)`` of
MindSpore: their numbers, and how long the two columns become; without the last one."""


@pytest.mark.parametrize(
    ("function", "expected", "last"),
    [
        ("maximum({a}, {b})", BY_LONGER, ([11], 4, 1)),
        ("{a} + {b}", BY_BOTH, ([10], 6, 5)),
    ],
)
def test_buckets_by_an_expression(here, function, expected, last):
    lines = (" ".join([str(n)] * size) for n, size in enumerate(LENGTHS[::-1], start=1))
    (here / "o.txt").write_text("\n".join(lines) + "\n")
    lengths = {name: f"sum(ones_like({column}))" for name, column in COLUMNS.items()}
    call = 'bucket_batch_by_length(["text", "other"], [6, 9], [2, 2, 3], '
    found = items(f"{TWO} |> {call}element_length_function = {function.format(**lengths)})")
    shown = [(a[:, 0].tolist(), a.shape[1], b.shape[1]) for (a, b), _ in found]
    assert shown == [*expected, last]


COLUMNS = {"a": "text", "b": "other"}
_WORDS = 'input_columns = ["text", "other"])'
TWO = (
    'Zip([TextFile("t.txt"), TextFile("o.txt") |> rename(["text"], ["other"])]) '
    f'|> WhitespaceTokenizer({_WORDS} |> Lookup("v.txt", {_WORDS}'
)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('["text", "other"], [4], [2, 2]', "without element_length_function the length is that of"),
        (
            '["text"], [4], [2, 2], element_length_function = sum(other)',
            "element_length_function uses other, which column_names does not have",
        ),
        (
            '["text"], [4], [2, 2], element_length_function = text',
            "element_length_function is a single integer for each sample, found i32[L]",
        ),
        (
            '["text"], [4], [2, 2], element_length_function = mean(cast(text, f32))',
            "element_length_function is a single integer for each sample, found f32[]",
        ),
    ],
)
def test_mistakes_in_lengths(here, arguments, reason):
    (found,) = problems(f"dataset d = {TWO} |> bucket_batch_by_length({arguments})")
    assert found.startswith("E306")
    assert reason in found
