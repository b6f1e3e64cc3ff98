"""Connectionist temporal classification (mindspore.nn.CTCLoss, 2.10; Graves et al., 2006)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.losses import REDUCTIONS, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer

_NEVER = -1e30
"""The logarithm of a probability of 0; finite, so that differences stay numbers."""
_HARDLY = -1e29


def _fit(
    a: Arguments,
    log_probs: TensorType,
    targets: TensorType,
    input_lengths: TensorType,
    target_lengths: TensorType,
) -> None:
    if log_probs.rank != 3 or not log_probs.dtype.is_float:
        raise Misfit(f"log_probs must be floats [T, N, classes], found {log_probs}")
    _, batch, classes = log_probs.shape
    if isinstance(classes, int) and a.blank >= classes:
        raise Misfit(f"blank is {a.blank}, {log_probs} has {classes} classes")
    if targets.rank != 2 or not targets.dtype.is_integer or targets.shape[0] != batch:
        raise Misfit(f"targets must be class numbers [N, S] of {log_probs}, found {targets}")
    for name, type in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        if type.shape != (batch,) or not type.dtype.is_integer:
            raise Misfit(f"{name} must be integers [N] of {log_probs}, found {type}")


def _ctc(
    ops: Ops,
    a: Arguments,
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor,
    target_lengths: Tensor,
) -> Tensor:
    targets = ops.cast(targets, "int32")
    input_lengths, lengths = ops.cast(input_lengths, "int32"), ops.cast(target_lengths, "int32")
    states = _states(ops, targets, a.blank)
    emitted = ops.take_along_axis(
        log_probs, ops.broadcast_to(states, (ops.shape(log_probs)[0], *ops.shape(states))), axis=2
    )
    final = _forward(ops, emitted, _skips(ops, states, a.blank, log_probs.dtype), input_lengths)
    last = ops.expand_dims(2 * lengths, 1)
    ended = ops.squeeze(ops.take_along_axis(final, last, axis=1), 1)
    before = ops.squeeze(ops.take_along_axis(final, ops.maximum(last - 1, 0), axis=1), 1)
    before = ops.where(lengths > 0, before, ops.full_like(before, _NEVER))
    likelihood = ops.logaddexp(ended, before)
    possible = likelihood > _HARDLY
    otherwise = ops.full_like(likelihood, 0.0 if a.zero_infinity else float("inf"))
    losses = ops.where(possible, -likelihood, otherwise)
    if a.reduction == "mean":
        return ops.mean(losses / ops.cast(ops.maximum(lengths, 1), losses.dtype))
    return reduced(ops, losses, a.reduction)


def _states(ops: Ops, targets: Tensor, blank: int) -> Tensor:
    """Labels with a blank before, between and after them, [N, 2 S + 1]."""
    blanks = ops.full_like(targets, blank)
    count, length = ops.shape(targets)
    woven = ops.reshape(ops.stack([blanks, targets], axis=2), (count, 2 * length))
    return ops.concatenate([woven, blanks[:, :1]], axis=1)


def _skips(ops: Ops, states: Tensor, blank: int, dtype: str) -> Tensor:
    """0 where a state can be entered from the one before the last: a label unlike that one."""
    labels, before = states[:, 2:], states[:, :-2]
    changed = ops.logical_and(ops.not_equal(labels, blank), ops.not_equal(labels, before))
    costs = ops.where(changed, *(ops.cast(cost, dtype) for cost in (0.0, _NEVER)))
    return ops.pad(costs, ((0, 0), (2, 0)), constant_values=_NEVER)


def _forward(ops: Ops, emitted: Tensor, skips: Tensor, input_lengths: Tensor) -> Tensor:
    """Logarithms of the probability of being in each state after the last step, [N, 2 S + 1]."""
    begin = ops.arange(ops.shape(emitted)[2]) < 2
    first = ops.where(begin, emitted[0], ops.full_like(emitted[0], _NEVER))

    def later(states: Tensor, by: int) -> Tensor:
        return ops.pad(states[:, :-by], ((0, 0), (by, 0)), constant_values=_NEVER)

    def step(held: Tensor, given: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        number, now = given
        entered = ops.logaddexp(held, later(held, 1))
        entered = ops.logaddexp(entered, later(held, 2) + skips) + now
        runs = ops.expand_dims(number < input_lengths, 1)
        return ops.where(runs, entered, held), None

    numbers = ops.arange(1, ops.shape(emitted)[0], dtype="int32")
    return ops.scan(step, first, (numbers, emitted[1:]))[0]


KINDS = (
    LossKind(
        name="CTCLoss",
        signature=signature(
            Argument("blank", Integer(0), 0, "the class that stands for no label"),
            Argument("reduction", Choice(REDUCTIONS), "mean", "mean: each by its target's length"),
            Argument("zero_infinity", Boolean(), False, "whether targets too long count 0"),
        ),
        summary=(
            "-log of the probability of all alignments of targets [N, S] with log_probs "
            "[T, N, classes], of which input_lengths [N] and target_lengths [N] count."
        ),
        example="CTCLoss()",
        inputs=("log_probs", "targets", "input_lengths", "target_lengths"),
        labels=("targets", "input_lengths", "target_lengths"),
        fit=_fit,
        compute=_ctc,
    ),
)
