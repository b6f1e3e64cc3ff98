"""Keras's optimizers, losses, metrics and ``fit`` next to declspore's networks and datasets."""

import keras
import numpy as np
import pytest

import declspore
from declspore import Model, nn
from declspore.api import load
from declspore.train.callback import LearningRateScheduler, ModelCheckpoint
from tests.conftest import SPECS
from tests.eager.test_cells import LeNet5
from tests.oracle import inputs


def test_optimizer_loss_and_metric_of_keras(here):
    """The same bits as Keras's own ``fit``, on the same model."""
    batches = list(inputs.batches(3))
    zoo = load(SPECS / "lenet.spec")
    net, same = zoo.LeNet5(seed=1), zoo.LeNet5(seed=1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = Model(net, loss, keras.optimizers.SGD(0.05, momentum=0.9))
    model.train(2, batches, callbacks=ModelCheckpoint("net", "out"))
    same.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss)
    data, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    same.fit(data, labels, batch_size=32, epochs=2, shuffle=False, verbose=0)
    for mine, theirs in zip(net.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    saved = declspore.load_checkpoint("out/net-2_3.ckpt")
    assert list(saved)[:2] == ["conv1.weight", "conv2.weight"]
    assert any(name.startswith("keras.") and "momentum" in name for name in saved)
    metric = keras.metrics.SparseCategoricalAccuracy(name="right")
    figures = Model(net, metrics={"accuracy", metric}).eval(batches)
    assert figures["accuracy"] == pytest.approx(figures["right"])


def test_a_cell_with_keras_optimizer():
    net = LeNet5()
    optimizer = keras.optimizers.Adam(1e-3)
    loss = nn.CrossEntropyLoss()
    model = Model(net, loss, optimizer)
    before = net.fc3.bias.asnumpy().copy()
    halve = LearningRateScheduler(lambda rate, step: rate / 2)
    model.train(1, list(inputs.batches(2)), callbacks=halve)
    assert (net.fc3.bias.asnumpy() != before).all()
    assert float(optimizer.learning_rate) == pytest.approx(2.5e-4)
    assert int(optimizer.iterations) == 2
    with pytest.raises(ValueError, match="built on the variables of another model"):
        Model(LeNet5(), loss, optimizer).train(1, list(inputs.batches(1)))


def test_a_dataset_of_a_spec_enters_fit(here):
    (here / "digits.spec").write_text(
        "spec 1\n\nnetwork Net() {\n  f = Flatten()\n  d = Dense(64, 10)\n\n"
        "  construct(x: f32[B, 1, 8, 8]) {\n    return d(f(x))\n  }\n}\n\n"
        'dataset digits = Digits(usage = "test") |> Rescale(1 / 16, 0.0) |> HWC2CHW()\n'
        "  |> shuffle(seed = 3) |> batch(50)\n"
    )
    spec = load(here / "digits.spec")
    net, same = spec.Net(seed=1), spec.Net(seed=1)
    for model in (net, same):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    history = net.fit(spec.digits, epochs=2, verbose=0)
    for epoch in (1, 2):
        for data, labels in load(here / "digits.spec").digits.stream.epoch(epoch):
            same.train_on_batch(data, labels)
    assert len(history.history["loss"]) == 2
    for mine, theirs in zip(net.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert net.evaluate(spec.digits, verbose=0)[1] > 0.2
    assert net.predict(spec.digits, verbose=0).shape[1] == 10
