"""A training of known length without a network: policies are asked as the engine asks them."""

import json
from itertools import groupby

from declspore.ir.timeline import Timeline
from declspore.training.moment import Moment, ToSave


class Shown:
    """Remembers what a policy shows."""

    def __init__(self):
        self.lines = []

    def progress(self, done, total, text):
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
            moment.advance(
                [self._losses.get(moment.step + 1 + i, 0.5) for i in range(self._most())]
            )
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
            verb = "save" if isinstance(request, ToSave) else "remove"
            self.done.append((self.moment.step, verb, request.path))

    @property
    def by_step(self):
        """What was requested, in words: ``{4: "save a, remove b"}``."""
        grouped = groupby(self.done, key=lambda one: one[0])
        return {step: ", ".join(f"{v} {p}" for _, v, p in those) for step, those in grouped}
