"""Texts to tokens and their numbers."""

import json

import numpy as np
import pytest

from declspore.registry.data import Unavailable
from tests.data.support import items, stream
from tests.support import problems

TEXT = "the cat sat\n  on\tthe   mat \nan unknown word äöü"
STEPS = 'WhitespaceTokenizer() |> Lookup("v.txt", "[UNK]") |> PadEnd(5, 0) |> batch(3)'


@pytest.fixture
def texts(here):
    (here / "t.txt").write_text(TEXT)
    (here / "v.txt").write_text("[PAD]\n[UNK]\nthe\ncat\nsat\non\nmat\näöü\n")


def test_texts_become_numbers(texts):
    ((ids, _),) = items(f'TextFile("t.txt") |> {STEPS}')
    assert ids.dtype == np.int32
    assert ids.tolist() == [[2, 3, 4, 0, 0], [5, 2, 6, 0, 0], [1, 1, 1, 7, 0]]
    tokens = [x.tolist() for x, _ in items('TextFile("t.txt") |> WhitespaceTokenizer()')]
    assert tokens[1] == [b"on", b"the", b"mat"]
    cut = items('TextFile("t.txt") |> WhitespaceTokenizer() |> Truncate(2)')
    assert [len(x) for x, _ in cut] == [2, 2, 2]


def test_vocabularies_of_lists(texts):
    tokens = ["[PAD]", "[UNK]", "the", "cat", "sat", "on", "mat", "äöü"]
    listed = json.dumps(tokens, ensure_ascii=False)
    steps = STEPS.replace('"v.txt"', listed)
    ((ids, _),) = items(f'TextFile("t.txt") |> {steps}')
    assert ids.tolist() == [[2, 3, 4, 0, 0], [5, 2, 6, 0, 0], [1, 1, 1, 7, 0]]
    short = f'TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup({listed}, "[UNK]", u8)'
    assert items(short)[0][0].dtype == np.uint8
    pieces = 'TextFile("t.txt") |> BertTokenizer(["c", "##at", "the"])'
    assert items(pieces)[0][0].tolist() == [b"the", b"c", b"##at", b"[UNK]"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('["a", "b", "a"]', "the token 'a' comes twice"),
        ('["a", "b"], "[UNK]"', "the list does not have the token '[UNK]'"),
        ('["a", "b"], data_type = bool', "data_type is bool"),
        (f"{[str(n) for n in range(300)]}, data_type = u8".replace("'", '"'), "u8 is too small"),
    ],
)
def test_lists_that_make_no_vocabulary(arguments, reason):
    text = f'dataset d = TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup({arguments})'
    (problem,) = problems(text)
    assert reason in problem


def test_a_token_that_is_not_known(texts):
    found = stream('TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt")')
    reason = r"t\.txt, line 3: token 1, a text of 2 characters, is not in v\.txt"
    with pytest.raises(Unavailable, match=reason):
        _read(found)


def _read(found) -> None:
    with found.explained():
        list(found.epoch(1))


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("batch(2) |> WhitespaceTokenizer()", "single items"),
        ('WhitespaceTokenizer() |> Lookup("v.txt") |> batch(2)', "differ in size"),
        ("PadEnd(3)", "takes a sequence of numbers"),
        ("Truncate(3)", "takes a sequence, found str[]"),
    ],
)
def test_what_does_not_fit(steps, reason):
    (problem,) = problems(f'dataset d = TextFile("t.txt") |> {steps}')
    assert reason in problem


@pytest.mark.mindspore
def test_the_same_numbers_as_mindspore(texts, mindspore):
    read = """
import json, mindspore.dataset as ds
from mindspore.dataset import text, transforms
vocab = text.Vocab.from_file("v.txt")
data = ds.TextFileDataset("t.txt", shuffle=False)
data = data.map([text.WhitespaceTokenizer(), text.Lookup(vocab, "[UNK]"),
                 transforms.PadEnd([5], 0)], "text")
print(json.dumps([r["text"].tolist() for r in data.create_dict_iterator(1, True)]))
"""
    theirs = json.loads(mindspore(read).splitlines()[-1])
    ((ids, _),) = items(f'TextFile("t.txt") |> {STEPS}')
    assert ids.tolist() == theirs
