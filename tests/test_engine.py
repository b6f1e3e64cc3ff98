"""What networks compute with, and the order in which it is loaded."""

from declspore import engine


def test_keras_comes_before_tensorflow_where_it_computes_with_pytorch(monkeypatch):
    """Loaded after TensorFlow, PyTorch's compiler ends the process."""
    loaded = []
    monkeypatch.setattr(engine, "import_module", loaded.append)
    for backend in ("tensorflow", "jax", "torch"):
        monkeypatch.setenv("KERAS_BACKEND", backend)
        engine.before_tensorflow()
    assert loaded == ["keras"]


def test_a_backend_that_keras_does_not_have(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "a.b")
    assert engine.missing() == ("a.b",)
    assert "`a.b`" in engine.reason(engine.missing())
