"""Random sets resharded by declspore and by MindSpore, file by file.

``python -m tests.oracle.reshard 500 [SEED]`` prints how many of so many random pairs of layouts are
equal to the byte; the Python of MindSpore is named by DECLSPORE_MINDSPORE. Where MindSpore's files
are others, they are held against the definition of the layouts, computed by NumPy from the whole
tensors: a pair counts as a fault of declspore where its own files are not what that says.

MindSpore transforms with ``transform_checkpoints`` (rank folders to rank folders), and with
``unified_safetensors`` and ``load_distributed_checkpoint`` (safetensors by way of whole tensors).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from math import prod
from pathlib import Path

import numpy as np

from declspore.checkpoint.format import Copied
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.target import Target
from declspore.checkpoint.sharding.write import write_set
from declspore.plan.files import formats
from tests.checkpoint.sharding import (
    Cut,
    opened_set,
    pieces_of,
    random_cut,
    random_mesh,
    write_ranks,
    write_strategy,
)
from tests.checkpoint.support import opened
from tests.conftest import mindspore_python

WAYS = ("ckpt", "safetensors", "ckpt from safetensors", "unified", "whole to ranks", "to whole")

IN_MINDSPORE = r"""
import json, os, sys, traceback
import mindspore as ms
from mindspore.parallel import (
    load_distributed_checkpoint, transform_checkpoints, unified_safetensors,
)

def transform(case, way):
    one = None if way == "whole to ranks" else f"{case}/one.ckpt"
    two = None if way == "to whole" else f"{case}/two.ckpt"
    if way == "unified":
        sparse = os.path.exists(f"{case}/sparse")
        os.makedirs(f"{case}/unified", exist_ok=True)
        unified_safetensors(f"{case}/src", one, f"{case}/unified", merge_with_redundancy=not sparse)
        load_distributed_checkpoint(
            None, predict_strategy=two, format="safetensors",
            unified_safetensors_dir=f"{case}/unified", dst_safetensors_dir=f"{case}/theirs",
            max_process_num=1,
        )
        return
    format = "safetensors" if way == "safetensors" else "ckpt"
    transform_checkpoints(f"{case}/src", f"{case}/theirs", "net", one, two, output_format=format)

for case, way in json.loads(sys.argv[1]):
    try:
        transform(case, way)
        said = ""
    except BaseException as error:
        said = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
    with open(f"{case}/said", "w") as file:
        file.write(said)
"""


def _readable(rng, axes, devices):
    """A layout that MindSpore can read again: its files cannot spell a single axis that is cut by
    several mesh axes."""
    while True:
        cut = random_cut(rng, axes, random_mesh(rng, devices))
        if axes > 1 or not isinstance(cut.map[0], tuple):
            return cut


def random_case(rng, folder, way):
    """A set in ``folder/src``, the strategies ``one.ckpt`` and ``two.ckpt``."""
    sides = []
    for side in range(2):
        alone = (side == 0 and way == "whole to ranks") or (side == 1 and way == "to whole")
        stages = 1 if alone else int(rng.choice([1, 1, 1, 2, 4]))
        devices = 1 if alone else int(rng.choice([1, 2, 4, 8, 16]))
        sides.append(([{} for _ in range(stages)], devices))
    values = {}
    for number in range(int(rng.integers(2, 7))):
        name, axes = f"net.{number}.weight", int(rng.integers(1, 4))
        cuts = [_readable(rng, axes, devices) for _, devices in sides]
        for (layouts, _), cut in zip(sides, cuts, strict=True):
            layouts[number % len(layouts)][name] = cut
        sizes = [
            int(np.lcm.reduce([cut.counts[axis] for cut in cuts])) * int(rng.integers(1, 3))
            for axis in range(axes)
        ]
        type = np.dtype(str(rng.choice(["f4", "f4", "f2", "i4"])))
        values[name] = rng.integers(-99, 99, sizes).astype(type)
    for layouts, devices in sides:
        for stage, each in enumerate(layouts):
            each[f"anchor.{stage}"] = Cut((devices,), (-1,))
    for name in {name for layouts, _ in sides for each in layouts for name in each}:
        if name not in values:
            values[name] = np.arange(3, dtype=np.float32)
    # anchors of more stages than the other side has are in its first one
    for layouts, devices in sides:
        listed = {name for each in layouts for name in each}
        layouts[0] |= {n: Cut((devices,), (-1,)) for n in values if n not in listed}
    values["global_step"] = np.array([7], np.int32)
    before, after = (layouts for layouts, _ in sides)
    from_safetensors = way in ("safetensors", "ckpt from safetensors", "unified")
    sparse = way == "unified" and rng.random() < 0.5
    os.makedirs(folder)
    if sparse:
        Path(folder, "sparse").touch()
    suffix = ".safetensors" if from_safetensors else ".ckpt"
    write_ranks(f"{folder}/src", values, before, suffix=suffix, sparse=sparse, durable=False)
    write_strategy(f"{folder}/one.ckpt", before)
    write_strategy(f"{folder}/two.ckpt", after)
    return values, before, after, sparse


def _ours(folder, way, sparse):
    strategy = f"{folder}/one.ckpt"
    format = SAFETENSORS if way in ("safetensors", "unified") else MINDSPORE
    with opened_set(f"{folder}/src", strategy=strategy, without_replicas=sparse or None) as found:
        target = Target(f"{folder}/ours", format, f"{folder}/two.ckpt", prefix="net")
        copies = [Copied(found, entry, entry.name) for entry in found]
        write_set(target, copies, formats=formats())


def _values(path):
    with opened(path) as file:
        return {entry.name: file.array(entry.name) for entry in file}


def _same(one, other):
    return one.keys() == other.keys() and all(
        (one[n].dtype, one[n].shape, one[n].tobytes())
        == (other[n].dtype, other[n].shape, other[n].tobytes())
        for n in one
    )


def verdict(folder, way, case):
    """What became of a case, in words."""
    values, _, after, _ = case
    said = Path(folder, "said").read_text()
    ranks = len(after) * prod(next(iter(after[0].values())).mesh)
    paths = {}
    for rank in range(ranks):
        (mine,) = Path(folder, "ours", f"rank_{rank}").iterdir()
        wanted = pieces_of(values, after, rank)
        if not _same(_values(mine), wanted):
            return f"FAULT: rank {rank} is not what the layout says"
        paths[rank] = mine
    if said:
        return f"MindSpore refuses: {said}"
    bytes_equal = True
    for rank, mine in paths.items():
        theirs = sorted(Path(folder, "theirs", f"rank_{rank}").glob("*"))
        if len(theirs) != 1:
            return f"MindSpore writes {len(theirs)} files for rank {rank}"
        expected, found = _values(mine), _values(theirs[0])
        if expected.keys() - found.keys():
            return "MindSpore leaves entries out"
        if not _same(expected, found):
            return "MindSpore's values are not what the layout says"
        bytes_equal &= mine.read_bytes() == theirs[0].read_bytes()
    return "equal, file by file" if bytes_equal else "equal values, other order or metadata"


def compare(folder, count, seed):
    """Verdicts of ``count`` random cases."""
    rng = np.random.default_rng(seed)
    ways = [str(rng.choice(WAYS)) for _ in range(count)]
    cases = {f"{folder}/{number}": way for number, way in enumerate(ways)}
    made = {}
    for case, way in cases.items():
        made[case] = random_case(rng, case, way)
        _ours(case, way, made[case][3])
    command = [mindspore_python(), "-c", IN_MINDSPORE, json.dumps(list(cases.items()))]
    subprocess.run(command, check=True, capture_output=True)
    return {case: (way, verdict(case, way, made[case])) for case, way in cases.items()}


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    totals = Counter()
    for start in range(0, count, 50):
        with tempfile.TemporaryDirectory() as folder:
            for way, said in compare(folder, min(50, count - start), seed + start).values():
                totals[way, said] += 1
    for (way, said), number in sorted(totals.items()):
        print(f"{number:5}  {way:22}  {said}")


if __name__ == "__main__":
    main()
