"""``declspore edit``: flags become a spec, which is checked, planned, run and shown."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

import click

from declspore.check.check import check
from declspore.checkpoint.errors import unknown_suffix
from declspore.checkpoint.sharding.open import is_set
from declspore.cli.errors import unwritable
from declspore.cli.interrupt import interruptible
from declspore.cli.keys import check_one
from declspore.cli.output import echo, echo_document, fail, print_diagnostics, print_json
from declspore.cli.plan import plan_json, plan_lines
from declspore.cli.progress import Progress
from declspore.cli.recipe import Flag, Line, Recipe, file_line, statement, verbatim
from declspore.cli.reshard import SetOutput
from declspore.cli.write import write_new
from declspore.dataclass import dataclass
from declspore.plan.files import SET, format_of, formats
from declspore.plan.planner import Plan, make_plan
from declspore.registry.verb import every_verb
from declspore.render import to_json
from declspore.report import DiagnosticError
from declspore.run.run import run_plan
from declspore.run.task import Result
from declspore.suggest.advice import answered
from declspore.syntax.format import format_text


@dataclass(frozen=True)
class Files:
    """Inputs with their outputs, and how they are protected."""

    pairs: tuple[tuple[str, str], ...]
    reading: tuple[str, ...]
    writing: tuple[str, ...]
    set_reading: tuple[str, ...]
    set_writing: tuple[str, ...]
    """How inputs that are sets are read, and how outputs are written that are to be sets."""

    def is_set(self, path: str) -> bool:
        """Whether an input is a set of files."""
        return bool(self.set_reading) or is_set(path)


def edit_command(
    inputs: tuple[str, ...],
    output: str | None,
    in_place: bool,
    recipe: str | None,
    dry_run: bool,
    jobs: int,
    allow_python: bool,
    quiet: bool,
    as_json: bool,
    **flags: object,
) -> None:
    told = None
    results: list[Result] = []
    try:
        set_writing = tuple(_set_writing(flags))
        files = Files(
            tuple(_pairs(inputs, output, in_place, as_sets=bool(set_writing))),
            tuple(_options(flags, "key_env", "key_file")),
            tuple(_writing(flags, in_place)),
            tuple(_set_reading(flags)),
            set_writing,
        )
        if recipe is not None and os.path.lexists(recipe):
            raise unwritable(recipe, FileExistsError(0, "it already exists"))
        _check_suffixes(files)
        told = _recipe(recipe or "recipe", files, flags)
        plan = make_plan(check(told.source), in_place=in_place, allow_python=allow_python)
        text = format_text(told.source.text)
        if not as_json:
            print_diagnostics(told.told(plan.warnings))
            echo_document(f"{text}\n")
        if dry_run:
            if as_json:
                print_json({**plan_json(plan), "recipe": text})
            else:
                echo(*plan_lines(plan))
            return
        if recipe is not None:
            write_new(recipe, text)
        _run(plan, jobs if len(inputs) > 1 else None, _Report(results, quiet, as_json))
        if as_json:
            print_json(
                {"ok": True, "recipe": text, "results": [_facts(result) for result in results]}
            )
    except DiagnosticError as error:
        problems = answered(error.diagnostics)
        found = DiagnosticError(problems if told is None else told.told(problems))
        if as_json and told is not None:
            done = [_facts(result) for result in results]
            shown = [to_json(diagnostic) for diagnostic in found.diagnostics]
            print_json({"ok": False, "diagnostics": shown, "results": done})
            sys.exit(found.exit_code)
        fail(found, as_json=as_json)


def _facts(result: Result) -> dict[str, object]:
    return asdict(result)


def _run(plan: Plan, jobs: int | None, reporter: _Report) -> None:
    try:
        with interruptible(reporter) as watched:
            run_plan(plan, watched, jobs=jobs)
    except KeyboardInterrupt:
        echo("", "interrupted; files written before are whole", err=True)
        sys.exit(130)
    finally:
        reporter.close()


class _Report(Progress):
    """Keeps the results, and prints them as comments: so what is printed is a spec as a whole."""

    def __init__(self, results: list[Result], quiet: bool, as_json: bool) -> None:
        super().__init__(quiet=quiet or as_json, stream=sys.stderr)
        self._results = results
        self._as_json = as_json

    def end(self, result: Result) -> None:
        self.close()
        self._results.append(result)
        if not self._as_json:
            for line in result.lines():
                echo(f"# {line}")


# ---- files


def _pairs(
    inputs: Sequence[str], output: str | None, in_place: bool, *, as_sets: bool
) -> Iterator[tuple[str, str]]:
    """Each input with its output. Raises click.UsageError where that is not said, or twice."""
    if in_place == (output is not None):
        raise click.UsageError("say where to write: -o PATH, or --in-place")
    if output is None:
        yield from ((path, path) for path in inputs)
        return
    is_folder = len(inputs) > 1 or (not as_sets and (os.path.isdir(output) or output.endswith("/")))
    if is_folder and os.path.exists(output) and not os.path.isdir(output):
        raise click.UsageError(f"several inputs are written into a folder; {output} is a file")
    names = [os.path.basename(path.rstrip("/")) for path in inputs]
    for name in names:
        if is_folder and names.count(name) > 1:
            raise click.UsageError(f"two inputs are called {name}; they cannot share a folder")
    for path, name in zip(inputs, names, strict=True):
        yield path, os.path.join(output, name) if is_folder else output


def _options(flags: dict[str, Any], *names: str, prefix: str = "") -> Iterator[str]:
    """Arguments of a file for those of the flags that are given."""
    first, second = (f"--{(prefix + name).replace('_', '-')}" for name in names)
    values = [flags[prefix + name] for name in names]
    check_one(first, values[0], second, values[1])
    for name, value in zip(names, values, strict=True):
        if value is not None:
            yield f"{name} = {_string(value)}"


def _writing(flags: dict[str, Any], in_place: bool) -> Iterator[str]:
    options = list(_options(flags, "key_env", "key_file", prefix="new_"))
    if in_place and not options and (flags["key_env"] or flags["key_file"]):
        raise click.UsageError(
            "--in-place would leave the file decrypted: give --new-key-env or --new-key-file, "
            "the same as for reading to keep its key (`declspore convert` decrypts)"
        )
    yield from options
    if flags["mode"] is not None:
        if not options:
            raise click.UsageError(
                "--mode says how to encrypt: give --new-key-env or --new-key-file"
            )
        yield f"mode = {_string(flags['mode'])}"
    if flags["crc"]:
        yield "crc = true"


def _set_reading(flags: dict[str, Any]) -> Iterator[str]:
    """Arguments for an input that is a set."""
    for name in ("strategy", "files"):
        if flags[name] is not None:
            yield f"{name} = {_string(flags[name])}"
    if flags["replicas"] != "equal":
        yield f"replicas = {_string(flags['replicas'])}"
    if flags["remove_redundancy"] is not None:
        yield f"remove_redundancy = {str(flags['remove_redundancy']).lower()}"


def _set_writing(flags: dict[str, Any]) -> Iterator[str]:
    """Arguments for outputs that are sets; nothing where they are not. Raises click.UsageError."""
    names = (field.name for field in fields(SetOutput))
    given = SetOutput(**{name: flags[name] for name in names if name in flags})
    if not given.is_wanted:
        return
    for word, text in (
        ("strategy", given.new_strategy),
        ("format", given.set_format),
        ("prefix", given.prefix),
        ("index", given.index),
    ):
        if text is not None:
            yield f"{word} = {_string(text)}"
    if given.shard_bytes is not None:
        yield f"shard_bytes = {given.shard_bytes}"
    if given.new_remove_redundancy:
        yield "remove_redundancy = true"


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _check_suffixes(files: Files) -> None:
    for _, path in files.pairs if not files.set_writing else ():
        if format_of(path) is None:
            raise unknown_suffix(path, [format.suffix for format in formats()])


# ---- the recipe


def _recipe(name: str, files: Files, flags: dict[str, Any]) -> Recipe:
    for option, texts in flags.items():
        if isinstance(texts, tuple) and not all(text.strip() for text in texts):
            raise click.BadParameter("it is empty", param_hint=f"--{option}")
    given = {
        verb.name: [Flag(f"--{verb.name}", text) for text in flags[verb.name]]
        for verb in every_verb()
    }
    used = [Flag("--use", text) for text in flags["use"]]
    ensures = [Flag("--ensure", text) for text in flags["ensure"]]
    rests = [Flag("--rest", text) for text in flags["rest"]]
    outputs = {target: Flag("--output", target) for _, target in files.pairs}

    def lines(source: str, target: str) -> Iterator[Line]:
        named = Flag("INPUT", source)
        if files.is_set(source):
            how = (*files.set_reading, *files.reading)
            yield file_line("in src", named, 0, how, SET)
        else:
            yield file_line("in src", named, 0, files.reading)
        for flag in used:
            yield _used(flag)
        if files.set_writing:
            how = (*files.set_writing, *files.writing)
            yield file_line("out dst", outputs[target], 0, how, SET)
        else:
            yield file_line("out dst", outputs[target], 0, files.writing)
        yield Line("")
        for verb, all_of_it in given.items():
            yield from (statement(verb, flag) for flag in all_of_it)
        yield from (verbatim("rest ", flag) for flag in rests)
        yield from (verbatim("ensure ", flag) for flag in ensures)

    names = _names([source for source, _ in files.pairs])
    blocks = [
        (name, source, list(lines(source, target)))
        for name, (source, target) in zip(names, files.pairs, strict=True)
    ]
    return Recipe(name, blocks)


def _used(flag: Flag) -> Line:
    """``use NAME = ckpt("FILE")``. Raises click.BadParameter for a text without ``=``."""
    name, equals, file = flag.text.partition("=")
    if not equals or not name.strip().isidentifier() or not file.strip():
        raise click.BadParameter(f"write NAME=FILE, not {flag.text!r}", param_hint="--use")
    start = len(flag.text) - len(file.lstrip())
    return file_line(f"use {name.strip()}", flag, start)


def _names(paths: Sequence[str]) -> Iterator[str]:
    """A name for the edit of each file, after the file."""
    taken: set[str] = set()
    for path in paths:
        stem = re.sub(r"\W", "_", os.path.basename(path).partition(".")[0], flags=re.A)
        name = stem if re.match(r"[A-Za-z]", stem) else f"edit_{stem}"
        while name in taken:
            name += "_"
        taken.add(name)
        yield name
