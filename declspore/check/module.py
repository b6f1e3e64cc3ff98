"""A spec file as a scope of names, with the files it imports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from itertools import islice
from pathlib import Path
from typing import assert_never

from declspore.check import errors
from declspore.check.params import param_value
from declspore.check.task import task_kind
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic, Label
from declspore.elaborate.loss import LossTemplate
from declspore.elaborate.template import CellTemplate
from declspore.language.domain import Evaluation, HasMembers
from declspore.language.errors import unknown_member
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, TaskOutput, Value
from declspore.registry import plugin
from declspore.registry.kind import Kind
from declspore.report import DiagnosticError
from declspore.resources import specs_folder
from declspore.source import Source
from declspore.syntax import ast
from declspore.syntax.parse import parse_partly, read_source


@dataclass(eq=False)
class Module(HasMembers):
    """The names of one spec; values are computed when first used. What is not ``whole`` may
    declare more than is known of it."""

    spec: ast.Spec
    whole: bool = True
    scope: Scope = field(default_factory=Scope)

    def __str__(self) -> str:
        return f"the spec `{self.spec.source.name}`"

    def member(self, evaluation: Evaluation, name: ast.Word) -> Value:
        """What a name of the spec stands for: ``module.name`` of an importing spec."""
        word = name
        binding = self.scope.bindings.get(word.text)
        if binding is None and not self.whole:
            return UNKNOWN
        if binding is None:
            origin = self.spec.source.name
            known = self.scope.bindings
            evaluation.sink.report(unknown_member(word.span, origin, word.text, known))
            return UNKNOWN
        return evaluation.force(word.text, binding, word.span)


@dataclass(frozen=True, eq=False)
class TaskHandle(HasMembers):
    """A task by name; its members are the checkpoints it writes."""

    declaration: ast.Task

    def __str__(self) -> str:
        return f"the task `{self.declaration.name.text}`"

    def member(self, evaluation: Evaluation, name: ast.Word) -> Value:
        kind = task_kind(self.declaration.kind.text)
        outputs = () if kind is None else kind.outputs(self.declaration)
        if name.text in outputs:
            return TaskOutput(self.declaration.name.text, name.text, name.span)
        if kind is not None and not self.declaration.damaged:
            evaluation.sink.report(unknown_member(name.span, str(self), name.text, outputs))
        return UNKNOWN


@dataclass(frozen=True, eq=False)
class PythonWords(HasMembers):
    """The words of a file of Python by name."""

    name: str
    kinds: Mapping[str, Kind]

    def __str__(self) -> str:
        return f"the words of `{self.name}`"

    def member(self, evaluation: Evaluation, name: ast.Word) -> Value:
        if name.text not in self.kinds:
            evaluation.sink.report(unknown_member(name.span, self.name, name.text, self.kinds))
            return UNKNOWN
        return self.kinds[name.text]


class Loader:
    """Reads specs and the specs they import; each file is read once."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._sink = evaluation.sink
        self._evaluation = evaluation
        self._modules: dict[Path, Module] = {}
        self._loading: list[Path] = []
        self._sources: list[Source] = []

    @property
    def sources(self) -> tuple[Source, ...]:
        """The texts that were read, each after the one that imports it first."""
        return tuple(self._sources)

    def load(self, source: Source, settings: Mapping[str, Value] | None = None) -> Module:
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
        module.scope.declare_damaged(module.spec.damaged)
        return module

    def _declare(
        self, module: Module, declaration: ast.Declaration, settings: Mapping[str, Value]
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
                make = LossTemplate if declaration.keyword == "loss" else CellTemplate
                value = make(declaration, module.scope)
                module.scope.bind(name.text, value, name.span)
            case ast.Task():
                module.scope.bind(name.text, TaskHandle(declaration), name.span)
            case ast.Param():
                self._defer_param(module, declaration, settings)
            case ast.Let() | ast.Dataset() | ast.Optimizer():
                self._defer_value(module, declaration)
            case _:
                assert_never(declaration)

    def _defer_param(
        self, module: Module, declaration: ast.Param, settings: Mapping[str, Value]
    ) -> None:
        def compute() -> Value:
            return param_value(self._evaluation, declaration, module.scope, settings)

        module.scope.defer(declaration.name.text, compute, declaration.name.span)

    def _defer_value(
        self, module: Module, declaration: ast.Let | ast.Dataset | ast.Optimizer
    ) -> None:
        def compute() -> Value:
            return self._evaluation.evaluate(declaration.value, module.scope)

        module.scope.defer(declaration.name.text, compute, declaration.name.span)

    # ---- imports

    def _select(self, module: Module, declaration: ast.Import) -> None:
        """``import "file" (A, B)``: some names of another spec."""
        found = self._import(declaration, module.spec.source)
        for word in declaration.names:
            value = (
                found.member(self._evaluation, word) if isinstance(found, HasMembers) else UNKNOWN
            )
            first = module.scope.bindings.get(word.text)
            if first is not None:
                self._sink.report(errors.declared_twice(word.text, first.span, word.span))
                continue
            module.scope.bind(word.text, value, word.span)

    def _import(self, declaration: ast.Import, importer: Source) -> Value:
        written = str(declaration.path.value)
        if written.endswith(".py") and not plugin.is_allowed():
            self._sink.report(errors.python_not_allowed(declaration.path.span, written))
            return UNKNOWN
        places = [_folder(importer) / written, specs_folder() / written]
        # unlike Path.is_file, false also for a name that no system could open
        found = next((place for place in places if os.path.isfile(place)), None)
        if found is None:
            span = declaration.path.span
            near, shipped = (_specs_in(folder) for folder in (_folder(importer), specs_folder()))
            problem = errors.missing_import(span, written, map(str, places), near, shipped)
            self._sink.report(problem)
            return UNKNOWN
        path = found.resolve()
        if path.suffix == ".py":
            return self._words(declaration, path, _shown(found, places, importer))
        if path in self._loading:
            chain = [*self._loading[self._loading.index(path) :], path]
            names = [each.name for each in chain]
            self._sink.report(errors.import_cycle(declaration.path.span, written, names))
            return UNKNOWN
        if path not in self._modules:
            try:
                self._modules[path] = self.load(read_source(path, _shown(found, places, importer)))
            except DiagnosticError as error:
                for diagnostic in error.diagnostics:
                    self._sink.report(_imported(diagnostic, declaration))
                return UNKNOWN
        return self._modules[path]

    def _words(self, declaration: ast.Import, path: Path, shown: str) -> Value:
        """``import "file.py" (Word)``: words of Python, which belong to the vocabulary then."""
        span, written = declaration.path.span, str(declaration.path.value)
        try:
            kinds = plugin.words_of(str(path))
        except plugin.Unloadable as error:
            self._sink.report(errors.no_words(span, written, str(error)))
            return UNKNOWN
        self._sources.append(Source(shown, path.read_text(errors="replace"), path))
        return PythonWords(shown, {kind.name: kind for kind in kinds})


def _imported(diagnostic: Diagnostic, declaration: ast.Import) -> Diagnostic:
    """With the import of a file that is not a spec."""
    label = Label(declaration.path.span, "imported here")
    return replace(diagnostic, labels=(*diagnostic.labels, label))


def _shown(found: Path, places: list[Path], importer: Source) -> str:
    """The name messages give an imported file: seen from where the importer was named."""
    if found != places[0]:
        return str(found)
    return os.path.normpath(Path(importer.name).parent / os.path.relpath(found, _folder(importer)))


def _specs_in(folder: Path) -> list[str]:
    """The names of the specs in a folder, a few hundred at most."""
    try:
        found = islice(folder.glob("*.spec"), _MOST_SPECS)
        return sorted(path.name for path in found)
    except OSError:
        return []


_MOST_SPECS = 500


def _folder(source: Source) -> Path:
    return source.path.parent if source.path else Path()
