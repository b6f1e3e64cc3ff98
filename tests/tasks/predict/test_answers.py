"""Words for answers, against formulas written out."""

import json

import numpy as np
import pytest

from tests.cli.support import codes, failing, said
from tests.conftest import GOLDEN
from tests.support import problems

HEAD = """spec 1
import "lenet.spec" as zoo
dataset digits = Digits(usage = "test") |> Resize([32, 32]) |> Rescale(1 / 16, 0.0) |> HWC2CHW()
  |> batch(32)
predict answers {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = digits
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())

    def run(body, *more):
        (tmp_path / "p.spec").write_text(f"{HEAD}{body}}}\n")
        return said("run", "p.spec", *more)

    return run


def test_every_answer_is_what_its_formula_says(run):
    names = ", ".join(f'"digit {i}"' for i in range(10))
    text = run(
        'outputs = [Raw(), Probabilities(), TopK(3), TopK(1, name = "best"), Labels(), '
        'Probabilities(by = "sigmoid", name = "each")]\n'
        f"classes = [{names}]\nmetrics = [Accuracy()]\n"
        'ensure accuracy >= 0%\nsave "a.npz", "a.html"\nsave "a.parquet"\n'
    )
    assert "wrote a.npz, a.html, a.parquet" in text
    with np.load("a.npz") as found:
        logits = found["output"].astype(np.float64)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        expected = powers / powers.sum(-1, keepdims=True)
        np.testing.assert_allclose(found["probabilities"], expected, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found["each"], 1 / (1 + np.exp(-logits)), rtol=1e-5)
        order = np.argsort(-logits, kind="stable")[:, :3]
        assert found["class"].tolist() == [[f"digit {i}" for i in row] for row in order]
        np.testing.assert_allclose(
            found["class_score"], np.take_along_axis(expected, order, -1), rtol=1e-5
        )
        assert found["best"].tolist() == found["class"][:, 0].tolist()
        assert found["best_score"].shape == (len(logits),)
        accuracy = np.mean(order[:, 0] == found["label"])
    assert f"accuracy {accuracy:.4f} on {len(logits)} samples" in text


def test_classes_from_a_file(run, tmp_path):
    (tmp_path / "names.txt").write_text("".join(f"n{i}\n" for i in range(10)))
    run('outputs = [TopK(1)]\nclasses = "names.txt"\nsave "a.jsonl"\n')
    first = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert first["class"].startswith("n")
    locked = json.loads((tmp_path / "p.spec.lock").read_text())["tasks"]["answers"]
    assert "names.txt" in [file["path"] for file in locked["inputs"]]


def test_a_failed_ensure_is_told_and_the_answers_are_kept(run, tmp_path):
    (tmp_path / "p.spec").write_text(
        f'{HEAD}metrics = [Accuracy()]\nensure accuracy > 100%\nsave "a.npy"\n}}\n'
    )
    done = failing("run", "p.spec")
    assert (done.exit_code, codes(done)) == (3, ["E601"])
    assert (tmp_path / "a.npy").exists()


def test_what_can_be_known_is_told_by_plan(run, tmp_path):
    (tmp_path / "few.txt").write_text("a\nb\n")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "p.spec").write_text(
        f'{HEAD}outputs = [TopK(1)]\nclasses = "few.txt"\nsave "folder.csv"\n}}\n'
    )
    done = failing("plan", "p.spec")
    assert codes(done) == ["E404", "E554"]
    assert "2 names for 10 classes" in done.stderr
    (tmp_path / "few.txt").unlink()
    done = failing("plan", "p.spec")
    assert codes(done) == ["E551", "E554"]
    assert "few.txt is missing" in done.stderr


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('outputs = [TopK(11)]\nsave "a.csv"', "E306 10 TopK: k is 11, the output has 10 classes"),
        ('outputs = [TopK(1, output = 1)]\nsave "a.csv"', "output 1 does not exist"),
        ('outputs = [TopK(1), TopK(2)]\nsave "a.csv"', "two columns are called `class`"),
        ('outputs = [Labels("x")]\nsave "a.csv"', "`x` is not a label; the labels are `label`"),
        ('outputs = [Raw(), Labels()]\nsave "a.npy"', ".npy holds one column"),
        ('outputs = [TopK(1)]\nclasses = ["a"]\nsave "a.csv"', "1 name for 10 classes"),
        ('classes = ["a"]\nsave "a.csv"', "no answer uses the names of classes"),
        ('classes = 3\nsave "a.csv"', "expected a list of names, a file with"),
        ('save "a.txt"', "expects a path that ends in one of .csv, .html"),
        ('save "a.csv", "a.csv"', "names a.csv twice"),
        ('metrics = [Loss()]\nsave "a.csv"', "`Loss` needs `loss`"),
        ("outputs = [TopK(1)]", "`answers` needs `save`"),
    ],
)
def test_mistakes_are_diagnostics(body, expected):
    head = HEAD.removeprefix("spec 1\n")
    found = problems(f"{head}{body}\n}}")
    assert len(found) == 1, found
    assert expected in found[0]
