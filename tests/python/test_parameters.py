"""The dict of parameters: selected, loaded into networks, saved again."""

import collections.abc
import warnings

import numpy as np
import pytest

import declspore
from declspore import (
    DiagnosticError,
    LoadWarning,
    Model,
    Parameter,
    Tensor,
    load_checkpoint,
    load_param_into_net,
    save_checkpoint,
)
from declspore import dtype as mstype
from declspore.nn import Momentum
from tests.conftest import SPECS
from tests.python.support import LENET, model_of


def test_the_dict_is_ordinary_and_lazy(here):
    entries = load_checkpoint(LENET)
    assert isinstance(entries, collections.abc.MutableMapping)
    assert type(entries) is dict
    weight = entries["fc1.weight"]
    assert (weight.shape, weight.dtype, weight.name) == ((120, 400), mstype.float32, "fc1.weight")
    assert repr(weight) == (
        "Parameter (name=fc1.weight, shape=(120, 400), dtype=Float32, requires_grad=True)"
    )
    assert weight.storage._array is None
    assert not weight.asnumpy().flags.writeable
    assert weight.storage._array is not None


def test_selection(here):
    assert list(load_checkpoint(LENET, filter_prefix=["moments", "fc"])) == [
        *("conv1.weight", "conv2.weight", "global_step", "learning_rate", "momentum")
    ]
    assert list(load_checkpoint(LENET, specify_prefix="conv")) == ["conv1.weight", "conv2.weight"]
    chosen = load_checkpoint(LENET, choice_func=lambda name: name.endswith("fc1.bias"))
    assert list(chosen) == ["fc1.bias", "moments.fc1.bias"]
    with pytest.raises(ValueError, match="selected"):
        load_checkpoint(LENET, specify_prefix="nothing")


def test_unmatched_names_are_told(net):
    entries = load_checkpoint(LENET)
    del entries["fc3.weight"]
    entries["old.weight"] = Parameter(np.zeros(3, np.float32))
    before = net.parameters_dict()["fc3.weight"].asnumpy().copy()
    with pytest.warns(LoadWarning) as told:
        missing, unused = load_param_into_net(net, entries)
    assert missing == ["fc3.weight"]
    assert "old.weight" in unused
    assert sorted(str(warning.message) for warning in told) == [
        "1 parameter in the checkpoint but not in the network: `old.weight`",
        "1 parameter not in the checkpoint, left as they were: `fc3.weight`",
    ]
    np.testing.assert_array_equal(net.parameters_dict()["fc3.weight"].asnumpy(), before)


def test_a_head_is_never_fed_from_its_momentum(net):
    """MindSpore loads moments.fc3.weight into a missing fc3.weight, because the ending fits."""
    entries = load_checkpoint(LENET)
    for name in ("fc3.weight", "fc3.bias"):
        del entries[name]
    before = net.parameters_dict()["fc3.weight"].asnumpy().copy()
    with pytest.warns(LoadWarning):
        load_param_into_net(net, entries)
    np.testing.assert_array_equal(net.parameters_dict()["fc3.weight"].asnumpy(), before)


def test_a_whole_training_checkpoint_loads_without_a_word(net):
    entries = load_checkpoint(LENET)
    entries["frozen.weight"] = Parameter(np.zeros(3, np.float32))
    optimizer = Momentum(net.trainable_params(), 0.01, 0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("error", LoadWarning)
        load_param_into_net(optimizer, entries)
        del entries["frozen.weight"]
        load_param_into_net(net, entries, strict_load=True)


def test_training_is_told_what_is_no_epoch_and_no_batch(net):
    model = model_of(net)
    with pytest.raises(TypeError, match="epoch must be an integer, not '1'"):
        model.train("1", [])
    batch = (np.zeros((2, 1, 32, 32), np.float32),)
    with pytest.raises(TypeError, match=r"expected \(data, labels\), found a tuple of 1"):
        model.train(np.int64(1), [batch])


def test_another_shape_is_told_with_the_call_that_leaves_it_out():
    other = declspore.load(SPECS / "lenet.spec").LeNet5(num_class=3)
    with pytest.raises(DiagnosticError) as caught:
        load_checkpoint(LENET, net=other)
    left_out = "filter_prefix=['fc3.weight', 'fc3.bias']"
    assert caught.value.diagnostics[0].helps[0].startswith(left_out)
    with pytest.warns(LoadWarning, match="not in the checkpoint"):
        load_checkpoint(LENET, net=other, filter_prefix=["fc3.weight", "fc3.bias"])
    with pytest.raises(DiagnosticError) as caught:
        load_param_into_net(other, load_checkpoint(LENET))
    helps = caught.value.diagnostics[0].helps
    assert helps[0].startswith("without `fc3.weight`, `fc3.bias` in the dict")
    assert 'out dst = ckpt("FILE-fit.ckpt")' in helps[1]
    assert helps[1].endswith("then use FILE-fit.ckpt")


def test_mismatches_change_nothing(net):
    entries = load_checkpoint(LENET)
    entries["fc1.bias"] = Parameter(np.zeros(7, np.float32))
    entries["fc2.bias"] = Parameter(np.zeros(84, np.int32))
    before = net.parameters_dict()["conv1.weight"].asnumpy().copy()
    with pytest.raises(DiagnosticError) as caught:
        load_param_into_net(net, entries)
    assert [d.code for d in caught.value.diagnostics] == ["E532"]
    assert "fc1.bias" in str(caught.value)
    np.testing.assert_array_equal(net.parameters_dict()["conv1.weight"].asnumpy(), before)
    with pytest.raises(DiagnosticError) as caught:
        load_param_into_net(net, {"x": Parameter(np.zeros(1))})
    assert caught.value.diagnostics[0].code == "E530"


@pytest.mark.parametrize("short", [mstype.float16, mstype.bfloat16], ids=str)
def test_floats_are_converted_with_a_word(net, short):
    half = {
        n: Parameter(p.asnumpy().astype(short.as_numpy()))
        for n, p in load_checkpoint(LENET, filter_prefix=("moments", "m", "l", "g")).items()
    }
    with pytest.warns(LoadWarning, match="converted"):
        load_param_into_net(net, half)
    found = net.parameters_dict()["fc1.bias"]
    assert found.dtype == mstype.float32
    np.testing.assert_array_equal(found.asnumpy(), half["fc1.bias"].asnumpy().astype(np.float32))
    with pytest.raises(DiagnosticError):
        load_param_into_net(net, half, strict_load=True)


def test_wrong_targets(net):
    with pytest.raises(TypeError, match="neither a network"):
        load_param_into_net(object(), {})
    with pytest.raises(TypeError, match="no Parameter"):
        load_param_into_net(net, {"fc1.bias": 3})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n, z: load_param_into_net(load_checkpoint(LENET), n), "the net comes first"),
        (lambda n, z: load_checkpoint(LENET, net=z.LeNet5), r"call it first: LeNet5\(\)"),
        (lambda n, z: load_param_into_net(n, str(LENET)), "as load_checkpoint returns it"),
        (lambda n, z: load_param_into_net(n, {"a": 3, "b": 4}), "`a`, `b`.*declspore.Parameter"),
        (lambda n, z: load_checkpoint(LENET, filter_prefix=3), "filter_prefix"),
        (lambda n, z: load_checkpoint(LENET, choice_func="fc"), "choice_func"),
        (lambda n, z: load_checkpoint(LENET, dec_key="abc"), "must be bytes"),
        (lambda n, z: declspore.open_checkpoint(LENET, key="abc"), "must be bytes"),
        (lambda n, z: save_checkpoint(n, "x.ckpt", choice_func=lambda name: False), "nothing is"),
        (lambda n, z: save_checkpoint(n, "x.ckpt", append_dict={"fc1.bias": 1}), "same name"),
        (lambda n, z: Momentum(n, 0.1, 0.9), "takes net.trainable_params"),
        (lambda n, z: Momentum(n.trainable_params() * 2, 0.1, 0.9), "twice: `conv1.weight`"),
        (lambda n, z: declspore.nn.Momentun, "did you mean 'Momentum'"),
        (lambda n, z: declspore.plain_keras(3), "functional Keras model, not int"),
        (lambda n, z: z.LeNet5(seed="x"), "seed must be an integer"),
        (lambda n, z: Tensor([1], np.float32), "declspore.float32"),
        (lambda n, z: Tensor([[1], [1, 2]]), "different lengths"),
        (
            lambda n, z: model_of(n).train(1, np.zeros((2, 1, 32, 32))),
            r"expected \(data, labels\), found .* in batch 1",
        ),
        (lambda n, z: model_of(n).train(1, []), "no batches"),
        (lambda n, z: Model(n, metrics={"accuracy"}).eval([]), "no batches"),
    ],
)
def test_wrong_calls(call, message, net, zoo, here):
    """A wrong call is Python's error, with what to write instead; a wrong file a Diagnostic."""
    with pytest.raises((TypeError, ValueError, AttributeError, DiagnosticError), match=message):
        call(net, zoo)
    assert not list(here.iterdir())


def test_a_clone_has_no_names_of_mindspores(net, here):
    """Its weights go to a network of the spec, as the error says."""
    import keras

    clone = keras.models.clone_model(net)
    clone.set_weights([weight + 1 for weight in net.get_weights()])
    for refused in (
        lambda: load_checkpoint(LENET, net=clone),
        lambda: save_checkpoint(clone, "c.ckpt"),
    ):
        with pytest.raises(TypeError, match=r"net.set_weights\(model.get_weights\(\)\)"):
            refused()
    before = net.parameters_dict()["fc1.bias"].asnumpy()
    net.set_weights(clone.get_weights())
    save_checkpoint(net, "c.ckpt")
    np.testing.assert_array_equal(load_checkpoint("c.ckpt")["fc1.bias"].asnumpy(), before + 1)


def test_what_can_be_saved(net, here):
    save_checkpoint(net, "a")
    save_checkpoint(net.trainable_params(), "b.ckpt")
    save_checkpoint(load_checkpoint("a.ckpt"), "c.ckpt")
    assert (here / "a.ckpt").read_bytes() == (here / "b.ckpt").read_bytes()
    assert (here / "a.ckpt").read_bytes() == (here / "c.ckpt").read_bytes()
    save_checkpoint(net, "d.ckpt", choice_func=lambda name: name.startswith("conv"))
    assert list(load_checkpoint("d.ckpt")) == ["conv1.weight", "conv2.weight"]
    save_list = [
        {"name": "lr", "data": Tensor(0.01, mstype.float32)},
        {"name": "train_epoch", "data": Tensor(20, mstype.int32)},
    ]
    save_checkpoint(save_list, "hyper_param.ckpt")
    found = load_checkpoint("hyper_param.ckpt")
    assert (found["lr"].dtype, int(found["train_epoch"])) == (mstype.float32, 20)
    for wrong in (3, "text", [3], {"a": 3}):
        with pytest.raises(TypeError):
            save_checkpoint(wrong, "e.ckpt")
    with pytest.raises(TypeError, match="append_dict"):
        save_checkpoint(net, "e.ckpt", append_dict={"x": [1]})


def test_saving_over_the_file_that_was_loaded(here):
    (here / "x.ckpt").write_bytes(LENET.read_bytes())
    entries = load_checkpoint("x.ckpt")
    del entries["momentum"]
    save_checkpoint(entries, "x.ckpt")
    assert len(load_checkpoint("x.ckpt")) == 18


def test_background_save_takes_the_values_at_once(net, here):
    parameter = net.parameters_dict()["fc3.bias"]
    before = parameter.asnumpy().copy()
    save_checkpoint(net, "later.ckpt", async_save=True)
    parameter.set_data(np.zeros(10, np.float32))
    save_checkpoint(net, "now.ckpt")
    np.testing.assert_array_equal(load_checkpoint("later.ckpt")["fc3.bias"].asnumpy(), before)
    assert not load_checkpoint("now.ckpt")["fc3.bias"].asnumpy().any()
    save_checkpoint(net, here / "later.ckpt" / "no.ckpt", async_save=True)
    with pytest.raises(DiagnosticError):
        save_checkpoint(net, "now.ckpt")
