"""Where diagnostics go: a sink that collects them, and the exception that carries them out."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, FilePlace, in_order, place_key
from declspore.render import render_all
from declspore.source import Span


class DiagnosticError(Exception):
    """Raised where work cannot continue; carries every diagnostic of the stage."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__(self.diagnostics)

    @property
    def exit_code(self) -> int:
        found = [each for each in self.diagnostics if not each.warning] or self.diagnostics
        return min(diagnostic.exit_code for diagnostic in found)

    def __str__(self) -> str:
        return "\n" + render_all(self.diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the diagnostics alone, without the calls that led to them."""
        return render_all(self.diagnostics).splitlines()


class Sink:
    """Collects the diagnostics of a pass; the same problem at the same place counts once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Diagnostic] = {}
        self._known: set[tuple[object, ...]] = set()
        self._places: set[tuple[object, ...]] = set()
        self.reports = 0

    def report(self, diagnostic: Diagnostic) -> None:
        self.reports += 1
        problem = diagnostic.code, diagnostic.title
        keys = [(*problem, *place_key(label.place)) for label in diagnostic.labels] or [problem]
        if keys[0] not in self._known:
            self._found[keys[0]] = diagnostic
        self._known.update(keys)  # one problem may be reported for several places
        self._places.update((problem[0], *place_key(label.place)) for label in diagnostic.labels)

    def repeats(self, code: str, place: Span | FilePlace) -> bool:
        """Whether a problem of this kind was reported at a place, so that its diagnostic need not
        be made again; it counts as a report."""
        found = (code, *place_key(place)) in self._places
        self.reports += found
        return found

    def extend(self, other: Sink) -> bool:
        """Take over what another sink holds; whether that was free of errors."""
        for diagnostic in other.diagnostics:
            self.report(diagnostic)
        return not other.errors

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return in_order(self._found.values())

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if not found.warning)

    def raise_errors(self) -> None:
        """Raise :class:`DiagnosticError` with all errors, if there are any."""
        if self.errors:
            raise DiagnosticError(self.errors)
