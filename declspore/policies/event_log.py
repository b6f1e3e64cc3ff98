"""Event files for TensorBoard."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Mapping
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.registry.policy import Failure, OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text

_NAME = "events.out.tfevents.1.training"
"""One file, whose name has what TensorBoard looks for and no time."""


@dataclass(frozen=True)
class EventLog(Policy):
    """Writes a scalar for each number of each step, and for each figure, at its step.

    A training that is continued appends to the events of its state.
    """

    folder: str

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {"bytes": 0}

    @property
    def path(self) -> str:
        return os.path.join(self.folder, _NAME)

    def begin(self, state: State, run: Run) -> State:
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(self.path, "ab") as file:
                file.truncate(state["bytes"])
        except OSError as error:
            raise self._unwritable(error) from None
        if state["bytes"]:
            return state
        return {"bytes": self._append([_event(0, {}, "brain.Event:2")])}

    def after_steps(self, state: State, run: Run) -> State:
        return self._written(state, [*_steps(run), *_figures(run)])

    def after_epoch(self, state: State, run: Run) -> State:
        return self._written(state, list(_figures(run)))

    def _written(self, state: State, events: list[bytes]) -> State:
        return {"bytes": state["bytes"] + self._append(events)}

    def _append(self, events: list[bytes]) -> int:
        """Write events; how many bytes they are."""
        from tensorboard.summary.writer.record_writer import RecordWriter

        if not events:
            return 0
        framed = io.BytesIO()
        writer = RecordWriter(framed)
        for event in events:
            writer.write(event)
        try:
            with open(self.path, "ab") as file:
                return file.write(framed.getvalue())
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> Failure:
        return Failure("E520", f"{self.path} cannot be written: {error.strerror or error}")


def _steps(run: Run) -> Iterator[bytes]:
    first = run.step - len(run.losses) + 1
    for place, values in enumerate(zip(*run.series.values(), strict=True)):
        yield _event(first + place, dict(zip(run.series, values, strict=True)))


def _figures(run: Run) -> Iterator[bytes]:
    if run.figures:
        yield _event(run.step, run.figures)


def _event(step: int, scalars: Mapping[str, float], version: str | None = None) -> bytes:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    given: dict[str, object] = {"file_version": version} if version else {}
    if scalars:
        values = [Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
        given = {"summary": Summary(value=values)}
    event: bytes = Event(wall_time=time.time(), step=step, **given).SerializeToString()
    return event


KINDS = (
    OwnPolicyKind(
        name="EventLog",
        signature=signature(Argument("path", Text(), help="the folder")),
        summary="Writes TensorBoard's event files.",
        example='log "out/events/"  # EventLog',
        make=lambda a: EventLog(a.path),
        logs=("/",),
        package="tensorboard",
    ),
)
