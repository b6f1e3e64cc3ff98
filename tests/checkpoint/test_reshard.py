"""Sets that are written: any layout to any other, whole to sharded and back."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from blake3 import blake3

from declspore.checkpoint.compare import compare
from declspore.checkpoint.format import Computed, Copied
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.staging import strangers
from declspore.checkpoint.sharding.target import UNIFIED, Target, plan_set
from declspore.checkpoint.sharding.write import write_set
from declspore.plan.files import formats
from declspore.report import DiagnosticError
from tests.checkpoint.sharding import (
    Cut,
    opened_set,
    pieces_of,
    random_cut,
    random_mesh,
    tree,
    write_ranks,
    write_strategy,
)
from tests.checkpoint.support import opened, piece, written
from tests.conftest import mindspore_python
from tests.lock.support import lock, run
from tests.oracle import reshard


@pytest.mark.mindspore
@pytest.mark.slow
def test_random_sets_against_mindspore(tmp_path):
    """A few of what `python -m tests.oracle.reshard 500` compares."""
    if mindspore_python() is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")
    verdicts = list(reshard.compare(str(tmp_path), 24, 7).values())
    assert not [said for _, said in verdicts if said.startswith("FAULT")]
    equal = [way for way, said in verdicts if said.startswith("equal")]
    assert len(equal) >= 14
    assert len(set(equal)) >= 4


def _copies(found):
    return [Copied(found, entry, entry.name) for entry in found]


def _write(target, pieces, **options):
    return write_set(target, pieces, formats=formats(), **options)


def _two_layouts(rng):
    """Values with two layouts each, of one or two stages."""
    sides = []
    for _ in range(2):
        stages, devices = int(rng.choice([1, 1, 2])), int(rng.choice([1, 2, 4, 6, 8]))
        sides.append(([{"anchor": Cut((devices,), (-1,))} for _ in range(stages)], devices))
    values = {"anchor": np.arange(3, dtype=np.float32), "global_step": np.array(7, np.int32)}
    for number in range(int(rng.integers(1, 6))):
        name, axes = f"net.{number}.weight", int(rng.integers(0, 4))
        cuts = [random_cut(rng, axes, random_mesh(rng, devices)) for _, devices in sides]
        for (layouts, _), cut in zip(sides, cuts, strict=True):
            layouts[int(rng.integers(len(layouts)))][name] = cut
        sizes = [
            int(np.lcm.reduce([cut.counts[axis] for cut in cuts])) * int(rng.integers(1, 4))
            for axis in range(axes)
        ]
        type = np.dtype(str(rng.choice(["f4", "f2", "i1", "i8"])))
        data = rng.integers(0, 256, int(np.prod(sizes, dtype=int)) * type.itemsize, np.uint8)
        values[name] = data.view(type).reshape(sizes)
    return values, sides[0][0], sides[1][0]


@pytest.mark.parametrize("seed", range(60))
def test_any_layout_to_any_other(here, seed):
    """Every file of every rank has what the definition of its layout says, to the byte."""
    rng = np.random.default_rng(seed)
    values, before, after = _two_layouts(rng)
    suffix = str(rng.choice([".ckpt", ".safetensors"]))
    sparse = bool(rng.random() < 0.3)
    write_ranks("src", values, before, suffix=suffix)
    one, two = write_strategy("one.ckpt", before), write_strategy("two.json", after)
    format = MINDSPORE if rng.random() < 0.5 else SAFETENSORS
    target = Target("dst", format, two, without_replicas=sparse)
    with opened_set("src", strategy=one) as found:
        planned = plan_set(target, [entry.header for entry in found])
        _write(target, _copies(found))
    assert sorted(planned.files) == sorted(tree("dst"))
    nbytes = 0
    for rank, name in enumerate(
        sorted(planned.files, key=lambda each: int(each.split("/")[0][5:]))
    ):
        wanted = pieces_of(values, after, rank, sparse=sparse)
        with opened(f"dst/{name}") as file:
            assert sorted(file.by_name) == sorted(wanted)
            for entry, value in wanted.items():
                found = file.array(entry)
                assert (found.dtype, found.shape) == (value.dtype, value.shape)
                assert found.tobytes() == value.tobytes()
                nbytes += value.nbytes
        assert name == f"rank_{rank}/checkpoint_{rank}{format.suffix}"
    assert planned.nbytes == nbytes
    with opened_set("dst", strategy=two, without_replicas=sparse or None) as found:
        written("whole.ckpt", values)
        with opened("whole.ckpt") as whole:
            assert compare(found, whole).is_empty
    # back to what it was, file by file
    with opened_set("dst", strategy=two, without_replicas=sparse or None) as found:
        _write(Target("back", MINDSPORE, one, prefix="net"), _copies(found))
    if suffix == ".ckpt":
        assert {name.split("/")[0] for name in tree("back")} == {
            name.split("/")[0] for name in tree("src")
        }
        for name in tree("src"):
            with opened(f"src/{name}") as a, opened(f"back/{name}") as b:
                assert compare(a, b).is_empty


STAGE = {"w": Cut((2, 2), (1, 0)), "b": Cut((2, 2), (-1,))}
VALUES = {
    "w": np.arange(48, dtype=np.float32).reshape(8, 6),
    "b": np.arange(4, dtype=np.float32),
    "step": np.array(3, np.int32),
}


@pytest.fixture
def whole(here):
    written("whole.ckpt", VALUES)
    write_strategy("s.ckpt", [STAGE])
    return here


def test_processes_write_the_same(whole):
    with opened("whole.ckpt") as found:
        for jobs in (1, 3):
            seen = []
            _write(
                Target(f"dst{jobs}", MINDSPORE, "s.ckpt"),
                _copies(found),
                jobs=jobs,
                progress=lambda *step, seen=seen: seen.append(step),
            )
            assert [done for done, _, _ in seen] == list(range(1, 13))
            assert {total for _, total, _ in seen} == {12}
    assert tree("dst1") == tree("dst3")


def test_a_problem_in_a_process(here):
    write_ranks("src", VALUES, [STAGE])
    write_strategy("s.ckpt", [STAGE])
    written("src/rank_3/net3.ckpt", {**pieces_of(VALUES, [STAGE], 3), "b": np.ones(4, np.float32)})
    with opened_set("src", strategy="s.ckpt") as found:
        for jobs in (1, 2):
            with pytest.raises(DiagnosticError, match="E575"):
                _write(Target("dst", MINDSPORE, "s.ckpt"), _copies(found), jobs=jobs)
            assert not Path("dst").exists()
            assert not list(Path().glob(".dst*"))


def test_computed_values_are_cut(whole):
    pieces = [piece(name, value) for name, value in VALUES.items()]
    assert all(isinstance(each, Computed) for each in pieces)
    _write(Target("dst", MINDSPORE, "s.ckpt"), pieces)
    with opened_set("dst", strategy="s.ckpt") as found:
        assert np.array_equal(found.array("w"), VALUES["w"])
    assert len(tree("dst")) == 4


def test_entries_that_cannot_be_cut(whole):
    write_strategy("s.ckpt", [{"w": Cut((4,), (-1, 0)), "step": Cut((4,), (0,))}])
    with opened("whole.ckpt") as found, pytest.raises(DiagnosticError) as error:
        _write(Target("dst", MINDSPORE, "s.ckpt"), _copies(found))
    said = str(error.value)
    assert "f32[8, 6] cannot be cut into 1 x 4 pieces" in said
    assert "the strategy cuts 1 axis, the entry is i32[]" in said
    assert not Path("dst").exists()


def test_entries_without_a_layout(here):
    """What is whole is whole on every rank; what the input cuts needs a layout."""
    write_ranks("src", VALUES, [STAGE])
    write_strategy("s.ckpt", [STAGE])
    write_strategy("less.ckpt", [{"b": Cut((2,), (0,))}])
    with opened_set("src", strategy="s.ckpt") as found:
        with pytest.raises(DiagnosticError, match="does not have a layout"):
            _write(Target("dst", MINDSPORE, "less.ckpt"), _copies(found))
        rest = [copy for copy in _copies(found) if copy.name != "w"]
        _write(Target("dst", MINDSPORE, "less.ckpt"), rest)
    with opened("dst/rank_1/checkpoint_1.ckpt") as file:
        assert file.array("step") == 3
        assert file.array("b").tolist() == [2, 3]


# ---- indices


@pytest.mark.parametrize("style", ["huggingface", UNIFIED])
def test_indices(whole, style):
    with opened("whole.ckpt") as found:
        _write(Target("dst", SAFETENSORS, style=style, shard_bytes=100), _copies(found))
    found = opened_set("dst")
    assert {name: found.array(name).tolist() for name in VALUES} == {
        name: value.tolist() for name, value in VALUES.items()
    }
    if style == UNIFIED:
        names = ["param_name_map.json", "part0.safetensors", "part1.safetensors"]
    else:
        names = [
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
        ]
    assert sorted(tree("dst")) == names
    index = json.loads(Path("dst", names[0 if style == UNIFIED else 2]).read_text())
    assert index["metadata"]["total_size"] == sum(value.nbytes for value in VALUES.values())
    for entry, shard in index["weight_map"].items():
        loaded = safetensors.numpy.load_file(f"dst/{shard}")
        assert np.array_equal(loaded[entry], VALUES[entry])
    with safetensors.safe_open(f"dst/{shard}", "np") as file:
        assert file.metadata() == {"format": "ms" if style == UNIFIED else "pt"}


# ---- the folder


def test_a_set_takes_the_place_of_an_earlier_one(whole):
    with opened("whole.ckpt") as found:
        _write(Target("dst", MINDSPORE, "s.ckpt"), _copies(found))
        write_strategy("two.ckpt", [{"w": Cut((2,), (0, -1)), "b": Cut((2,), (-1,))}])
        _write(Target("dst", SAFETENSORS, "two.ckpt"), _copies(found))
        assert sorted(tree("dst")) == [
            "rank_0/checkpoint_0.safetensors",
            "rank_1/checkpoint_1.safetensors",
        ]
        Path("dst/notes.txt").write_text("mine")
        Path("dst/rank_0/net-1_100.ckpt").write_text("an earlier step")
        before = tree("dst")
        with pytest.raises(DiagnosticError, match="2 files that would not be replaced") as error:
            _write(Target("dst", MINDSPORE, "s.ckpt"), _copies(found))
        assert "notes.txt" in str(error.value)
        assert tree("dst") == before
        Path("file").write_text("x")
        with pytest.raises(DiagnosticError, match="E520"):
            _write(Target("file", MINDSPORE, "s.ckpt"), _copies(found))
    assert not list(Path().glob(".*new"))
    assert strangers("dst", lambda name: name.startswith("rank_")) == ["notes.txt"]


def test_nothing_is_changed_where_it_is_refused(whole):
    def refuse(written):
        assert np.array_equal(written.array("w"), VALUES["w"])
        raise KeyError

    with opened("whole.ckpt") as found, pytest.raises(KeyError):
        _write(Target("dst", MINDSPORE, "s.ckpt"), _copies(found), verify=refuse)
    assert sorted(os.listdir()) == ["s.ckpt", "whole.ckpt"]


def test_a_killed_writer(whole):
    """What it leaves is hidden, and removed by the next one; that of a living one is not."""
    code = (
        "import os, signal\n"
        "from tests.checkpoint.test_reshard import _copies, _write, Target, MINDSPORE, opened\n"
        "with opened('whole.ckpt') as found:\n"
        "    _write(Target('dst', MINDSPORE, 's.ckpt'), _copies(found),\n"
        "           verify=lambda _: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root)})
    assert done.returncode == -9
    assert len(list(Path().glob(".dst.*.new"))) == 1
    assert not Path("dst").exists()
    started, end = threading.Event(), threading.Event()

    def wait(_):
        started.set()
        end.wait(60)

    with opened("whole.ckpt") as found:
        target = Target("dst", MINDSPORE, "s.ckpt")
        first = threading.Thread(
            target=_write, args=(target, _copies(found)), kwargs={"verify": wait}
        )
        first.start()
        started.wait(60)
        assert len(list(Path().glob(".dst.*.new"))) == 1
        _write(target, _copies(found))
        assert len(list(Path().glob(".dst.*.new"))) == 1
        end.set()
        first.join()
    assert not list(Path().glob(".dst.*.new"))
    assert len(tree("dst")) == 4


# ---- doors

EDIT = """spec 1
edit cut {
  in src = sharded("src", strategy = "s.ckpt")
  out dst = sharded("dst", strategy = "two.ckpt", format = "safetensors")
  rename src.`w` -> `weight`
  set src.`b` = it * 2
}
edit join {
  in src = sharded("dst", strategy = "two.ckpt")
  out dst = ckpt("whole.ckpt")
  ensure equals(src.`weight`, dst.`weight`)
}
"""


@pytest.fixture
def recipe(here):
    write_ranks("src", VALUES, [STAGE])
    write_strategy("s.ckpt", [STAGE])
    write_strategy("two.ckpt", [{"weight": Cut((3,), (-1, 0)), "b": Cut((3,), (-1,))}])
    (here / "edit.spec").write_text(EDIT)
    return here


def test_edits_of_sets(recipe):
    planned = run("plan", "edit.spec").output
    assert "dst: 3 files, 252 B of values; 1 entry without a layout, whole on every rank" in planned
    facts = json.loads(run("plan", "edit.spec", "--json").output)
    assert facts["tasks"][0]["sets"]["dst"] == {
        "files": 3,
        "bytes": 252,
        "without_layout": ["step"],
    }
    run("run", "edit.spec")
    with opened("whole.ckpt") as found:
        assert np.array_equal(found.array("weight"), VALUES["w"])
        assert np.array_equal(found.array("b"), VALUES["b"] * 2)
    assert sorted(tree("dst")) == [f"rank_{n}/checkpoint_{n}.safetensors" for n in range(3)]


def test_locks_of_sets(recipe):
    run("run", "edit.spec")
    (source,) = lock()["tasks"]["cut"]["inputs"]
    assert list(source["files"]) == [*(f"rank_{n}/net{n}.ckpt" for n in range(4)), "../s.ckpt"]
    printed = "".join(f"{digest}  {name}\n" for name, digest in source["files"].items())
    assert blake3(printed.encode()).hexdigest() == source["blake3"]
    assert source["tensors"]["w"]["shape"] == [8, 6]
    run("run", "edit.spec", "--locked")
    run("verify", "edit.spec")
    written("dst/rank_1/checkpoint_1.safetensors", {"b": np.ones(1)}, format=SAFETENSORS)
    said = run("verify", "edit.spec", status=3).output
    assert "1 file changed: `rank_1/checkpoint_1.safetensors`" in said
    written(
        "src/rank_3/net3.ckpt", {**pieces_of(VALUES, [STAGE], 3), "step": np.array(3, np.int64)}
    )
    assert "E574" in run("run", "edit.spec", "--locked", status=2).output


def test_the_stated_digest_of_a_set(recipe):
    """What `sha256sum` prints for the output of itself."""
    names = [*(f"rank_{n}/net{n}.ckpt" for n in range(4)), "../s.ckpt"]
    printed = subprocess.run(["sha256sum", *names], cwd="src", capture_output=True, check=True)
    hashed = subprocess.run(["sha256sum"], input=printed.stdout, capture_output=True, check=True)
    digest = hashed.stdout.split()[0].decode()
    stated = EDIT.replace('strategy = "s.ckpt")', f'strategy = "s.ckpt", sha256 = "{digest}")')
    (recipe / "edit.spec").write_text(stated)
    run("run", "edit.spec", "cut")
    (recipe / "edit.spec").write_text(stated.replace(digest, "0" * 64))
    assert "E586" in run("run", "edit.spec", "cut", status=2).output


def test_an_output_that_would_replace_its_input(recipe):
    text = EDIT.split("edit join", maxsplit=1)[0].replace(
        'sharded("dst", strategy = "two.ckpt"', 'sharded("src"'
    )
    (recipe / "edit.spec").write_text(text)
    assert "E546" in run("plan", "edit.spec", status=2).output
    text = text.replace('sharded("src", format = "safetensors")', 'ckpt("src/rank_0/net0.ckpt")')
    (recipe / "edit.spec").write_text(text)
    assert "E546" in run("plan", "edit.spec", status=2).output


def test_what_cannot_be_cut_is_reported_by_the_plan(recipe):
    write_strategy("two.ckpt", [{"weight": Cut((5,), (-1, 0))}])
    said = run("plan", "edit.spec", "cut", status=2).output
    assert "f32[8, 6] cannot be cut into 1 x 5 pieces" in said
    assert "named here" in said


def test_convert(recipe):
    run("convert", "src", "whole.ckpt", "--strategy", "s.ckpt")
    dry = run("convert", "whole.ckpt", "dst", "--new-strategy", "s.ckpt", "--dry-run").output
    assert "would write dst: 3 entries in 4 files, 272 B of values" in dry
    assert "1 entry without a layout" in dry
    assert not Path("dst").exists()
    run("convert", "whole.ckpt", "dst", "--new-strategy", "s.ckpt", "--prefix", "net", "-j", "2")
    assert tree("dst") == tree("src")
    run("convert", "dst", "hf", "--strategy", "s.ckpt", "--index", "huggingface")
    facts = json.loads(
        run("convert", "hf", "dst2", "--new-strategy", "s.ckpt", "--prefix", "net", "--json").output
    )
    assert (facts["files"], facts["bytes"], facts["written"]) == (4, 272, True)
    for name in tree("src"):
        with opened(f"src/{name}") as one, opened(f"dst2/{name}") as other:
            assert compare(one, other).is_empty
    assert (
        "E521"
        in run(
            "convert", "src", "src", "--strategy", "s.ckpt", "--new-strategy", "s.ckpt", status=2
        ).output
    )
    shutil.copy("whole.ckpt", "dst/whole.ckpt")
    assert (
        "E521"
        in run("convert", "dst/whole.ckpt", "dst", "--new-strategy", "s.ckpt", status=2).output
    )


def test_edit_from_flags(recipe):
    run("edit", "src", "--strategy", "s.ckpt", "-o", "new.ckpt", "--delete", "step")
    with opened("new.ckpt") as found:
        assert sorted(found.by_name) == ["b", "w"]
    done = run("edit", "new.ckpt", "-o", "dst", "--new-strategy", "s.ckpt", "--set", "b = it * 2")
    assert 'out dst = sharded("dst", strategy = "s.ckpt")' in done.output
    run(
        "edit",
        "dst",
        "--strategy",
        "s.ckpt",
        "-o",
        "dst",
        "--index",
        "unified",
        "--in-place",
        status=2,
    )
    run("edit", "dst", "--strategy", "s.ckpt", "-o", "hf/", "--index", "unified", "--delete", "w")
    assert opened_set("hf").array("b").tolist() == (VALUES["b"] * 2).tolist()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry-run",),
        ("--prefix", "x"),
        ("--new-strategy", "s.ckpt", "--index", "unified"),
        ("--new-strategy", "s.ckpt", "--shard-bytes", "10"),
        ("--index", "unified", "--in-place"),
    ],
)
def test_options_that_do_not_go_together(recipe, arguments):
    run("convert", "src/rank_0/net0.ckpt", "dst", *arguments, status=2)
    assert not Path("dst").exists()


def test_tasks_load_sets(here):
    """Wherever a checkpoint is named."""
    from tests.conftest import GOLDEN

    with opened(GOLDEN / "lenet_filled.ckpt") as found:
        stage = {
            name: Cut((2,), (0,) + (-1,) * (len(entry.header.shape) - 1))
            for name, entry in found.by_name.items()
            if entry.header.shape and entry.header.shape[0] % 2 == 0
        }
        write_strategy("s.ckpt", [stage])
        _write(Target("src", MINDSPORE, "s.ckpt"), _copies(found))
    (here / "eval.spec").write_text(
        'spec 1\nimport "lenet.spec" as zoo\n'
        'dataset digits = Digits(usage = "test") |> Resize([32, 32]) |> Rescale(1 / 16, 0.0)\n'
        "  |> HWC2CHW() |> batch(64)\n"
        "eval check {\n  network = zoo.LeNet5()\n"
        '  load = sharded("src", strategy = "s.ckpt")\n'
        "  dataset = digits\n  metrics = [Accuracy()]\n}\n"
    )
    assert "src" in run("plan", "eval.spec").output
