"""A training of known length without a network: policies are asked as the engine asks them."""

import json
from itertools import groupby

import numpy as np

from declspore.ir.timeline import Timeline
from declspore.nn import Momentum
from declspore.training.moment import Moment, ToSetRate
from tests.conftest import GOLDEN
from tests.oracle import policies as mindspores
from tests.training.support import engine_of, trainee_of


class Shown:
    """Remembers what a policy shows."""

    def __init__(self):
        self.lines = []

    def progress(self, done, total, text, numbers=None):
        self.lines.append((done, total, text))

    def note(self, text):
        self.lines.append(text)


class Rehearsal:
    """Asks one policy through a training; ``done`` lists what it requested after which step.

    Its state is written and read as JSON between any two moments.
    """

    def __init__(self, policy, steps_per_epoch=4, steps=10, losses=None):
        epochs = -(-steps // steps_per_epoch)
        self.policy = policy
        self.shown = Shown()
        self.moment = Moment(Timeline(epochs, steps_per_epoch, steps), self.shown)
        self.state = policy.start()
        self.done = []
        self.pauses = []
        self._losses = losses or {}

    def run(self):
        moment = self.moment
        self._ask("begin")
        while not moment.is_over:
            epoch, within = moment.timeline.point(moment.step + 1)
            if within == 1:
                moment.enter_epoch(epoch, 0)
                self._ask("before_epoch")
            self._ask("before_steps")
            losses = [self._losses.get(moment.step + 1 + i, 0.5) for i in range(self._most())]
            moment.advance({"loss": losses})
            self.pauses.append(moment.step)
            self._ask("after_steps")
            if moment.is_over or moment.step_in_epoch == moment.timeline.steps_per_epoch:
                moment.leave_epoch()
                self._ask("after_epoch")
        self._ask("end")
        return self

    def _most(self):
        moment = self.moment
        pause = self.policy.next_pause(self.state, moment)
        left = moment.timeline.steps_per_epoch - moment.step_in_epoch
        wanted = left if pause is None else pause - moment.step
        return min(left, moment.steps_left, wanted)

    def _ask(self, hook):
        self.state = getattr(self.policy, hook)(self.state, self.moment)
        self.state = json.loads(json.dumps(self.state))
        for request in self.moment.requests():
            verb = type(request).__name__.removeprefix("To").lower()
            self.done.append((self.moment.step, verb, getattr(request, "path", "")))

    @property
    def by_step(self):
        """What was requested, in words: ``{4: "save a, remove b"}``."""
        grouped = groupby(self.done, key=lambda one: one[0])
        return {step: ", ".join(f"{v} {p}" for _, v, p in those) for step, those in grouped}


NETWORK = """
network Net() {
  one = Dense(4, 8)
  two = Dense(8, 3)
  construct(x: f32[B, 4]) = x |> one |> relu |> two
}
"""


def followed(word, *policies):
    """A training of tests/oracle/policies.py with policies: the engine, and what MindSpore ends
    with."""
    engine = engine_of(_trainee(), policies, batches=mindspores.batches(), epochs=1)
    engine.train()
    with np.load(GOLDEN / "policies.npz") as golden:
        prefix = f"{word}/"
        return engine, {k[len(prefix) :]: golden[k] for k in golden if k.startswith(prefix)}


def _trainee():
    trainee = trainee_of(NETWORK, lambda net: Momentum(net.trainable_params(), 0.01, 0.9))
    for parameter in trainee.optimizer.parameters:
        parameter.set_data(mindspores.first()[parameter.name])
    return trainee


def assert_follows(word, *policies):
    """Every entry of the checkpoint is MindSpore's, to rounding."""
    engine, expected = followed(word, *policies)
    found = engine.parameters
    assert set(expected) <= set(found)
    for name, value in expected.items():
        atol = max(2e-6, 2e-7 * np.abs(value).max())
        np.testing.assert_allclose(found[name].asnumpy(), value, rtol=2e-6, atol=atol, err_msg=name)
    _, plain = followed("plain")
    assert any(not np.allclose(plain[name], expected[name], atol=1e-4) for name in plain)


class Judged:
    """A policy that is shown figures, one an epoch; ``rates`` are those after each."""

    def __init__(self, policy, figures, name="accuracy", rate=0.1):
        self.policy, self.shown = policy, Shown()
        self.rate = rate
        self.moment = Moment(Timeline(len(figures), 1, len(figures)), self.shown, self)
        self.rates, self.requests, state = [], [], policy.start()
        for epoch, figure in enumerate(figures, start=1):
            self.moment.enter_epoch(epoch, 0)
            self.moment.advance({"loss": [figure]})
            self.moment.begin_moment()
            state = json.loads(json.dumps(policy.after_steps(state, self.moment)))
            self.moment.begin_moment()
            self.moment.record(name, figure)
            state = json.loads(json.dumps(policy.after_epoch(state, self.moment)))
            self.rates.append(self.moment.rate)
            self.state = state
            requests = self.moment.requests()
            self.requests.append([type(one).__name__ for one in requests])
            for one in requests:
                if isinstance(one, ToSetRate):
                    self.moment.take_rate(one.rate)
            if self.moment.stop_reason is not None:
                break

    def get(self):
        return self.rate

    def set(self, rate):
        self.rate = float(np.float32(rate))
