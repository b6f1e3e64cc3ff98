"""What an error leaves of a training: a state from which it goes on, or the one before."""

from dataclasses import replace

import numpy as np
import pytest

from declspore.ir.timeline import Interval, Timeline
from declspore.registry.policy import Failure, Phase, Policy, policy
from declspore.training.engine import Engine
from declspore.training.feed import TrainingData
from declspore.training.moment import SilentTraining
from tests.training.support import BATCHES, Looking, assert_same, engine_of, trainee_of, values


class Kept:
    """Remembers the state that was kept last."""

    state = None

    def keep(self, state):
        self.state = state


class Summing(Policy):
    """Has a state that shows whether a step was counted twice."""

    def start(self):
        return {"sum": 0.0, "times": 0}

    def after_steps(self, state, run):
        return {"sum": state["sum"] + sum(run.losses), "times": state["times"]}

    def after_epoch(self, state, run):
        return {"sum": state["sum"], "times": state["times"] + 1}


class Failing(Policy):
    """Fails once at a hook after so many steps."""

    phase = Phase.SAVE

    def __init__(self, hook, step, error):
        self.step, self.error = step, error
        setattr(self, hook, self._asked)

    def _asked(self, state, run):
        if run.step >= self.step and self.error is not None:
            raise self.error
        return state


class Notes(SilentTraining):
    """Remembers what is shown for good."""

    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


def begun(data, policies, kept, epochs=3, reporter=None):
    timeline = Timeline(epochs, len(BATCHES), epochs * len(BATCHES))
    feed = TrainingData(data, len(BATCHES))
    return Engine(trainee_of(), feed, timeline, policies, reporter, keeper=kept)


def python(fails_at=None):
    """The batches; reading fails in the second epoch, before the batch of a number."""

    class Batches:
        epoch = 0

        def __iter__(self):
            self.epoch += 1
            for place, batch in enumerate(BATCHES):
                if place == fails_at and self.epoch == 2:
                    raise OSError("the disk is gone")
                yield batch

    return Batches()


def native(fails_at=None):
    """The same as a dataset of TensorFlow; it fails in every epoch."""
    import tensorflow as tf

    def checked(place, x, y):
        if fails_at is not None:
            tf.debugging.assert_less(place, fails_at)
        return x, y

    columns = (
        np.arange(len(BATCHES), dtype=np.int32),
        *(np.stack(each) for each in zip(*BATCHES, strict=True)),
    )
    return tf.data.Dataset.from_tensor_slices(columns).map(checked).prefetch(2)


def goes_on(kept, policies, data=BATCHES):
    """Restore what was kept, and train to the end; the engine."""
    engine = begun(data, policies, Kept())
    engine.restore(kept.state)
    engine.train()
    return engine


def assert_as_if_nothing_had_been(engine):
    whole = engine_of(trainee_of(), [Summing(), Looking(2)], epochs=3)
    whole.train()
    assert_same(values(engine), values(whole))
    found, expected = (each.state.policies["Summing"] for each in (engine, whole))
    assert found["times"] == expected["times"]
    assert found["sum"] == pytest.approx(expected["sum"], rel=1e-6)


@pytest.mark.parametrize("fails_at", [0, 1, 4])
def test_data_that_cannot_be_read(fails_at):
    kept = Kept()
    with pytest.raises(OSError, match="the disk is gone"):
        begun(python(fails_at), [Summing(), Looking(2)], kept).train()
    assert kept.state.step == 5 + fails_at
    assert_as_if_nothing_had_been(goes_on(kept, [Summing(), Looking(2)]))


@pytest.mark.parametrize("fails_at", [1, 3, 4])
def test_data_of_tensorflow_that_cannot_be_read(fails_at):
    """Steps of one execution that were made before the error count."""
    tf = pytest.importorskip("tensorflow")
    kept = Kept()
    with pytest.raises((tf.errors.InvalidArgumentError, tf.errors.OpError)):
        begun(native(fails_at), [Summing(), Looking(4)], kept).train()
    assert kept.state.step == fails_at
    assert_as_if_nothing_had_been(goes_on(kept, [Summing(), Looking(2)], native()))


@pytest.mark.parametrize("hook", ["after_steps", "after_epoch", "end"])
@pytest.mark.parametrize("step", [5, 10])
def test_a_policy_that_fails(hook, step):
    """Those that were asked before it are asked again, from their states before."""
    kept, more = Kept(), [Summing(), Looking(2)]
    with pytest.raises(ZeroDivisionError):
        begun(BATCHES, [*more, Failing(hook, step, ZeroDivisionError())], kept).train()
    assert kept.state.step == (15 if hook == "end" else step)
    engine = goes_on(kept, [*more, Failing(hook, step, None)])
    assert_as_if_nothing_had_been(engine)


def test_a_checkpoint_that_cannot_be_written(here):
    """It is written when the training goes on, and listed once."""
    (here / "out").write_text("a file, where a folder is to be")

    def policies():
        return [Summing(), Looking(2), policy("Save", path="out/{step}", every=Interval(3, "step"))]

    kept = Kept()
    with pytest.raises(Exception, match="out"):
        begun(BATCHES, policies(), kept).train()
    assert kept.state.step == 3
    assert (kept.state.saved, kept.state.files) == (0, ())
    (here / "out").unlink()
    (here / "out").mkdir()
    engine = goes_on(kept, policies())
    assert_as_if_nothing_had_been(engine)
    assert engine.state.saved == 5


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_disk_without_room_for_the_state(fails_at):
    """The state before is whole, if there is one, and the same command goes on from it."""

    class Full(Kept):
        times = 0

        def keep(self, state):
            self.times += 1
            if self.times >= fails_at:
                raise OSError("No space left on device")
            super().keep(state)

    kept, notes = Full(), Notes()
    engine = begun(BATCHES, [policy("Backup", every=Interval(2, "step"))], kept, reporter=notes)
    with pytest.raises(OSError, match="No space"):
        engine.train()
    told = "the state after step 2 is whole; the same command continues there"
    assert notes.lines == ([told] if fails_at == 2 else [])


def test_values_that_are_not_worth_it_are_not_kept():
    kept = Kept()
    error = Failure("E701", "the loss is nan", spoils=True)
    with pytest.raises(Failure):
        begun(BATCHES, [Failing("after_steps", 5, error)], kept).train()
    assert kept.state is None


def test_a_step_that_fails_midway_keeps_nothing(monkeypatch):
    kept = Kept()
    engine = begun(BATCHES, [Looking(1)], kept)
    monkeypatch.setattr(engine._step, "update", lambda gradients, told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        engine.train()
    assert kept.state is None


def test_a_rate_that_was_lowered_is_not_lowered_twice():
    """What the moment began with is gone once the rate is set."""
    kept = Kept()
    falls = policy("ReduceLROnPlateau", monitor="loss", patience=1, factor=0.5, min_delta=1e9)
    with pytest.raises(ZeroDivisionError):
        begun(BATCHES, [falls, Failing("after_epoch", 10, ZeroDivisionError())], kept).train()
    assert kept.state.step == 10
    again = replace(falls)
    whole = engine_of(trainee_of(), [replace(falls), Failing("end", 0, None)], epochs=3)
    whole.train()
    engine = goes_on(kept, [again, Failing("end", 0, None)])
    assert_same(values(engine), values(whole))


def test_seconds_go_on():
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        begun(BATCHES, [Failing("after_steps", 5, ZeroDivisionError())], kept).train()
    assert kept.state.seconds > 0
    engine = begun(BATCHES, [Failing("after_steps", 5, None)], Kept())
    engine.restore(replace(kept.state, seconds=3600.0))
    engine.train()
    assert 3600 < engine.state.seconds < 3700
