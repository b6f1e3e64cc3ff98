"""``declspore fmt``"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from declspore.cli.output import echo, echo_document, print_diagnostics, print_json
from declspore.cli.write import write_text
from declspore.render import to_json
from declspore.report import DiagnosticError
from declspore.syntax.format import format_text
from declspore.syntax.parse import parse, read_source, read_standard_input


def fmt_command(
    specs: tuple[str, ...], check_only: bool, show_diff: bool, as_json: bool = False
) -> None:
    """Format each file; a file that does not parse is left as it is and reported."""
    changed: list[str] = []
    problems: list[DiagnosticError] = []
    for spec in specs:
        try:
            if _format(spec, check_only=check_only, show_diff=show_diff and not as_json):
                changed.append(spec)
        except DiagnosticError as error:
            problems.append(error)
    found = [diagnostic for error in problems for diagnostic in error.diagnostics]
    if as_json:
        shown = [to_json(diagnostic) for diagnostic in found]
        ok = not problems and not (check_only and changed)
        print_json({"ok": ok, "changed": changed, "diagnostics": shown})
    else:
        print_diagnostics(found)
        if check_only or not show_diff:
            _tell(changed, check_only=check_only)
    if problems:
        sys.exit(min(error.exit_code for error in problems))
    if check_only and changed:
        sys.exit(1)


def _tell(changed: list[str], *, check_only: bool) -> None:
    for spec in changed:
        if spec != "-":
            echo(f"{spec}: {'would be formatted' if check_only else 'formatted'}", err=True)


def _format(spec: str, *, check_only: bool, show_diff: bool) -> bool:
    """Whether the file is not in canonical form. Raises DiagnosticError."""
    source = read_standard_input() if spec == "-" else read_source(Path(spec), spec)
    parse(source)
    text = format_text(source.text)
    if show_diff:
        before, after = source.text.splitlines(True), text.splitlines(True)
        echo_document("".join(difflib.unified_diff(before, after, spec, spec)))
    elif spec == "-" and not check_only:
        echo_document(text)
    elif text != source.text and not check_only:
        write_text(spec, text)
    return text != source.text
