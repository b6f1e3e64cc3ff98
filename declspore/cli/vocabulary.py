"""``declspore vocabulary``"""

from __future__ import annotations

import click

from declspore.cli.output import echo, reporting
from declspore.cli.quiet import load_quietly
from declspore.cli.show import one_dataset
from declspore.cli.write import check_writable, write_bytes
from declspore.plan.errors import unavailable
from declspore.registry.data import Unavailable
from declspore.registry.kind import Misfit
from declspore.report import DiagnosticError
from declspore.spelling import count


@reporting
def vocabulary_command(
    dataset: str,
    output: str,
    top_k: int | None,
    special_tokens: tuple[str, ...],
    settings: tuple[str, ...],
) -> None:
    twice = [token for token in special_tokens if special_tokens.count(token) > 1]
    if twice:
        raise click.BadParameter(f"{twice[0]} is given twice", param_hint="--special-token")
    check_writable(output)
    found = one_dataset(dataset, settings)
    load_quietly("declspore.data.vocabulary")
    from declspore.data.vocabulary import tokens_of

    try:
        tokens = tokens_of(found)
    except Unavailable as error:
        raise DiagnosticError([unavailable(found.span, str(error), error.helps)]) from None
    except Misfit as error:
        helps = (error.help,) if error.help else ()
        raise DiagnosticError([unavailable(found.span, str(error), helps)]) from None
    special = [token.encode() for token in special_tokens]
    words = [token for token in tokens if token not in special]
    lines = [*special, *words[:top_k]]
    write_bytes(output, b"".join(line + b"\n" for line in lines))
    left_out = len(words) - len(words[:top_k])
    rest = f", {count(left_out, 'token')} left out" if left_out else ""
    echo(f"wrote {output}: {count(len(lines), 'token')}{rest}")
