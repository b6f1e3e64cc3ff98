"""What planning a task can ask of the plan it becomes part of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from declspore.check.datasets import Dataset, step_misfit
from declspore.check.errors import dataset_misfit
from declspore.check.feeding import classes_misfit
from declspore.checkpoint.cipher import DEFAULT_MODE, MODES
from declspore.checkpoint.errors import key_size
from declspore.checkpoint.filebytes import FileBytes, Stamp
from declspore.checkpoint.reader import Checkpoint
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.flows.steps import StepMisfit
from declspore.ir.header import Header
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.language.values import CheckpointRef
from declspore.plan import errors
from declspore.plan.files import file_kind, path_of
from declspore.plan.writable import why_unwritable
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError, Sink
from declspore.same_file import same_path
from declspore.source import Span


class KnownFile(NamedTuple):
    """A checkpoint with its header. ``stamp`` distinguishes the file from another one that takes
    its place; None for one that a task of the plan writes. It may have a CRC, and be encrypted.
    ``opened`` is the file as the header was read from it, where it is a single one."""

    file: Term
    header: Header
    stamp: Stamp | None = None
    has_crc: bool = False
    is_encrypted: bool = False
    opened: Checkpoint | None = None

    def again(self) -> Checkpoint | None:
        """The checkpoint with the index that the header was read from; None where its file is not
        what it was. It is shared, and not to be closed."""
        if self.opened is None:
            return None
        storage = self.opened.storage
        return self.opened if isinstance(storage, FileBytes) and storage.is_unchanged else None


class Counted(NamedTuple):
    """Samples and batches of an epoch; samples are those of batches, too."""

    samples: int
    batches: int


@dataclass(frozen=True)
class PlanContext:
    """Problems go to ``sink``. An edit may replace its own input, and a training the checkpoint it
    begins with, only ``in_place``; functions of Python are called only with ``allow_python``; an
    interrupted training ``restarts`` or is continued, and so many ``workers`` share it.

    ``find`` gives the file and header that a reference of a task means, predicted where another
    task of the plan writes it, or None with the problem reported.
    """

    sink: Sink
    in_place: bool
    allow_python: bool
    restarts: bool
    workers: int
    find: Callable[[CheckpointRef, str], KnownFile | None]

    def check_writable(self, path: str, span: Span, *, is_set: bool = False) -> None:
        """Report a place where no file can be put, before hours are spent on its contents."""
        own = span.source.path
        if own is not None and same_path(path, str(own)):
            reason: str | None = "it is this spec"
        else:
            reason = why_unwritable(path, is_set=is_set)
        if reason is not None:
            self.sink.report(errors.unwritable(span, path, reason))

    def check_key(self, file: Term) -> None:
        """Report a key that a file will be encrypted with and that is not there, or not of the
        length it must have."""
        try:
            access = file_kind(file.word).access(file.arguments)
            mode = MODES[access.mode or DEFAULT_MODE]
            if access.key is not None and not access.key.fits(mode):
                own = access.key.origin, len(access.key.secret), mode.name, mode.key_sizes
                raise key_size(path_of(file), *own)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                named = diagnostic if file.span is None else named_in_spec(diagnostic, file.span)
                self.sink.report(named)

    def count(
        self, dataset: Dataset, sink: Sink | None = None, labels_of: Network | None = None
    ) -> Counted | None:
        """Samples and batches of a dataset, from headers and listings, or None with the problem
        reported. ``labels_of`` is the network that its labels are for, which may have too few
        classes."""
        reports = self.sink if sink is None else sink
        from declspore.flows.order import opened  # it loads NumPy, which edits do without

        source = dataset.pipeline.source
        try:
            found = opened(dataset.pipeline)
        except StepMisfit as error:
            reports.report(step_misfit(error, dataset.span))
            return None
        except Unavailable as error:
            at_fault = error.term or source
            given = (v for v in at_fault.arguments.values() if isinstance(v, str))
            near = () if at_fault.span is None else next_to_spec(at_fault.span, given)
            helps = (*near, *error.helps)
            reports.report(errors.unavailable(at_fault.span, str(error), helps))
            return None
        if labels_of is not None:
            outputs = [labels_of.type_of(output) for output in labels_of.outputs]
            reason = classes_misfit(labels_of, found.after.classes, outputs)
            if reason is not None:
                reports.report(dataset_misfit(source.span or dataset.span, reason, None, None))
                return None
        samples, batches = found.samples, found.after.count
        return None if samples is None or batches is None else Counted(samples, batches)


def named_in_spec(diagnostic: Diagnostic, span: Span) -> Diagnostic:
    """The diagnostic of a file, with the line of the spec that names the file."""
    paths = [each.place.path for each in diagnostic.labels if isinstance(each.place, FilePlace)]
    return replace(
        diagnostic,
        labels=(*diagnostic.labels, Label(span, "named here")),
        helps=(*diagnostic.helps, *next_to_spec(span, paths)),
    )


def next_to_spec(span: Span, paths: Iterable[str]) -> tuple[str, ...]:
    """Where a file that is not found from this folder would be found: from the spec's, or from the
    user's own."""
    folder = os.path.dirname(span.source.path or span.source.name)
    for path in paths:
        if path.startswith("~"):
            return (f"`~` is no folder here: {os.path.expanduser(path)}",)
        if "://" in path:
            return ("files are read from this machine; download it first",)
        if not os.path.exists(path) and os.path.exists(os.path.join(folder, path)):
            where = "files are relative to the folder that declspore runs in"
            return (f"{where}; {path} is in {folder}",)
    return ()
