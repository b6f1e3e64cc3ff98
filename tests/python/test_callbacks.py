"""Callbacks that stop, lower the rate, keep figures, back up, and write event files."""

import os
import signal

import numpy as np
import pytest

import declspore
from declspore import Model, nn
from declspore.train.callback import (
    BackupAndRestore,
    Callback,
    CheckpointConfig,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    OnRequestExit,
    ReduceLROnPlateau,
    SummaryCollector,
    TimeMonitor,
)
from declspore.train.callback.summary import crc32c
from declspore.training.moment import Moment

DATA = [(np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32))] * 3


def made(rate=0.1, metrics=None):
    net = nn.Dense(2, 1, weight_init="ones", bias_init="zeros")
    optimizer = nn.SGD(net.trainable_params(), rate)
    return net, optimizer, Model(net, nn.MSELoss(), optimizer, metrics)


class Epochs(Callback):
    def __init__(self):
        self.seen = []

    def on_train_epoch_end(self, run_context):
        arguments = run_context.original_args()
        self.seen.append((arguments.cur_epoch_num, arguments.optimizer.fixed_rate))


def test_early_stopping():
    """A figure that never falls by so much stops after ``patience`` epochs that do not count the
    first, as in MindSpore."""
    _, _, model = made(1e-9)
    epochs = Epochs()

    class Own(EarlyStopping):
        """One of a user."""

    stop = Own("loss", min_delta=1.0, patience=2)
    model.train(9, DATA, callbacks=[stop, epochs])
    assert [number for number, _ in epochs.seen] == [1, 2, 3]
    assert stop.stopped_epoch == 3


def test_early_stopping_restores_the_best():
    net, _, model = made(1.9)  # the loss grows
    stop = EarlyStopping("loss", patience=3, restore_best_weights=True)
    weights = []
    end = LambdaCallback(on_train_epoch_end=lambda _: weights.append(net.weight.asnumpy().copy()))
    model.train(9, DATA, callbacks=[end, stop])
    np.testing.assert_array_equal(net.weight.asnumpy(), weights[0])


def test_a_figure_of_an_evaluation():
    _, _, model = made(1e-9, {"mse": nn.MSE()})
    epochs = Epochs()
    model.fit(9, DATA, DATA, callbacks=[EarlyStopping("mse", patience=1, mode="min"), epochs])
    assert len(epochs.seen) == 2
    _, _, model = made()
    with pytest.warns(UserWarning, match="no figure 'eval_loss', only loss"):
        model.train(1, DATA, callbacks=EarlyStopping())


def test_the_rate_falls_on_a_plateau():
    _, _, model = made(1e-4)
    epochs = Epochs()
    lower = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=1.0, cooldown=1)
    model.train(7, DATA, callbacks=[lower, epochs])
    rates = [rate for _, rate in epochs.seen]
    np.testing.assert_allclose(rates, [1e-4, 1e-4, 5e-5, 5e-5, 2.5e-5, 2.5e-5, 1.25e-5], rtol=1e-5)


def test_a_rate_of_a_schedule_cannot_be_set():
    net = nn.Dense(2, 1)
    optimizer = nn.SGD(net.trainable_params(), nn.CosineDecayLR(0.0, 0.1, 10))
    model = Model(net, nn.MSELoss(), optimizer)
    with pytest.raises(ValueError, match="no callback can set it"):
        model.train(1, DATA, callbacks=ReduceLROnPlateau("loss"))


def test_a_function_sets_the_rate():
    _, optimizer, model = made(1.0)
    model.train(1, DATA, callbacks=LearningRateScheduler(lambda rate, step: rate / (2 * step)))
    assert optimizer.fixed_rate == pytest.approx(1 / 48)
    assert float(optimizer.get_lr()) == pytest.approx(1 / 48)


def test_history():
    _, _, model = made(0.01, {"mse": nn.MSE()})
    history = History()
    model.fit(2, DATA, DATA, callbacks=history)
    assert history.epoch == {"epoch": [1, 2]}
    assert sorted(history.history) == ["eval_loss", "mse", "net_output"]
    assert history.history["net_output"][0] > history.history["net_output"][1]


def test_one_file_of_some_minutes_stays(here, monkeypatch):
    """The oldest of such a time, as MindSpore's ``keep_one_ckpoint_per_minutes`` has it."""
    monkeypatch.setattr(Moment, "seconds", property(lambda moment: 60.0 * moment.step))
    config = CheckpointConfig(keep_checkpoint_max=None, keep_checkpoint_per_n_minutes=3)
    saver = ModelCheckpoint("net", "out", config)
    _, _, model = made()
    model.train(3, DATA, callbacks=saver)
    assert sorted(os.listdir("out")) == [
        f"net-{epoch}_{step}.ckpt" for epoch, step in ((1, 1), (1, 3), (2, 2), (3, 1), (3, 3))
    ]


def test_a_second_training_goes_on_counting(here):
    """As MindSpore's callback counts: steps up to the one that was saved last are not saved
    again."""
    saver = ModelCheckpoint("net", "out", CheckpointConfig(save_checkpoint_steps=2))
    _, _, model = made()
    for epochs in (1, 2):
        model.train(epochs, DATA, callbacks=saver)
    assert sorted(os.listdir("out")) == [
        *("net-1_2.ckpt", "net-1_3.ckpt", "net-2_2.ckpt", "net-2_3.ckpt")
    ]


def test_backup_and_restore(here):
    net, _, model = made(0.01)

    class Fails(Callback):
        def on_train_epoch_begin(self, run_context):
            if run_context.original_args().cur_epoch_num == 3:
                raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        model.train(4, DATA, callbacks=[BackupAndRestore("backup"), Fails()])
    assert sorted(os.listdir("backup")) == ["backup.ckpt", "backup.json"]
    again, optimizer, model = made(0.01)
    seen = []
    see = LambdaCallback(on_train_begin=lambda _: seen.append(again.weight.asnumpy().copy()))
    model.train(1, DATA, callbacks=[BackupAndRestore("backup"), see])
    np.testing.assert_array_equal(seen[0], net.weight.asnumpy())
    assert int(optimizer.global_step.asnumpy()[0]) == 9
    assert os.listdir("backup") == []


def test_a_signal_ends_the_training(here):
    _, _, model = made(0.01)

    class Asks(Callback):
        def on_train_step_begin(self, run_context):
            if run_context.original_args().cur_step_num == 2:
                os.kill(os.getpid(), signal.SIGUSR1)

    leave = OnRequestExit(file_name="net", directory="out", sig=signal.SIGUSR1)
    model.train(5, DATA, callbacks=[leave, Asks()])
    saved = declspore.load_checkpoint("out/net_train.ckpt")
    assert saved["global_step"].asnumpy().tolist() == [2]
    with pytest.raises(declspore.Unsupported, match="MindIR"):
        OnRequestExit(save_mindir=True)


def test_event_files(here):
    """Read by TensorFlow, which checks the checksums."""
    import tensorflow as tf

    _, _, model = made(0.01, {"mse": nn.MSE()})
    model.fit(2, DATA, DATA, callbacks=SummaryCollector("events", collect_freq=2))
    (name,) = os.listdir("events")
    found = []
    for record in tf.data.TFRecordDataset(os.path.join("events", name)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        found += [(event.step, value.tag) for value in event.summary.value]
    assert [(step, tag) for step, tag in found if tag == "loss"] == [
        *((1, "loss"), (2, "loss"), (4, "loss"), (6, "loss"))
    ]
    assert (3, "mse") in found
    assert (6, "eval_loss") in found
    assert (1, "learning_rate") in found


def test_crc32c():
    """RFC 3720, appendix B.4."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(bytes(range(32))) == 0x46DD794E


def test_the_time_of_data(capsys):
    _, _, model = made()
    model.train(1, DATA, callbacks=TimeMonitor(data_time=True))
    assert ", data time: " in capsys.readouterr().out


def test_wrong_settings():
    for make, message in (
        (lambda: EarlyStopping(mode="up"), "mode must be"),
        (lambda: EarlyStopping(patience=-1), "patience must be"),
        (lambda: ReduceLROnPlateau(factor=2), "factor must be"),
        (lambda: BackupAndRestore("x", save_freq=0), "save_freq must be"),
        (lambda: SummaryCollector("x", collect_freq=0), "collect_freq must be"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_what_callbacks_remember_goes_on_after_an_interruption(here):
    """Patience that was used up before counts; callbacks that begin later do not make it forget."""

    class Fails(Callback):
        after = 3

        def on_train_epoch_end(self, run_context):
            if run_context.original_args().cur_epoch_num == self.after:
                raise RuntimeError("interrupted")

    def callbacks():
        stop = EarlyStopping("loss", min_delta=1.0, patience=3)
        lower = ReduceLROnPlateau("loss", factor=0.5, patience=9, min_delta=1.0)
        return [BackupAndRestore("backup"), stop, lower, History(), Fails()]

    _, _, model = made(1e-9)
    with pytest.raises(RuntimeError, match="interrupted"):
        model.train(9, DATA, callbacks=callbacks())
    assert sorted(os.listdir("backup")) == ["backup.ckpt", "backup.json"]
    _, _, model = made(1e-9)
    _, stop, lower, history, _ = again = callbacks()
    model.train(9, DATA, callbacks=again)
    # the backup after epoch 3 was made before those behind it in the list saw that epoch
    assert stop.stopped_epoch == 2
    assert history.epoch["epoch"] == [1, 2, 1, 2]
    assert lower.wait == stop.wait
    assert os.listdir("backup") == []


def test_states_of_other_callbacks_are_not_taken_over(here):
    _, _, model = made(1e-9)
    model.train(1, DATA, callbacks=[BackupAndRestore("backup", delete_checkpoint=False)])
    _, _, model = made(1e-9)
    see = Epochs()
    stop = EarlyStopping("loss", patience=5)
    model.train(2, DATA, callbacks=[BackupAndRestore("backup"), stop, see])
    assert len(see.seen) == 2


def test_the_best_parameters_go_on_after_an_interruption(here):
    """The figure was best in the first epoch, which an earlier process made."""

    class Fails(Callback):
        after = 3

        def on_train_epoch_begin(self, run_context):
            if run_context.original_args().cur_epoch_num == self.after:
                raise RuntimeError("interrupted")

    def callbacks():
        stop = EarlyStopping("loss", patience=3, restore_best_weights=True)
        return [stop, BackupAndRestore("backup"), History()]

    net, _, model = made(1.9)  # the loss grows
    weights = []
    end = LambdaCallback(on_train_epoch_end=lambda _: weights.append(net.weight.asnumpy().copy()))
    with pytest.raises(RuntimeError, match="interrupted"):
        model.train(9, DATA, callbacks=[*callbacks(), end, Fails()])
    assert sorted(os.listdir("backup")) == ["backup-3-0.ckpt", "backup.ckpt", "backup.json"]
    net, _, model = made(1.9)
    last = callbacks()
    Fails.after = 99
    model.train(9, DATA, callbacks=[*last, LambdaCallback(), Fails()])
    assert last[0].stopped_epoch == 2
    np.testing.assert_array_equal(net.weight.asnumpy(), weights[0])
    assert os.listdir("backup") == []


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_backup_that_is_cut_short_is_of_one_epoch(here, monkeypatch, cut):
    """What callbacks remember is that of the checkpoint that is there, the earlier or the later."""
    from declspore.train.callback import interruption

    def callbacks():
        return [EarlyStopping("loss", min_delta=1.0, patience=9), BackupAndRestore("backup")]

    whole = interruption.save_checkpoint
    calls = []

    def cut_short(network, path):
        calls.append(path)
        if len(calls) == 3 and cut == "before":
            raise RuntimeError("killed")
        whole(network, path)
        if len(calls) == 3:
            raise RuntimeError("killed")

    _, _, model = made(1e-9)
    with monkeypatch.context() as patch:
        patch.setattr(interruption, "save_checkpoint", cut_short)
        with pytest.raises(RuntimeError, match="killed"):
            model.train(9, DATA, callbacks=[*callbacks(), LambdaCallback(), LambdaCallback()])
    _, optimizer, model = made(1e-9)
    seen = []
    stop, backup = callbacks()
    see = LambdaCallback(on_train_epoch_begin=lambda _: seen.append(stop.wait))
    steps = LambdaCallback(on_train_begin=lambda _: seen.append(optimizer.steps_done))
    model.train(1, DATA, callbacks=[stop, backup, see, steps])
    assert seen == [6, 1] if cut == "before" else [9, 2]


def test_figures_that_are_not_finite_go_on(here):
    from declspore.train.callback.memories import Memories

    history = History()
    rows = [[1, 3, 1.0, 1.0, 0.5, 3], [2, 6, float("nan"), float("nan"), 0.5, 3]]
    history.resume_from({**history.resume_state(), "epochs": rows})

    Memories(".").take(5, [history])
    found = Memories(".").of_step(5)
    again = History()
    Memories(".").give(found, [again])
    assert np.isnan(again.history["net_output"][1])
    assert again.epoch == {"epoch": [1, 2]}
    assert Memories(".").of_step(4) is None
