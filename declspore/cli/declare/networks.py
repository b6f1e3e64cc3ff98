"""Commands about the networks of a spec."""

from __future__ import annotations

import click

from declspore.cli import options


@click.command()
@click.argument("network", metavar="FILE[:NAME]")
@click.option("--size", "sizes", multiple=True, metavar="NAME=N", help="Fix a size, such as B=1.")
@options.settings
@options.allow_words
@options.as_json
def summary(**given: object) -> None:
    """Show what a network is made of: parameters, outputs, multiply-adds.

    FILE.spec:NAME(ARGUMENTS) is one network of a file. Sizes without a number stay symbols.
    """
    from declspore.cli.summary import summary_command

    summary_command(**given)


@click.command()
@click.argument("network", metavar="FILE[:NAME]")
@click.option("--output", "-o", metavar="PATH", help="Write .svg or .dot instead of printing DOT.")
@click.option(
    "--depth", type=click.IntRange(1), help="Draw blocks that are nested deeper than this as one."
)
@options.settings
@options.allow_words
def graph(**given: object) -> None:
    """Draw a network with the shapes that flow through it, as SVG or DOT."""
    from declspore.cli.graph import graph_command

    graph_command(**given)


@click.command()
@click.argument("network", metavar="FILE:NAME")
@click.argument("checkpoint", metavar="CHECKPOINT")
@click.argument("outputs", metavar="OUTPUT...", nargs=-1, required=True)
@options.settings
@options.allow_words
@click.option(
    "--data-format",
    type=click.Choice(["channels_first", "channels_last"]),
    default="channels_first",
    show_default=True,
    help="How images enter and leave; a spec declares them channels first.",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "float16"]),
    default="float32",
    show_default=True,
    help="Precision of the weights in a .tflite file.",
)
@options.key
@options.as_json
def export(**given: object) -> None:
    """Write a network with the values of a checkpoint for other runtimes.

    OUTPUT's suffix chooses the format: .onnx, .tflite (LiteRT), a folder with / at its end
    (SavedModel), .keras (only Keras's own layers), .weights.h5. Every file is opened in its own
    runtime and compared with the network on inputs of several sizes before it is put in place. The
    checkpoint must fit exactly; an optimizer's state is left out, and that is reported. FILE:NAME
    is, for example, specs/lenet.spec:LeNet5, with the network's arguments if it has any.
    """
    from declspore.cli.export import export_command

    export_command(**given)


@click.command()
@click.argument("network", metavar="FILE:NAME")
@click.argument("checkpoint", metavar="CHECKPOINT")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--output",
    "-o",
    "outputs",
    metavar="PATH",
    multiple=True,
    required=True,
    help="The file to write; may be repeated.",
)
@click.option(
    "--prepare", metavar="STEPS", help="Steps of a dataset: '|> Resize([32, 32]) |> ToTensor()'."
)
@click.option("--answers", metavar="LIST", help="What to keep, such as '[File(), TopK(5)]'.")
@click.option("--classes", metavar="FILE", help="Names of the classes, one per line.")
@click.option(
    "--size", type=click.IntRange(1), help="Height and width, where the network leaves them open."
)
@click.option(
    "--batch", type=click.IntRange(1), default=32, show_default=True, help="How many at once."
)
@click.option("--recipe", is_flag=True, help="Print the spec that does the same; run nothing.")
@options.fresh
@options.quiet
@options.as_json
def predict(**given: object) -> None:
    """Write what a network answers for pictures, or for arrays of a .npz file.

    A PATH ends in .csv, .jsonl, .npz, .npy, .parquet or .html (a page that shows the pictures).
    Pictures are resized to what the network takes and scaled to values from 0 to 1; --prepare
    replaces these steps, which is needed where the network was trained with others. An optimizer's
    state in the checkpoint is left out. The same command continues an interrupted prediction.
    """
    from declspore.cli.predict import predict_command

    predict_command(**given)


COMMANDS = (summary, graph, predict, export)
