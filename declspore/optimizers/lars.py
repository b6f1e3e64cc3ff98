"""LARS: another optimizer, with the gradient of each layer scaled (mindspore.nn.LARS, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from declspore.ir.tensors import Operand, Tensor
from declspore.ir.term import Arguments
from declspore.registry.groups import Member
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import Moved, OptimizerKind, Scalar, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Boolean, ListOf, Number, TermOf, Text


def _inner(a: Arguments) -> tuple[OptimizerKind, Arguments]:
    return vocabulary().of(OptimizerKind, a.optimizer.word), a.optimizer.arguments


def _common(a: Arguments) -> Arguments:
    kind, arguments = _inner(a)
    return kind.common(arguments)


def _slots(a: Arguments) -> tuple[Slot, ...]:
    kind, arguments = _inner(a)
    return kind.slots(arguments)


def _scalars(a: Arguments) -> tuple[Scalar, ...]:
    kind, arguments = _inner(a)
    return kind.scalars(arguments)


def _advance(a: Arguments, scalars: Mapping[str, Operand]) -> Mapping[str, Operand]:
    kind, arguments = _inner(a)
    return {} if kind.advance is None else kind.advance(arguments, scalars)


def _update(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    kind, arguments = _inner(a)
    if not any(word in step.name for word in a.lars_filter):
        length = ops.sqrt(ops.sum(ops.square(weight)))
        steep = ops.sqrt(ops.sum(ops.square(gradient)))
        trust = a.coefficient * length / (steep + step.decay * length + a.epsilon)
        if a.use_clip:
            trust = ops.minimum(trust / step.rate, 1.0)
        gradient = (gradient + weight * step.decay) * trust
    return kind.update(replace(step, arguments=arguments, decay=0.0), weight, gradient, slots)


def _check(a: Arguments, members: tuple[Member, ...]) -> None:
    kind, arguments = _inner(a)
    if kind.wraps or kind.by_axes:
        raise Misfit(f"it does not take {kind.name}", "LARS(Momentum(0.1, 0.9))")
    kind.check(arguments, members)


KINDS = (
    OptimizerKind(
        name="LARS",
        signature=signature(
            Argument("optimizer", TermOf("optimizer"), help="the one that takes the gradients"),
            Argument("epsilon", Number(above=0.0), 1e-5, "added to the divisor"),
            Argument("coefficient", Number(above=0.0), 1e-3, "how far a layer is trusted"),
            Argument("use_clip", Boolean(), False, "min(trust / rate, 1) in place of the trust"),
            Argument(
                "lars_filter",
                ListOf(Text()),
                ["LayerNorm", "bias"],
                "parameters with one of these in their name are neither scaled nor decayed",
            ),
        ),
        summary=(
            "gradient = (gradient + wd weight) trust, trust = coefficient |weight| / (|gradient| + "
            "wd |weight| + epsilon), then the optimizer without its decay wd. By its documented "
            "formula: MindSpore's CPU has no kernel."
        ),
        example="LARS(Momentum(0.1, 0.9, weight_decay = 1e-4))",
        slots=_slots,
        scalars=_scalars,
        advance=_advance,
        update=_update,
        decays=True,
        centralizes=False,
        wraps=True,
        check=_check,
        common=_common,
        first=(Scalar("fake_lr", 0.0), Scalar("fake_param", 0.0)),
    ),
)
