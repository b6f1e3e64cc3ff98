"""Training of networks of Python: by Model, and in loops of one's own."""

import numpy as np
import pytest

import declspore
from declspore import Model, Tensor, nn, ops
from declspore.api import load
from declspore.train.callback import LossMonitor, ModelCheckpoint
from tests.conftest import GOLDEN, SPECS
from tests.eager.test_cells import LeNet5
from tests.oracle import inputs

CHECKPOINT = GOLDEN / "lenet-1_5.ckpt"


def trained(net, losses=None):
    """The network after three steps of Model from a checkpoint with its optimizer."""
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    dictionary = declspore.load_checkpoint(CHECKPOINT)
    declspore.load_param_into_net(net, dictionary)
    declspore.load_param_into_net(optimizer, dictionary)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    Model(net, loss, optimizer).train(1, list(inputs.batches(3)))
    return {**net.parameters_dict(), **optimizer.state()}


def test_the_same_bits_as_a_specs_network():
    ours, theirs = trained(LeNet5()), trained(load(SPECS / "lenet.spec").LeNet5())
    assert list(ours) == list(theirs)
    for name, parameter in ours.items():
        np.testing.assert_array_equal(parameter.asnumpy(), theirs[name].asnumpy(), err_msg=name)


def test_a_loop_of_its_own_learns_the_same():
    """TrainOneStepCell and value_and_grad against Model."""
    expected = trained(LeNet5())
    for make in (_one_step, _value_and_grad):
        net = LeNet5()
        optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
        dictionary = declspore.load_checkpoint(CHECKPOINT)
        declspore.load_param_into_net(net, dictionary)
        declspore.load_param_into_net(optimizer, dictionary)
        step = make(net, optimizer)
        for data, label in inputs.batches(3):
            step(Tensor(data), Tensor(label))
        for name, parameter in net.parameters_dict().items():
            np.testing.assert_allclose(
                parameter.asnumpy(), expected[name].asnumpy(), rtol=1e-5, atol=1e-6
            )
        assert optimizer.state()["global_step"].asnumpy().tolist() == [8]


def _one_step(net, optimizer):
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    return nn.TrainOneStepCell(nn.WithLossCell(net, loss), optimizer)


def _value_and_grad(net, optimizer):
    loss_fn = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")

    def forward(data, label):
        logits = net(data)
        return loss_fn(logits, label), logits

    grad_fn = ops.value_and_grad(forward, None, optimizer.parameters, has_aux=True)
    net.set_train()

    def step(data, label):
        (loss, logits), grads = grad_fn(data, label)
        assert logits.shape == (len(data), 10)
        optimizer(grads)
        return loss

    return step


def test_a_loss_of_python():
    class Squares(nn.LossBase):
        def construct(self, logits, labels):
            return self.get_loss(ops.square(logits - labels))

    data = [(np.ones((4, 2), np.float32), np.ones((4, 1), np.float32))] * 5

    def after(loss):
        net = nn.Dense(2, 1, weight_init="ones", bias_init="zeros")
        Model(net, loss, nn.SGD(net.trainable_params(), 0.1)).train(2, data)
        return net.weight.asnumpy()

    np.testing.assert_allclose(after(Squares()), after(nn.MSELoss()), rtol=1e-6)
    with_loss = nn.Dense(2, 1, weight_init="ones", bias_init="zeros")
    model = Model(
        nn.WithLossCell(with_loss, nn.MSELoss()),
        optimizer=nn.SGD(with_loss.trainable_params(), 0.1),
    )
    model.train(2, data)
    np.testing.assert_allclose(with_loss.weight.asnumpy(), after(nn.MSELoss()), rtol=1e-6)


def test_evaluation_and_prediction():
    net = LeNet5()
    declspore.load_checkpoint(str(CHECKPOINT), net=net)
    same = load(SPECS / "lenet.spec").LeNet5()
    declspore.load_checkpoint(str(CHECKPOINT), net=same)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    batches = list(inputs.batches(3))
    found = Model(net, loss, metrics={"accuracy", "loss"}).eval(batches)
    assert found == Model(same, loss, metrics={"accuracy", "loss"}).eval(batches)
    predicted = Model(net).predict(Tensor(batches[0][0]))
    np.testing.assert_array_equal(predicted.asnumpy(), net(Tensor(batches[0][0])).asnumpy())


def test_a_network_for_evaluation():
    net = LeNet5()
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    batches = list(inputs.batches(2))
    plain = Model(net, loss, metrics={"accuracy", "loss"}).eval(batches)
    own = Model(
        net,
        metrics={"accuracy", "loss"},
        eval_network=nn.WithEvalCell(net, loss),
        eval_indexes=[0, 1, 2],
    ).eval(batches)
    assert own["accuracy"] == plain["accuracy"]
    assert own["loss"] == pytest.approx(plain["loss"], rel=1e-6)
    with pytest.raises(ValueError, match="eval_indexes are the places"):
        Model(net, eval_indexes=[0, 1])


def test_fit_evaluates(capsys):
    net = LeNet5()
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = Model(net, loss, nn.Momentum(net.trainable_params(), 0.01, 0.9), {"accuracy"})
    seen = []

    class Sees(declspore.train.callback.Callback):
        def on_train_epoch_end(self, run_context):
            seen.append(dict(run_context.original_args().get("eval_results", {})))

    batches = list(inputs.batches(2))
    model.fit(3, batches, batches, valid_frequency=2, callbacks=[Sees(), LossMonitor(2)])
    assert [sorted(each) for each in seen] == [[], ["accuracy", "eval_loss"], []]
    assert seen[1]["accuracy"] == pytest.approx(seen[1]["accuracy"])


def test_checkpoints_of_a_training(here):
    net = LeNet5()
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = Model(net, loss, optimizer)
    model.train(1, list(inputs.batches(2)), callbacks=ModelCheckpoint("lenet", "out"))
    found = declspore.load_checkpoint("out/lenet-1_2.ckpt")
    assert list(found) == list(declspore.load_checkpoint(CHECKPOINT))
    np.testing.assert_array_equal(found["fc1.weight"].asnumpy(), net.fc1.weight.asnumpy())


def test_mixed_precision():
    net = LeNet5()
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    Model(net, loss, optimizer, amp_level="O2").train(1, list(inputs.batches(2)))
    assert net(Tensor(np.zeros((1, 1, 32, 32), np.float32))).dtype == declspore.float16
    assert net.fc1.weight.dtype == declspore.float32
    with pytest.raises(ValueError, match="amp_level must be one of"):
        Model(net, loss, optimizer, amp_level="O9")
