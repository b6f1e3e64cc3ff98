"""``declspore convert`` where the output is a set of files."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from declspore.checkpoint import errors
from declspore.checkpoint.format import Copied
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.sets import SetOptions, ShardedCheckpoint
from declspore.checkpoint.sharding.target import (
    HUGGING_FACE,
    PREFIX,
    SHARD_BYTES,
    WORKING_SET,
    Target,
    plan_set,
)
from declspore.cli.progress import Progress
from declspore.dataclass import dataclass
from declspore.plan.files import formats, open_any
from declspore.same_file import inside, same_path
from declspore.spelling import count
from declspore.text import size


@dataclass(frozen=True)
class SetOutput:
    """The options of :func:`declspore.cli.options.target`, as given."""

    new_strategy: str | None
    set_format: str | None
    prefix: str | None
    index: str | None
    shard_bytes: int | None
    new_remove_redundancy: bool
    dry_run: bool | None = None
    jobs: int | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether the output is a set. Raises click.UsageError where other options need one."""
        if self.new_strategy is not None and self.index is not None:
            raise click.UsageError("a set has --new-strategy or --index")
        wanted = self.new_strategy is not None or self.index is not None
        of_ranks = self.set_format or self.prefix or self.new_remove_redundancy
        if self.new_strategy is None and of_ranks:
            raise click.UsageError(
                "--format, --prefix and --new-remove-redundancy are for --new-strategy"
            )
        if self.index is None and self.shard_bytes is not None:
            raise click.UsageError("--shard-bytes is for --index")
        if not wanted and (self.dry_run or (self.jobs or 1) > 1):
            raise click.UsageError("--dry-run and --jobs are for --new-strategy and --index")
        return wanted

    def target(self, path: str) -> Target:
        of_ranks = self.new_strategy is not None and self.set_format != SAFETENSORS.name
        return Target(
            path,
            MINDSPORE if of_ranks else SAFETENSORS,
            self.new_strategy,
            self.index or HUGGING_FACE,
            PREFIX if self.prefix is None else self.prefix,
            self.shard_bytes or SHARD_BYTES,
            self.new_remove_redundancy,
        )


@dataclass(frozen=True)
class Resharded:
    """What was written, or would be: ``bytes`` of values in all files, ``peak_bytes`` of memory
    that each process needs at most."""

    input: str
    output: str
    files: int
    entries: int
    bytes: int
    peak_bytes: int
    without_layout: tuple[str, ...]
    written: bool


def reshard(
    input: str, target: Target, output: SetOutput, options: SetOptions, *access: Access
) -> Resharded:
    """Write a set from a file or another set. ``access`` is that of the input and of the output."""
    reading, writing = access
    with open_any(input, reading, options=options) as opened:
        _check_apart(opened, target.path)
        if opened.crc is not None:
            opened.check_crc()
        plan = plan_set(target, [entry.header for entry in opened])
        if not output.dry_run:
            _write(opened, target, output, writing)
        return Resharded(
            input,
            target.path,
            len(plan.files),
            len(opened),
            plan.nbytes,
            WORKING_SET,
            tuple(sorted(plan.unlaid)),
            not output.dry_run,
        )


def _check_apart(opened: Checkpoint, folder: str) -> None:
    """Raises DiagnosticError where the input lies in the folder that would be replaced."""
    paths = [opened.path]
    if isinstance(opened, ShardedCheckpoint):
        paths += [path for _, path in opened.named_files]
    if any(inside(folder, path) or same_path(folder, path) for path in paths):
        raise errors.over_input(folder)


def _write(opened: Checkpoint, target: Target, output: SetOutput, access: Access) -> None:
    from declspore.checkpoint.sharding.write import write_set

    pieces = [Copied(opened, entry, entry.name) for entry in opened]
    reporter = Progress(quiet=not sys.stderr.isatty(), stream=sys.stderr)
    try:
        write_set(
            *(target, pieces),
            formats=formats(),
            access=access,
            progress=reporter.progress,
            jobs=output.jobs or 1,
        )
    finally:
        reporter.close()


def lines(done: Resharded) -> list[str]:
    """What was done, for people."""
    verb = "wrote" if done.written else "would write"
    entries = count(done.entries, "entry", "entries")
    where = f"{count(done.files, 'file')}, {size(done.bytes)} of values"
    found = [f"{verb} {done.output}: {entries} in {where}"]
    if done.without_layout:
        whole = count(len(done.without_layout), "entry", "entries")
        found.append(f"  {whole} without a layout, whole on every rank")
    if not done.written:
        found.append(f"  at most {size(done.peak_bytes)} of memory for each process")
    return found


def facts(done: Resharded) -> dict[str, object]:
    return {"ok": True, **asdict(done)}
