"""The checker's door: a spec in, a checked spec out, or every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from declspore.check import errors
from declspore.check.cycles import check_cycles
from declspore.check.datasets import checked_dataset
from declspore.check.edits import check_edit
from declspore.check.evaluate import Evaluator
from declspore.check.lint import warnings
from declspore.check.module import Loader, Module
from declspore.check.names import check_names
from declspore.check.network import elaborate
from declspore.check.result import CheckedSpec, Dataset, Task
from declspore.check.tasks import check_eval, check_train
from declspore.check.values import CellTemplate
from declspore.garbage import kept
from declspore.ir.network import Network
from declspore.report import DiagnosticError, Sink
from declspore.source import Source
from declspore.syntax import ast
from declspore.syntax.errors import too_deep
from declspore.syntax.parse import read_source

Settings = dict[str, Any]


def check_file(path: str | Path, settings: Settings | None = None) -> CheckedSpec:
    """Check a spec file. Raises DiagnosticError."""
    return check(read_source(Path(path), str(path)), settings)


def check(source: Source, settings: Settings | None = None) -> CheckedSpec:
    """Check a spec: names, arguments, types, parameter tables and shapes.

    ``settings`` gives params their values, as text or as Python values. Raises DiagnosticError
    with every problem found, warnings included. What does not parse keeps nothing else from being
    checked.
    """
    try:
        with kept():
            return _check(source, settings)
    except RecursionError:
        raise DiagnosticError([too_deep(source)]) from None


def _check(source: Source, settings: Settings | None) -> CheckedSpec:
    sink = Sink()
    evaluator = Evaluator(sink)
    loader = Loader(sink, evaluator)
    module = loader.load(source, settings)
    if not module.spec.declarations:
        sink.raise_errors()
    _check_settings(module, settings or {}, sink)
    check_names(module, sink)
    networks = _networks(module, evaluator)
    datasets = _datasets(module, evaluator)
    tasks = _tasks(module, evaluator)
    _force_all(module, evaluator)
    check_cycles(module, sink)
    told = warnings(module, sink.errors)
    if sink.errors:
        raise DiagnosticError((*sink.diagnostics, *told))
    return CheckedSpec(module, networks, datasets, tasks, loader.sources, told)


def _check_settings(module: Module, settings: Settings, sink: Sink) -> None:
    params = [d.name.text for d in module.spec.declarations if isinstance(d, ast.Param)]
    params += [word for damaged in module.spec.damaged for word in damaged.words]
    for name in settings:
        if name not in params:
            sink.report(errors.unknown_setting(name, params))


def _networks(module: Module, evaluator: Evaluator) -> dict[str, Network]:
    """Networks that need no arguments; the others are proved where they are used."""
    found: dict[str, Network] = {}
    for declaration in module.spec.declarations:
        if not isinstance(declaration, ast.CellDeclaration) or declaration.keyword != "network":
            continue
        if any(formal.default is None for formal in declaration.formals):
            continue
        template = CellTemplate(declaration, module.scope)
        span = declaration.name.span
        cell = evaluator.instantiate(template, [], span)
        name = declaration.name.text
        network = elaborate(cell, span, evaluator.sink, name, evaluator.budget)
        if network is not None:
            found[declaration.name.text] = network
    return found


def _datasets(module: Module, evaluator: Evaluator) -> dict[str, Dataset]:
    found: dict[str, Dataset] = {}
    for declaration in module.spec.declarations:
        if isinstance(declaration, ast.Dataset):
            value = _value(module, declaration.name, evaluator)
            dataset = checked_dataset(value, declaration.value.span, evaluator.sink)
            if dataset is not None:
                found[declaration.name.text] = dataset
    return found


def _tasks(module: Module, evaluator: Evaluator) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for declaration in module.spec.declarations:
        task: Task | None = None
        match declaration:
            case ast.Train():
                task = check_train(declaration, evaluator, module.scope)
            case ast.Eval():
                task = check_eval(declaration, evaluator, module.scope)
            case ast.Edit():
                task = check_edit(declaration, evaluator, module.scope)
        if task is not None:
            found[task.name] = task
    return found


def _force_all(module: Module, evaluator: Evaluator) -> None:
    """Evaluate what nothing used, so that its problems are reported too."""
    for declaration in module.spec.declarations:
        if isinstance(declaration, ast.Param | ast.Let | ast.Optimizer):
            _value(module, declaration.name, evaluator)


def _value(module: Module, name: ast.Word, evaluator: Evaluator) -> Any:
    return evaluator.force(name.text, module.scope.bindings[name.text], name.span)
