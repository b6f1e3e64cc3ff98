"""Labels that are names of classes: their numbers, and what is said of them."""

import numpy as np
import pytest

from declspore.check.datasets import Dataset
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from tests.data.support import items, stream
from tests.support import checked, problems

KIND = '[Column("kind", classes = ["cat", "dog"])]'
CSV = f'Csv("a.csv", [Column("x")], {KIND})'
NETWORK = """
network N() {
  fc = Dense(1, 2)
  construct(x: f32[B, 1]) = fc(x)
}
dataset rows = Csv("a.csv", [Column("x", [1])], [Column("kind", dtype = str)]) |> batch(2)
"""


@pytest.fixture
def table(here):
    (here / "a.csv").write_text("x,kind\n1,dog\n2, cat \n3,dog\n")
    return here


def _refused(text: str) -> str:
    def read() -> None:
        found = stream(text)
        with found.explained():
            list(found.epoch(1).as_numpy_iterator())

    with pytest.raises(Unavailable) as raised:
        read()
    return str(raised.value)


def _dataset(text: str) -> Dataset:
    return checked(f"dataset d = {text}").datasets["d"]


def test_a_table(table):
    labels = [label for _, label in items(CSV)]
    assert [(int(label), label.dtype) for label in labels] == [(n, np.int32) for n in (1, 0, 1)]
    dataset = _dataset(CSV)
    source = dataset.pipeline.source
    assert dataset.element.classes == 2
    assert vocabulary().of(SourceKind, source.word).classes(source.arguments) == ("cat", "dog")


@pytest.mark.parametrize(
    ("value", "found"),
    [("cow", "a text of 3 characters"), ("", "''"), ("Dog", "a text of 3 characters")],
)
def test_a_class_that_is_not_named(table, value, found):
    (table / "a.csv").write_text(f"x,kind\n1,dog\n2,{value}\n")
    assert _refused(CSV) == (f"a.csv, line 3: expected one of `cat`, `dog` for kind, found {found}")


def test_parquet(here):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    def write(*kinds):
        rows = pyarrow.table({"x": np.zeros(len(kinds), np.float32), "kind": list(kinds)})
        parquet.write_table(rows, "a.parquet")

    text = f'Parquet("a.parquet", [Column("x")], {KIND})'
    write("dog", "cat")
    assert [int(label) for _, label in items(text)] == [1, 0]
    write(3, 4)
    assert "expected the name of a class for kind, found '3'" in _refused(text)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ('Column("k", [2], classes = ["a"])', "the number of a class is a single integer"),
        ('Column("k", dtype = str, classes = ["a"])', "the number of a class is a single integer"),
        ('Column("k", classes = ["a", "b", "a"])', "the class 'a' is named twice"),
    ],
)
def test_classes_that_do_not_fit(column, reason):
    (problem,) = problems(f'dataset d = Csv("a.csv", [Column("x")], [{column}])')
    assert reason in problem


def test_labels_that_are_strings_are_one_mistake():
    """However many losses, metrics and rules of saving would use them."""
    (problem,) = problems(f"""{NETWORK}
train t {{
  network   = N()
  dataset   = rows
  loss      = CrossEntropyLoss()
  optimizer = Adam()
  length    = 1 epochs
  policies  = [Validate(rows, metrics = [Accuracy()]), EarlyStopping("accuracy")]
  save "t.ckpt" best accuracy
}}
eval e {{
  network = N()
  load    = t.best
  ignore  = "optimizer"
  dataset = rows
  metrics = [Accuracy(), Recall()]
}}""")
    assert problem.startswith("E404")
    assert "the label `kind` is a string; losses and metrics take numbers" in problem


def test_numpy_has_no_strings(here):
    np.savez("a.npz", x=np.zeros(2, np.float32), kind=np.array(["dog", "cat"]))
    assert "kind of a.npz" in _refused(f'NumpySlices("a.npz", [Column("x")], {KIND})')
