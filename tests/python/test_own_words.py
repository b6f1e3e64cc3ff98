"""Words of one's own, one of each family: examples/words."""

import json
import shutil

import pytest

import declspore
from tests import warm
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "words"


def _declspore(*arguments):
    return warm.ours().run("-m", "declspore", *arguments)


@pytest.fixture
def copied(here):
    for name in ("words.py", "words.spec"):
        shutil.copy(EXAMPLE / name, here)
    return here


@pytest.mark.slow
def test_the_example_runs(copied):
    """Metric, loss, cell, op, optimizer, source, transform and policy in one training."""
    done = _declspore("run", "words.spec", "--allow-python")
    assert done.returncode == 0, done.stderr
    assert "stopped: the loss has not been below" in done.stdout
    assert "quadrants_again: error 0.0" in done.stdout
    lock = json.loads((copied / "words.spec.lock").read_text())
    assert any(path.endswith("words.py") for path in map(str, _strings(lock)))
    listed = _declspore("inspect", "out/quadrant.ckpt").stdout
    assert "mean.fc1.weight" in listed


def _strings(value):
    if isinstance(value, dict):
        return [each for pair in value.items() for each in _strings(list(pair))]
    if isinstance(value, list):
        return [each for item in value for each in _strings(item)]
    return [value]


def test_every_family_is_there():
    """The families that docs/python.md names, and policies."""
    text = (EXAMPLE / "words.py").read_text()
    for kind in ("Cell", "Op", "Loss", "Metric", "Optimizer", "Source", "Change", "Policy"):
        assert f"    {kind}Kind(\n" in text


def test_a_word_that_fails(copied):
    """No traceback of ours: where in the file, and what."""
    path = copied / "words.py"
    path.write_text(path.read_text().replace("classes=4)", "classes=1 // 0)"))
    done = _declspore("check", "words.spec", "--allow-python")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "error[E217]: a word of words.py fails: ZeroDivisionError" in done.stderr
    assert "classes=1 // 0)" in done.stderr


def test_an_optimizer_in_python(copied, words_as_before):
    from declspore import nn

    spec = declspore.load("words.spec", allow_python=True)
    net = spec.Quadrant()
    optimizer = nn.SignMean(net.trainable_params(), 0.01)
    assert [p.name for p in optimizer.mean] == [f"mean.{p.name}" for p in net.get_parameters()]


def test_a_generator_is_a_source(here, words_as_before):
    """The page's own example."""
    text = (ROOT / "docs" / "python.md").read_text()
    (here / "squares.py").write_text(text.split("# squares.py\n")[1].split("```")[0])
    (here / "d.spec").write_text(
        'spec 1\nimport "squares.py" (Squares)\n'
        "dataset d = Squares(10) |> filter(label == 1) |> shuffle() |> batch(5)\n"
    )
    done = _declspore("check", "d.spec", "--data", "--allow-python")
    assert (done.returncode, "dataset d: 10 items read" in done.stdout) == (0, True), done.stderr
    spec = declspore.load("d.spec", allow_python=True)
    ((data, labels),) = list(spec.d)
    assert sorted(data.tolist()) == [[n, n * n] for n in (1, 3, 5, 7, 9)]
    assert labels.tolist() == [1] * 5
