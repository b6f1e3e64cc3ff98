"""Plans of whole specs: order, predicted headers, what is reused, what is refused."""

import numpy as np
import pytest

from declspore.check.check import check_file
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.writer import write_checkpoint
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.tasks.train.schedule import Schedule
from tests.checkpoint.support import opened, piece
from tests.conftest import GOLDEN
from tests.support import checked

DATA = """
import "lenet.spec" as zoo
dataset digits = Digits(usage = "train") |> Resize([32, 32]) |> HWC2CHW()
  |> batch(32, drop_remainder = true)
dataset test = Digits(usage = "test") |> Resize([32, 32]) |> HWC2CHW() |> batch(50)
"""
TRAIN = """
train t {
  network   = zoo.LeNet5()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(0.01, 0.9)
  length    = %s
  save "out/lenet-{epoch}_{step}.ckpt" every %s
}
"""
EVAL = """
eval e {
  network = zoo.LeNet5()
  load    = %s
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = test
  metrics = [Accuracy()]
}
"""
LENET = GOLDEN / "lenet-1_5.ckpt"
CYCLE = """
edit x {
  in a = y.b
  out b = ckpt("m")
}
edit y {
  in a = x.b
  out b = ckpt("n")
}
"""


def _codes(text: str, *tasks: str) -> list[str]:
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(DATA + text), tasks)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("length", "every", "files"),
    [
        ("2 epochs", "1 epochs", ["1_44", "2_44"]),
        ("2 epochs", "32 steps", ["1_32", "2_20", "2_44"]),
        ("50 steps", "20 steps", ["1_20", "1_40", "2_6"]),
        ("1 epoch", "44 steps", ["1_44"]),
    ],
)
def test_schedule(here, length, every, files):
    spec = checked(DATA + TRAIN % (length, every))
    (plan,) = make_plan(spec).tasks
    found = list(plan.schedule.files(spec.tasks["t"].saves[0]))
    assert found == [f"out/lenet-{name}.ckpt" for name in files]
    assert plan.schedule.last_file(spec.tasks["t"].saves[0]) == found[-1]


def test_predicted_header_is_what_mindspore_saves(here):
    """Names, order, types and shapes of a training checkpoint, without training."""
    (plan,) = make_plan(checked(DATA + TRAIN % ("1 epochs", "1 epochs"))).tasks
    with opened(GOLDEN / "lenet-1_5.ckpt") as golden:
        assert plan.header.entries == golden.header.entries


def test_a_chain_is_planned_before_anything_exists(here):
    text = (
        DATA
        + TRAIN % ("1 epochs", "1 epochs")
        + """
edit s {
  in src = t.last
  out dst = ckpt("edited.ckpt")
  delete src.`moments.**` exactly 8
  ensure count(dst.`**`) == 11
  ensure fits(dst, zoo.LeNet5(), ignore = [`momentum`, `learning_rate`, `global_step`])
}
"""
        + EVAL.replace("`moments.**`, ", "") % "s.dst"
    )
    plan = make_plan(checked(text))
    assert [task.task.name for task in plan.tasks] == ["t", "s", "e"]
    assert [verdict.holds for verdict in plan.tasks[1].verdicts] == [True, True]
    assert plan.tasks[2].load.path == "edited.ckpt"


PROTECTED = """
edit e {
  in src  = ckpt("given.ckpt"%s)
  out dst = %s
}
"""


@pytest.mark.parametrize(
    ("given", "output", "told"),
    [
        (", crc = true", 'ckpt("new.ckpt")', ["no CRC"]),
        ("", 'npz("new.npz")', ["no CRC"]),
        ("", 'safetensors("new.safetensors", crc = true)', []),
        (', key_file = "key"', 'ckpt("new.ckpt", crc = true)', ["not be encrypted"]),
        (', key_file = "key"', 'safetensors("new.safetensors")', ["no CRC", "not be encrypted"]),
        (', key_file = "key"', 'ckpt("new.ckpt", crc = true, key_file = "other")', []),
    ],
)
def test_protection_is_not_lost_silently(here, given, output, told):
    (here / "key").write_bytes(b"k" * 16)
    (here / "other").write_bytes(b"o" * 16)
    key = read_key(file="key") if "key" in given else None
    piece_of = [piece("x", np.ones(3, np.float32))]
    write_checkpoint(here / "given.ckpt", piece_of, access=Access(key, crc=True))
    warnings = make_plan(checked(PROTECTED % (given, output))).warnings
    assert [warning.code for warning in warnings] == ["W541"] * len(told)
    for warning, text in zip(warnings, told, strict=True):
        assert text in warning.title


def test_dependencies_come_first_wherever_they_stand(here):
    text = DATA + EVAL % "t.last" + TRAIN % ("1 epochs", "1 epochs")
    assert [task.task.name for task in make_plan(checked(text)).tasks] == ["t", "e"]


def test_a_path_that_a_task_writes_is_a_dependency_too(here):
    text = DATA + EVAL % 'ckpt("./out/lenet-1_44.ckpt")' + TRAIN % ("1 epochs", "1 epochs")
    assert [task.task.name for task in make_plan(checked(text)).tasks] == ["t", "e"]


def test_what_is_there_is_not_trained_again(here):
    text = DATA + EVAL % "t.last" + TRAIN % ("1 epochs", "1 epochs")
    plan = make_plan(checked(text), ["e"])
    assert [task.task.name for task in plan.tasks] == ["t", "e"]
    (here / "out").mkdir()
    (here / "out" / "lenet-1_44.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    plan = make_plan(checked(text), ["e"])
    assert [task.task.name for task in plan.tasks] == ["e"]
    assert plan.reused == {"t": "out/lenet-1_44.ckpt"}
    assert [task.task.name for task in make_plan(checked(text)).tasks] == ["t", "e"]


def test_resume_binds_network_and_optimizer(here):
    text = DATA + (TRAIN % ("1 epochs", "1 epochs")).replace(
        "  length", f'  resume = ckpt("{GOLDEN / "lenet-1_5.ckpt"}")\n  length'
    )
    (plan,) = make_plan(checked(text)).tasks
    assert len(plan.load.bind.matched) == 19


def test_files_beside_the_spec_are_pointed_at(here):
    """Files are seen from the working folder; who runs a spec from another one is told so."""
    there = here / "there"
    there.mkdir()
    (there / "a.ckpt").write_bytes(LENET.read_bytes())
    (there / "d.npz").write_bytes(b"")
    columns = 'data = [Column("x", [1, 32, 32])], labels = [Column("y", dtype = i32)]'
    data = f'NumpySlices("d.npz", {columns})'
    edit = 'edit x {\n  in src = ckpt("a.ckpt")\n  out dst = ckpt("b.ckpt")\n}'
    text = (EVAL % 'ckpt("no.ckpt")').replace("= test\n", f"= {data} |> batch(2)\n") + edit
    (there / "e.spec").write_text(f"spec 1\n{DATA}{text}")
    with pytest.raises(DiagnosticError) as caught:
        make_plan(check_file("there/e.spec"))
    where = "files are relative to the folder that declspore runs in"
    found = {
        d.labels[0].place.path if d.code == "E501" else d.code: d.helps
        for d in caught.value.diagnostics
    }
    assert found["a.ckpt"] == (f"{where}; a.ckpt is in there",)
    assert found["E551"][0] == f"{where}; d.npz is in there"
    assert found["no.ckpt"] == ()


@pytest.mark.parametrize("path", ["out/lenet-2_44.ckpt", "latest.ckpt"])
def test_a_training_does_not_save_over_the_checkpoint_it_begins_with(here, path):
    (here / "out").mkdir()
    (here / "out" / "lenet-2_44.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    (here / "latest.ckpt").symlink_to("out/lenet-2_44.ckpt")
    more = f'  resume = ckpt("{path}")\n  length'
    text = (TRAIN % ("3 epochs", "1 epochs")).replace("  length", more)
    assert _codes(text) == ["E546"]
    assert make_plan(checked(DATA + text), in_place=True).tasks
    assert make_plan(checked(DATA + text.replace("out/lenet-{epoch}", "out/more-{epoch}"))).tasks


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (EVAL % 'ckpt("nothing.ckpt")', ["E501"]),
        (EVAL % f'ckpt("{GOLDEN / "kinds.ckpt"}")', ["E530"]),
        (
            (EVAL % f'ckpt("{GOLDEN / "lenet-1_5.ckpt"}")').replace("`moments.**`, ", ""),
            ["E531"],
        ),
        (
            (EVAL % 'ckpt("x")').replace("test\n", 'Mnist("no") |> HWC2CHW() |> batch(2)\n'),
            ["E404"],
        ),
        (
            (TRAIN % ("1 epochs", "1 epochs")).replace("0.01, 0.9", "[0.1, 0.2], 0.9"),
            ["E553"],
        ),
        ('edit x {\n  in a = ckpt("n")\n  out b = ckpt("m")\n}', ["E501"]),
        (CYCLE, ["E211", "E211"]),
    ],
)
def test_refused(here, text, codes):
    assert _codes(text) == codes


def test_places_that_cannot_be_written_are_known_before(here):
    (here / "file").write_text("")
    (here / "folder.ckpt").mkdir()
    for path in ("file/x.ckpt", "folder.ckpt"):
        text = TRAIN % ("1 epochs", "1 epochs")
        assert _codes(text.replace("out/lenet-{epoch}_{step}.ckpt", path)) == ["E554"]
        edit = f'edit x {{\n  in a = ckpt("{LENET}")\n  out b = ckpt("{path}")\n}}'
        assert _codes(edit) == ["E554"]


def test_unknown_task(here):
    assert _codes(TRAIN % ("1 epochs", "1 epochs"), "tt") == ["E210"]


def test_an_edit_over_its_input_is_refused(here):
    write_checkpoint("a.ckpt", [piece("x", np.zeros(3))])
    (here / "link.ckpt").symlink_to("a.ckpt")
    for output in ("a.ckpt", "./a.ckpt", "link.ckpt"):
        text = f'edit x {{\n  in src = ckpt("a.ckpt")\n  out dst = ckpt("{output}")\n}}'
        with pytest.raises(DiagnosticError) as caught:
            make_plan(checked(text))
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E546"]


def test_a_failed_ensure_is_known_from_headers(here):
    write_checkpoint("a.ckpt", [piece("x", np.zeros(3))])
    text = """
edit x {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  ensure count(dst.`**`) == 2
  ensure shape(dst.`x`) == [3] and dtype(dst.`x`) == f64
  ensure exists(dst.`y`)
  ensure finite(dst.`x`)
}
"""
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(text))
    assert caught.value.exit_code == 3
    labels = [d.labels[0].text for d in caught.value.diagnostics]
    assert labels == ["`1` == `2` is false", "is false"]


def test_schedule_of_one_step():
    schedule = Schedule(steps_per_epoch=1, steps=3)
    assert schedule.epochs == 3
    assert schedule.timeline.point(3) == (3, 1)
