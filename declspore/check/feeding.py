"""What flows from a dataset through a network into losses and metrics, and whether it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.datasets import Dataset, Labels
from declspore.ir.dtype import FLOAT32, STRING, UINT8
from declspore.ir.network import Input, Network
from declspore.ir.shape import Dim, TensorType, evaluate, solve, symbols
from declspore.ir.term import Term
from declspore.language.errors import misfit
from declspore.numerics.losses import agree
from declspore.registry.data import Column
from declspore.registry.feeding import Fed, FeedingKind, fed
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind
from declspore.registry.table import vocabulary
from declspore.registry.written import WrittenLoss, loss_kind
from declspore.source import Span

# ---- losses and metrics as they are written


def losses_of(a: Attributes) -> tuple[Term, ...] | None:
    """The losses of a task, one or a list, each with a choice of what enters or without; None
    where they are not given or something else (which is reported)."""
    example = 'SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")'
    return a.terms("loss", LossKind.family, example, inner=(FeedingKind.family,))


def metrics_of(a: Attributes) -> tuple[Term, ...] | None:
    """The metrics of a task; as :func:`losses_of`."""
    example = "metrics = [Accuracy()]"
    return a.terms("metrics", MetricKind.family, example, inner=(FeedingKind.family,))


def require_loss(a: Attributes, metrics: tuple[Term, ...], losses: tuple[Term, ...] | None) -> None:
    """Report a metric of the loss where there is no loss."""
    for metric in metrics:
        kind = vocabulary().get(metric.word)
        if isinstance(kind, MetricKind) and kind.of_loss and not a.has("loss"):
            span = metric.span or a.span("metrics")
            a.sink.report(errors.missing_parts(span, f"`{metric.word}`", ["loss"]))


# ---- into the network


def output_types(
    a: Attributes, network: Network, dataset: Dataset, at: Span | None = None
) -> tuple[TensorType, ...] | None:
    """The types of a network's outputs for batches of a dataset, or None with what does not fit
    reported ``at`` a place; of none, at the task's network."""
    place = at or a.span("network")
    columns = in_order(dataset.element.inputs, [entry.name for entry in network.inputs])
    if columns is None:
        given = ", ".join(column.name for column in dataset.element.inputs)
        wanted = ", ".join(entry.name for entry in network.inputs)
        reason = f"{network.name} takes {wanted}, the dataset gives {given}"
        help = "columns of data enter the inputs of their names; one alone needs no name"
        a.sink.report(errors.dataset_misfit(place, reason, dataset.span, help))
        return None
    sizes: dict[str, Dim] = {}
    for entry, column in zip(network.inputs, columns, strict=True):
        misfed, line = _misfed(network, entry, column, sizes, len(columns) > 1)
        if misfed is not None:
            a.sink.report(errors.dataset_misfit(place, misfed, dataset.span, line))
            return None
    found = (network.type_of(output) for output in network.outputs)
    return tuple(
        type.with_shape(tuple(evaluate(dim, sizes) for dim in type.shape)) for type in found
    )


def in_order(columns: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...] | None:
    """The columns for the inputs of those names; one alone is for one alone. None: they differ."""
    if len(columns) == len(names) == 1:
        return tuple(columns)
    by_name = {column.name: column for column in columns}
    if sorted(by_name) != sorted(names) or len(columns) != len(names):
        return None
    return tuple(by_name[name] for name in names)


def _misfed(
    network: Network, entry: Input, column: Column, sizes: dict[str, Dim], several: bool
) -> tuple[str | None, str | None]:
    """Why a column cannot enter an input, and what helps; the symbols of the input are noted."""
    found, wanted = column.type, entry.type
    of = f" as {entry.name}" if several else ""
    given = f"the dataset gives {found}{of}, {network.name} takes {wanted}"
    if found.dtype != wanted.dtype or found.rank != wanted.rank:
        return given, _feeding_help(found, wanted)
    wrong = solve(wanted.shape, found.shape, sizes)
    if not wrong:
        return None, None
    if 0 in wrong:
        reason = f"{given}: its first axis must count samples"
        return reason, _batch_help(found, wanted, several)
    return given + _unsolved(found, wanted, wrong, sizes), _feeding_help(found, wanted)


def _unsolved(
    found: TensorType, wanted: TensorType, wrong: tuple[int, ...], sizes: dict[str, Dim]
) -> str:
    """What forms of symbols would have to be, such as ``2*H``, which is not 5."""
    forms = [
        f"{wanted.shape[axis]} is {evaluate(wanted.shape[axis], sizes)}, not {found.shape[axis]}"
        if symbols(wanted.shape[axis]) <= sizes.keys()
        else f"{wanted.shape[axis]} is not {found.shape[axis]}"
        for axis in wrong
        if symbols(wanted.shape[axis])
    ]
    return f" ({', '.join(forms)})" if forms else ""


def _batch_help(found: TensorType, wanted: TensorType, several: bool) -> str:
    """How an input gets batches whose size it fixes; one of another purpose is not an input."""
    size = wanted.shape[0]
    if isinstance(size, int) and not several and found.shape[1:] == wanted.shape[1:]:
        return f"|> batch({size}, drop_remainder = true), or [B, ...] for any number of samples"
    if symbols(size):
        return f"|> batch(..., drop_remainder = true) of a size that {size} can be"
    return (
        "begin its shape with B; what all samples share, such as a mask or a first state, is made "
        "in `construct`: zeros([2, B, 8]), or a Parameter"
    )


def _feeding_help(found: TensorType, wanted: TensorType) -> str | None:
    if found.rank == wanted.rank == 4 and found.shape[3] == wanted.shape[1]:
        if found.dtype != wanted.dtype and wanted.dtype is FLOAT32:
            return "|> ToTensor() gives f32, in the order networks take"
        return "|> HWC2CHW() turns images into the order networks take"
    if found.dtype == wanted.dtype or not agree(found.shape[1:], wanted.shape[1:]):
        return None
    if found.dtype is UINT8 and wanted.dtype is FLOAT32 and found.rank == 4:
        return "|> Rescale(1 / 255, 0.0) gives f32"
    return f"|> TypeCast({wanted.dtype.short}), before `batch`"


# ---- into losses and metrics


def check_classes(
    a: Attributes, network: Network, dataset: Dataset, outputs: tuple[TensorType, ...]
) -> None:
    """Report a network with one output that has fewer classes than its labels come from."""
    reason = classes_misfit(network, dataset.element.classes, outputs)
    if reason is not None:
        a.sink.report(errors.dataset_misfit(a.span("network"), reason, dataset.span, None))


def classes_misfit(
    network: Network, classes: int | None, outputs: Sequence[TensorType]
) -> str | None:
    """Why labels of so many classes do not fit a network with one output, if they do not."""
    if classes is None or len(outputs) != 1 or not outputs[0].rank:
        return None
    size = outputs[0].shape[-1]
    if isinstance(size, int) and size < classes:
        return f"the labels come from {classes} classes, {network.name} has {size} outputs"
    return None


def numbered(
    network: Network, datasets: Iterable[Dataset], losses: Iterable[Fed]
) -> Iterator[Labels]:
    """The datasets with one label that is the number of one of a network's outputs."""
    terms = [loss.term for loss in losses]
    types = [network.type_of(output) for output in network.outputs]
    if len(types) != 1 or types[0].rank != 2 or any(isinstance(t, WrittenLoss) for t in terms):
        return
    size = types[0].shape[1]
    if not isinstance(size, int) or size < 2:
        return
    ignored = frozenset(
        value for t in terms if isinstance(value := t.arguments.get("ignore_index"), int)
    )
    for dataset in datasets:
        labels = [label.type for label in dataset.element.labels]
        if len(labels) == 1 and labels[0].rank == 1 and labels[0].dtype.is_integer:
            yield Labels(dataset, size, ignored)


def fed_losses(
    a: Attributes, losses: tuple[Term, ...], outputs: tuple[TensorType, ...], dataset: Dataset
) -> tuple[Fed, ...] | None:
    """The losses with what enters them, or None with what does not fit reported."""
    found = []
    for term in losses:
        one = _fed(a, "loss", term, outputs, dataset, _fit_loss)
        if one is not None:
            found.append(one)
            _check_sum(a, one, len(losses))
    return tuple(found) if len(found) == len(losses) else None


def _check_sum(a: Attributes, loss: Fed, many: int) -> None:
    if many > 1 and loss_kind(loss.term).gives_samples(loss.term.arguments):
        written = isinstance(loss.term, WrittenLoss)
        found = "it" if written else 'reduction = "none"'
        reason = f"several losses are added up as numbers; {found} gives one per sample"
        span = loss.term.span or a.span("loss")
        help = "return mean(...)" if written else 'reduction = "mean"'
        a.sink.report(misfit(span, loss.term.word, reason, help))


def fed_metrics(
    a: Attributes,
    metrics: tuple[Term, ...],
    outputs: tuple[TensorType, ...],
    dataset: Dataset,
) -> tuple[Fed, ...] | None:
    """The metrics with what enters them, or None with what does not fit reported."""
    found: list[Fed] = []
    seen: set[str] = set()
    for term in metrics:
        one = _fed(a, "metrics", term, outputs, dataset, _fit_metric)
        if one is None:
            continue
        name = one.name or vocabulary().of(MetricKind, one.term.word).key
        if name in seen:
            span = term.span or a.span("metrics")
            help = f'On({one.term.word}(...), name = "another")'
            reason = f"two figures are called `{name}`"
            a.sink.report(misfit(span, one.term.word, reason, help))
        seen.add(name)
        found.append(replace(one, name=name))
    return tuple(found) if len(found) == len(metrics) else None


Fit = Callable[[Term, tuple[TensorType, ...], tuple[TensorType, ...]], None]


def _fed(
    a: Attributes,
    attribute: str,
    term: Term,
    outputs: tuple[TensorType, ...],
    dataset: Dataset,
    fit: Fit,
) -> Fed | None:
    labels = dataset.element.labels
    word = term.word
    try:
        one = fed(term, [label.name for label in labels], len(outputs))
        word = one.term.word
        chosen = one.chosen(outputs, [label.type for label in labels])
        if not _are_numbers(a, one, dataset):
            return None
        fit(one.term, *chosen)
    except Misfit as error:
        span = term.span or a.span(attribute)
        a.sink.report(misfit(span, word, str(error), error.help))
        return None
    return one


def _are_numbers(a: Attributes, one: Fed, dataset: Dataset) -> bool:
    """Report labels that are strings, once for all losses and metrics of all tasks."""
    labels = dataset.element.labels
    if one.labels is not None:
        labels = tuple(labels[place] for place in one.labels)
    found = [label for label in labels if label.type.dtype is STRING]
    for label in found:
        reason = f"the label `{label.name}` is a string; losses and metrics take numbers"
        help = f'Column("{label.name}", classes = ["...", "..."]) gives each string its number'
        place = dataset.pipeline.source.span or dataset.span
        a.sink.report(errors.dataset_misfit(place, reason, None, help))
    return not found


def _fit_loss(term: Term, outputs: tuple[TensorType, ...], labels: tuple[TensorType, ...]) -> None:
    kind = loss_kind(term)
    kind.fit(term.arguments, *kind.arranged(outputs, labels))


def _fit_metric(
    term: Term, outputs: tuple[TensorType, ...], labels: tuple[TensorType, ...]
) -> None:
    kind = vocabulary().of(MetricKind, term.word)
    if not kind.of_loss:
        kind.fit(term.arguments, *kind.arranged(outputs, labels))
