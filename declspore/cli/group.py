"""A group of commands whose wrong calls are diagnostics like all else."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from declspore.cli import errors
from declspore.cli.output import echo, fail
from declspore.stopping import cut_module

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ends: 128 and the number of the signal."""
_GIVEN = "declspore.given"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writes a file reports these itself; without a name they are standard output's."""


class CommandGroup(click.Group):
    """Click's group, which prints how a command is called where it was called wrongly."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        given = tuple(args)
        with _told(given):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_GIVEN] = given
        return context

    def invoke(self, ctx: click.Context) -> object:
        with _told(ctx.meta[_GIVEN]):
            return super().invoke(ctx)


@contextmanager
def _told(given: Sequence[str]) -> Iterator[None]:
    as_json = "--json" in given
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except KeyboardInterrupt:
        echo("", "interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.UsageError as error:
        fail(errors.wrong_call(error), as_json=as_json)
    except (EOFError, ValueError) as error:
        path = cut_module(error)
        if path is None:
            raise
        fail(errors.module_cut(path), as_json=as_json)
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        # what is left in the buffer would fail once more at Python's own end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(errors.output_full(error), as_json=False)
