"""Problems with names: those that mean nothing, arguments that a word does not take, names
declared twice in one block, cells that are made of themselves.

Assumes a module whose declarations are bound, and what its names mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from declspore.check import errors
from declspore.check.module import Module
from declspore.check.resolution import Call, Part, Resolution, Role, Use
from declspore.elaborate.formals import FORMAL_TYPES
from declspore.elaborate.template import CellTemplate
from declspore.language.errors import cycle, unknown_argument, unknown_name, unknown_type
from declspore.language.foreign import words_like
from declspore.registry.data import TransformKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast


def check_names(module: Module, found: Resolution, sink: Sink) -> None:
    """Report every problem with names in one file."""
    unknown: dict[str, list[Use]] = {}
    for use in (use for part in found.parts for use in part.uses if use.unknown):
        unknown.setdefault(use.name, []).append(use)
    for index, (name, (first_use, *others)) in enumerate(unknown.items()):
        candidates: list[str] = []
        if index < MOST_PROPOSED:
            known = found.names_at(first_use.span.start).visible()
            candidates = [*known, *words_like(first_use.name, first_use.families)]
        places = [use.span for use in others]
        sink.report(unknown_name(first_use.span, name, candidates, places))
    for part in found.parts:
        for first, second in part.twice:
            sink.report(errors.declared_twice(second.name, first.span, second.span))
        for call in part.calls:
            _check_keywords(module, call, sink)
        if isinstance(part.node, ast.CellDeclaration) and not _takes_tensors(part.node):
            _check_types(part.node.formals, sink)


MOST_PROPOSED = 100
"""Unknown names for which a known one is looked for: looking takes time for each pair of them."""


def _takes_tensors(node: ast.CellDeclaration) -> bool:
    """Whether it is a loss that lacks its braces, which is reported by itself."""
    return node.keyword == "loss" and isinstance(node.body, ast.Preset)


def _check_types(formals: Iterable[ast.Formal], sink: Sink) -> None:
    """The arguments of a cell are numbers, strings and lists of them, or have no type."""
    for formal in formals:
        if formal.type is not None and formal.type.name.text not in FORMAL_TYPES:
            word = formal.type.name
            sink.report(unknown_type(word.span, word.text, FORMAL_TYPES, formal=True))


def _check_keywords(module: Module, call: Call, sink: Sink) -> None:
    known = _keywords_of(module, call.function)
    if known is None:
        return
    word, names = known
    for keyword in call.keywords:
        if keyword.text not in names:
            sink.report(unknown_argument(keyword.span, word, keyword.text, names))


def _keywords_of(module: Module, function: Use) -> tuple[str, tuple[str, ...]] | None:
    """The callee and the arguments it takes, where that is known without evaluation."""
    if function.declared is None:
        kind = vocabulary().get(function.name)
        if kind is None or (isinstance(kind, TransformKind) and kind.named):
            return None
        return kind.name, kind.signature.names
    if function.declared.node is None:
        return None
    binding = module.scope.bindings.get(function.name)
    template = binding.value if binding else None
    if not isinstance(template, CellTemplate) or template.declaration.damaged:
        return None
    return template.name, tuple(f.name.text for f in template.declaration.formals)


# ---- cells that are made of themselves


def check_cycles(module: Module, found: Resolution, sink: Sink) -> None:
    """Report the cycles among the cells of one file: each once, at a call that closes it, also
    those no network reaches and conditions would end. What evaluation has reported already is not
    reported again."""
    calls, spans = dict[str, Calls](), dict[str, Span]()
    for part in found.parts:
        if isinstance(part.node, ast.CellDeclaration):
            name = part.node.name.text
            calls[name], spans[name] = _calls(part, part.node.body), part.node.span
    reported = [
        place
        for error in sink.errors
        if error.code == "E204"
        for place in (label.place for label in error.labels)
        if isinstance(place, Span) and place.source is module.spec.span.source
    ]
    for path, span in _cycles(calls):
        bodies = [spans[name] for name in path]
        if not any(body.start <= at.start < body.end for body in bodies for at in reported):
            sink.report(cycle(span, path[0]))


Calls = list[tuple[str, Span]]


def _calls(part: Part, body: ast.Block | ast.Preset) -> Calls:
    """The cells of the file that a cell makes, in its fields or as a preset."""
    end = body.span.end if isinstance(body, ast.Preset) else body.construct.span.start
    return [
        (call.function.name, call.span)
        for call in part.calls
        if call.function.declared is not None
        and call.function.declared.role is Role.CELL
        and body.span.start <= call.span.start < end
    ]


def _cycles(calls: dict[str, Calls]) -> Iterator[tuple[list[str], Span]]:
    """Each path that leads back to its first name, with the call that does."""
    done = set[str]()
    for root, first in calls.items():
        path, waiting = [root], [iter(first)]
        while path and root not in done:
            step = next(waiting[-1], None)
            if step is None:
                done.add(path.pop())
                waiting.pop()
            elif step[0] in path:
                yield path[path.index(step[0]) :], step[1]
            elif step[0] not in done:
                path.append(step[0])
                waiting.append(iter(calls[step[0]]))
