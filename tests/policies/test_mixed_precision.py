from pathlib import Path

import keras
import numpy as np

from declspore import load_checkpoint
from tests.cli.support import said
from tests.support import problems
from tests.tasks.train.support import with_policies

SAVE = 'save "t.ckpt" every 2 epochs'


def _trained(here, policies):
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    np.savez("d.npz", x=x, y=(x[:, 0] > 0).astype(np.int32))
    Path("t.spec").write_text(f"spec 1\n{with_policies(policies, more=SAVE)}")
    said("run", "t.spec", "--no-lock")
    return {name: p.asnumpy() for name, p in load_checkpoint("t.ckpt").items()}


def test_layers_compute_narrowly_and_checkpoints_stay_wide(here):
    whole = _trained(here, "")
    for policies, level in (
        ("MixedPrecision(f16), DynamicLossScale(256.0)", 3e-3),
        ("MixedPrecision(bf16)", 2e-2),
    ):
        found = _trained(here, policies)
        assert found["one.weight"].dtype == np.float32
        assert (found["one.weight"] != whole["one.weight"]).any()
        np.testing.assert_allclose(found["one.weight"], whole["one.weight"], atol=level)
        assert keras.config.dtype_policy().name == "float32"


def test_f16_needs_a_loss_scale():
    assert problems(with_policies("MixedPrecision(f16)")) == [
        "E306 16 MixedPrecision: gradients in f16 vanish without a loss scale"
    ]
    assert problems(with_policies("MixedPrecision(f16), FixedLossScale(1024.0)")) == []
    (found,) = problems(with_policies("MixedPrecision(f32)"))
    assert found.startswith("E305 16")
