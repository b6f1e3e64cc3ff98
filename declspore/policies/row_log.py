"""Every step and every figure, a line each: a table, or objects of JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.registry.policy import Failure, OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Text
from declspore.spelling import of_json

_FIRST = ("step", "epoch", "step_in_epoch")


@dataclass(frozen=True)
class CsvLog(Policy):
    """Writes a row a step: its place, what it reports, and the figures found after it.

    The row of the latest step waits until the next one, because the end of an epoch may add figures
    to it. A training that is continued appends to the rows of its state.
    """

    path: str
    figures: tuple[str, ...] = ()

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {"bytes": 0, "row": None, "found": {}}

    def begin(self, state: State, run: Run) -> State:
        try:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
            with open(self.path, "ab") as file:
                file.truncate(state["bytes"])
        except OSError as error:
            raise _unwritable(self.path, error) from None
        return state

    def after_steps(self, state: State, run: Run) -> State:
        lines = list(self._waiting(state))
        if not state["bytes"] and state["row"] is None:
            lines += self.head(run)
        rows = list(_rows(run))
        lines += [self.line(row, {}) for row in rows[:-1]]
        written = state["bytes"] + self._append(lines)
        return {"bytes": written, "row": rows[-1], "found": dict(run.figures)}

    def after_epoch(self, state: State, run: Run) -> State:
        return {**state, "found": {**state["found"], **run.figures}}

    def end(self, state: State, run: Run) -> State:
        written = state["bytes"] + self._append(list(self._waiting(state)))
        return {"bytes": written, "row": None, "found": {}}

    def _waiting(self, state: State) -> Iterable[str]:
        if state["row"] is not None:
            yield self.line(state["row"], state["found"])

    def head(self, run: Run) -> Sequence[str]:
        """The lines before all rows."""
        return [",".join([*_FIRST, *run.series, *self.figures])]

    def line(self, row: Mapping[str, object], found: Mapping[str, float]) -> str:
        """The line of a step, with the figures found after it."""
        figures = [found.get(name, "") for name in self.figures]
        return ",".join(
            f"{v:.9g}" if isinstance(v, float) else str(v) for v in (*row.values(), *figures)
        )

    def _append(self, lines: Sequence[str]) -> int:
        """Write lines; how many bytes they are."""
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            with open(self.path, "ab") as file:
                file.write(data)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        return len(data)


def _rows(run: Run) -> Iterable[dict[str, float]]:
    steps = list(zip(*run.series.values(), strict=True))
    for place, values in enumerate(steps, start=1):
        behind = len(steps) - place
        where = [run.step - behind, run.epoch, run.step_in_epoch - behind]
        reported = dict(zip(run.series, map(float, values), strict=True))
        yield dict(zip(_FIRST, where, strict=True)) | reported


def _unwritable(path: str, error: OSError) -> Failure:
    return Failure("E520", f"{path} cannot be written: {error.strerror or error}")


@dataclass(frozen=True)
class JsonLog(CsvLog):
    """Writes an object a step."""

    def head(self, run: Run) -> Sequence[str]:
        return ()

    def line(self, row: Mapping[str, object], found: Mapping[str, float]) -> str:
        return json.dumps(of_json({**row, **found}))


KINDS = (
    OwnPolicyKind(
        name="CsvLog",
        signature=signature(
            Argument("path", Text(), help="where to"),
            Argument("figures", ListOf(Text()), (), "the figures that have columns"),
        ),
        summary="Writes a row for every step.",
        example='log "out/log.csv"  # CsvLog',
        make=lambda a: CsvLog(a.path, a.figures),
        logs=(".csv",),
    ),
    OwnPolicyKind(
        name="JsonLog",
        signature=signature(Argument("path", Text(), help="where to")),
        summary="Writes an object of JSON for every step.",
        example='log "out/log.jsonl"  # JsonLog',
        make=lambda a: JsonLog(a.path),
        logs=(".jsonl",),
    ),
)
