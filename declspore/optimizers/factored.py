"""AdaFactor (mindspore.nn.AdaFactor, 2.10): second moments kept as the means of rows and columns.

Formulas: Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", as
MindSpore's source carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.dtype import FLOAT16, DType
from declspore.ir.tensors import Operand, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import RATE
from declspore.registry.groups import GROUPS, Member
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import Moved, OptimizerKind, Scalar, Shape, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, ListOf, Number, Optional

_EMPTY = (1,)
"""The shape of what a parameter does not use: MindSpore keeps a zero in its place."""


def _is_factored(shape: Shape) -> bool:
    return len(shape) > 1


def _row(shape: Shape) -> Shape:
    return shape[:-1] if _is_factored(shape) else _EMPTY


def _column(shape: Shape) -> Shape:
    return (*shape[:-2], shape[-1]) if _is_factored(shape) else _EMPTY


def _whole(shape: Shape) -> Shape:
    return _EMPTY if _is_factored(shape) else shape


def _slots(a: Arguments) -> tuple[Slot, ...]:
    def whole(shape: Shape) -> DType | None:
        return FLOAT16 if a.compression and not _is_factored(shape) else None

    factors = (
        Slot("exp_avg_sq_row_", shape=_row, shown="all axes but the last"),
        Slot("exp_avg_sq_col_", shape=_column, shown="all axes but the one before the last"),
        Slot("exp_avg_sq_", shape=_whole, shown="as a vector; of a matrix [1]", dtype=whole),
    )
    return (Slot("exp_avg"), *factors) if a.beta1 else factors


def _mean_root(ops: Ops, value: Tensor) -> Tensor:
    return ops.sqrt(ops.mean(ops.square(value)))


def _rate(step: Step, weight: Tensor) -> Tensor:
    a, ops, count = step.arguments, step.ops, step.scalars["afactor_step"]
    rate = step.rate
    if a.relative_step:
        least = count * 1e-6 if a.warmup_init else 1e-2
        rate = ops.minimum(least, 1.0 / ops.sqrt(count))
    return rate * ops.maximum(a.eps[1], _mean_root(ops, weight)) if a.scale_parameter else rate


def _scaled(step: Step, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    """The gradient divided by the root of its second moment, and the moment's new state."""
    a, ops = step.arguments, step.ops
    kept = 1.0 - ops.power(step.scalars["afactor_step"], -a.decay_rate)
    square = gradient * gradient + a.eps[0]

    def moved(prefix: str, value: Tensor) -> Tensor:
        return ops.cast(slots[prefix], gradient.dtype) * kept + value * (1.0 - kept)

    if not _is_factored(gradient.shape):
        whole = moved("exp_avg_sq_", square)
        return gradient * ops.rsqrt(whole), {"exp_avg_sq_": whole}
    row = moved("exp_avg_sq_row_", ops.mean(square, axis=-1))
    column = moved("exp_avg_sq_col_", ops.mean(square, axis=-2))
    by_row = ops.rsqrt(row / ops.mean(row, axis=-1, keepdims=True))
    factor = ops.expand_dims(by_row, -1) * ops.expand_dims(ops.rsqrt(column), -2)
    return factor * gradient, {"exp_avg_sq_row_": row, "exp_avg_sq_col_": column}


def _update(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    rate = _rate(step, weight)
    change, moved = _scaled(step, gradient, slots)
    change = change / ops.maximum(_mean_root(ops, change) / a.clip_threshold, 1.0) * rate
    if a.beta1:
        change = moved["exp_avg"] = slots["exp_avg"] * a.beta1 + change * (1.0 - a.beta1)
    return weight - weight * (step.decay * rate) - change, moved


def _advance(a: Arguments, scalars: Mapping[str, Operand]) -> Mapping[str, Operand]:
    return {"afactor_step": scalars["afactor_step"] + 1.0}


def _common(a: Arguments) -> Arguments:
    """MindSpore keeps a rate of 0 where it sets its own, and never divides by the loss scale."""
    return Arguments(
        learning_rate=0.0 if a.learning_rate is None else a.learning_rate,
        weight_decay=a.weight_decay,
        groups=a.groups,
        order_params=a.order_params,
    )


def _check(a: Arguments, members: tuple[Member, ...]) -> None:
    rate = a.learning_rate
    if rate is not None and a.relative_step:
        raise Misfit("it sets its rate itself", "relative_step = false with a learning_rate")
    if rate is None and not a.relative_step:
        raise Misfit("there is no rate", "learning_rate = 1e-3, or relative_step = true")
    if a.warmup_init and not a.relative_step:
        raise Misfit("warmup_init is of its own rate", "relative_step = true")
    if a.scale_parameter and not isinstance(rate, float | None):
        reason = "a rate that depends on the step is not scaled by the parameter"
        raise Misfit(reason, "scale_parameter = false")
    for group in a.groups:
        own = group.arguments
        if own.lr is not None or own.weight_decay is not None:
            raise Misfit("its groups have no rate and no decay of their own, as in MindSpore")


KINDS = (
    OptimizerKind(
        name="AdaFactor",
        signature=signature(
            Argument("learning_rate", Optional(RATE), None, "none: it sets its own"),
            Argument(
                *("eps", ListOf(Number(0.0), 2), [1e-30, 1e-3]),
                "[added to squares, least root mean square of a parameter]",
            ),
            Argument(
                "clip_threshold", Number(above=0.0), 1.0, "greatest root mean square of a change"
            ),
            Argument(
                "decay_rate", Number(0.0, 1.0), 0.8, "1 - step^-decay_rate of squares is kept"
            ),
            Argument("beta1", Number(0.0), 0.9, "share of the old change; 0: none is kept"),
            Argument(
                *("weight_decay", Number(0.0, 1.0), 0.0),
                "share of every weight that is taken off, times the rate",
            ),
            Argument("scale_parameter", Boolean(), True, "whether the rate grows with the weight"),
            Argument("relative_step", Boolean(), True, "min(1e-2, 1 / sqrt(step)) as the rate"),
            Argument("warmup_init", Boolean(), False, "1e-6 step in place of that 1e-2"),
            Argument("compression", Boolean(), False, "whether squares of vectors are kept as f16"),
            Argument("loss_scale", Number(above=0.0), 1.0, "of no effect, as in MindSpore"),
            *GROUPS,
        ),
        summary=(
            "Of squares + eps only the means R of rows and C of columns are kept (whole for "
            "vectors); u = gradient / sqrt(R C / mean(R)), brought to a root mean square of "
            "clip_threshold at most; weight -= rate u, its moving mean with beta1."
        ),
        example="AdaFactor()",
        slots=_slots,
        scalars=lambda a: (Scalar("afactor_step", 0.0, (1,), is_last=True),),
        advance=_advance,
        update=_update,
        decays=True,
        undecayed=(),
        common=_common,
        centralizes=False,
        by_axes=True,
        check=_check,
    ),
)
