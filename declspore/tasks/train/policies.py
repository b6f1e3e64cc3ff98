"""The policies of a training as its task states them, and whether they fit it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from declspore.check.attributes import Attributes
from declspore.check.datasets import Dataset, checked_dataset
from declspore.check.errors import bad_clause
from declspore.check.feeding import fed_metrics, output_types
from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern
from declspore.ir.term import Term
from declspore.language.errors import misfit
from declspore.numerics.monitor import AVERAGED
from declspore.plan.brief import brief
from declspore.registry.feeding import Fed
from declspore.registry.groups import paths_like, rates
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.policy import PolicyKind, Setting, policy_of
from declspore.registry.table import vocabulary
from declspore.tasks.train.saving import SaveRule, check_figures


@dataclass(frozen=True)
class Validation:
    """Metrics over a dataset, each with what enters it and the name of its figure; ``of`` is the
    slot whose values take the place of the parameters."""

    dataset: Dataset
    metrics: tuple[Fed, ...]
    of: str | None = None


@dataclass(frozen=True)
class StatedPolicy:
    """A policy as it is written, and what it measures, if it does."""

    term: Term
    validation: Validation | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of what it measures."""
        metrics = () if self.validation is None else self.validation.metrics
        return tuple(metric.name for metric in metrics)

    def __str__(self) -> str:
        """The policy in few words; one with a dataset as it is written, which has its name."""
        if self.validation is None or self.term.span is None:
            return brief(self.term)
        return " ".join(self.term.span.text.split())


def stated(a: Attributes) -> tuple[Term, ...] | None:
    """The terms of the list ``policies``; None where they are not known, since something of it is
    reported."""
    found = a.terms("policies", PolicyKind.family, "policies = [ClipByGlobalNorm(1.0)]")
    return found if a.may_have("policies") else ()


def kind_of(term: Term) -> PolicyKind:
    return vocabulary().of(PolicyKind, term.word)


def precision_of(policies: Iterable[StatedPolicy]) -> str | None:
    """The type that layers compute in; None where nothing is said of it."""
    found = (kind_of(each.term).precision(each.term.arguments) for each in policies)
    return next((precision for precision in found if precision is not None), None)


# ---- freeze


@dataclass(frozen=True)
class Frozen:
    """The names that ``freeze`` matches, and which of them a policy trains later."""

    names: frozenset[str] = frozenset()
    freed: frozenset[str] = frozenset()

    def applied(self, network: Network) -> Network:
        """The network whose parameters are not trained where they stay frozen."""
        never = self.names - self.freed
        found = tuple(
            replace(p, trainable=p.trainable and p.name not in never) for p in network.parameters
        )
        return replace(network, parameters=found) if never else network


def frozen_of(a: Attributes, network: Network, terms: Sequence[Term] | None) -> Frozen:
    """What the attribute ``freeze`` names. A path that matches nothing is reported, and a network
    of which nothing is left to train, where the policies are known."""
    patterns = a.patterns("freeze")
    for pattern in patterns:
        if not any(pattern.matches(p.name) for p in network.parameters):
            reason = f"has {pattern}, which matches no parameter of {network.name}"
            help = paths_like(pattern, [p.name for p in network.parameters])
            a.sink.report(bad_clause(a.span("freeze"), "freeze", reason, help))
    names = frozenset(_matched(patterns, network))
    free = [pattern for term in terms or () for pattern in kind_of(term).freed(term.arguments)]
    found = Frozen(names, names & frozenset(_matched(free, network)))
    left = [p.name for p in network.trainable if p.name not in names - found.freed]
    if network.trainable and not left and terms is not None:
        a.sink.report(bad_clause(a.span("freeze"), "freeze", "leaves no parameter to train"))
    return found


def _matched(patterns: Iterable[Pattern], network: Network) -> Iterator[str]:
    for parameter in network.parameters:
        if any(pattern.matches(parameter.name) for pattern in patterns):
            yield parameter.name


# ---- policies


def checked_policies(
    a: Attributes,
    terms: Sequence[Term],
    network: Network,
    optimizer: Term,
    frozen: Frozen,
    saves: Iterable[SaveRule | None] = (),
) -> tuple[StatedPolicy, ...] | None:
    """The policies with what they measure; None with what does not fit reported."""
    before, reported = len(a.sink.errors), a.sink.reports
    found = [StatedPolicy(term, _validation(a, term, network)) for term in terms]
    measured = a.sink.reports == reported
    figures = [name for policy in found for name in policy.figures]
    for name in {name for name in figures if figures.count(name) > 1}:
        reason = f"two policies find a figure `{name}`"
        help = 'On(..., name = "another") names the one of them'
        a.sink.report(misfit(a.span("policies"), "Validate", reason, help))
    setting = Setting(
        tuple(p.name for p in network.trainable),
        tuple(p.name for p in network.parameters if p.name in frozen.names),
        _rates(optimizer, network),
        tuple(dict.fromkeys(figures)) if measured else None,
        sum(kind_of(term).scales for term in terms) > 0 or _divides(optimizer),
        tuple(s.prefix for term in terms for s in policy_of(term).slots() if s.every),
    )
    scaling = [term for term in terms if kind_of(term).scales]
    for term in scaling[1:]:
        span = term.span or a.span("policies")
        a.sink.report(misfit(span, term.word, f"the loss is scaled by {scaling[0].word} already"))
    _check_entries([term for term in terms if term not in scaling], a)
    for term in terms:
        try:
            kind_of(term).check(term.arguments, setting)
        except Misfit as error:
            span = term.span or a.span("policies")
            a.sink.report(misfit(span, term.word, str(error), error.help))
    check_figures([rule for rule in saves if rule is not None], setting, a.sink)
    return tuple(found) if len(a.sink.errors) == before else None


def _check_entries(terms: Iterable[Term], a: Attributes) -> None:
    """Report a policy that would save what an earlier one saves under the same names."""
    owners: dict[str, str] = {}
    for term in terms:
        policy = policy_of(term)
        kept = [scalar.name for scalar in policy.scalars() if scalar.entry]
        kept += [f"{slot.prefix}.*" for slot in policy.slots() if slot.entry]
        taken = [name for name in kept if name in owners]
        if taken:
            span = term.span or a.span("policies")
            reason = f"{owners[taken[-1]]} before it already saves entries `{taken[-1]}`"
            a.sink.report(misfit(span, term.word, reason))
        owners |= dict.fromkeys(kept, term.word)


def _divides(optimizer: Term) -> bool:
    """Whether the optimizer has a loss scale of its own."""
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    return bool(kind.common(optimizer.arguments).get("loss_scale", 1.0) != 1.0)


def _rates(optimizer: Term, network: Network) -> tuple[object, ...]:
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    try:
        members = kind.members(optimizer.arguments, (p.name for p in network.trainable))
    except Misfit:
        return ()
    return tuple(rates(kind.common(optimizer.arguments), members).values())


def _validation(a: Attributes, term: Term, network: Network) -> Validation | None:
    measured = kind_of(term).measures(term.arguments)
    if measured is None:
        return None
    span = term.span or a.span("policies")
    dataset = checked_dataset(measured.dataset, span, a.sink)
    if dataset is None:
        return None
    if not dataset.element.batched:
        reason = "its samples are not in batches"
        a.sink.report(misfit(span, term.word, reason, "|> batch(32)"))
        return None
    outputs = output_types(a, network, dataset, span)
    fed = None if outputs is None else fed_metrics(a, measured.metrics, outputs, dataset)
    if fed is None:
        return None
    metrics = [_named(a, term, metric) for metric in fed]
    if measured.of is not None:
        metrics = [replace(each, name=f"{AVERAGED}{each.name}") for each in metrics]
    return Validation(dataset, tuple(metrics), measured.of)


def _named(a: Attributes, term: Term, metric: Fed) -> Fed:
    """The metric under the name of its figure, which must be a number."""
    kind = vocabulary().of(MetricKind, metric.term.word)
    if not isinstance(kind.trial(metric.term.arguments), float | int):
        span = metric.term.span or term.span or a.span("policies")
        reason = f"`{kind.name}` gives rows of numbers here; a policy follows one number"
        a.sink.report(misfit(span, term.word, reason, None))
    is_loss = kind.of_loss and metric.name == kind.key
    return replace(metric, name=f"eval_{metric.name}") if is_loss else metric
