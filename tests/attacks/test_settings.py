"""The environment changes no number: Keras's configuration file, missing backends."""

import json

import pytest

from tests.attacks.support import attacked

SPEC = """spec 1
network Net() {
  fc = Dense(64, 10)
  construct(x: f32[B, 8, 8, 1]) = reshape(x, [-1, 64]) |> fc
}
dataset digits = Digits(usage = "test") |> batch(32)
train t {
  network = Net()
  dataset = digits
  loss = CrossEntropyLoss()
  optimizer = SGD(0.01)
  length = 2 steps
  seed = 1
  save "%s.ckpt" every 2 steps
}
"""


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("backend", ["nonsense", "numpy", "a.b", "\u202e", "openvino"])
def test_a_backend_that_is_not_there(tmp_path, command, backend):
    (tmp_path / "own.spec").write_text(SPEC % "a")
    done = attacked(tmp_path, command, "own.spec", env={"KERAS_BACKEND": backend})
    if command == "plan":
        assert "warning[W551]" in done.text
    else:
        assert done.codes == ["E552"], done.text


@pytest.mark.slow
@pytest.mark.parametrize("floatx", ["float16", "float64", "bfloat16"])
def test_a_configuration_file_of_keras(tmp_path, floatx, without_one):
    """The same bytes, whatever it says; its backend is not looked at either."""
    settings = {"floatx": floatx, "epsilon": 0.1, "image_data_format": "channels_first"}
    (tmp_path / "keras.json").write_text(json.dumps(settings | {"backend": "nonsense"}))
    assert _trained(tmp_path) == without_one


@pytest.fixture(scope="module")
def without_one(tmp_path_factory):
    return _trained(tmp_path_factory.mktemp("empty"))


def _trained(home):
    """What is written by a training whose Keras is configured in a folder."""
    (home / "own.spec").write_text(SPEC % "a")
    env = {"KERAS_HOME": str(home), "KERAS_BACKEND": "tensorflow"}
    done = attacked(home, "run", "own.spec", "--no-lock", env=env, seconds=200)
    assert done.returncode == 0, done.text
    return (home / "a.ckpt").read_bytes()
