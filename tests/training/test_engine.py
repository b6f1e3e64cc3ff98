"""Epochs, pauses, requests, and a training that is continued. Runs on every backend."""

import json
import os
from dataclasses import replace

import keras
import numpy as np
import pytest

from declspore import load_checkpoint
from declspore.ir.timeline import Interval, Timeline
from declspore.registry.policy import Phase, Policy, policy
from declspore.registry.step import Stage, StepChange, StepScalar, StepSlot
from declspore.training.engine import Engine
from declspore.training.feed import TrainingData
from tests.training.support import (
    BATCHES,
    Looking,
    assert_same,
    changing,
    engine_of,
    trainee_of,
    values,
)


def test_steps_that_run_together_give_the_bits_of_single_steps():
    found, losses = [], []
    for every in (1, 2, 7, 100):
        looking = Looking(every)
        engine = engine_of(trainee_of(), [looking])
        engine.train()
        found.append(values(engine))
        losses.append(looking.losses)
    for other, its in zip(found[1:], losses[1:], strict=True):
        assert_same(other, found[0])
        assert its == losses[0]


def test_pauses_are_those_that_policies_ask_for():
    looking = Looking(3)
    engine_of(trainee_of(), [looking], epochs=3, steps=13).train()
    assert looking.seen == [
        (1, 3, 3),
        (1, 5, 5),
        (2, 1, 6),
        (2, 4, 9),
        (2, 5, 10),
        (3, 2, 12),
        (3, 3, 13),
    ]


def test_moments_come_in_order():
    seen = []

    class All(Policy):
        def __getattribute__(self, name):
            hooks = ("begin", "before_epoch", "before_steps", "after_steps", "after_epoch", "end")
            if name in hooks:
                return lambda state, run: seen.append(f"{name} {run.step}") or state
            return super().__getattribute__(name)

    engine_of(trainee_of(), [All()], batches=BATCHES[:2], steps=3).train()
    assert seen == [
        *("begin 0", "before_epoch 0", "before_steps 0", "after_steps 2", "after_epoch 2"),
        *("before_epoch 2", "before_steps 2", "after_steps 3", "after_epoch 3", "end 3"),
    ]


def test_phases_come_in_order_and_saving_sees_what_all_others_left(here):
    seen = []

    def in_phase(phase):
        class Asked(Policy):
            def after_steps(self, state, run):
                seen.append(self.phase)
                return state

        Asked.phase = phase
        return Asked()

    policies = [in_phase(phase) for phase in reversed(Phase)]
    engine_of(trainee_of(), policies, steps=1).train()
    assert seen == list(Phase)


def test_a_stop_is_for_a_reason_and_after_the_moment():
    class Stops(Looking):
        def after_steps(self, state, run):
            if run.step == 2:
                run.stop("enough")
            return super().after_steps(state, run)

        def after_epoch(self, state, run):
            self.ended = (run.step, run.epoch_is_complete)
            return state

    stops, later = Stops(), Looking()
    done = engine_of(trainee_of(), [stops, later]).train()
    assert (done.steps, done.stop_reason) == (2, "enough")
    assert later.seen[-1] == (1, 2, 2)
    assert stops.ended == (2, False)


def test_checkpoints_are_saved_and_removed(here):
    saving = policy("Save", path="{epoch}_{step}.ckpt", every=Interval(2, "step"), keep=2)
    trainee = trainee_of()
    done = engine_of(trainee, [saving], epochs=1).train()
    assert (done.saved, done.files) == (3, ("1_4.ckpt", "1_5.ckpt"))
    assert sorted(os.listdir()) == ["1_4.ckpt", "1_5.ckpt"]
    found = load_checkpoint("1_5.ckpt")
    assert found["global_step"].asnumpy().tolist() == [5]
    assert "moments.two.weight" in found


def test_policies_add_entries_to_checkpoints(here):
    adding = changing(
        Stage.AVERAGE,
        lambda view: StepChange(
            scalars={"updates": view.scalars["updates"] + 1.0},
            slots={"last": view.values},
        ),
        scalars=(StepScalar("updates", 0.0, entry=True), StepScalar("private", 0.0)),
        slots=(StepSlot("last", entry=True),),
    )
    saving = policy("Save", path="t.ckpt", every=Interval(1, "epoch"))
    engine_of(trainee_of(), [adding, saving], epochs=1).train()
    found = load_checkpoint("t.ckpt")
    assert list(found)[-7:-5] == ["updates", "last.one.weight"]
    assert float(found["updates"].asnumpy()) == 5
    assert "private" not in found
    for name in ("one.weight", "norm.gamma", "two.bias"):
        np.testing.assert_array_equal(found[f"last.{name}"].asnumpy(), found[name].asnumpy())


# ---- continuing


class Counting(Looking):
    """Has a state of its own."""

    def start(self):
        return {"sum": 0.0}

    def after_steps(self, state, run):
        super().after_steps(state, run)
        return {"sum": state["sum"] + sum(run.losses)}


def _policies():
    def collect(view):
        sums = [s + g for s, g in zip(view.slots["sum"], view.gradients, strict=True)]
        count = view.scalars["count"] + 1.0
        full = view.ops.equal(count, 3.0)
        return StepChange(
            gradients=sums,
            proceed=full,
            scalars={"count": view.ops.where(full, 0.0, count)},
            slots={"sum": [view.ops.where(full, 0.0, s) for s in sums]},
        )

    slots, scalars = (StepSlot("sum"),), (StepScalar("count", 0.0),)
    return [
        changing(Stage.CHANGE, collect, scalars=scalars, slots=slots),
        policy("DynamicLossScale", init_loss_scale=2.0, scale_window=2),
        Counting(4),
    ]


@pytest.mark.parametrize("at", [2, 5, 7])
def test_a_training_that_is_continued_ends_with_the_same_bits(at):
    """Dropout, batch statistics, accumulation and a dynamic scale; within an epoch, and between
    two; within an accumulation, too."""
    whole = engine_of(trainee_of(), _policies(), epochs=3)
    whole.train()
    first = engine_of(trainee_of(), _policies(), epochs=3, steps=at)
    first.train()
    state = first.state
    assert state.step == at
    keras.utils.set_random_seed(9)
    second = engine_of(trainee_of(), _policies(), epochs=3)
    second.restore(replace(state, policies=json.loads(json.dumps(state.policies))))
    done = second.train()
    assert done.steps == 15
    assert_same(values(second), values(whole))
    assert second.state.policies.keys() == whole.state.policies.keys()
    sums = [engine.state.policies["Counting"]["sum"] for engine in (second, whole)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-6)


def test_a_finished_training_has_nothing_left_to_do(here):
    saving = [policy("Save", path="{epoch}_{step}.ckpt", every=Interval(1, "epoch"))]
    first = engine_of(trainee_of(), saving)
    finished = first.train()
    for name in finished.files:
        (here / name).unlink()
    again = engine_of(trainee_of(), saving)
    again.restore(first.state)
    assert again.train() == finished
    assert not list(here.glob("*.ckpt"))  # and writes nothing again
    assert_same(values(again), values(first))


def test_the_state_of_another_training_is_refused():
    state = engine_of(trainee_of(), [Counting()]).state
    with pytest.raises(ValueError, match="expected the states of none; found Counting"):
        engine_of(trainee_of()).restore(state)
    smaller = "network Net() {\n  two = Dense(4, 3)\n  construct(x: f32[B, 4]) = two(x)\n}"
    with pytest.raises(ValueError, match=r"another training: it differs in .*norm"):
        engine_of(trainee_of(smaller), [Counting()]).restore(state)


def test_a_training_within_epochs_of_unknown_length_cannot_be_continued():
    first = engine_of(trainee_of(), steps=3)
    first.train()
    engine = Engine(trainee_of(), TrainingData(BATCHES), Timeline(2))
    with pytest.raises(ValueError, match="length of an epoch"):
        engine.restore(first.state)


# ---- what fails


def test_policies_learn_of_an_error(here):
    seen = []

    class Told(Policy):
        def __init__(self, fails):
            self.fails = fails

        def after_steps(self, state, run):
            if self.fails:
                raise RuntimeError("power cut")
            return state

        def failed(self, state, run, error):
            seen.append((run.step, str(error)))
            if not self.fails:
                raise OSError("disk full")

    with pytest.raises(RuntimeError, match="power cut") as caught:
        engine_of(trainee_of(), [Told(False), Told(True)]).train()
    assert seen == [(5, "power cut"), (5, "power cut")]
    assert caught.value.__notes__ == ["Told failed too: OSError: disk full"]


def test_an_epoch_without_batches():
    with pytest.raises(ValueError, match="no batches"):
        Engine(trainee_of(), TrainingData([]), Timeline(1)).train()
