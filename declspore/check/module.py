"""A spec file as a scope of names, with the files it imports."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declspore.check import errors
from declspore.check.params import param_value
from declspore.check.scope import Scope
from declspore.check.values import UNKNOWN, CellTemplate, TaskOutput
from declspore.report import DiagnosticError, Sink
from declspore.resources import specs_folder
from declspore.source import Source
from declspore.syntax import ast
from declspore.syntax.parse import parse_partly, read_source

if TYPE_CHECKING:
    from declspore.check.evaluate import Evaluator


@dataclass(eq=False)
class Module:
    """The names of one spec; values are computed when first used. What is not ``whole`` may
    declare more than is known of it."""

    spec: ast.Spec
    whole: bool = True
    scope: Scope = field(default_factory=Scope)

    def __str__(self) -> str:
        return f"the spec `{self.spec.source.name}`"

    def member(self, evaluator: Evaluator, node: ast.Member) -> Any:
        """``module.name`` of an importing spec."""
        return self.select(evaluator, node.name)

    def select(self, evaluator: Evaluator, word: ast.Word) -> Any:
        """What a name of the spec stands for."""
        binding = self.scope.bindings.get(word.text)
        if binding is None and not self.whole:
            return UNKNOWN
        if binding is None:
            name = self.spec.source.name
            known = self.scope.bindings
            evaluator.sink.report(errors.unknown_member(word.span, name, word.text, known))
            return UNKNOWN
        return evaluator.force(word.text, binding, word.span)


@dataclass(frozen=True, eq=False)
class TaskHandle:
    """A task by name; its members are the checkpoints it writes."""

    declaration: ast.Task

    @property
    def outputs(self) -> tuple[str, ...]:
        match self.declaration:
            case ast.Train(saves=saves):
                return ("last",) if saves else ()
            case ast.Edit(outputs=outputs):
                return tuple(output.name.text for output in outputs)
        return ()

    def __str__(self) -> str:
        return f"the task `{self.declaration.name.text}`"

    def member(self, evaluator: Evaluator, node: ast.Member) -> Any:
        task, name = self.declaration.name.text, node.name.text
        if name not in self.outputs and self.declaration.damaged:
            return UNKNOWN
        if name not in self.outputs:
            diagnostic = errors.unknown_member(
                node.name.span, f"the task `{task}`", name, self.outputs
            )
            evaluator.sink.report(diagnostic)
            return UNKNOWN
        return TaskOutput(task, name, node.span)


class Loader:
    """Reads specs and the specs they import; each file is read once."""

    def __init__(self, sink: Sink, evaluator: Evaluator) -> None:
        self._sink = sink
        self._evaluator = evaluator
        self._modules: dict[Path, Module] = {}
        self._loading: list[Path] = []
        self._sources: list[Source] = []

    @property
    def sources(self) -> tuple[Source, ...]:
        """The texts that were read, each behind the one that imports it first."""
        return tuple(self._sources)

    def load(self, source: Source, settings: dict[str, Any] | None = None) -> Module:
        """The module of a text, as far as it parses; what does not is reported."""
        self._sources.append(source)
        found = parse_partly(source)
        for diagnostic in found.diagnostics:
            self._sink.report(diagnostic)
        module = Module(found.spec, not found.diagnostics)
        self._loading.append(source.path.resolve() if source.path else Path())
        for declaration in module.spec.declarations:
            self._declare(module, declaration, settings or {})
        self._loading.pop()
        module.scope.lose(module.spec.damaged)
        return module

    def _declare(
        self, module: Module, declaration: ast.Declaration, settings: dict[str, Any]
    ) -> None:
        name = declaration.name
        first = module.scope.bindings.get(name.text)
        if first is not None:
            self._sink.report(errors.declared_twice(name.text, first.span, name.span))
            return
        match declaration:
            case ast.Import(alias=None):
                self._select(module, declaration)
            case ast.Import():
                value = self._import(declaration, module.spec.source)
                module.scope.bind(name.text, value, name.span)
            case ast.CellDeclaration():
                value = CellTemplate(declaration, module.scope)
                module.scope.bind(name.text, value, name.span)
            case ast.Train() | ast.Eval() | ast.Edit():
                module.scope.bind(name.text, TaskHandle(declaration), name.span)
            case ast.Param():
                self._defer_param(module, declaration, settings)
            case ast.Let() | ast.Dataset() | ast.Optimizer():
                self._defer_value(module, declaration)

    def _defer_param(
        self, module: Module, declaration: ast.Param, settings: dict[str, Any]
    ) -> None:
        def compute() -> Any:
            return param_value(self._evaluator, declaration, module.scope, settings)

        module.scope.defer(declaration.name.text, compute, declaration.name.span)

    def _defer_value(
        self, module: Module, declaration: ast.Let | ast.Dataset | ast.Optimizer
    ) -> None:
        def compute() -> Any:
            return self._evaluator.evaluate(declaration.value, module.scope)

        module.scope.defer(declaration.name.text, compute, declaration.name.span)

    # ---- imports

    def _select(self, module: Module, declaration: ast.Import) -> None:
        """``import "file" (A, B)``: some names of another spec."""
        found = self._import(declaration, module.spec.source)
        for word in declaration.names:
            value = UNKNOWN if found is UNKNOWN else found.select(self._evaluator, word)
            first = module.scope.bindings.get(word.text)
            if first is not None:
                self._sink.report(errors.declared_twice(word.text, first.span, word.span))
                continue
            module.scope.bind(word.text, value, word.span)

    def _import(self, declaration: ast.Import, importer: Source) -> Any:
        written = str(declaration.path.value)
        places = [_folder(importer) / written, specs_folder() / written]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            span = declaration.path.span
            self._sink.report(errors.missing_import(span, written, map(str, places)))
            return UNKNOWN
        path = found.resolve()
        if path in self._loading:
            self._sink.report(errors.import_cycle(declaration.path.span, written))
            return UNKNOWN
        if path not in self._modules:
            try:
                self._modules[path] = self.load(read_source(path, _shown(found, places, importer)))
            except DiagnosticError as error:
                for diagnostic in error.diagnostics:
                    self._sink.report(diagnostic)
                return UNKNOWN
        return self._modules[path]


def _shown(found: Path, places: list[Path], importer: Source) -> str:
    """The name messages give an imported file: seen from where the importer was named."""
    if found != places[0]:
        return str(found)
    return os.path.normpath(Path(importer.name).parent / os.path.relpath(found, _folder(importer)))


def _folder(source: Source) -> Path:
    return source.path.parent if source.path else Path()
