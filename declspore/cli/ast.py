"""``declspore ast``"""

from __future__ import annotations

import sys

from declspore.cli.output import print_diagnostics, print_json, print_json_line, reporting
from declspore.deep import deeply
from declspore.report import DiagnosticError
from declspore.resources import spec_path
from declspore.source import Span
from declspore.syntax.dump import tree_json, tree_schema
from declspore.syntax.errors import too_deep
from declspore.syntax.parse import parse_partly, read_source


@reporting
def ast_command(spec: str | None, schema: bool, as_json: bool) -> None:
    if schema or spec is None:
        print_json(tree_schema())
        return
    source = read_source(spec_path(spec), spec)
    found = parse_partly(source)
    try:
        deeply(lambda: print_json_line(tree_json(found.spec, found.diagnostics)))
    except RecursionError:
        raise DiagnosticError([too_deep(Span(source, 0, 0))]) from None
    if not as_json:
        print_diagnostics(found.diagnostics)
    if found.diagnostics:
        sys.exit(DiagnosticError(found.diagnostics).exit_code)
