"""Keeps the state of a training in its file, and takes it from there."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from declspore.tasks.train.continuing import Keeping
from declspore.tasks.train.statefile import read_arrays, read_facts, remove_state, write_state
from declspore.tensor import Array
from declspore.training.state import TrainingState

_PARTS = ("variables", "backend", "remembered")


class StateFile:
    """The state of one training at its place."""

    def __init__(self, keeping: Keeping) -> None:
        self._path, self._recipe = keeping.path, keeping.recipe

    def keep(self, state: TrainingState) -> None:
        """Replace the file, all at once. Raises DiagnosticError where that fails."""
        facts = {
            "recipe": dict(self._recipe),
            "backend": keras.backend.backend(),
            "step": state.step,
            "policies": {name: dict(each) for name, each in state.policies.items()},
            "saved": state.saved,
            "files": list(state.files),
            "removing": list(state.removing),
            "stop_reason": state.stop_reason,
            "loss": repr(state.loss),
            "seconds": state.seconds,
            "unasked": {name: list(values) for name, values in state.unasked.items()},
        }
        arrays: dict[str, Array] = {}
        for part in _PARTS:
            values: Mapping[str, Array] = getattr(state, part)
            arrays |= {f"{part}/{name}": value for name, value in values.items()}
        write_state(self._path, facts, arrays)

    def read(self) -> TrainingState:
        """The state in the file. Raises ValueError where it is of another backend."""
        facts, arrays = read_facts(self._path), read_arrays(self._path)
        if facts["backend"] != keras.backend.backend():
            raise ValueError(f"it was made with {facts['backend']}")
        found: dict[str, dict[str, Array]] = {part: {} for part in _PARTS}
        for name, value in arrays.items():
            part, _, rest = name.partition("/")
            if part not in found:
                raise ValueError(f"its entry {name} is no part of a training")
            found[part][rest] = value
        return TrainingState(
            facts["step"],
            found["variables"],
            facts["policies"],
            found["backend"],
            found["remembered"],
            facts["saved"],
            tuple(facts["files"]),
            tuple(facts["removing"]),
            facts["stop_reason"],
            float(facts["loss"]),
            facts["seconds"],
            facts["unasked"],
        )

    def remove(self) -> None:
        """Nothing is left to continue."""
        remove_state(self._path)
