"""What an ``edit`` would do: files, entries, costs and conditions, from headers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from declspore.check.conditions import Verdict
from declspore.checkpoint.sharding.sets import folder_of
from declspore.checkpoint.sharding.target import SetPlan
from declspore.dataclass import dataclass
from declspore.ir.formula import Applied, words
from declspore.ir.header import HeaderEntry
from declspore.ir.term import Term
from declspore.language.values import CheckpointFile, CheckpointRef, FileList
from declspore.plan.context import KnownFile, PlanContext, named_in_spec
from declspore.plan.errors import output_is_input
from declspore.plan.files import expanded, is_folder, path_of, require_held, set_plan
from declspore.plan.task import DataFile, Output, ReadFile, TaskPlan
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.report import DiagnosticError
from declspore.same_file import inside, same_path
from declspore.source import Span
from declspore.spelling import Json, count
from declspore.tasks.edit import errors
from declspore.tasks.edit.conditions import edit_views, judge_edit
from declspore.tasks.edit.decide import EditPlan, plan_edit
from declspore.tasks.edit.modules import module_files
from declspore.tasks.edit.outcome import Outcome, counted
from declspore.tasks.edit.task import EditTask, Input
from declspore.text import files, size, table


@dataclass(frozen=True)
class PlannedEdit(TaskPlan):
    """An edit with the files its inputs are read from and whether its ensures hold."""

    task: EditTask
    edit: EditPlan
    known: Mapping[str, tuple[KnownFile, ...]]
    verdicts: tuple[Verdict, ...]
    sets: Mapping[str, SetPlan]
    """The files of outputs that are sets, by the edit's name for the output."""

    @property
    def files(self) -> dict[str, tuple[Term, ...]]:
        """The files of each input."""
        return {name: tuple(known.file for known in found) for name, found in self.known.items()}

    @property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """The paths of each input's files."""
        return {name: tuple(map(path_of, terms)) for name, terms in self.files.items()}

    # ---- for people

    @property
    def title(self) -> str:
        inputs = [path for paths in self.paths.values() for path in paths]
        return f"edit {self.task.name}: {files(inputs)} -> {files(self.task.paths)}"

    def lines(self) -> Iterator[str]:
        edit = self.edit
        yield self.title
        several = len(self.known) > 1, len(self.task.outputs) > 1
        rows = [_row(outcome, *several) for outcome in edit.outcomes if _is_shown(outcome)]
        yield from (f"  {line}" for line in table(rows))
        for verdict in self.verdicts:
            yield f"  ensure {verdict.condition.expression.text}: {_state(verdict)}"
        done = counted(edit.outcomes.counts(), lambda verb: verb.to_do)
        before = sum(len(header) for found in edit.inputs.values() for header in found)
        after = sum(len(header) for found in edit.headers.values() for header in found)
        yield f"  {done}; {after} entries of {before}"
        for name, planned in self.sets.items():
            yield f"  {name}: {_set_line(planned)}"
        cost = f"reads {size(edit.read)}, writes {size(edit.written)} of values"
        yield f"  {cost}, at most {size(edit.peak)} in memory at once" if edit.peak else f"  {cost}"

    # ---- for programs

    def facts(self) -> dict[str, Json]:
        return {
            "inputs": {name: list(paths) for name, paths in self.paths.items()},
            "outputs": {output.name: list(output.paths) for output in self.task.outputs},
            "bytes_read": self.edit.read,
            "bytes_written": self.edit.written,
            "peak_bytes": self.edit.peak,
            "sets": {name: _set_json(files) for name, files in self.sets.items()},
            "entries": [_outcome_json(outcome) for outcome in self.edit.outcomes],
            "ensures": [
                {"condition": v.condition.expression.text, "holds": v.holds} for v in self.verdicts
            ],
        }

    # ---- what it touches

    def reads(self) -> Iterator[ReadFile]:
        many = {each.name for each in self.task.inputs if each.many}
        for name, found in self.known.items():
            for index, known in enumerate(found):
                yield ReadFile(f"{name}[{index}]" if name in many else name, known.file, known)

    def reads_data(self) -> Iterator[DataFile]:
        every = [word for formula in self.edit.formulas for word in words(formula)]
        places = {str(w.arguments.path): w.span for w in every if _reads_file(w)}
        for index, (path, span) in enumerate(places.items()):
            yield DataFile(f"npy[{index}]", path, span)
        modules = {str(w.arguments.function): w.span for w in every if _runs_code(w)}
        for index, (function, span) in enumerate(modules.items()):
            for name, path in module_files(function.partition(":")[0]):
                yield DataFile(f"apply[{index}]{name and f'/{name}'}", path, span)

    def writes(self) -> Iterable[str]:
        return self.task.paths

    def outputs(self) -> Iterator[Output]:
        for output in self.task.outputs:
            headers = self.edit.headers[output.name]
            for file, header in zip(output.files, headers, strict=True):
                yield Output(output.name, file, header)


def plan_task(task: EditTask, context: PlanContext) -> PlannedEdit | None:
    """The plan of an edit, or None with every problem reported."""
    known: dict[str, tuple[KnownFile, ...]] = {}
    for each in task.inputs:
        found = _input(each, task.name, context)
        if found is not None:
            known[each.name] = found
    if len(known) < len(task.inputs):
        return None
    given = [file for found in known.values() for file in found]
    _check_outputs(task, given, context)
    _check_protection(task, given, context)
    headers = {name: tuple(file.header for file in found) for name, found in known.items()}
    edit = plan_edit(task, headers, context.sink)
    if edit is None:
        return None
    _check_code(edit, context)
    verdicts = judge_edit(task.conditions, edit_views(task, edit), context.sink)
    return PlannedEdit(task, edit, known, verdicts, _sets(task, edit, context))


def _sets(task: EditTask, edit: EditPlan, context: PlanContext) -> dict[str, SetPlan]:
    """The files of outputs that are sets; what cannot be cut is reported."""
    found: dict[str, SetPlan] = {}
    for output in task.outputs:
        headers = edit.headers[output.name]
        for index, (file, header) in enumerate(zip(output.files, headers, strict=True)):
            try:
                require_held(file, header.entries)
                planned = set_plan(file, header.entries)
            except DiagnosticError as error:
                for diagnostic in error.diagnostics:
                    context.sink.report(named_in_spec(diagnostic, output.span))
                continue
            if planned is not None:
                found[output.item(index)] = planned
    return found


def output_files(task: EditTask, context: PlanContext) -> Mapping[str, tuple[Term, ...]]:
    """The files an edit writes, by the names of its outputs."""
    return {output.name: output.files for output in task.outputs}


def _input(given: Input, asking: str, context: PlanContext) -> tuple[KnownFile, ...] | None:
    """The files of an input, or None with the problem reported."""
    refs: list[CheckpointRef] = []
    for ref in given.refs:
        if not isinstance(ref, FileList):
            refs.append(ref)
            continue
        terms = expanded(ref.term)
        if not terms:
            context.sink.report(errors.no_files(ref.span, ref.path))
        refs += [CheckpointFile(term, ref.span) for term in terms]
    found = [context.find(ref, asking) for ref in refs]
    known = tuple(file for file in found if file is not None)
    return known if known and len(known) == len(found) else None


def _check_code(edit: EditPlan, context: PlanContext) -> None:
    """Report every word that runs code, unless that is allowed."""
    if context.allow_python:
        return
    places = {
        (word.span.start, word.span.end): word
        for formula in edit.formulas
        for word in words(formula)
        if _runs_code(word)
    }
    for word in places.values():
        context.sink.report(errors.runs_code(word.span, word.word))


def _reads_file(word: Applied) -> bool:
    kind = vocabulary().get(word.word)
    return isinstance(kind, TensorKind) and kind.reads_file


def _runs_code(word: Applied) -> bool:
    kind = vocabulary().get(word.word)
    return isinstance(kind, TensorKind) and kind.runs_code


def _check_protection(task: EditTask, inputs: list[KnownFile], context: PlanContext) -> None:
    """Warn where an input has a CRC or is encrypted, and an output is not to be."""
    summed = [path_of(known.file) for known in inputs if known.has_crc]
    secret = [path_of(known.file) for known in inputs if known.is_encrypted]
    for output in task.outputs:
        for file in output.files[:1]:
            if summed and not file.arguments.get("crc"):
                context.sink.report(errors.crc_lost(output.span, path_of(file), summed[0]))
            key = file.arguments.get("key_env") or file.arguments.get("key_file")
            if secret and not key:
                context.sink.report(errors.key_lost(output.span, path_of(file), secret[0]))


def _check_outputs(task: EditTask, inputs: list[KnownFile], context: PlanContext) -> None:
    seen: list[str] = []
    for output in task.outputs:
        for file, path in zip(output.files, output.paths, strict=True):
            replaces = any(_replaces(file, known.file) for known in inputs)
            if replaces and not context.in_place:
                context.sink.report(output_is_input(output.span, path))
            if any(same_path(path, other) for other in seen):
                context.sink.report(errors.written_twice(output.span, path))
            seen.append(path)
            context.check_writable(path, output.span, is_set=is_folder(file))
            context.check_key(file)


def _replaces(output: Term, given: Term) -> bool:
    """Whether writing an output would replace an input, or a file of it."""
    path, other = path_of(output), path_of(given)
    if is_folder(output) and inside(path, other):
        return True
    if is_folder(given) and os.path.lexists(path) and inside(folder_of(other), path):
        return True
    return same_path(path, other)


# ---- rows


def _set_line(files: SetPlan) -> str:
    text = f"{count(len(files.files), 'file')}, {size(files.nbytes)} of values"
    if files.unlaid:
        whole = count(len(files.unlaid), "entry", "entries")
        text += f"; {whole} without a layout, whole on every rank"
    return text


def _set_json(files: SetPlan) -> Json:
    whole: list[Json] = [*sorted(files.unlaid)]
    return {"files": len(files.files), "bytes": files.nbytes, "without_layout": whole}


def _is_shown(outcome: Outcome) -> bool:
    return not outcome.verb.leaves or bool(outcome.rules)


def _row(outcome: Outcome, several: bool, outputs: bool) -> tuple[str, str, str, str, str]:
    old, new = outcome.entry, outcome.result
    prefix = f"{outcome.source}." if several and outcome.source else ""
    target = f"{outcome.output}." if outputs else ""
    if old is None:
        assert new is not None
        names, types = target + new.name, new.type
    elif new is None:
        names, types = prefix + old.name, old.type
    else:
        arrow = f" -> {target}{new.name}" if target or new.name != old.name else ""
        names = f"{prefix}{old.name}{arrow}"
        types = old.type if new.type == old.type else f"{old.type} -> {new.type}"
    return outcome.verb.sign, outcome.action, names, types, _why(outcome)


def _why(outcome: Outcome) -> str:
    if not outcome.rules:
        return "rest"
    decided = outcome.rules[0]
    place = _line(decided.rule.span)
    return f"{place} (follows {decided.follows})" if decided.follows else place


def _line(span: Span) -> str:
    return f"{span.source.name}:{span.line}"


def _state(verdict: Verdict) -> str:
    later = "needs the tensors, checked before the file is put in place"
    return "holds" if verdict.holds else later


def _outcome_json(outcome: Outcome) -> Json:
    return {
        "action": outcome.action,
        "source": outcome.source,
        "output": outcome.output if outcome.result is not None else None,
        "from": None if outcome.entry is None else _entry_json(outcome.entry),
        "to": None if outcome.result is None else _entry_json(outcome.result),
        "rules": [
            {"place": _line(d.rule.span), "verb": d.rule.verb.name, "follows": d.follows}
            for d in outcome.rules
        ],
    }


def _entry_json(entry: HeaderEntry) -> Json:
    return {"name": entry.name, "dtype": entry.dtype.name, "shape": list(entry.shape)}
