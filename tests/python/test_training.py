"""Training by ``Model``: callbacks, and what it takes."""

import os

import numpy as np
import pytest

from declspore import (
    Model,
    Tensor,
    load_checkpoint,
    save_checkpoint,
)
from declspore.api import load
from declspore.nn import Accuracy, Momentum, SoftmaxCrossEntropyWithLogits, piecewise_constant_lr
from declspore.report import DiagnosticError
from declspore.train.callback import (
    Callback,
    CheckpointConfig,
    LossMonitor,
    ModelCheckpoint,
    RunContext,
)
from tests.conftest import SPECS
from tests.oracle import inputs
from tests.python.support import model_of


def test_callbacks_are_told_in_mindspores_order(net):
    class Log(Callback):
        def __init__(self):
            self.seen = []

        def __getattribute__(self, name):
            if name in ("begin", "epoch_begin", "step_begin", "step_end", "epoch_end", "end"):
                return lambda context: self.seen.append((name, *_where(context)))
            return super().__getattribute__(name)

    def _where(context):
        parameters = context.original_args()
        return parameters.cur_epoch_num, parameters.cur_step_num

    log = Log()
    model_of(net).train(2, list(inputs.batches(2)), callbacks=log)
    assert log.seen == [
        ("begin", 0, 0),
        ("epoch_begin", 1, 0),
        *[("step_begin", 1, 1), ("step_end", 1, 1), ("step_begin", 1, 2), ("step_end", 1, 2)],
        ("epoch_end", 1, 2),
        ("epoch_begin", 2, 2),
        *[("step_begin", 2, 3), ("step_end", 2, 3), ("step_begin", 2, 4), ("step_end", 2, 4)],
        ("epoch_end", 2, 4),
        ("end", 2, 4),
    ]


def test_what_a_callback_sees_and_may_ask(net, here):
    class Stops(Callback):
        def step_end(self, run_context: RunContext):
            parameters = run_context.original_args()
            assert parameters.batch_num == 4
            assert parameters["epoch_num"] == 3
            assert parameters.network is net
            assert parameters.net_outputs.asnumpy().shape == ()
            save_checkpoint(parameters.train_network, f"at-{parameters.cur_step_num}.ckpt")
            if parameters.cur_step_num == 2:
                run_context.request_stop()

    model_of(net).train(3, list(inputs.batches(4)), callbacks=[Stops()])
    assert sorted(os.listdir()) == ["at-1.ckpt", "at-2.ckpt"]
    assert len(load_checkpoint("at-2.ckpt")) == 19


def test_loss_monitor_stops_a_broken_run(net):
    net.parameters_dict()["fc3.bias"].set_data(np.full(10, np.nan, np.float32))
    with pytest.raises(ValueError, match="nan at step 1 of epoch 1"):
        model_of(net).train(1, list(inputs.batches(2)), callbacks=LossMonitor())


def test_wrong_configurations():
    with pytest.raises(ValueError, match="cannot all be 0"):
        CheckpointConfig(0, 0, 0, 0)
    with pytest.raises(ValueError, match="save_checkpoint_steps"):
        CheckpointConfig(save_checkpoint_steps=-1)
    with pytest.raises(ValueError, match="append_info"):
        CheckpointConfig(append_info=["epoch"])
    with pytest.raises(TypeError, match="one dict"):
        CheckpointConfig(append_info=[{}, {}])
    with pytest.raises(ValueError, match="prefix"):
        ModelCheckpoint("a/b")
    with pytest.raises(TypeError, match="CheckpointConfig"):
        ModelCheckpoint("a", config=3)


def test_every_kind_of_dataset(net, zoo):
    """A list, a tf.data dataset, a dataset of a spec and a generator give the same figures."""
    import tensorflow as tf

    batches = list(inputs.batches(4))
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    native = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
    model = model_of(net, metrics={"loss"})
    expected = model.eval(batches)["loss"]
    assert model.eval(native)["loss"] == pytest.approx(expected, rel=1e-6)
    assert model.eval(iter(batches))["loss"] == pytest.approx(expected, rel=1e-6)
    tensors = [(Tensor(x), Tensor(y)) for x, y in batches]
    assert model.eval(tensors)["loss"] == pytest.approx(expected, rel=1e-6)


def test_training_is_the_same_from_a_list_and_from_tf_data(zoo):
    import tensorflow as tf

    batches = list(inputs.batches(4))
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    native = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
    after = []
    for data, callbacks in ((batches, None), (native, None), (native, [Callback()])):
        net = zoo.LeNet5(seed=3)
        model_of(net).train(2, data, callbacks=callbacks)
        after.append(net.parameters_dict()["fc3.weight"].asnumpy())
    np.testing.assert_allclose(after[0], after[1], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(after[0], after[2], rtol=1e-5, atol=1e-7)


def test_a_dataset_of_a_spec(here):
    spec = load(SPECS / "quickstart.spec")
    assert len(spec.digits_train) == 44
    images, labels = next(iter(spec.digits_test))
    assert images.shape == (64, 1, 32, 32)
    assert labels.dtype == np.int32
    net = spec.LeNet5WithHead(seed=1)
    model = model_of(net, metrics={"accuracy": Accuracy()})
    model.train(1, spec.digits_train)
    assert 0 <= model.eval(spec.digits_test)["accuracy"] <= 1


def test_metrics_in_a_list_have_the_names_that_mindspore_reports(net):
    batches = list(inputs.batches(2))
    figures = model_of(net, metrics=[Accuracy(), "loss"]).eval(batches)
    assert figures == model_of(net, metrics={"accuracy", "loss"}).eval(batches)


def _with_rates(net, number):
    rates = piecewise_constant_lr([number], [0.01])
    optimizer = Momentum(net.trainable_params(), rates, 0.9)
    return Model(net, SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"), optimizer)


def test_a_list_of_rates_shorter_than_the_training_is_told_before_it(net):
    before = net.parameters_dict()["fc3.bias"].asnumpy()
    with pytest.raises(DiagnosticError, match=r"E553\]: the list .* has 5 values for 6 steps"):
        _with_rates(net, 5).train(2, list(inputs.batches(3)))
    np.testing.assert_array_equal(net.parameters_dict()["fc3.bias"].asnumpy(), before)
    model = _with_rates(net, 5)
    model.train(2, list(inputs.batches(2)))
    with pytest.raises(DiagnosticError, match="5 values for 6 steps"):
        model.train(1, list(inputs.batches(2)))


def test_a_list_of_rates_shorter_than_an_iterator_is_told_at_the_step_without_one(net):
    seen = []

    class Steps(Callback):
        def step_end(self, run_context):
            seen.append(run_context.original_args().cur_step_num)

    with pytest.raises(DiagnosticError, match="2 values for 3 steps"):
        _with_rates(net, 2).train(1, iter(list(inputs.batches(4))), callbacks=Steps())
    assert seen == [1, 2]


def test_an_iterator_lasts_one_epoch(net):
    with pytest.raises(ValueError, match="once only"):
        model_of(net).train(2, iter(list(inputs.batches(1))))
    model_of(net).train(1, iter(list(inputs.batches(1))))


def test_initial_epoch(net):
    seen = []

    class Epochs(Callback):
        def epoch_begin(self, run_context):
            seen.append(run_context.original_args().cur_epoch_num)

    model_of(net).train(4, list(inputs.batches(1)), callbacks=Epochs(), initial_epoch=2)
    assert seen == [3, 4]


def test_predict(net):
    images, _ = next(inputs.batches(1))
    found = Model(net).predict(Tensor(images))
    assert isinstance(found, Tensor)
    np.testing.assert_allclose(found.asnumpy(), net.predict_on_batch(images), rtol=1e-6)


def test_wrong_models(net):
    import keras

    with pytest.raises(TypeError, match="compiled from a spec"):
        Model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))
    with pytest.raises(TypeError, match="loss_fn"):
        Model(net, "mse")
    with pytest.raises(TypeError, match="optimizer"):
        Model(net, None, "sgd")
    with pytest.raises(ValueError, match="no metric is called 'acuracy'"):
        Model(net, metrics={"acuracy"})
    with pytest.raises(TypeError, match="metrics are names or metrics, not int"):
        Model(net, metrics=[3])
    with pytest.raises(ValueError, match="loss_fn and optimizer"):
        Model(net).train(1, [])
    with pytest.raises(ValueError, match="metrics"):
        Model(net).eval([])
    with pytest.raises(TypeError, match="Callback"):
        model_of(net).train(1, [], callbacks=[print])
    with pytest.raises(ValueError, match="needs a loss"):
        Model(net, metrics={"loss"}).eval(list(inputs.batches(1)))
