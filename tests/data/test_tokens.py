"""Tokenizers and changes of texts against MindSpore's."""

import json

import numpy as np
import pytest

from declspore.datafile import Damaged
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType
from declspore.registry.data import TransformKind
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.data.support import items, term
from tests.oracle.texts import OF_TEXTS, OF_WORDS, TEXTS, VOCABULARY, WORDS
from tests.support import problems

EXPECTED = json.loads((GOLDEN / "texts.json").read_text())


@pytest.fixture(autouse=True)
def vocab(here):
    (here / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")


def _applied(text: str, value, rank: int):
    found = term(text)
    kind = vocabulary().of(TransformKind, found.word)
    type = TensorType(STRING, (3,) * rank)
    result = kind.compute(found.arguments, type, value, ())
    return result.decode() if isinstance(result, bytes) else [token.decode() for token in result]


@pytest.mark.parametrize("case", OF_TEXTS)
def test_texts_like_mindspore(case):
    found = [_applied(OF_TEXTS[case][1], text.encode(), 0) for text in TEXTS]
    assert found == EXPECTED[case]


@pytest.mark.parametrize("case", OF_WORDS)
def test_tokens_like_mindspore(case):
    rows = [np.array([word.encode() for word in words], object) for words in WORDS]
    assert [_applied(OF_WORDS[case][1], row, 1) for row in rows] == EXPECTED[case]


def test_a_bert_pipeline(here):
    (here / "t.txt").write_text("Hello, World!\nunaffable\n")
    steps = 'BertTokenizer("vocab.txt", lower_case = true) |> Lookup("vocab.txt", "[UNK]")'
    found = items(f'TextFile("t.txt") |> {steps} |> padded_batch(2)')
    assert [ids.tolist() for ids, _ in found] == [[[7, 15, 8, 16], [4, 5, 6, 0]]]


def test_numbers_and_windows(here):
    (here / "t.txt").write_text("1 2.7 -3\n4 5\n")
    words = 'TextFile("t.txt") |> WhitespaceTokenizer()'
    found = [x.tolist() for x, _ in items(f"{words} |> ToNumber(i32)")]
    assert found == [[1, 2, -3], [4, 5]]
    assert items(f"{words} |> ToNumber(f32)")[0][0].dtype == np.float32
    windows = [x.tolist() for x, _ in items(f"{words} |> ToNumber(i32) |> SlidingWindow(3)")]
    assert windows == [[[1, 2, -3]], []]
    assert items(f"{words} |> SlidingWindow(2)")[1][0].tolist() == [[b"4", b"5"]]


@pytest.mark.parametrize(
    ("text", "dtype"), [("x", "i32"), ("300", "i8"), ("-1", "u8"), ("", "f32")]
)
def test_what_is_not_a_number(text, dtype):
    with pytest.raises(Damaged, match="expected a number of"):
        _applied(f"ToNumber({dtype})", text.encode(), 0)


def test_bytes_that_are_no_text():
    with pytest.raises(Damaged, match="its text is not UTF-8"):
        _applied("BasicTokenizer()", b"\xff\xfe", 0)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ('RegexTokenizer("[")', "'[' is not a pattern: missing"),
        ('RegexReplace("(", "")', "'(' is not a pattern: missing"),
        ("BasicTokenizer() |> BasicTokenizer()", "it takes a text, found str[L]"),
        ('WordpieceTokenizer("vocab.txt")', "it takes tokens, found str[]"),
        ("Ngram([2])", "it takes tokens, found str[]"),
        ("BasicTokenizer() |> Ngram([2], [1, 2])", "left_pad is a token and how often it comes"),
        ("ToNumber(bool)", "it makes numbers"),
        ("SlidingWindow(2)", "it takes a sequence, found str[]"),
        ('NormalizeUTF8("NFX")', "normalize_form"),
    ],
)
def test_mistakes(steps, reason):
    assert reason in "\n".join(problems(f'dataset d = TextFile("t.txt") |> {steps}'))


def test_a_hostile_pattern_takes_no_time():
    found = _applied(r'RegexReplace("(a+)+$", "x")', b"a" * 50_000 + b"b", 0)
    assert len(found) == 50_001
