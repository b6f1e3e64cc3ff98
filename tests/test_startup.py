"""A small edit loads what it needs and no more: starting is most of what it takes."""

import json
import subprocess
import sys

import numpy as np

from tests.checkpoint.support import written

SPEC = """spec 1
edit e {
  in src  = ckpt("in.ckpt")
  out dst = ckpt("out.ckpt")
  rename src.`a` -> `b`
}
"""
LOADED = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules))))
from declspore.cli import main
sys.exit(main())
"""
NEEDLESS = (
    *("numpy", "tensorflow", "keras", "multiprocessing", "asyncio", "requests"),
    *("declspore.cells", "declspore.ops", "declspore.losses", "declspore.optimizers"),
    *("declspore.metrics", "declspore.policies", "declspore.sources", "declspore.transforms"),
    *("declspore.devices.meeting", "declspore.training", "declspore.tasks.train", "declspore.draw"),
)


def _loaded(*arguments):
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _needless(loaded):
    starts = tuple(f"{name}." for name in NEEDLESS)
    return [name for name in loaded if name in NEEDLESS or name.startswith(starts)]


def test_a_small_edit_is_planned_with_what_it_needs(here):
    written("in.ckpt", {"a": np.ones(3, np.float32)})
    (here / "e.spec").write_text(SPEC)
    _loaded("plan", "e.spec")  # makes what is kept for later runs
    assert _needless(_loaded("check", "e.spec")) == []
    slots = ("declspore.optimizers",)  # whose slots follow a weight
    found = _needless(_loaded("plan", "e.spec"))
    assert [name for name in found if not name.startswith(slots)] == []


def test_the_version_needs_no_language(here):
    loaded = _loaded("--version")
    assert [name for name in loaded if name.startswith(("lark", "declspore.check", "numpy"))] == []
