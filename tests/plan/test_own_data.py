"""Mistakes in data of one's own, which a plan reports with the line that mends them."""

import numpy as np
import pytest

from declspore.flows.order import opened
from declspore.plan.planner import make_plan
from declspore.plan.samples import sample_files
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError
from tests.support import checked

TABLE = '[Column("x", [2], fields = ["a", "b"])], [Column("y", dtype = i32)]'
ARRAYS = '[Column("x", [2])], [Column("y", dtype = i32)]'
TOKENS = 'TextFile("t.txt") |> WhitespaceTokenizer() |> {} |> padded_batch(2)'


@pytest.fixture
def files(here):
    for name, text in (
        ("semicolons.csv", "a;b;y\n1;2;0\n"),
        ("tabs.csv", "a\tb\ty\n1\t2\t0\n"),
        ("headless.csv", "1,2,0\n3,4,1\n"),
        ("header.csv", "a,b,y\n"),
        ("t.txt", "the cat\nsat\n"),
        ("v.txt", "the\ncat\n"),
    ):
        (here / name).write_text(text)
    (here / "latin.csv").write_bytes("a,b,y\n1,2,0\n".replace("b", "\xe9").encode("latin-1"))
    (here / "wide.csv").write_bytes("a,b,y\n1,2,0\n".encode("utf-16"))
    x, y = np.zeros((3, 2), np.float32), np.zeros(3, np.int32)
    np.savez("places.npz", x, y)
    np.savez("named.npz", xs=x, y=y)
    np.savez("texts.npz", x=x, y=np.array(["a", "b", "c"]))
    np.savez("none.npz", x=x[:0], y=y[:0])
    np.save("x.npy", x)
    (here / "empty").mkdir()
    for folder in ("split/train/cat", "split/train/dog", "junk/cat", "junk/__MACOSX"):
        (here / folder).mkdir(parents=True)
    for picture in ("split/train/cat/1.png", "junk/cat/1.png"):
        (here / picture).write_bytes(b"a picture")
    return here


@pytest.mark.parametrize(
    ("pipeline", "reason", "help"),
    [
        (f'Csv("semicolons.csv", {TABLE})', "does not have the field a, b", 'field_delim = ";"'),
        (f'Csv("tabs.csv", {TABLE})', "does not have the field a, b", r'field_delim = "\t"'),
        (f'Csv("headless.csv", {TABLE})', "its first line has 1, 2, 0", "column_names = [...]"),
        (f'Csv("header.csv", {TABLE})', "Csv has no sample", ""),
        (f'Csv("latin.csv", {TABLE})', "byte 3 is 0xe9", "iconv -f LATIN1"),
        (f'Csv("wide.csv", {TABLE})', "byte 1 is 0xff", "iconv -f UTF-16"),
        (f'NumpySlices("places.npz", {ARRAYS})', "arr_0, arr_1", 'savez("places.npz", x = ...)'),
        (f'NumpySlices("named.npz", {ARRAYS})', "no array 'x'", 'did you mean Column("xs")?'),
        (f'NumpySlices("texts.npz", {ARRAYS})', "is not a column", "numbers texts"),
        (f'NumpySlices("none.npz", {ARRAYS})', "NumpySlices has no sample", ""),
        (f'NumpySlices("x.npy", {ARRAYS})', "not a whole .npz", "one .npy file a column"),
        (f'NumpySlices("header.csv", {ARRAYS})', "not a whole .npz", "Csv(...)"),
        (f'NumpySlices("empty", {ARRAYS})', "there are none", "empty/x.npy"),
        ('ImageFolder("split")', "does not have a picture", 'ImageFolder("split/train")'),
        ('ImageFolder("junk")', "does not have a picture", 'class_indexing = ["cat"]'),
        (
            'ImageFolder("split/train", class_indexing = ["cats"])',
            "does not have the folder cats",
            'did you mean "cat"?',
        ),
        (TOKENS.format('Lookup("nowhere.txt")'), "nowhere.txt cannot be read", ""),
        (
            TOKENS.format('Lookup("v.txt", "[UNK]")'),
            "v.txt does not have the token '[UNK]'",
            '--special-token "[UNK]"',
        ),
        (TOKENS.format('WordpieceTokenizer("nowhere.txt")'), "nowhere.txt cannot be read", ""),
        ('TextFile("t.txt") |> BertTokenizer("nowhere.txt")', "nowhere.txt cannot be read", ""),
    ],
)
def test_what_cannot_be_used(files, pipeline, reason, help):
    dataset = checked(f"dataset d = {pipeline}").datasets["d"]
    with pytest.raises(Unavailable) as caught:
        opened(dataset.pipeline)
    assert reason in str(caught.value)
    assert help in " ".join(caught.value.helps)


def test_a_vocabulary_is_reported_where_it_is_named(files):
    text = f"""
network N() {{
  e = Embedding(9, 4)
  construct(text: i32[B, T]) = mean(e(text), axis = 1)
}}
dataset d = {TOKENS.format('Lookup("nowhere.txt")')}
predict p {{ network = N() load = none dataset = d save "p.csv" }}
"""
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(text))
    (found,) = caught.value.diagnostics
    assert found.labels[0].place.text == 'Lookup("nowhere.txt")'


def test_a_vocabulary_is_one_of_the_files(files):
    """Its digest is in the lock, and an interrupted training goes on with the same one alone."""
    lookup = 'TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt", "the")'
    dataset = checked(f"dataset d = Concat([{lookup}, {lookup}])").datasets["d"]
    found = list(sample_files(dataset, dataset.span))
    assert [file.path for file in found] == ["t.txt", "v.txt"]
    assert [file.name for file in found] == ["dataset[0]", "dataset[1]"]
    assert found[1].span.text == 'Lookup("v.txt", "the")'
