"""Unchanged scripts of MindSpore under ``python -m declspore.compat``."""

import pytest

from tests import warm


@pytest.fixture
def run(here):
    def run(text, *arguments):
        (here / "script.py").write_text(text)
        return warm.ours().run("-m", "declspore.compat", "script.py", *arguments, cwd=here)

    return run


def test_a_script_runs(run):
    done = run(
        "import sys\n"
        "import mindspore as ms\n"
        "import mindspore.nn as nn\n"
        "import mindspore.common.dtype as mstype\n"
        "from mindspore import Tensor, context\n"
        "from mindspore.ops import operations as P\n"
        "from mindspore.common.initializer import Normal\n"
        "from mindspore.train.serialization import save_checkpoint\n"
        "context.set_context(mode=context.GRAPH_MODE, device_target='CPU')\n"
        "assert __name__ == '__main__'\n"
        "net = nn.Dense(2, 1, weight_init=Normal(0.02))\n"
        "save_checkpoint(net, 'net.ckpt')\n"
        "print(P.ReLU()(Tensor([-1.0, 2.0], mstype.float32)), sys.argv[1:])\n",
        "more",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[0. 2.] ['more']\n"


def test_what_is_absent_is_told_with_the_line(run):
    done = run("import mindspore as ms\n\nfrom mindspore import COOTensor\n")
    assert done.returncode == 2
    assert "does not have mindspore.COOTensor: sparse tensors" in done.stderr
    assert "script.py:3: from mindspore import COOTensor" in done.stderr
    assert "Traceback" not in done.stderr
    done = run("from mindspore.communication import init\n\ninit()\n")
    assert "does not have mindspore.communication" in done.stderr


def test_a_wrong_shape_is_a_diagnostic(run):
    done = run(
        "import numpy as np\n"
        "from mindspore import Tensor, nn\n"
        "net = nn.SequentialCell(nn.Dense(2, 3), nn.Dense(4, 1))\n"
        "net(Tensor(np.ones((1, 2), np.float32)))\n"
    )
    assert done.returncode == 1
    assert "error[E401]: in_channels is 4" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage(run):
    command = ["-m", "declspore.compat"]
    done = warm.ours().run(*command)
    assert done.returncode == 2
    assert "usage" in done.stderr
    done = warm.ours().run(*command, "none.py")
    assert done.stderr == "error: none.py was not found\n"
