"""The policies of a training in the order in which they are asked, with their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from declspore.registry.policy import Policy, Run, State

Hook = Literal["before_epoch", "before_steps", "after_steps", "after_epoch", "end"]


class Chain:
    """Policies sorted by phase. Each has a key: its class, numbered where there are several.

    One that does not ask leaves between steps to another process; what is held is the same in all.
    """

    def __init__(self, policies: Iterable[Policy], asks: bool = True) -> None:
        self._asks = asks
        self.policies: dict[str, Policy] = {}
        for policy in sorted(policies, key=lambda policy: policy.phase):
            name, number = type(policy).__name__, 1
            while (key := name if number == 1 else f"{name}#{number}") in self.policies:
                number += 1
            self.policies[key] = policy
        self.states: dict[str, State] = {key: p.start() for key, p in self.policies.items()}
        self._begun: list[str] = []
        every = self.policies.values()
        self._holding = [each for each in every if type(each).holds is not Policy.holds]

    def restore(self, states: Mapping[str, State]) -> None:
        """Take over states. Raises ValueError where they are of other policies."""
        if set(states) != set(self.policies):
            expected, found = ", ".join(self.policies) or "none", ", ".join(states) or "none"
            raise ValueError(f"expected the states of {expected}; found {found}")
        for key, own in self.policies.items():
            if not (isinstance(states[key], Mapping) and own.accepts(states[key])):
                raise ValueError(f"what it says of {key} is damaged")
        self.states = {key: states[key] for key in self.policies}

    def next_pause(self, run: Run) -> int | None:
        """The first step after which a policy must be asked, None where any will do."""
        pauses = [p.next_pause(self.states[key], run) for key, p in self.policies.items()]
        return min((pause for pause in pauses if pause is not None), default=None)

    def held(self, parameters: Iterable[str], run: Run) -> list[str]:
        """The parameters that a policy does not let be trained in the next step."""
        if not self._holding:
            return []
        return [name for name in parameters if any(p.holds(name, run) for p in self._holding)]

    def begin(self, run: Run) -> None:
        if not self._asks:
            return
        for key, policy in self.policies.items():
            self._begun.append(key)
            self.states[key] = policy.begin(self.states[key], run)

    def ask(self, hook: Hook, run: Run) -> None:
        """Ask every policy at one moment."""
        if not self._asks:
            return
        for key, policy in self.policies.items():
            self.states[key] = getattr(policy, hook)(self.states[key], run)

    def failed(self, run: Run, error: BaseException) -> None:
        """Let policies that have begun react to an error. What fails in doing so becomes a note of
        that error."""
        for key in self._begun:
            try:
                self.policies[key].failed(self.states[key], run, error)
            except Exception as second:
                error.add_note(f"{key} failed too: {type(second).__name__}: {second}")
