"""``declspore run --dry-run``: two batches of everything, and no file."""

import os

import numpy as np

from tests.cli.support import failing, parsed, said
from tests.tasks.train.support import with_policies

POLICIES = "Validate(d, metrics = [Accuracy()], every = 50 steps), EMA(0.9), ClipByGlobalNorm(1.0)"
MORE = 'save "out/{epoch}.ckpt" every 1 epochs\n  log "out/log.csv"'
CHECK = """
eval check {
  network = Net()
  load    = t.last
  ignore  = [`**`]
  dataset = d
  metrics = [Accuracy()]
}
"""


def _spec(here, labels):
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    np.savez("d.npz", x=x, y=labels.astype(np.int32))
    text = with_policies(POLICIES, more=MORE, length="100 epochs")
    (here / "t.spec").write_text(f"spec 1\n{text}{CHECK}")
    return here / "t.spec"


def test_it_trains_two_steps_and_writes_nothing(here):
    spec = _spec(here, np.arange(20) % 3)
    before = sorted(os.listdir())
    told = said("run", spec, "--dry-run")
    assert "check: not run in a dry run" in told
    assert "epoch 1, step 2: accuracy " in told
    assert "t: loss " in told
    assert " after 2 steps" in told
    assert sorted(os.listdir()) == before
    (result,) = parsed(failing("run", spec, "--dry-run", "--json"))["results"]
    assert (result["steps"], result["files"]) == (2, [])


def test_what_fails_fails_at_once(here):
    x = np.full((20, 2), np.inf, np.float32)
    spec = _spec(here, np.arange(20) % 3)
    np.savez("d.npz", x=x, y=np.zeros(20, np.int32))
    assert "error[E701]" in failing("run", spec, "--dry-run").stderr
