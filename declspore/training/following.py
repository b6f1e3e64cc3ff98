"""What the processes of a training agree on between steps: rank 0 decides, the others follow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, cast, get_args

import numpy as np

from declspore.devices.errors import Differs
from declspore.devices.group import Group, Json
from declspore.ir.devices import Statistics
from declspore.tensor import Array, Parameter
from declspore.training.moment import Moment, Request
from declspore.training.state import TrainingState

_KINDS: dict[str, type[Request]] = {kind.__name__: kind for kind in get_args(Request)}
_TERMINATED = 143
_MOVING = ("moving_mean", "moving_variance")


class Following:
    """The part of one process in what a group agrees on. Alone, it changes nothing."""

    def __init__(self, group: Group, statistics: Statistics) -> None:
        self._group, self._statistics = group, statistics

    @property
    def _alone(self) -> bool:
        return self._group.size == 1

    def most(self, steps: int) -> int:
        """How many steps all of them make before the next pause."""
        return steps if self._alone else cast(int, self._group.agreed(steps))

    def stopped(self, moment: Moment) -> None:
        """Take over whether policies end the training."""
        if not self._alone:
            moment.stop_reason = cast("str | None", self._group.agreed(moment.stop_reason))

    def requests(self, moment: Moment) -> list[Request]:
        """What policies requested, in its order."""
        own = moment.requests()
        if self._alone:
            return own
        given: Json = [[type(each).__name__, *astuple(each)] for each in own]
        found = cast("list[list[Any]]", self._group.agreed(given))
        return [_KINDS[name](*parts) for name, *parts in found]

    def pending(self, own: BaseException | None) -> BaseException | None:
        """What is to be raised in this process once one of them is interrupted."""
        if self._alone or not any(self._group.gathered(own is not None)):
            return own
        return own or SystemExit(_TERMINATED)

    def begun(self, own: TrainingState) -> TrainingState:
        """The state that rank 0 begins with."""
        given: Json = {
            "step": own.step,
            "saved": own.saved,
            "files": list(own.files),
            "stop_reason": own.stop_reason,
            "loss": repr(own.loss),
            "remembers": bool(own.remembered),
            "seconds": own.seconds,
            "unasked": {name: list(each) for name, each in own.unasked.items()},
        }
        facts = cast("dict[str, Any]", self._group.agreed(given))
        values = self._shared(own.variables, own.variables)
        remembered: Mapping[str, Array] = {}
        if facts["remembers"]:
            remembered = self._shared(own.remembered, own.variables)
        return TrainingState(
            facts["step"],
            values,
            own.policies,
            own.backend,
            remembered,
            facts["saved"],
            tuple(facts["files"]),
            (),
            facts["stop_reason"],
            float(facts["loss"]),
            facts["seconds"],
            facts["unasked"],
        )

    def _shared(self, own: Mapping[str, Array], like: Mapping[str, Array]) -> dict[str, Array]:
        return {name: self._group.shared(own.get(name, like[name])) for name in sorted(like)}

    def check_equal(self, parameters: Mapping[str, Parameter], path: str) -> None:
        """Compare the digests of what is saved. Raises Differs, with the entries that differ."""
        if self._alone:
            return
        digests = {
            name: hashlib.blake2b(_bytes(parameter.asnumpy()), digest_size=16).hexdigest()
            for name, parameter in parameters.items()
            if self._statistics != "rank" or not name.endswith(_MOVING)
        }
        whole = hashlib.blake2b("".join(digests.values()).encode()).hexdigest()
        if len(set(cast("list[str]", self._group.gathered(whole)))) == 1:
            return
        every = cast("list[dict[str, str]]", self._group.gathered(dict(digests)))
        for name in digests:
            for rank, found in enumerate(every):
                if found.get(name) != every[0].get(name):
                    step = self._group.step
                    raise Differs(
                        f"`{name}` of rank {rank} is not the one of rank 0 after step {step:,}; "
                        f"{path} was not written"
                    )


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
