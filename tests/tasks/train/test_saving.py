"""The clauses ``save`` and ``log`` of a training."""

import json
import re
from math import prod
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from declspore import load_checkpoint
from tests.cli.support import failing, said
from tests.support import problems
from tests.tasks.train.support import with_policies, written

VALIDATE = "Validate(d, metrics = [Accuracy(), Loss()])"


def _problems(clause, policies=VALIDATE):
    return [line.partition(" ")[2] for line in problems(with_policies(policies, more=clause))]


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ('save "a.ckpt" best f1', "17 save: there is no figure `f1`"),
        ('save "a.ckpt" best accuracy every 1 epochs', "17 `save` takes `every` or `best`"),
        ('save "a.ckpt" keep 3', "17 `save` needs a number of epochs or steps"),
        ('save "{figure}.ckpt" every 1 epochs', "17 `save` may hold the placeholders {epoch} and"),
        ('save "a.ckpt" every 1 epochs per 3 steps', "17 `per` is a time"),
        ('save "a.ckpt" every 1 epochs per 1 min keep 2', "17 `save` takes `per` without"),
        ('save "a.ckpt" every 1 KiB', "17 `every` is a number of epochs or steps, or a time"),
        ('save "a.ckpt" best 3', "17 `save` expects the name of a figure after `best`"),
        ('save "a.ckpt" every 1 epochs keep 0', "17 `save` expects an integer above 0 for `keep`"),
        ('save "a" every 1 epochs\n  save "./a" best loss', "18 `save` names ./a twice"),
        ('save "a.pth" every 1 epochs', "17 `save` writes a MindSpore checkpoint, found a name"),
        ('save "a.ckpt" every -1 epochs', "17 unexpected `-`"),
        ('save "a.ckpt" best', "18 unexpected `}`"),
        ('log "a.txt"', "17 `log` writes to paths that end in "),
        ('log "a.csv" every 1 epochs', "17 `log` does not have `every`"),
    ],
)
def test_mistakes(clause, problem):
    (found,) = _problems(clause)
    assert found.startswith(problem)


def test_a_plan_warns_of_a_small_disk(here, monkeypatch):
    """All files and the state; or those that are kept and the next one. A file that is written
    over makes room."""
    spec = written(here, length="8 epochs", more='save "{epoch}.ckpt" every 1 epochs')
    [plan] = json.loads(failing("plan", spec, "--json").stdout)["tasks"]
    each = sum(4 * prod(entry["shape"]) for entry in plan["entries"])

    def warned(files, clause):
        usage = SimpleNamespace(free=files * each - 1)
        monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
        written(here, length="8 epochs", more=clause)
        return "warning[W554]" in failing("plan", spec).stderr

    for clause, files in (
        ('save "{epoch}.ckpt" every 1 epochs', 9),
        ('save "{epoch}.ckpt" every 1 epochs keep 2', 4),
        ('save "last.ckpt" every 1 epochs', 3),
        ('save "best.ckpt" best loss', 3),
    ):
        assert warned(files, clause)
        assert not warned(files + 1, clause)
    Path("last.ckpt").write_bytes(bytes(each))
    assert not warned(3, 'save "last.ckpt" every 1 epochs')


@pytest.fixture
def data(here):
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    np.savez("d.npz", x=x, y=(x[:, 0] > 0).astype(np.int32))


def _run(policies, clauses, length="4 epochs", after=""):
    text = with_policies(policies, more=clauses, length=length)
    Path("t.spec").write_text(f"spec 1\n{text}{after}")
    return said("run", "t.spec", "--no-lock")


def test_the_best_and_the_last(data):
    """Other tasks refer to either."""
    check = """
eval best {
  network = Net()
  load    = t.best
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = d
  metrics = [Accuracy()]
}
"""
    clauses = 'save "last.ckpt" every 1 epochs\n  save "best.ckpt" best accuracy'
    said = _run(VALIDATE, clauses, after=check)
    # a slow training shows figures of its progress, too
    figures = re.findall(r"epoch \d+, step \d+: accuracy ([\d.]+)", said)
    assert len(figures) == 4
    assert f"best: accuracy {max(figures)}" in said
    assert int(load_checkpoint("last.ckpt")["global_step"].asnumpy()[0]) == 20
    plan = failing("plan", "t.spec").stdout
    assert "  saves      best.ckpt: the best by accuracy\n" in plan


def test_the_name_of_the_last_file_of_a_training_that_may_stop_is_not_known(data):
    eval = "network = Net()  load = t.last  dataset = d  metrics = [Accuracy()]"
    check = f"\neval last {{\n  {eval}\n}}\n"
    stopping = f'{VALIDATE}, EarlyStopping("accuracy", patience = 1)'
    text = with_policies(stopping, more='save "{epoch}.ckpt" every 1 epochs')
    Path("t.spec").write_text(f"spec 1\n{text}{check}")
    done = failing("plan", "t.spec")
    assert "error[E551]: the name of `t.last` is known only once the task has run" in done.stderr


def test_a_time_between_checkpoints(data):
    assert "t: loss" in _run("", 'save "{step}.ckpt" every 10 min keep 2')
    assert [path.name for path in Path().glob("*.ckpt")] == ["5.ckpt"]
    assert "every 600 s, the last is 5.ckpt, the last 2 kept" in said("plan", "t.spec")


def test_a_log_has_a_column_for_each_figure(data):
    _run(VALIDATE, 'save "last.ckpt" every 1 epochs\n  log "out/log.csv"')
    first, *rows = Path("out/log.csv").read_text().splitlines()
    assert first == "step,epoch,step_in_epoch,loss,learning_rate,accuracy,eval_loss"
    assert len(rows) == 20
    assert [row.split(",")[5] != "" for row in rows] == [*[False] * 4, True] * 4
