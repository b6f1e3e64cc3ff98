"""The family of Adam (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.tensors import Operand, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import LOSS_SCALE, WEIGHT_DECAY, learning_rate
from declspore.registry.groups import GROUPS, Member
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import Moved, OptimizerKind, Scalar, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number

_BETA1 = Argument("beta1", Number(0.0, 1.0), 0.9, "share of the old first moment")
_BETA2 = Argument("beta2", Number(0.0, 1.0), 0.999, "share of the old second moment")


def _eps(default: float) -> Argument:
    return Argument("eps", Number(above=0.0), default, "added to the root of the second moment")


def _powers(a: Arguments) -> tuple[Scalar, ...]:
    return (Scalar("beta1_power", 1.0), Scalar("beta2_power", 1.0))


def _vector_powers(a: Arguments) -> tuple[Scalar, ...]:
    return (Scalar("beta1_power", 1.0, (1,)), Scalar("beta2_power", 1.0, (1,)))


def _next_powers(a: Arguments, scalars: Mapping[str, Operand]) -> Mapping[str, Operand]:
    return {
        "beta1_power": scalars["beta1_power"] * a.beta1,
        "beta2_power": scalars["beta2_power"] * a.beta2,
    }


def _rest(step: Step, beta: float, like: Tensor) -> Tensor:
    """1 - beta in the parameter's own type, as MindSpore's kernels form it."""
    return 1.0 - step.ops.cast(beta, like.dtype)


def _moments(step: Step, gradient: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    a = step.arguments
    first = first * a.beta1 + gradient * _rest(step, a.beta1, gradient)
    return first, second * a.beta2 + gradient * gradient * _rest(step, a.beta2, gradient)


# ---- Adam, LazyAdam and AdamOffload

_LOCKING = Argument("use_locking", Boolean(), False, "of no effect here")
_NESTEROV = Argument("use_nesterov", Boolean(), False, "b1 m + (1 - b1) gradient in place of m")


def _adam_slots(a: Arguments) -> tuple[Slot, ...]:
    slots = (Slot("moment1"), Slot("moment2"))
    return (*slots, Slot("vhat")) if a.use_amsgrad else slots


def _adam(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    first, second = _moments(step, gradient, slots["moment1"], slots["moment2"])
    moved = {"moment1": first, "moment2": second}
    power1, power2 = step.scalars["beta1_power"], step.scalars["beta2_power"]
    rate = step.rate * ops.sqrt(1.0 - power2) / (1.0 - power1)
    rest = _rest(step, a.beta1, gradient)
    numerator = first
    if "vhat" in slots:  # MindSpore's operator with it knows no use_nesterov
        second = moved["vhat"] = ops.maximum(slots["vhat"], second)
    elif a.use_nesterov:
        numerator = first * a.beta1 + gradient * rest
    return weight - rate * numerator / (ops.sqrt(second) + a.eps), moved


def _check_adam(a: Arguments, members: tuple[Member, ...]) -> None:
    """What MindSpore's Adam refuses, and what it would leave out without a word."""
    if a.use_lazy and a.use_offload:
        raise Misfit("use_lazy and use_offload exclude each other")
    if a.use_amsgrad and (a.use_lazy or a.use_offload):
        raise Misfit("use_amsgrad goes with neither use_lazy nor use_offload")
    if a.use_offload and any(member.centralized for member in members):
        raise Misfit("it does not centralise gradients with use_offload")


def _always(a: Arguments) -> bool:
    return True


def _never(a: Arguments) -> bool:
    return False


# ---- AdamWeightDecay


def _adam_weight_decay(
    step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]
) -> Moved:
    a, ops = step.arguments, step.ops
    first, second = _moments(step, gradient, slots["adam_m"], slots["adam_v"])
    change = first / (ops.sqrt(second) + a.eps) + weight * step.decay
    return weight - step.rate * change, {"adam_m": first, "adam_v": second}


# ---- AdaMax


def _adamax(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    first = slots["moment1"] * a.beta1 + gradient * _rest(step, a.beta1, gradient)
    largest = ops.maximum(slots["moment2"] * a.beta2, ops.absolute(gradient))
    rate = step.rate / (1.0 - step.scalars["beta1_power"])
    moved = {"moment1": first, "moment2": largest}
    return weight - rate * first / (largest + a.eps), moved


# ---- Lamb


def _lamb(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    """The formula of MindSpore 1's Python source, whose ratio is at most 10. As 2.10's, it holds no
    decay of parameters that do not decay."""
    a, ops = step.arguments, step.ops
    first, second = _moments(step, gradient, slots["lamb_m"], slots["lamb_v"])
    count = ops.cast(step.count + 1, weight.dtype)
    corrected = first / (1.0 - ops.power(ops.cast(a.beta1, weight.dtype), count))
    spread = second / (1.0 - ops.power(ops.cast(a.beta2, weight.dtype), count))
    change = corrected / (ops.sqrt(spread) + a.eps) + weight * step.decay
    length = ops.sqrt(ops.sum(weight * weight))
    reach = ops.sqrt(
        ops.sum(ops.square(corrected * ops.rsqrt(spread + a.eps) + weight * step.decay))
    )
    steep = ops.sqrt(ops.sum(gradient * gradient))
    both = ops.logical_and(length > 0, steep > 0)
    ratio = ops.where(both, length / ops.where(reach > 0, reach, 1.0), 1.0)
    ratio = ops.minimum(ops.maximum(ratio, 0.0), 10.0)
    return weight - step.rate * ratio * change, {"lamb_m": first, "lamb_v": second}


KINDS = (
    OptimizerKind(
        name="Adam",
        signature=signature(
            learning_rate(1e-3),
            _BETA1,
            _BETA2,
            _eps(1e-8),
            _LOCKING,
            _NESTEROV,
            WEIGHT_DECAY,
            LOSS_SCALE,
            Argument(
                "use_amsgrad",
                Boolean(),
                False,
                "the largest v seen in place of v; use_nesterov has no effect then",
            ),
            Argument("use_lazy", Boolean(), False, "rows not looked up stay as they are"),
            Argument(
                "use_offload", Boolean(), False, "of no effect: it runs where the backend runs"
            ),
            *GROUPS,
        ),
        summary=(
            "m = b1 m + (1 - b1) gradient; v = b2 v + (1 - b2) gradient^2; weight -= rate "
            "sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)."
        ),
        example="Adam(learning_rate = 1e-3)",
        slots=_adam_slots,
        scalars=_powers,
        advance=_next_powers,
        update=_adam,
        check=_check_adam,
        spares_rows=lambda a: bool(a.use_lazy),
    ),
    *(
        OptimizerKind(
            name=name,
            signature=signature(
                learning_rate(1e-3),
                _BETA1,
                _BETA2,
                _eps(1e-8),
                _LOCKING,
                _NESTEROV,
                WEIGHT_DECAY,
                LOSS_SCALE,
                *GROUPS,
            ),
            summary=summary,
            example=f"{name}(learning_rate = 1e-3)",
            slots=lambda a: (Slot("moment1"), Slot("moment2")),
            scalars=_vector_powers,
            advance=_next_powers,
            update=_adam,
            centralizes=lazy,
            spares_rows=_always if lazy else _never,
        )
        for name, lazy, summary in (
            (
                "LazyAdam",
                True,
                (
                    "Adam, with powers of beta1 and beta2 saved as vectors of one. Rows of an "
                    "EmbeddingLookup that a step does not meet stay as they are."
                ),
            ),
            (
                "AdamOffload",
                False,
                (
                    "Adam, with powers of beta1 and beta2 saved as vectors of one; it runs where "
                    "the backend runs."
                ),
            ),
        )
    ),
    OptimizerKind(
        name="AdamWeightDecay",
        signature=signature(
            learning_rate(1e-3),
            _BETA1,
            _BETA2,
            _eps(1e-6),
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "m = b1 m + (1 - b1) gradient; v = b2 v + (1 - b2) gradient^2; weight -= rate "
            "(m / (sqrt(v) + eps) + weight_decay weight), without bias correction."
        ),
        example="AdamWeightDecay(learning_rate = 1e-3, weight_decay = 0.01)",
        slots=lambda a: (Slot("adam_m"), Slot("adam_v")),
        scalars=lambda a: (),
        update=_adam_weight_decay,
        centralizes=False,
        decays=True,
    ),
    OptimizerKind(
        name="AdaMax",
        signature=signature(
            learning_rate(1e-3),
            _BETA1,
            _BETA2,
            _eps(1e-8),
            WEIGHT_DECAY,
            LOSS_SCALE,
            *GROUPS,
        ),
        summary=(
            "m = b1 m + (1 - b1) gradient; u = max(b2 u, |gradient|); weight -= rate / (1 - b1^t) "
            "m / (u + eps)."
        ),
        example="AdaMax(learning_rate = 1e-3)",
        slots=lambda a: (Slot("moment1"), Slot("moment2")),
        scalars=lambda a: (Scalar("beta1_power", 1.0, (1,)),),
        advance=lambda a, scalars: {"beta1_power": scalars["beta1_power"] * a.beta1},
        update=_adamax,
    ),
    OptimizerKind(
        name="Lamb",
        signature=signature(
            learning_rate(),
            _BETA1,
            _BETA2,
            _eps(1e-6),
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "Adam with bias correction and decay, the change scaled by |weight| / |change|, at "
            "most 10. From MindSpore's source: its CPU has no kernel for it."
        ),
        example="Lamb(learning_rate = 1e-3, weight_decay = 0.01)",
        slots=lambda a: (Slot("lamb_m"), Slot("lamb_v")),
        scalars=lambda a: (),
        update=_lamb,
        decays=True,
    ),
)
