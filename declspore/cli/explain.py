"""``declspore explain``"""

from __future__ import annotations

from declspore.cli.errors import unknown_code
from declspore.cli.output import echo, echo_document, print_json, reporting
from declspore.report import DiagnosticError
from declspore.resources import errors_folder


@reporting
def explain_command(codes: tuple[str, ...], as_json: bool) -> None:
    pages = {path.stem: path for path in sorted(errors_folder().glob("[EW][0-9][0-9][0-9].md"))}
    asked = [code.upper() for code in codes]
    missing = [code for code in asked if code not in pages]
    if missing:
        raise DiagnosticError([unknown_code(code, pages) for code in missing])
    texts = {code: pages[code].read_text(encoding="utf-8") for code in asked or pages}
    if as_json:
        print_json([{"code": code, "page": text} for code, text in texts.items()])
    elif asked:
        echo_document("\n".join(texts.values()))
    else:
        for text in texts.values():
            echo(text.partition("\n")[0].removeprefix("# "))
