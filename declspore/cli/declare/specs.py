"""Commands that read specs, and explain the language."""

from __future__ import annotations

from typing import Any

import click

from declspore.cli import options


@click.command()
@options.specs
@click.option(
    "--data",
    "with_data",
    is_flag=True,
    help="Read every item of its datasets once; report those that are damaged.",
)
@options.settings
@options.allow_words
@options.as_json
def check(**given: object) -> None:
    """Check specs: names, arguments, types and shapes. Reads no checkpoint and no data.

    FILE may be a folder, for every .spec below it, or a quoted pattern: `check 'recipes/*.spec'`.
    Several files are all checked, with a line for each.
    """
    from declspore.cli.check import check_command

    check_command(**given)


@click.command()
@click.argument("dataset", metavar="FILE:DATASET")
@click.option("-o", "--output", required=True, help="The picture to write, .png.")
@click.option(
    "-n",
    "--items",
    type=click.IntRange(1, 400),
    default=36,
    show_default=True,
    help="How many images.",
)
@click.option("--epoch", type=click.IntRange(1), default=1, show_default=True, help="Which epoch.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the order."
)
@options.settings
def show(**given: object) -> None:
    """Draw the first images that a pipeline gives in an epoch, with their labels, as PNG."""
    from declspore.cli.show import show_command

    show_command(**given)


@click.command()
@click.argument("dataset", metavar="FILE:DATASET")
@click.option("-o", "--output", required=True, help="The file to write, one token per line.")
@click.option(
    "--top-k",
    type=click.IntRange(1),
    help="Keep so many of the most frequent tokens (default: all).",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    help="A token that comes before all others, [PAD] for instance; may be given several times.",
)
@options.settings
def vocabulary(**given: object) -> None:
    """Write the tokens of a dataset, the most frequent first: a file that `Lookup` takes."""
    from declspore.cli.vocabulary import vocabulary_command

    vocabulary_command(**given)


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if a file would change."
)
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change.")
@options.as_json
def fmt(**given: Any) -> None:
    """Bring specs into their canonical form; `-` reads standard input and prints the result.

    Spacing, indentation and alignment only: every line and comment stays.
    """
    from declspore.cli.fmt import fmt_command

    fmt_command(**given)


@click.command()
@click.argument("spec", metavar="FILE", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON schema of the tree instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, which is the only format.")
def ast(**given: object) -> None:
    """Print the syntax tree of a spec as JSON, for editors and other programs."""
    from declspore.cli.ast import ast_command

    ast_command(**given)


@click.command()
@options.as_json
def specs(**given: object) -> None:
    """List the specs that come with declspore: their networks, parameters and sizes.

    Their names work wherever a spec does: `declspore summary lenet.spec:LeNet5`,
    `import "lenet.spec"`.
    """
    from declspore.cli.specs import specs_command

    specs_command(**given)


@click.command()
@click.argument("names", nargs=-1, metavar="[WORD]...")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page of the reference.")
@options.as_json
def docs(**given: object) -> None:
    """List the words of the language, or explain one of them.

    A word of the vocabulary (a cell, an op, an edit verb, ...) is shown with its arguments, a kind
    of task with its attributes, and a word of the grammar, such as `when`, with what the
    description of the language says about it.
    """
    from declspore.cli.docs import docs_command

    docs_command(**given)


@click.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@options.as_json
def explain(**given: object) -> None:
    """Explain a diagnostic by its code, with a wrong and a right example."""
    from declspore.cli.explain import explain_command

    explain_command(**given)


COMMANDS = (check, show, vocabulary, fmt, specs, ast, docs, explain)
