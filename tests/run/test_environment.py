"""What the environment and the configuration file of Keras say changes no number, and what they
say wrongly is one error with what to do."""

import warnings
from contextlib import contextmanager

import keras
import numpy as np
import pytest

from declspore import Tensor, engine
from declspore.cli.quiet import load_quietly
from declspore.ir.term import Term
from declspore.lock.record import Recorder
from declspore.lower.loss import Loss
from declspore.lower.network import compile_network
from declspore.plan.planner import make_plan
from declspore.registry.loss import LossKind
from declspore.registry.python import bind_call
from declspore.registry.table import vocabulary
from declspore.run import task as tasks
from declspore.run.task import Result, Silent, run_task
from tests.cli.support import codes, failing
from tests.support import checked, network_of, outputs

SPEC = """
network N() {
  fc = Dense(64, 10)
  construct(x: f32[B, 8, 8, 1]) = x |> flatten |> fc
}
dataset d = Digits() |> Rescale(1 / 16, 0.0) |> batch(700)
eval e { network = N() load = none dataset = d metrics = [Accuracy()] }
"""


@contextmanager
def _configured(floatx="float16", order="channels_first"):
    """What a configuration file of Keras may say."""
    config = keras.config
    before = config.floatx(), config.dtype_policy(), config.image_data_format()
    config.set_floatx(floatx)
    config.set_dtype_policy(floatx)
    config.set_image_data_format(order)
    try:
        yield
    finally:
        config.set_floatx(before[0])
        config.set_dtype_policy(before[1])
        config.set_image_data_format(before[2])


@pytest.mark.parametrize(
    "cell",
    [
        'Conv2d(2, 3, 3, pad_mode = "pad", padding = [1, 0, 2, 1])',
        'Conv2dTranspose(2, 3, 3, stride = 2, pad_mode = "pad", padding = 1)',
        "MaxPool2d(2, 2)",
        "BatchNorm2d(2)",
    ],
)
def test_networks_are_what_they_are_without_a_configuration_file(cell):
    x = np.random.default_rng(0).normal(size=(1, 2, 5, 6)).astype("f4")
    network = network_of(cell, x.shape)
    (usual,) = outputs(compile_network(network), x)
    with _configured():
        (found,) = outputs(compile_network(network), x)
        assert keras.config.image_data_format() == "channels_first"
    np.testing.assert_array_equal(found, usual)


def test_a_loss_is_what_it_is_without_a_configuration_file():
    log_probs = np.log(np.full((4, 1, 3), 1 / 3, np.float32))
    given = (log_probs, np.array([[1, 2]]), np.array([4]), np.array([2]))
    loss = Loss.of(Term("loss", "CTCLoss", bind_call(vocabulary().of(LossKind, "CTCLoss"), (), {})))
    usual = loss.of_tensors(*map(Tensor, given)).asnumpy()
    with _configured():
        assert loss.of_tensors(*map(Tensor, given)).asnumpy() == pytest.approx(usual, rel=1e-6)


def test_tasks_compute_in_f32_whatever_floatx_is(monkeypatch):
    seen = []

    def run(plan, reporter, recorder):
        seen.append((keras.config.floatx(), keras.config.dtype_policy().name))
        return Result("e")

    (plan,) = make_plan(checked(SPEC)).tasks
    monkeypatch.setattr(tasks, "imported", lambda name: run)
    with _configured():
        run_task(plan, Silent(), Recorder())
        assert keras.config.floatx() == "float16"
    assert seen == [("float32", "float32")]


@pytest.mark.parametrize(
    ("packages", "remedy"),
    [
        (("TensorFlow",), "unset KERAS_BACKEND, or KERAS_BACKEND=tensorflow"),
        (("keras", "numpy"), "unset KERAS_BACKEND, or KERAS_BACKEND=tensorflow"),
        (("jax",), 'pip install "declspore[jax]"'),
        (("torch",), "pip install torch"),
        (("keras", "tensorflow", "torch"), 'pip install "declspore[tensorflow]"'),
    ],
)
def test_what_makes_computing_possible(packages, remedy):
    assert engine.remedy(packages) == remedy


@pytest.mark.parametrize("command", [("run", "s.spec"), ("rate", "s.spec")])
def test_a_backend_that_is_none_is_one_error(here, monkeypatch, command):
    train = SPEC.partition("eval")[0] + (
        "train t { network = N() dataset = d loss = CrossEntropyLoss() optimizer = SGD(0.1)"
        ' length = 1 epochs save "t.ckpt" every 1 epochs }\n'
    )
    (here / "s.spec").write_text(f"spec 1\n{train}")
    monkeypatch.setenv("KERAS_BACKEND", "TensorFlow")
    done = failing(*command)
    assert codes(done) == ["E552"]
    assert "warning" not in done.stderr
    assert "help: unset KERAS_BACKEND" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("rate", "s.spec", "-o", "folder/x.csv", "-o", "file/x.html"),
        ("show", "s.spec:d", "-o", "file/x.png"),
        ("vocabulary", "s.spec:d", "-o", "file/x.txt"),
        ("export", "lenet.spec:LeNet5", "none.ckpt", "file/x.onnx"),
    ],
)
def test_where_nothing_can_be_written_nothing_is_computed(here, command):
    (here / "file").write_text("not a folder")
    (here / "s.spec").write_text("spec 1\n")
    done = failing(*command)
    assert codes(done) == ["E555"]
    assert "file is not a folder" in done.stderr


def test_warnings_that_are_errors_do_not_end_a_command():
    """``PYTHONWARNINGS=error``: Keras uses deprecated ways of NumPy."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_quietly("keras")
        warnings.warn_explicit("old", DeprecationWarning, "f.py", 1, module="keras.src.backend")
        with pytest.raises(DeprecationWarning):
            warnings.warn_explicit("old", DeprecationWarning, "f.py", 1, module="mine")
