"""What the environment and the configuration file of Keras say changes no number, and what they
say wrongly is one error with what to do."""

import keras
import pytest

from declspore import engine
from declspore.lock.record import Recorder
from declspore.plan.planner import make_plan
from declspore.run import task as tasks
from declspore.run.task import Result, Silent, run_task
from tests.cli.support import codes, failing
from tests.support import checked

SPEC = """
network N() {
  fc = Dense(64, 10)
  construct(x: f32[B, 8, 8, 1]) = x |> flatten |> fc
}
dataset d = Digits() |> Rescale(1 / 16, 0.0) |> batch(700)
eval e { network = N() load = none dataset = d metrics = [Accuracy()] }
"""


def test_tasks_compute_in_f32_whatever_floatx_is(monkeypatch):
    seen = []

    def run(plan, reporter, recorder):
        seen.append((keras.config.floatx(), keras.config.dtype_policy().name))
        return Result("e")

    (plan,) = make_plan(checked(SPEC)).tasks
    monkeypatch.setattr(tasks, "imported", lambda name: run)
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float16")
    keras.config.set_dtype_policy("float16")
    try:
        run_task(plan, Silent(), Recorder())
        assert keras.config.floatx() == "float16"
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])
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
