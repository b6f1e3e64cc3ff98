"""A run carries out the plan it was given, or says that a file has changed since."""

import os

import numpy as np
import pytest
from blake3 import blake3

from declspore.checkpoint.columns import Columns
from declspore.checkpoint.filebytes import FileBytes
from declspore.lock.record import Recorder
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.run.run import run_plan
from tests.checkpoint.support import opened, written
from tests.support import checked

EDIT = """edit e {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  rename src.`x` -> `y`
}"""


def _plan():
    written("a.ckpt", {"x": np.arange(4, dtype=np.float32)})
    return make_plan(checked(EDIT))


def _refused(plan):
    with pytest.raises(DiagnosticError) as caught:
        run_plan(plan)
    (found,) = caught.value.diagnostics
    assert found.code == "E707"
    assert not os.path.exists("b.ckpt")


def test_another_file_in_its_place_is_noticed(here):
    plan = _plan()
    os.unlink("a.ckpt")
    written("a.ckpt", {"x": np.arange(4, dtype=np.float32)})
    _refused(plan)


def test_other_values_in_the_same_file_are_noticed(here):
    plan = _plan()
    with open("a.ckpt", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    os.utime("a.ckpt", ns=(1, 1))
    _refused(plan)


def test_a_plan_is_carried_out_as_it_is(here):
    (edited,) = run_plan(_plan())
    assert (edited.path, edited.counts) == ("b.ckpt", {"rename": 1})


def test_what_an_earlier_task_wrote_is_not_a_change(here):
    written("a.ckpt", {"x": np.arange(4, dtype=np.float32)})
    text = EDIT + EDIT.replace("edit e", "\nedit f").replace("a.ckpt", "b.ckpt", 1).replace(
        'out dst = ckpt("b.ckpt")', 'out dst = ckpt("c.ckpt")'
    ).replace("`x`", "`y`").replace("-> `y`", "-> `z`")
    assert [result.path for result in run_plan(make_plan(checked(text)))] == ["b.ckpt", "c.ckpt"]


def test_the_index_of_the_plan_is_the_index_of_the_run(here, monkeypatch):
    plan = _plan()
    indexed = []
    of = Columns.of
    monkeypatch.setattr(
        Columns, "of", lambda source, end: indexed.append(source.path) or of(source, end)
    )
    run_plan(plan, recorder=Recorder(records=True))
    assert indexed == ["b.ckpt"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_a_plan_holds_no_descriptor(here):
    plan = _plan()
    targets = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert os.path.realpath("a.ckpt") not in targets
    assert plan.tasks


def test_a_file_that_goes_between_the_look_and_the_first_read_is_noticed(here, monkeypatch):
    plan = _plan()
    monkeypatch.setattr(FileBytes, "is_unchanged", True)
    os.unlink("a.ckpt")
    written("a.ckpt", {"x": np.ones(4, dtype=np.float32)})
    with pytest.raises(DiagnosticError, match="replaced or written to meanwhile"):
        run_plan(plan)
    assert not os.path.exists("b.ckpt")


def test_a_format_with_an_order_of_its_own_between_two_edits(here):
    """The second is planned with the order in which the first names its entries; the file has
    another one. Values and digests are those of their names."""
    values = {
        "z": np.arange(6, dtype=np.float32),
        "a": np.arange(3, dtype=np.float64),
        "m": np.arange(5, dtype=np.int32),
    }
    written("a.ckpt", values)
    first = (
        EDIT.replace("`x`", "`z`")
        .replace("ckpt(", "safetensors(")
        .replace('in src = safetensors("a.ckpt")', 'in src = ckpt("a.ckpt")')
    )
    second = 'edit f {\n  in src = e.dst\n  out dst = ckpt("c.ckpt")\n  rename src.`a` -> `b`\n}'
    recorder = Recorder(records=True)
    run_plan(make_plan(checked(f"{first}\n{second}")), recorder=recorder)
    tasks = recorder.tasks()
    recorder.close()
    expected = {"y": values["z"], "b": values["a"], "m": values["m"]}
    with opened("c.ckpt") as file:
        assert {name: file.array(name).tobytes() for name in expected} == {
            name: value.tobytes() for name, value in expected.items()
        }
    (output,) = tasks["f"].outputs
    assert {name: digest.blake3 for name, digest in output.digest.tensors.items()} == {
        name: blake3(value.tobytes()).hexdigest() for name, value in expected.items()
    }
