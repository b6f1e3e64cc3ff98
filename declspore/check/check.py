"""The checker's door: a spec in, a checked spec out, or every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from declspore.check import errors
from declspore.check.datasets import Dataset, checked_dataset
from declspore.check.lint import warnings
from declspore.check.module import Loader, Module
from declspore.check.names import check_cycles, check_names
from declspore.check.networks import Networks
from declspore.check.resolution import Resolution
from declspore.check.resolve import resolve
from declspore.check.spec import CheckedSpec
from declspore.check.statements import check_statements
from declspore.check.task import Task, task_kind, task_kinds
from declspore.collector import paused
from declspore.dataclass import dataclass
from declspore.deep import deeply
from declspore.diagnostic import Diagnostic
from declspore.language.evaluate import Evaluator, Observer
from declspore.language.values import Value
from declspore.report import DiagnosticError, Sink
from declspore.resources import spec_path
from declspore.source import Source, Span
from declspore.syntax import ast
from declspore.syntax.errors import too_deep
from declspore.syntax.parse import read_source, read_standard_input

Settings = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Checked:
    """What is known of a spec, whatever is wrong with it: what its names mean, the networks,
    datasets and tasks that are well, and every problem."""

    spec: CheckedSpec
    names: Resolution
    diagnostics: tuple[Diagnostic, ...]


def check_file(path: str | Path, settings: Settings | None = None) -> CheckedSpec:
    """Check a spec file, a shipped spec by its name, or standard input (``-``). Raises
    DiagnosticError."""
    if str(path) == "-":
        return check(read_standard_input(), settings)
    return check(read_source(spec_path(str(path)), str(path)), settings)


def check(source: Source, settings: Settings | None = None) -> CheckedSpec:
    """Check a spec: names, arguments, types, parameter tables and shapes.

    ``settings`` gives params their values, as text or as Python values. Raises DiagnosticError
    with every problem found, warnings included. What does not parse keeps nothing else from being
    checked.
    """
    found = check_partly(source, settings)
    if any(not problem.warning for problem in found.diagnostics):
        raise DiagnosticError(found.diagnostics)
    return found.spec


def check_partly(
    source: Source, settings: Settings | None = None, observer: Observer | None = None
) -> Checked:
    """What is known of a spec, with every problem; raises DiagnosticError only for a text that is
    nested too deeply. ``observer`` is shown every expression that is evaluated, with its value."""
    try:
        with paused():
            return deeply(lambda: _checked(source, settings or {}, observer))
    except RecursionError:
        raise DiagnosticError([too_deep(Span(source, 0, 0))]) from None


def _checked(source: Source, settings: Settings, observer: Observer | None) -> Checked:
    sink = Sink()
    evaluator = Evaluator(sink, observer=observer)
    loader = Loader(evaluator)
    module = loader.load(source, settings)
    names = resolve(module.spec)
    if module.spec.declarations:
        _check_settings(module, settings, sink)
        check_names(module, names, sink)
    networks = Networks(module)
    proved = networks.proved(evaluator)
    losses = networks.proved_losses(evaluator)
    datasets = _datasets(module, evaluator)
    tasks = _tasks(module, evaluator)
    values = _values(module, evaluator)
    check_cycles(module, names, sink)
    warned = warnings(module, names, sink.errors) if module.spec.declarations else ()
    declared = tuple(node.name.text for node in module.spec.declarations)
    known = proved, losses, datasets, tasks, values
    spec = CheckedSpec(declared, *known, loader.sources, warned, networks)
    return Checked(spec, names, (*sink.diagnostics, *warned))


def _check_settings(module: Module, settings: Settings, sink: Sink) -> None:
    params = [d.name.text for d in module.spec.declarations if isinstance(d, ast.Param)]
    params += [word for damaged in module.spec.damaged for word in damaged.words]
    for name in settings:
        if name not in params:
            sink.report(errors.unknown_setting(name, params))


def _datasets(module: Module, evaluator: Evaluator) -> dict[str, Dataset]:
    found: dict[str, Dataset] = {}
    for node in module.spec.declarations:
        if isinstance(node, ast.Dataset):
            value = _value(module, node.name, evaluator)
            dataset = checked_dataset(value, node.value.span, evaluator.sink)
            if dataset is not None:
                found[node.name.text] = dataset
    return found


def _tasks(module: Module, evaluator: Evaluator) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for node in module.spec.declarations:
        if not isinstance(node, ast.Task):
            continue
        kind = task_kind(node.kind.text)
        if kind is None:
            kinds = task_kinds()
            evaluator.sink.report(errors.unknown_kind(node.kind.span, node.kind.text, kinds))
            continue
        check_statements(kind, node, evaluator.sink)
        task = kind.check(kind, node, evaluator, module.scope)
        if task is not None:
            found[task.name] = task
    return found


def _values(module: Module, evaluator: Evaluator) -> dict[str, Value]:
    """Params and lets, evaluated though nothing may use them, so that their problems are reported
    too."""
    found: dict[str, Value] = {}
    for node in module.spec.declarations:
        if isinstance(node, ast.Param | ast.Let | ast.Optimizer):
            value = _value(module, node.name, evaluator)
            if not isinstance(node, ast.Optimizer):
                found[node.name.text] = value
    return found


def _value(module: Module, name: ast.Word, evaluator: Evaluator) -> Value:
    return evaluator.force(name.text, module.scope.bindings[name.text], name.span)
