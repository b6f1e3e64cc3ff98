"""Small trainings, on any backend."""

import keras
import numpy as np

from declspore.ir.timeline import Timeline
from declspore.lower.loss import Loss
from declspore.lower.network import compile_network
from declspore.nn import Momentum
from declspore.registry.policy import Policy
from declspore.registry.step import StepChange
from declspore.training.engine import Engine
from declspore.training.feed import TrainingData
from declspore.training.step import Trainee
from tests.oracle import inputs
from tests.support import checked

NETWORK = """
network Net() {
  one  = Dense(4, 8)
  norm = BatchNorm1d(8)
  drop = Dropout(p = 0.3)
  two  = Dense(8, 3)
  idle = Dense(2, 2)
  construct(x: f32[B, 4]) = x |> one |> norm |> relu |> drop |> two
}
"""
PLAIN = """
network Net() {
  two = Dense(4, 3)
  construct(x: f32[B, 4]) = two(x)
}
"""
BATCHES = [(inputs.numbers((6, 4), f"x {i}"), inputs.numbers((6, 3), f"y {i}")) for i in range(5)]


def trainee_of(text=NETWORK, optimizer=None):
    """A new network, always the same; trained with momentum, unless otherwise stated."""
    keras.utils.set_random_seed(1)
    net = compile_network(checked(text).networks["Net"], seed=1)
    return Trainee(net, Loss("MSELoss", {"reduction": "mean"}), (optimizer or momentum)(net))


def engine_of(trainee, policies=(), batches=BATCHES, epochs=2, steps=None, **options):
    feed = TrainingData(batches, len(batches))
    timeline = Timeline(epochs, len(batches), steps or epochs * len(batches))
    return Engine(trainee, feed, timeline, policies, **options)


def descent(net):
    return Momentum(net.trainable_params(), 0.1, 0.0)


def momentum(net):
    return Momentum(net.trainable_params(), 0.1, 0.9)


def trained(text, policies, batches=BATCHES, steps=None, optimizer=descent):
    """An engine after one epoch."""
    engine = engine_of(trainee_of(text, optimizer), policies, batches, epochs=1, steps=steps)
    engine.train()
    return engine


def weights(engine):
    """The values of the layer `two`, and what policies keep for each of them."""
    return {
        path: value
        for path, value in values(engine).items()
        if "two" in path and not path.startswith("momentum/")
    }


def values(engine):
    """Every variable of a training, by path."""
    return dict(engine.state.variables)


def assert_same(found, expected):
    """Bit for bit."""
    assert list(found) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


class Looking(Policy):
    """Wants to be asked after every step, or every few."""

    def __init__(self, every=1):
        self.every = every
        self.losses = []
        self.seen = []

    def next_pause(self, state, run):
        return (run.step // self.every + 1) * self.every

    def after_steps(self, state, run):
        self.losses += run.losses
        self.seen.append((run.epoch, run.step_in_epoch, run.step))
        return state


def changing(stage, change=lambda view: StepChange(), *, scalars=(), slots=()):
    """A policy with one hook in one stage of the step."""

    class Changing(Policy):
        def scalars(self):
            return scalars

        def slots(self):
            return slots

        def in_step(self):
            return {stage: change}

    return Changing()
