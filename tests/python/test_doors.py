"""The public names: tensors, and specs in Python."""

import os
import subprocess
import sys

import numpy as np
import pytest

import declspore
from declspore import (
    DiagnosticError,
    Parameter,
    Tensor,
    load_checkpoint,
)
from declspore import dtype as mstype
from declspore.api import load
from tests.conftest import ROOT, SPECS
from tests.python.support import LENET


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        ([0], mstype.int64, (1,)),
        (1.5, mstype.float32, ()),
        ((1, 2.5), mstype.float32, (2,)),
        (True, mstype.bool_, ()),
        (np.array([1.5]), mstype.float64, (1,)),
        (np.float16(2), mstype.float16, ()),
    ],
)
def test_tensor_types_are_mindspores(data, dtype, shape):
    tensor = Tensor(data)
    assert (tensor.dtype, tensor.shape) == (dtype, shape)


def test_tensors():
    tensor = Tensor([[1.0, 2.0]], mstype.float16)
    assert (tensor.ndim, tensor.size, tensor.nbytes, tensor.itemsize, len(tensor)) == (
        2,
        2,
        4,
        2,
        1,
    )
    assert tensor[0].asnumpy().tolist() == [1.0, 2.0]
    assert np.asarray(tensor).dtype == np.float16
    assert bool(Tensor(1))
    assert "Float16" in repr(tensor)
    with pytest.raises(TypeError, match="cannot hold"):
        Tensor("text")
    with pytest.raises(TypeError, match="no length"):
        len(Tensor(1))
    parameter = Parameter(Tensor([1.0]), name="w", requires_grad=False)
    parameter.set_data(Tensor([2.0]))
    assert float(parameter.data) == float(parameter.value()) == 2.0
    with pytest.raises(ValueError, match="shape"):
        parameter.set_data([1.0, 2.0])
    with pytest.raises(TypeError, match="holds Float32"):
        parameter.set_data(np.array([1.0]))


def test_load(zoo):
    assert dir(zoo) == ["LeNet5"]
    assert "num_class: int = 10" in zoo.LeNet5.__doc__
    assert zoo.LeNet5(num_class=3).output_shape == (None, 3)
    assert zoo.LeNet5(np.int64(4), num_channel=2).input_shape == (None, 2, 32, 32)
    with pytest.raises(AttributeError, match="did you mean `LeNet5`"):
        _ = zoo.LeNet
    with pytest.raises(DiagnosticError) as caught:
        zoo.LeNet5(num_class="ten")
    assert caught.value.diagnostics[0].code == "E305"
    with pytest.raises(DiagnosticError) as caught:
        load("nothing.spec")
    assert caught.value.exit_code == 2


def test_params_from_python(here):
    (here / "p.spec").write_text("spec 1\nparam n: int = 3 in 1 .. 9\nlet m = n * 2\n")
    assert (load("p.spec").n, load("p.spec", n=4).m) == (3, 8)
    assert load("p.spec", n=np.int32(4)).m == 8
    for wrong in ({"n": 10}, {"n": "x"}, {"k": 1}):
        with pytest.raises(DiagnosticError):
            load("p.spec", **wrong)


def test_seeds(zoo):
    def weight(**options):
        return zoo.LeNet5(**options).parameters_dict()["fc1.weight"].asnumpy()

    np.testing.assert_array_equal(weight(seed=5), weight(seed=5))
    assert not np.array_equal(weight(), weight())
    declspore.set_seed(7)
    first = weight()
    declspore.set_seed(7)
    np.testing.assert_array_equal(weight(), first)


def test_tasks_from_python(here):
    (here / "e.spec").write_text(
        f'spec 1\nedit cut {{\n  in src = ckpt("{LENET}")\n  out dst = ckpt("cut.ckpt")\n'
        "  delete src.`moments.**` exactly 8\n}\n"
    )
    result = load("e.spec").cut()
    assert result.counts == {"keep": 11, "delete": 8}
    assert len(load_checkpoint("cut.ckpt")) == 11


def test_import_hook(here):
    (here / "nets").mkdir()
    (here / "nets" / "lenet.spec").write_text((SPECS / "lenet.spec").read_text())
    (here / "nets" / "broken.spec").write_text("spec 1\nlet a = b\n")
    code = """
import sys
sys.path.insert(0, "")
try:
    from nets.lenet import LeNet5
except ImportError:
    pass
else:
    raise SystemExit("found without the hook")
import declspore.hook
from nets.lenet import LeNet5
import nets.lenet
assert nets.lenet.LeNet5 is LeNet5
assert LeNet5.network(num_class=3).parameters[-1].shape == (3,)
assert not [name for name in sys.modules if name == "keras"]
try:
    import nets.broken
except declspore.DiagnosticError as error:
    assert error.diagnostics[0].code == "E201"
else:
    raise SystemExit("imported a broken spec")
"""
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def test_the_public_names_are_there():
    for name in declspore.__all__:
        assert getattr(declspore, name) is not None
    assert set(declspore.__all__) <= set(dir(declspore))
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = declspore.nope


def test_signatures_are_what_is_taken():
    """What ``help`` and completion show: MindSpore's arguments with their defaults."""
    import inspect

    from declspore import nn, ops, train
    from declspore.common import initializer
    from declspore.dataset import vision

    assert str(inspect.signature(nn.Momentum)).startswith("(params, learning_rate, momentum, ")
    assert str(inspect.signature(nn.Conv2d)).startswith("(in_channels, out_channels, kernel_size, ")
    assert str(inspect.signature(nn.MSELoss)) == "(reduction='mean')"
    assert str(inspect.signature(ops.softmax)) == "(input, axis=-1)"
    assert str(inspect.signature(train.Fbeta)).startswith("(beta")
    assert str(inspect.signature(initializer.Normal)) == "(sigma=0.01, mean=0.0)"
    assert str(inspect.signature(vision.Rescale)) == "(rescale, shift)"
    assert "reduction: " in nn.MSELoss.__doc__
    assert nn.MSELoss.__module__ == "declspore.nn"
