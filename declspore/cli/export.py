"""``declspore export``"""

from __future__ import annotations

from dataclasses import asdict

import click

from declspore.cli.keys import reading
from declspore.cli.networks import one_network
from declspore.cli.output import echo, print_diagnostics, print_json, reporting, told_unused
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import parse_settings
from declspore.cli.write import check_writable
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.exports.format import ExportFormat, export_formats, format_of
from declspore.exports.refusing import check_export
from declspore.plan.errors import not_encrypted
from declspore.plan.files import open_any
from declspore.render import to_json
from declspore.report import Sink
from declspore.spelling import count
from declspore.text import size


@dataclass(frozen=True)
class Written:
    """A file: its bytes, and the largest difference from the network's answers that its own runtime
    showed, relative to the outputs."""

    output: str
    bytes: int
    difference: float


@reporting
def export_command(
    network: str,
    checkpoint: str,
    outputs: tuple[str, ...],
    data_format: str,
    precision: str,
    settings: tuple[str, ...],
    key_env: str | None,
    key_file: str | None,
    as_json: bool,
) -> None:
    formats = {output: _format(output) for output in outputs}
    files = (f"{path}saved_model.pb" if each.is_folder else path for path, each in formats.items())
    check_writable(*files)
    access = reading(key_env, key_file)
    checked = one_network(network, "FILE:NAME", parse_settings(settings))
    sink = Sink()
    for format_ in formats.values():
        check_export(format_, checked, None, sink, data_format=data_format, precision=precision)
    sink.raise_errors()
    with open_any(checkpoint, access) as opened:
        load_quietly("declspore.exports.export")
        from declspore.exports.export import export
        from declspore.exports.format import Exportable
        from declspore.lower.network import compile_network
        from declspore.run.weights import fill

        model = compile_network(checked, data_format=data_format)
        unused = fill(model, opened)
        permissions, secret = opened.storage.permissions, opened.mode is not None
    lost = [not_encrypted(None, output, checkpoint) for output in outputs if secret]
    if not as_json:
        print_diagnostics(lost)
    exportable = Exportable(checked, model, data_format, precision)
    written = []
    for output, format_ in formats.items():
        done = export(format_, exportable, output, permissions=permissions)
        written.append(Written(output, done.bytes, done.proof.difference))
    _tell(checkpoint, len(checked.parameters), formats, written, unused, lost, as_json)


def _tell(
    checkpoint: str,
    parameters: int,
    formats: dict[str, ExportFormat],
    written: list[Written],
    unused: list[str],
    warnings: list[Diagnostic],
    as_json: bool,
) -> None:
    if as_json:
        facts: dict[str, object] = {"input": checkpoint, "parameters": parameters, "unused": unused}
        facts["files"] = [asdict(each) for each in written]
        facts["diagnostics"] = [to_json(warning) for warning in warnings]
        print_json({"ok": True, **facts})
        return
    told_unused("a model for inference has", unused)
    for each in written:
        title = formats[each.output].title
        facts_ = f"{count(parameters, 'parameter')}, {size(each.bytes)}, {title}"
        proved = f"answers as the network, largest difference {each.difference:.1e}"
        echo(f"wrote {each.output}: {facts_}; {proved}")


def _format(output: str) -> ExportFormat:
    found = format_of(output)
    if found is None:
        reason = f"expected a path that ends in one of {', '.join(export_formats())}"
        raise click.BadParameter(reason, param_hint="OUTPUT")
    return found
