"""Vocabularies in Python; expected values are MindSpore 2.10's."""

import numpy as np
import pytest

import declspore
import declspore.dataset as ds
from declspore.dataset import text
from declspore.dataset.text import Vocab


def test_of_lists_and_dicts():
    special = ["<pad>", "<unk>"]
    found = Vocab.from_list(["a", "b", "c"], special)
    assert found.vocab() == {"<pad>": 0, "<unk>": 1, "a": 2, "b": 3, "c": 4}
    last = Vocab.from_list(["a", "b", "c"], special, special_first=False)
    assert last.vocab() == {"a": 0, "b": 1, "c": 2, "<pad>": 3, "<unk>": 4}
    assert Vocab.from_list([]).vocab() == {}
    assert Vocab.from_dict({"a": 3, "b": 1}).vocab() == {"a": 3, "b": 1}


def test_of_files(here):
    (here / "v.txt").write_text("a\nb\n\n c \nb2,z\nlast")
    assert Vocab.from_file("v.txt").vocab() == {
        "a": 0,
        "b": 1,
        "": 2,
        " c ": 3,
        "b2,z": 4,
        "last": 5,
    }
    (here / "w.txt").write_text("a,1\nb,2\nc\n")
    assert Vocab.from_file("w.txt", ",", 2, ["<s>"]).vocab() == {"<s>": 0, "a": 1, "b": 2}
    assert Vocab.from_file("w.txt", ",", None, ["<s>"], False).vocab()["<s>"] == 3
    assert Vocab.from_file("w.txt", ",", 100).vocab() == {"a": 0, "b": 1, "c": 2}


@pytest.fixture
def tokens():
    columns = {"t": ["a b a c a", "c c d", "a e"], "u": ["x y", "x", "z"]}
    found = ds.NumpySlicesDataset(columns, shuffle=False)
    for name in columns:
        found = found.map(text.WhitespaceTokenizer(), [name])
    return found


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"columns": "t"}, ["a", "c", "b", "d", "e"]),
        (
            {"columns": ["t", "u"], "top_k": 4, "special_tokens": ["<p>"]},
            ["<p>", "a", "c", "x", "b"],
        ),
        ({}, ["a", "c", "x", "b", "d", "e", "y", "z"]),
        (
            {
                "columns": "t",
                "freq_range": (2, 4),
                "special_tokens": ["<p>"],
                "special_first": False,
            },
            ["a", "c", "<p>"],
        ),
        ({"columns": "t", "freq_range": (None, 1)}, ["b", "d", "e"]),
    ],
)
def test_of_datasets(tokens, arguments, expected):
    found = Vocab.from_dataset(tokens, **arguments)
    assert found.vocab() == {token: number for number, token in enumerate(expected)}


def test_numbers_and_tokens():
    found = Vocab.from_list(["a", "b", "c"], ["<unk>"])
    assert found.tokens_to_ids(["a", "c", "zz"]) == [1, 3, -1]
    assert (found.tokens_to_ids("b"), found.tokens_to_ids("zz")) == (2, -1)
    assert found.tokens_to_ids(np.array(["a", "b"])) == [1, 2]
    assert found.ids_to_tokens([0, 2]) == ["<unk>", "b"]
    assert (found.ids_to_tokens(1), found.ids_to_tokens(99)) == ("a", "")
    assert found.ids_to_tokens(np.array([1, 2])) == ["a", "b"]


def test_lookup(tokens, here):
    found = Vocab.from_dataset(tokens, "t", top_k=2, special_tokens=["<unk>"])
    mapped = tokens.map(text.Lookup(found, "<unk>"), ["t"])
    rows = [row[0] for row in mapped.create_tuple_iterator(output_numpy=True)]
    assert [row.tolist() for row in rows] == [[1, 0, 1, 2, 1], [2, 2, 0], [1, 0]]
    assert rows[0].dtype == np.int32
    for wanted, dtype in ((declspore.float32, "float32"), (declspore.bool_, "bool")):
        assert text.Lookup(found, "<unk>", wanted)(["a", "q"]).dtype.name == dtype
    (here / "v.txt").write_text("x\na\n")
    assert text.Lookup("v.txt")(["a", "x"]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (
            lambda: Vocab.from_list(["a", "b", "a"]),
            ValueError,
            "word_list has a text of 1 character twice, as number 0",
        ),
        (
            lambda: Vocab.from_list(["a"], ["x", "x"]),
            ValueError,
            "special_tokens has a text of 1 character twice",
        ),
        (lambda: Vocab.from_list(["a"], ["a"]), ValueError, "special_tokens has 'a', which is"),
        (lambda: Vocab.from_list([3]), TypeError, "word_list is a list of strings, found 3"),
        (lambda: Vocab.from_dict({"a": -3}), ValueError, "from 0 to 2147483647, found -3"),
        (lambda: Vocab.from_dict({"a": "1"}), TypeError, "maps tokens to integers"),
        (lambda: Vocab.from_list(["a"]).ids_to_tokens(-1), ValueError, "found -1"),
        (lambda: Vocab.from_list(["a"]).ids_to_tokens("a"), TypeError, "ids are integers"),
        (lambda: Vocab.from_file("none.txt"), FileNotFoundError, "none.txt"),
        (
            lambda: text.Lookup(Vocab.from_list(["a"]))(["b"]),
            ValueError,
            "1 character is not in the voc",
        ),
        (lambda: text.Lookup(Vocab.from_list(["a"]), "u"), ValueError, "'u' is not in the voc"),
        (lambda: text.Lookup(3), TypeError, "vocab is a Vocab or a path, found int"),
    ],
)
def test_mistakes(here, make, error, reason):
    with pytest.raises(error, match=reason):
        make()


def test_mistakes_of_datasets(tokens):
    numbers = ds.NumpySlicesDataset({"x": np.arange(3)})
    with pytest.raises(ValueError, match="the column 'x' has int64 values, not tokens"):
        Vocab.from_dataset(numbers)
    with pytest.raises(ValueError, match="special_tokens has 'a', which is"):
        Vocab.from_dataset(tokens, "t", special_tokens=["a"])
    with pytest.raises(ValueError, match="freq_range begins at its smaller number"):
        Vocab.from_dataset(tokens, "t", freq_range=(3, 1))


def test_tokenizers_take_a_vocabulary():
    known = Vocab.from_list(["[UNK]", "un", "##known", "cat"])
    found = text.WordpieceTokenizer(known)(np.array(["cat", "unknown", "dog"]))
    assert found.tolist() == [b"cat", b"un", b"##known", b"[UNK]"]
