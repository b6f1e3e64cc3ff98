"""Callbacks of Keras in ``Model.train``."""

import keras
import numpy as np
import pytest

from declspore import Model, nn
from declspore.ir.timeline import Timeline
from declspore.train.callback import (
    Callback,
    CallbackParameters,
    LossMonitor,
    RunContext,
    TimeMonitor,
)
from declspore.train.callback.policies import TrainedModel, policies_of
from declspore.training.moment import Moment, SilentTraining
from tests.oracle import inputs
from tests.python.support import model_of


class Log(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append(("begin", dict(self.params)))

    def on_epoch_begin(self, epoch, logs=None):
        self.seen.append(("epoch", epoch))

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(("epoch end", epoch, logs["loss"]))

    def on_train_end(self, logs=None):
        self.seen.append(("end",))


class OfBatches(Log):
    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(("batch", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("batch end", batch, logs["loss"]))


def test_they_are_called_as_by_fit(net, zoo):
    """The same moments with the same numbers, and losses as near as two graphs are."""
    batches = list(inputs.batches(2))
    log = OfBatches()
    model_of(net).train(2, batches, callbacks=log)
    other = zoo.LeNet5(seed=1)
    other.compile(nn.Momentum(other.trainable_params(), 0.01, 0.9), nn_loss())
    expected = OfBatches()
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    other.fit(
        images, labels, batch_size=32, epochs=2, shuffle=False, verbose=0, callbacks=[expected]
    )
    assert [moment[:2] for moment in log.seen] == [moment[:2] for moment in expected.seen]
    found, wanted = ([m[2] for m in one.seen if len(m) == 3] for one in (log, expected))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def nn_loss():
    return nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")


class OfSteps(Callback):
    def step_end(self, run_context):
        pass


@pytest.mark.parametrize(
    ("callback", "pause"),
    [(Log(), None), (TimeMonitor(), None), (OfBatches(), 3), (OfSteps(), 3), (LossMonitor(), 3)],
    ids=lambda value: type(value).__name__,
)
def test_steps_run_one_by_one_only_where_a_callback_looks_at_them(net, callback, pause):
    context = RunContext(CallbackParameters())
    (policy,) = policies_of([callback], context, TrainedModel(net, None))
    moment = Moment(Timeline(1, 4, 4), SilentTraining())
    moment.advance({"loss": [0.5, 0.5]})
    assert policy.next_pause(policy.start(), moment) == pause


def test_they_see_the_network_and_may_stop_and_set_the_rate(net, here):
    class Watches(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert self.model.get_layer("conv1") is net.get_layer("conv1")
            self.model.optimizer.learning_rate = 0.0
            if epoch == 1:
                self.model.stop_training = True

    saved = keras.callbacks.ModelCheckpoint("{epoch}.weights.h5", save_weights_only=True)
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.0)
    model = Model(net, nn_loss(), optimizer)
    after = []

    class Weights(Callback):
        def epoch_end(self, run_context):
            after.append(net.parameters_dict()["fc3.bias"].asnumpy().copy())

    model.train(5, list(inputs.batches(2)), callbacks=[Watches(), saved, Weights()])
    assert sorted(path.name for path in here.iterdir()) == ["1.weights.h5", "2.weights.h5"]
    assert len(after) == 2
    np.testing.assert_array_equal(*after)


def test_early_stopping(net):
    stopping = keras.callbacks.EarlyStopping("loss", min_delta=100.0, patience=2)
    seen = Log()
    model_of(net).train(9, list(inputs.batches(1)), callbacks=[stopping, seen])
    assert [moment[1] for moment in seen.seen if moment[0] == "epoch"] == [0, 1, 2]


def test_what_is_no_callback_is_refused(net):
    with pytest.raises(TypeError, match="of declspore or Keras, not function"):
        model_of(net).train(1, [], callbacks=lambda: None)


def test_an_evaluation_has_none_of_their_moments(net):
    model = model_of(net, metrics={"loss"})
    with pytest.raises(TypeError, match="callbacks of declspore only"):
        model.eval(list(inputs.batches(1)), callbacks=Log())


def test_a_schedule_of_keras_over_an_optimizer_of_keras(zoo):
    """It sets the rate of Keras's own optimizer, which the training's only wraps."""
    net = zoo.LeNet5(10, seed=1)
    optimizer = keras.optimizers.SGD(0.1)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    Model(net, loss, optimizer).train(2, list(inputs.batches(2)), callbacks=halved)
    assert float(optimizer.learning_rate) == pytest.approx(0.025)
