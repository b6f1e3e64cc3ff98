"""Options that come from a registry, which is loaded when their command is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., object] | click.Command)


class LazyOption(click.Option):
    """A placeholder for the options that ``source`` returns, a function as ``module:name``."""

    def __init__(self, declarations: Sequence[str], *, source: str, **more: Any) -> None:
        super().__init__(declarations, **more)
        self._source = source

    def options(self) -> Iterable[click.Parameter]:
        module, _, name = self._source.partition(":")
        found: Iterable[click.Parameter] = getattr(import_module(module), name)()
        return found


def lazy(source: str) -> Callable[[C], C]:
    """Decorates a command with the options that a function gives."""
    return click.option(f"--{source.rpartition(':')[2]}-options", cls=LazyOption, source=source)


class Command(click.Command):
    """A command that may have late options."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        found: list[click.Parameter] = []
        for parameter in super().get_params(ctx):
            found += parameter.options() if isinstance(parameter, LazyOption) else (parameter,)
        return found
