"""``declspore ast``"""

from __future__ import annotations

from pathlib import Path

from declspore.cli.output import print_json, reporting
from declspore.report import DiagnosticError
from declspore.syntax.dump import tree_json, tree_schema
from declspore.syntax.errors import too_deep
from declspore.syntax.parse import parse, read_source


@reporting
def ast_command(spec: str | None, schema: bool, as_json: bool) -> None:
    if schema or spec is None:
        print_json(tree_schema())
        return
    source = read_source(Path(spec), spec)
    try:
        print_json(tree_json(parse(source)))
    except RecursionError:
        raise DiagnosticError([too_deep(source)]) from None
