"""The task ``edit``: the planned outcomes, streamed into new files."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import NamedTuple, overload

from declspore.checkpoint.format import Computed, Copied, Piece, Pieces
from declspore.checkpoint.reader import Checkpoint, Copies, Copy, Hash
from declspore.dataclass import dataclass
from declspore.ir.formula import EntryValue, Formula
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.network import Network
from declspore.ir.tensors import Array
from declspore.ir.term import Term
from declspore.lock.record import Recorder
from declspore.numerics.casting import Losses, Unfit
from declspore.plan.files import write_term
from declspore.registry.kind import Misfit
from declspore.report import Sink
from declspore.run import errors
from declspore.run.planned import shared
from declspore.run.task import Reporter, Result
from declspore.tasks.edit.conditions import edit_views, judge_edit
from declspore.tasks.edit.decide import EditPlan
from declspore.tasks.edit.outcome import Outcome, OutcomeTable, counted
from declspore.tasks.edit.plan import PlannedEdit
from declspore.tasks.edit.views import FileView
from declspore.text import size

Files = Mapping[str, tuple[Checkpoint, ...]]
Written = Callable[[str, Term, Checkpoint], None]
"""Gets a file that is written and not yet in place, under the edit's name for it."""


@dataclass(frozen=True)
class Edited(Result):
    """A written checkpoint: how many entries each action concerned, its size in bytes, and in words
    what rounding to narrower types lost."""

    path: str
    counts: dict[str, int] = field(default_factory=dict)
    nbytes: int = 0
    losses: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        done = counted(self.counts, lambda verb: verb.past)
        yield f"{self.task}: {done}; wrote {self.path} ({size(self.nbytes)})"
        yield from (f"  {loss}" for loss in self.losses)


def run_edit(plan: PlannedEdit, reporter: Reporter, recorder: Recorder) -> Edited:
    """Write the edited checkpoints; ensures are checked before they take their place.

    Raises DiagnosticError; then nothing was changed.
    """
    task = plan.task
    inputs = {name: tuple(map(shared, known)) for name, known in plan.known.items()}
    losses = Losses()
    told = partial(recorder.wrote, plan)
    writer = _Writer(plan.edit, inputs, losses, reporter, told, recorder.hash)
    nbytes = writer.write()
    counts = plan.edit.outcomes.counts()
    paths = ", ".join(task.paths)
    return Edited(task.name, paths, dict(counts), nbytes, tuple(losses.lines()))


class _Writer:
    """Writes all outputs, each shown whole before any takes its place."""

    def __init__(
        self,
        plan: EditPlan,
        inputs: Files,
        losses: Losses,
        reporter: Reporter,
        written: Written,
        hash: Callable[[], Hash | None],
    ) -> None:
        self._plan = plan
        self._inputs = inputs
        self._losses = losses
        self._reporter = reporter
        self._tell = written
        self._hash = hash
        self._copied = {
            name: CopiedInput.of(files[0], plan.inputs[name][0])
            for name, files in inputs.items()
            if len(files) == 1
        }
        self._places = [
            (output, index) for output in plan.task.outputs for index in range(len(output.files))
        ]
        self._written: dict[str, list[Checkpoint]] = {o.name: [] for o in plan.task.outputs}

    def write(self) -> int:
        return self._write(0)

    def _write(self, place: int) -> int:
        """Write the files from a place on; the size of all of them. The last is written while the
        others wait to be put in place, and checks them all."""
        output, index = self._places[place]
        pieces = _Pieces(
            self._plan.outcomes,
            self._plan.outcomes.written(output.name).rows,
            self._plan.headers[output.name][index],
            self._copied,
            partial(self._computed, index=index),
        )
        others = 0

        def verify(written: Checkpoint) -> None:
            nonlocal others
            self._written[output.name].append(written)
            self._tell(output.item(index), output.files[index], written)
            if place + 1 < len(self._places):
                others = self._write(place + 1)
            else:
                self._judge()

        file, progress = output.files[index], self._reporter.progress
        like = [each for files in self._inputs.values() for each in files]
        return write_term(file, pieces, verify, progress, like, self._hash()) + others

    def _judge(self) -> None:
        task, sink = self._plan.task, Sink()
        if not task.conditions:
            return
        inputs = {name: [file.read for file in files] for name, files in self._inputs.items()}
        outputs = {name: [file.array for file in files] for name, files in self._written.items()}
        views = edit_views(task, self._plan, inputs, outputs, _network_outputs)
        judge_edit(task.conditions, views, sink)
        sink.raise_errors()

    def _computed(self, row: int, index: int) -> Computed:
        outcome = self._plan.outcomes[row]
        formula, header = outcome.formula_of(index), outcome.entry_of(index)
        assert formula is not None
        return Computed(header, partial(self._compute, formula, outcome, header.name))

    def _compute(self, formula: Formula, outcome: Outcome, name: str) -> Array:
        # an edit of names alone needs no NumPy
        from declspore.numerics.computed import compute

        try:
            return compute(formula, self._read, self._losses)
        except (Unfit, Misfit) as error:
            span = outcome.rules[0].rule.span
            help = error.help if isinstance(error, Misfit) else None
            raise errors.unfit_values(span, name, str(error), help) from None

    def _read(self, value: EntryValue) -> Array:
        # read, not mapped: a file that is cut meanwhile is reported, where a map of it would kill
        return self._inputs[value.source][value.file].read(value.name)


class CopiedInput(NamedTuple):
    """A file that entries are copied from, and for each place in the header that was planned with
    the place in the file: safetensors, say, has an order of its own."""

    file: Checkpoint
    places: Sequence[int]

    @classmethod
    def of(cls, file: Checkpoint, planned: Header) -> CopiedInput:
        if file.header.names == planned.names:
            return cls(file, range(len(planned)))
        found = (file.header.place(name) for name in planned.names)
        return cls(file, array("I", (place for place in found if place is not None)))


class _Pieces(Pieces):
    """The pieces of a file, made when they are asked for: of a million, a few at a time."""

    def __init__(
        self,
        outcomes: OutcomeTable,
        rows: Sequence[int],
        header: Header,
        inputs: Mapping[str, CopiedInput],
        computed: Callable[[int], Computed],
    ) -> None:
        self._outcomes = outcomes
        self._rows = rows
        self._header = header
        self._inputs = inputs
        self._computed = computed

    @property
    def headers(self) -> Sequence[HeaderEntry]:
        return self._header.entries

    @property
    def copies(self) -> Copies:
        return _Copies(self._outcomes, self._rows, self._inputs)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int, /) -> Piece: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Piece]: ...
    def __getitem__(self, place: int | slice, /) -> Piece | Sequence[Piece]:
        if isinstance(place, slice):
            return list(self._made(self._rows[place]))
        (piece,) = self._made([self._rows[place]])
        return piece

    def __iter__(self) -> Iterator[Piece]:
        return self._made(self._rows)

    def pick(self, places: Iterable[int]) -> Iterator[Piece]:
        return self._made(array("I", map(self._rows.__getitem__, places)))

    def _made(self, rows: Sequence[int]) -> Iterator[Piece]:
        for row, taken in zip(rows, self._outcomes.taken(rows), strict=True):
            if taken is None:
                yield self._computed(row)
                continue
            file, places = self._inputs[taken.source]
            yield Copied(file, file.entries[places[taken.place]], taken.name)


class _Copies:
    """What is written as it is."""

    def __init__(
        self, outcomes: OutcomeTable, rows: Sequence[int], inputs: Mapping[str, CopiedInput]
    ) -> None:
        self._outcomes = outcomes
        self._rows = rows
        self._inputs = inputs

    @property
    def sources(self) -> Iterable[Checkpoint]:
        return [each.file for each in self._inputs.values()]

    def __iter__(self) -> Iterator[Copy]:
        for taken in self._outcomes.taken(self._rows):
            if taken is not None:
                file, places = self._inputs[taken.source]
                yield Copy(file, places[taken.place], taken.name)


def _network_outputs(view: FileView, network: Network, inputs: Sequence[object]) -> list[object]:
    """What a network gives with the values of a file."""
    # Keras is loaded for those edits only that ask for it
    from declspore.tasks.edit.outputs import outputs_of

    return outputs_of(network, view.array, inputs)
