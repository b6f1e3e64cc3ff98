"""``declspore vocabulary``: the tokens of a dataset, the most frequent first."""

import pytest

from tests.cli.support import codes, failing, said

SPEC = """spec 1
dataset lines  = TextFile("t.txt")
dataset tokens = lines |> WhitespaceTokenizer()
dataset numbers = tokens |> Lookup("vocab.txt", "[UNK]")
"""


@pytest.fixture
def texts(here):
    (here / "t.spec").write_text(SPEC)
    (here / "t.txt").write_text("b a b\n\n c é b a [UNK]\n \n", encoding="utf-8")
    return here


def test_the_most_frequent_first(texts):
    assert said("vocabulary", "t.spec:tokens", "-o", "vocab.txt") == "wrote vocab.txt: 5 tokens\n"
    assert (texts / "vocab.txt").read_text(encoding="utf-8") == "b\na\n[UNK]\nc\né\n"


def test_special_tokens_come_first_and_once(texts):
    special = ["--special-token", "[PAD]", "--special-token", "[UNK]"]
    text = said("vocabulary", "t.spec:tokens", "-o", "vocab.txt", "--top-k", 2, *special)
    assert text == "wrote vocab.txt: 4 tokens, 2 tokens left out\n"
    assert (texts / "vocab.txt").read_text() == "[PAD]\n[UNK]\nb\na\n"


@pytest.mark.parametrize("dataset", ["lines", "numbers"])
def test_items_that_are_no_tokens(texts, dataset):
    (texts / "vocab.txt").write_text("[UNK]\n")
    done = failing("vocabulary", f"t.spec:{dataset}", "-o", "new.txt")
    assert codes(done) == ["E551"]
    assert "its items are not lists of tokens" in done.stderr
    assert not (texts / "new.txt").exists()


def test_texts_that_are_missing(texts):
    (texts / "t.txt").unlink()
    assert codes(failing("vocabulary", "t.spec:tokens", "-o", "new.txt")) == ["E551"]


def test_a_token_twice(texts):
    special = ["--special-token", "[PAD]", "--special-token", "[PAD]"]
    done = failing("vocabulary", "t.spec:tokens", "-o", "new.txt", *special)
    assert (done.exit_code, "[PAD] is given twice" in done.stderr) == (2, True)
