"""Sets of files as one checkpoint: read whole, and every way in which a set can be broken."""

import json
import os
import shutil
import subprocess
import sys
from math import prod
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import declspore
from declspore.checkpoint.compare import compare
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.open import open_set
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.plan.files import formats
from declspore.report import DiagnosticError
from tests import warm
from tests.checkpoint.sharding import (
    Cut,
    opened_set,
    pieces_of,
    random_cut,
    random_mesh,
    said_of,
    write_ranks,
    write_strategy,
)
from tests.checkpoint.support import opened, written
from tests.conftest import ROOT

TYPES = [np.float32, np.float16, np.int8, np.int64, ml_dtypes.bfloat16, np.bool_]


def _random_set(rng):
    """Values and the layouts of one to three stages; some values are in several stages."""
    stages = int(rng.choice([1, 1, 2, 3]))
    devices = int(rng.choice([1, 2, 4, 8, 6]))
    values, layouts = {}, [{} for _ in range(stages)]
    for number in range(int(rng.integers(1, 8))):
        axes = int(rng.integers(0, 4))
        mesh = random_mesh(rng, devices)
        where = [number % stages] if rng.random() < 0.8 else list(range(stages))
        cuts = {stage: random_cut(rng, axes, mesh) for stage in where}
        sizes = []
        for axis in range(axes):
            common = np.lcm.reduce([cut.counts[axis] for cut in cuts.values()])
            sizes.append(int(common) * int(rng.integers(1, 4)))
        type = np.dtype(TYPES[int(rng.integers(len(TYPES)))])
        data = rng.integers(0, 2, prod(sizes) * type.itemsize, np.uint8)
        value = data.view(type).reshape(sizes) if sizes else np.ones((), type)
        values[f"net.{number}.weight"] = value
        for stage, cut in cuts.items():
            layouts[stage][f"net.{number}.weight"] = cut
    for layout in layouts:
        layout.setdefault("anchor", Cut((devices,), (-1,)))
    values["anchor"] = np.arange(3, dtype=np.float32)
    values["global_step"] = np.array(7, np.int32)
    return values, layouts


@pytest.mark.parametrize("seed", range(60))
def test_random_sets_read_whole(here, seed):
    rng = np.random.default_rng(seed)
    values, stages = _random_set(rng)
    suffix = str(rng.choice([".ckpt", ".safetensors"]))
    sparse = bool(rng.random() < 0.3)
    write_ranks("src", values, stages, suffix=suffix, sparse=sparse)
    plan = write_strategy(str(rng.choice(["s.ckpt", "s.json"])), stages)
    written("whole.ckpt", values)
    with opened_set("src", strategy=plan, without_replicas=sparse or None) as found:
        with opened("whole.ckpt") as whole:
            assert compare(found, whole).is_empty
        loaded = found.load()
        assert sorted(loaded) == sorted(values)
        for name, value in values.items():
            for read in (loaded[name], found.array(name), found.read(name)):
                assert (read.dtype, read.shape) == (value.dtype, value.shape)
                assert read.tobytes() == value.tobytes()
        assert not list(found.disagreements())


MESH = {"w": Cut((2, 2), (1, -1)), "v": Cut((2, 2), (-1, 0)), "b": Cut((2, 2), (-1,))}
VALUES = {
    "w": np.arange(32, dtype=np.float32).reshape(8, 4),
    "v": np.arange(24, dtype=np.float16).reshape(4, 6),
    "b": np.arange(4, dtype=np.float32),
    "step": np.array(3, np.int32),
}


@pytest.fixture
def four(here):
    """Four ranks in `src`, with the strategy `s.ckpt`."""
    write_ranks("src", VALUES, [MESH])
    write_strategy("s.ckpt", [MESH])
    return here


def test_texts_maps_and_slices(here, monkeypatch):
    """What is not a tensor is whole on every rank; a value of several records is one value."""
    monkeypatch.setattr("declspore.checkpoint.mindspore.SLICE_BYTES", 64)
    values = {"w": np.arange(64, dtype=np.float32).reshape(16, 4), "note": "hello"}
    stage = {"w": Cut((2,), (-1, 0))}
    for rank in range(2):
        os.makedirs(f"src/rank_{rank}")
        pieces = pieces_of({"w": values["w"]}, [stage], rank)
        written(f"src/rank_{rank}/a.ckpt", {**pieces, "note": "hello"})
    write_strategy("s.ckpt", [stage])
    with opened_set("src", strategy="s.ckpt") as found:
        assert np.array_equal(found.array("w"), values["w"])
        assert found.text("note") == "hello"


@pytest.mark.parametrize("lost", [[3], [0, 2]])
def test_missing_ranks(four, lost):
    for rank in lost:
        shutil.rmtree(f"src/rank_{rank}")
    said = said_of()
    assert "E570" in said
    assert "is missing" in said or "are missing" in said
    assert "the strategy is for 4 ranks" in said
    assert said.count("error[") == 1


@pytest.mark.parametrize("mesh", [(1 << 40, 1), (1 << 16, 2), (3_000_000_000,) * 2, (2,) * 100_000])
def test_a_strategy_for_more_devices_than_there_are(four, mesh):
    """Asking which of them is missing took minutes, or all memory."""
    item = {"dev_matrix": mesh, "tensor_map": [-1, -1]}
    Path("s.json").write_text(json.dumps({"parallel_layout_item": {"w": item}}))
    assert "more than 65,536 devices" in said_of(strategy="s.json")
    item["dev_matrix"] = [1 << 16, 1]
    Path("s.json").write_text(json.dumps({"parallel_layout_item": {"w": item}}))
    assert "ranks 4, 5, 6, 7, 8, 9, 10, 11 and 65,524 more are missing" in said_of(
        strategy="s.json"
    )


@pytest.mark.parametrize("stage", [-1, 1 << 16, 10**15])
@pytest.mark.parametrize("merged", [True, False])
def test_a_stage_that_no_pipeline_has(four, stage, merged):
    name = f"{stage}-w" if merged else "w"
    table = {
        "parallel_layout_item": {name: {"dev_matrix": [4], "tensor_map": [-1, -1]}},
        "parallel_strategy_item": {name: {"stage": stage}},
    }
    Path("s.json").write_text(json.dumps(table))
    assert f"of stage {stage}" in said_of(strategy="s.json")


def test_a_folder_of_a_rank_that_cannot_be(four):
    os.rename("src/rank_3", "src/rank_99999999999999")
    assert "ranks 3, 4, 5, 6, 7, 8, 9, 10 and 99,999,999,999,988 more" in said_of(strategy=None)


def test_too_many_ranks(four):
    shutil.copytree("src/rank_3", "src/rank_4")
    assert "the set has rank 4, the strategy is for 4 ranks" in said_of()


def test_an_entry_that_a_rank_lacks(four):
    written(
        "src/rank_1/net1.ckpt", {k: v for k, v in pieces_of(VALUES, [MESH], 1).items() if k != "v"}
    )
    said = said_of()
    assert "E571" in said
    assert "rank 1 does not have the entry" in said
    assert "rank 3 holds the same piece" in said
    assert "remove_redundancy = true" in said
    assert opened_set("src", strategy="s.ckpt", without_replicas=True).load()["v"].tolist() == (
        VALUES["v"].tolist()
    )


def test_a_piece_that_no_rank_has(four):
    for rank in (1, 3):
        rest = {k: v for k, v in pieces_of(VALUES, [MESH], rank).items() if k != "v"}
        written(f"src/rank_{rank}/net{rank}.ckpt", rest)
    said = said_of(without_replicas=True)
    assert "no rank has the piece that rank 1 and 3 should hold" in said


def test_an_entry_in_another_stage(here):
    stages = [{"a": Cut((2,), (0,))}, {"b": Cut((2,), (0,))}]
    values = {"a": np.arange(4, dtype=np.int8), "b": np.arange(6, dtype=np.int8)}
    write_ranks("src", values, stages)
    write_strategy("s.ckpt", stages)
    written("src/rank_2/net2.ckpt", {"b": values["b"][:3], "a": values["a"][:2]})
    said = said_of()
    assert "rank 2 has the entry, which the strategy does not place in stage 1" in said
    assert "entry `a`" in said


def test_replicas_that_differ(four):
    other = VALUES["v"].copy()
    other[2, 4] = -1
    written("src/rank_3/net3.ckpt", pieces_of({**VALUES, "v": other}, [MESH], 3))
    said = said_of()
    assert "E575" in said
    assert "first at [2, 4]: 16.0 in src/rank_1/net1.ckpt, -1.0 in src/rank_3/net3.ckpt" in said
    assert "entry `v`" in said
    found = opened_set("src", strategy="s.ckpt")
    assert np.array_equal(found.array("w"), VALUES["w"])  # other entries are not concerned
    assert [each.code for each in found.disagreements()] == ["E575"]
    first = opened_set("src", strategy="s.ckpt", first=True)
    assert np.array_equal(first.array("v"), VALUES["v"])


def test_values_without_a_layout_that_differ(four):
    written("src/rank_2/net2.ckpt", {**pieces_of(VALUES, [MESH], 2), "step": np.array(4, np.int32)})
    said = said_of()
    assert "first at []: 3 in src/rank_0/net0.ckpt, 4 in src/rank_2/net2.ckpt" in said
    assert "does not have a layout for it" in said


def test_stages_that_differ(here):
    stages = [{"t": Cut((2,), (0, -1))}, {"t": Cut((2,), (-1, 0))}]
    values = {"t": np.arange(16, dtype=np.int16).reshape(4, 4)}
    write_ranks("src", values, stages)
    write_strategy("s.ckpt", stages)
    assert np.array_equal(opened_set("src", strategy="s.ckpt").array("t"), values["t"])
    other = values["t"].copy()
    other[3, 1] = 99
    written("src/rank_2/net2.ckpt", pieces_of({"t": other}, stages, 2))
    assert "first at [3, 1]: 13 in src/rank_0/net0.ckpt, 99 in src/rank_2/net2.ckpt" in said_of()


def test_the_strategy_of_another_model(four):
    write_strategy("s.ckpt", [{"encoder.weight": Cut((2, 2), (0, -1))}])
    said = said_of()
    assert "s.ckpt is the strategy of another model: it names no entry of the set" in said
    assert said.count("error[") == 1


def test_a_strategy_for_other_axes(four):
    write_strategy("s.ckpt", [{**MESH, "w": Cut((2, 2), (1, -1, -1))}])
    assert "the strategy cuts 3 axes, the entry is f32[4, 4]" in said_of()


def test_pieces_of_other_shapes(four):
    written("src/rank_1/net1.ckpt", {**pieces_of(VALUES, [MESH], 1), "w": VALUES["w"][:3]})
    said = said_of()
    assert "the piece is f32[3, 4], expected f32[4, 4] as in src/rank_0/net0.ckpt" in said


def test_all_that_is_wrong_is_reported_at_once(four):
    rest = {k: v for k, v in pieces_of(VALUES, [MESH], 1).items() if k not in ("v", "w")}
    written("src/rank_1/net1.ckpt", rest)
    assert said_of().count("error[E571]") == 2
    cut = Path("src/rank_0/net0.ckpt")
    cut.write_bytes(cut.read_bytes()[:-5])
    shutil.rmtree("src/rank_3")
    said = said_of()
    assert ("E505" in said, "E570" in said, "E571" in said) == (True, True, False)


def test_lenient(four):
    """What is whole is shown."""
    shutil.rmtree("src/rank_1")
    found = opened_set("src", strategy="s.ckpt", lenient=True)
    assert [each.code for each in found.problems] == ["E570"]
    assert len(found) == 4


def test_one_axis_cut_by_two_mesh_axes(here):
    """A strategy file cannot tell that from two axes; the entry can."""
    stage = {"b": Cut((2, 2), ((0, 1),))}
    values = {"b": np.arange(8, dtype=np.int8)}
    write_ranks("src", values, [stage])
    write_strategy("s.ckpt", [stage])
    assert opened_set("src", strategy="s.ckpt").array("b").tolist() == list(range(8))


# ---- which files


def test_the_last_file_of_a_folder(four):
    for rank in range(4):
        pieces = pieces_of({**VALUES, "step": np.array(9, np.int32)}, [MESH], rank)
        written(f"src/rank_{rank}/net{rank}-2_10.ckpt", pieces)
        os.rename(f"src/rank_{rank}/net{rank}.ckpt", f"src/rank_{rank}/net{rank}-1_10.ckpt")
    assert opened_set("src", strategy="s.ckpt").array("step") == 9
    earlier = opened_set("src", strategy="s.ckpt", files="*-1_10.ckpt")
    assert earlier.array("step") == 3


def test_names_whose_order_is_not_that_of_their_numbers(four):
    for rank in range(4):
        shutil.copy(f"src/rank_{rank}/net{rank}.ckpt", f"src/rank_{rank}/net{rank}-10_5.ckpt")
        os.rename(f"src/rank_{rank}/net{rank}.ckpt", f"src/rank_{rank}/net{rank}-9_5.ckpt")
    said = said_of()
    assert "E577" in said
    assert "the last file by name is net0-9_5.ckpt, the last by number is net0-10_5.ckpt" in said
    assert 'files = "*-10_5.ckpt"' in said
    opened_set("src", strategy="s.ckpt", files="*-10_5.ckpt").load()


def test_ranks_of_different_steps(four):
    for rank in range(4):
        step = 100 if rank == 2 else 200
        os.rename(f"src/rank_{rank}/net{rank}.ckpt", f"src/rank_{rank}/net{rank}-1_{step}.ckpt")
    assert "the ranks are of different steps" in said_of()


def test_a_folder_of_both_formats(four):
    written("src/rank_2/net.safetensors", pieces_of(VALUES, [MESH], 2), format=SAFETENSORS)
    assert "contains .ckpt and .safetensors files" in said_of()
    opened_set("src", strategy="s.ckpt", files="*.ckpt").load()


def test_the_parts_of_a_rank(here):
    """What MindSpore transforms stage by stage is in several files."""
    for rank in range(2):
        os.makedirs(f"src/rank_{rank}")
        for part, name in enumerate("ab"):
            half = np.arange(4, dtype=np.int8)[2 * rank : 2 * rank + 2]
            written(
                f"src/rank_{rank}/net{rank}_part{part}.ckpt",
                {name: half + part, "step": np.array(1, np.int32)},
            )
    write_strategy("s.ckpt", [{name: Cut((2,), (0,)) for name in "ab"}])
    found = opened_set("src", strategy="s.ckpt").load()
    assert (found["a"].tolist(), found["b"].tolist()) == ([0, 1, 2, 3], [1, 2, 3, 4])


def test_rank_files_that_match_a_pattern(here):
    for rank in range(12):
        written(f"net-rank{rank}.ckpt", {"w": np.array([rank], np.int8)})
    write_strategy("s.ckpt", [{"w": Cut((12,), (0,))}])
    assert opened_set("net-rank*.ckpt", strategy="s.ckpt").array("w").tolist() == list(range(12))
    shutil.copy("net-rank3.ckpt", "other-rank3.ckpt")
    assert "rank 3 has two files" in said_of("*-rank*.ckpt")
    assert "no file matches" in said_of("nothing*.ckpt")


def test_without_a_strategy(here):
    """Every rank holds whole tensors."""
    for rank in range(2):
        os.makedirs(f"src/rank_{rank}")
        written(f"src/rank_{rank}/a.ckpt", {"w": np.arange(3)})
    assert opened_set("src").array("w").tolist() == [0, 1, 2]
    os.rename("src/rank_1", "src/rank_2")
    assert "rank 1 is missing" in said_of(strategy=None)
    Path("empty").mkdir()
    assert "E570" in said_of("empty", strategy=None)


def test_encrypted_ranks_with_crc(here):
    Path("key").write_bytes(b"k" * 16)
    access = Access(read_key(file="key"))
    write_ranks("src", VALUES, [MESH], access=access._replace(crc=False))
    write_strategy("s.ckpt", [MESH])
    found = open_set("src", formats(), SetOptions(strategy="s.ckpt"), access)
    assert found.mode == "AES-GCM"
    assert np.array_equal(found.array("v"), VALUES["v"])
    with pytest.raises(DiagnosticError, match="E514"):
        opened_set("src", strategy="s.ckpt")


def test_crcs_are_checked_file_by_file(here):
    write_ranks("src", VALUES, [MESH], access=Access(crc=True))
    write_strategy("s.ckpt", [MESH])
    found = opened_set("src", strategy="s.ckpt")
    found.check_crc()
    path = Path("src/rank_2/net2.ckpt")
    data = path.read_bytes()
    value = VALUES["b"].tobytes()
    path.write_bytes(data.replace(value, value[::-1]))
    with pytest.raises(DiagnosticError, match="E518") as error:
        opened_set("src", strategy="s.ckpt").check_crc()
    assert "rank_2" in str(error.value)


def test_a_shard_that_is_replaced_while_the_set_is_read(four):
    found = opened_set("src", strategy="s.ckpt")
    found.files._pool.close()
    written("src/rank_1/net1.ckpt", pieces_of(VALUES, [MESH], 1))
    with pytest.raises(DiagnosticError, match="replaced while the set was read"):
        found.load()


FEW = """
import resource
from tests.checkpoint.sharding import opened_set
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
print(opened_set("src", strategy="s.ckpt").array("w").tolist())
"""


def test_many_files_and_few_descriptors(here):
    """No descriptor is held for each file, whether it is only indexed or its values are viewed. In
    a process of its own, since that of the tests has any number open."""
    count = 300
    for rank in range(count):
        os.makedirs(f"src/rank_{rank}")
        written(f"src/rank_{rank}/a.ckpt", {"w": np.full(2, rank)}, durable=False)
    write_strategy("s.ckpt", [{"w": Cut((count,), (0,))}])
    done = warm.ours().run("-c", FEW, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [rank for rank in range(count) for _ in range(2)]


# ---- doors


def test_inspect_loads_no_numpy(four):
    code = (
        "import sys\nfrom declspore.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'numpy' not in sys.modules\n"
    )
    command = [sys.executable, "-c", code, "inspect", "src", "--strategy", "s.ckpt"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "f32[8, 4]" in done.stdout
    assert "ckpt of 4 ranks" in done.stdout


def test_commands(four, declspore):
    for arguments in (
        ("convert", "src", "whole.ckpt", "--strategy", "s.ckpt"),
        ("diff", "src", "whole.ckpt", "--strategy", "s.ckpt"),
        ("diff", "whole.ckpt", "src", "--other-strategy", "s.ckpt"),
        ("verify", "src", "--strategy", "s.ckpt"),
    ):
        done = declspore(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    with opened("whole.ckpt") as whole:
        assert {name: whole.array(name).tolist() for name in VALUES} == {
            name: value.tolist() for name, value in VALUES.items()
        }
    written("src/rank_2/net2.ckpt", {**pieces_of(VALUES, [MESH], 2), "step": np.array(4, np.int32)})
    for command in ("verify", "convert"):
        rest = ["other.ckpt"] if command == "convert" else []
        done = declspore(command, "src", *rest, "--strategy", "s.ckpt")
        assert done.returncode == 2
        assert "E575" in done.stderr
    assert not Path("other.ckpt").exists()
    done = declspore("convert", "src", "o.ckpt", "--strategy", "s.ckpt", "--replicas", "first")
    assert done.returncode == 0


def test_python(four):
    with declspore.open_checkpoint("src", strategy="s.ckpt") as found:
        assert np.array_equal(found.array("w"), VALUES["w"])
    with pytest.raises(ValueError, match="replicas"):
        declspore.open_checkpoint("src", replicas="last")


def test_what_is_read_for_one_entry(here, monkeypatch):
    """Heads of records and the pieces of the entry, however large the others are."""
    values = {
        "big": np.zeros((16, 1 << 16), np.float32),
        "w": np.arange(1 << 10, dtype=np.float32),
        "last": np.zeros((16, 1 << 16), np.float32),
    }
    stage = {"big": Cut((8,), (0, -1)), "w": Cut((8,), (0,)), "last": Cut((8,), (0, -1))}
    write_ranks("src", values, [stage])
    write_strategy("s.ckpt", [stage])
    counted = []
    read, readinto = FileBytes.read, FileBytes.readinto

    def counting_read(self, start, length):
        found = read(self, start, length)
        counted.append(len(found))
        return found

    def counting_readinto(self, start, target):
        counted.append(len(target))
        readinto(self, start, target)

    monkeypatch.setattr(FileBytes, "read", counting_read)
    monkeypatch.setattr(FileBytes, "readinto", counting_readinto)
    found = opened_set("src", strategy="s.ckpt")
    assert sum(counted) < 8 * 6 * 4096
    counted.clear()
    assert np.array_equal(found.array("w"), values["w"])
    assert sum(counted) == values["w"].nbytes
