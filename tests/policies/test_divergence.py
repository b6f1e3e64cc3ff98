import math

import numpy as np
import pytest

from declspore import load_checkpoint
from declspore.registry.policy import policy
from tests.cli.support import failing, said
from tests.policies.support import Judged, Rehearsal
from tests.support import problems
from tests.tasks.train.support import with_policies, written

INF, NAN = math.inf, math.nan
MORE = 'save "out/{epoch}_{step}.ckpt" every 2 steps'


@pytest.mark.parametrize(
    ("losses", "limit", "step", "reason"),
    [
        ({2: NAN}, None, 4, "loss is nan"),
        ({6: INF}, None, 8, "loss is inf"),
        ({6: 3.0}, 2.0, 8, "loss is 3, beyond 2"),
        ({6: 3.0}, None, 10, None),
    ],
)
def test_any_step_may_be_the_one(losses, limit, step, reason):
    diverging = policy("Divergence", limit=limit)
    moment = Rehearsal(diverging, losses=losses).run().moment
    assert (moment.step, moment.stop_reason) == (step, reason)


def test_another_figure_may_be_watched():
    worse = policy("Divergence", monitor="accuracy", limit=0.2)
    assert len(Judged(worse, (0.5, 0.1, 0.5)).rates) == 2
    assert len(Judged(worse, (0.5, NAN, 0.5)).rates) == 2
    assert len(Judged(worse, (0.5, 0.3, 0.5)).rates) == 3
    assert problems(with_policies('Divergence("accuracy")'))[0].startswith("E306 16 Divergence: ")


def test_the_checkpoints_before_are_the_result(here):
    options = {"rate": f"[{'0.1, ' * 6}{'1e38, ' * 4}]", "more": MORE}
    assert "error[E701]" in failing("run", written(here, **options), "--no-lock").stderr
    done = said("run", written(here, "Divergence()", **options), "--no-lock", "--fresh")
    assert "  stopped: loss is " in done
    found = sorted(path.name for path in (here / "out").iterdir())
    assert found[:3] == ["1_2.ckpt", "1_4.ckpt", "2_1.ckpt"]
    for name in found:
        assert all(np.isfinite(load_checkpoint(f"out/{name}")["one.bias"].asnumpy()))
