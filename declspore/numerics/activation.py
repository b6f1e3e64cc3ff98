"""Activations by MindSpore's names: one formula each, for cells, ops and arguments alike."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.numerics.elementwise import as_floats, larger, smaller

Formula = Callable[[Ops, Tensor], Tensor]


def activated_type(name: str, x: TensorType) -> TensorType:
    """Integers become floats, but for relu, which leaves them what they are."""
    return x if name == "relu" and x.dtype.is_integer else as_floats(x)


def celu(ops: Ops, x: Tensor, alpha: float) -> Tensor:
    """x where x >= 0, else alpha (exp(x / alpha) - 1). Keras adds the two, so that its gradient at
    0 is that of both."""
    return _bent(ops, x, lambda below: ops.expm1(below / alpha) * alpha)


def selu(ops: Ops, x: Tensor) -> Tensor:
    """1.0507 (x where x >= 0, else 1.6733 (exp(x) - 1)). Of Keras's backends some have the gradient
    of the one form at 0, some that of the other."""
    bent = _bent(ops, x, lambda below: ops.expm1(below) * 1.6732632423543772)
    return bent * 1.0507009873554805


def _bent(ops: Ops, x: Tensor, formula: Callable[[Tensor], Tensor]) -> Tensor:
    """x where x >= 0, which has the gradient at 0, else the formula of x."""
    right = x >= 0
    return ops.where(right, x, formula(ops.where(right, ops.zeros_like(x), x)))


def leaky_relu(ops: Ops, x: Tensor, slope: float) -> Tensor:
    """max(x, slope x); at 0 the gradient is half of both, as MindSpore's maximum has it."""
    found = ops.leaky_relu(x, negative_slope=slope)
    return ops.where(ops.equal(x, 0.0), x * ((1.0 + slope) / 2), found)


def hard_tanh(ops: Ops, x: Tensor, low: float, high: float) -> Tensor:
    """min(max(x, low), high)."""
    return smaller(ops, larger(ops, x, low), high)


# What MindSpore makes of integers and truth values: computed in float32, in their own type.


def whole_hard_tanh(ops: Ops, x: Tensor, low: float, high: float) -> Tensor:
    """:func:`hard_tanh`, fractions cut off."""
    return ops.cast(hard_tanh(ops, ops.cast(x, "float32"), low, high), x.dtype)


def whole_leaky_relu(ops: Ops, x: Tensor, slope: float) -> Tensor:
    """x where x > 0, else x times the whole part of the slope."""
    wide = ops.cast(x, "float32")
    below = ops.cast(ops.minimum(wide, 0.0) * int(slope), x.dtype)
    return ops.where(wide > 0.0, x, below)


def whole_threshold(ops: Ops, x: Tensor, above: float, value: float) -> Tensor:
    """x where x > above, else the whole part of the value."""
    return ops.where(ops.cast(x, "float32") > above, x, ops.cast(int(value), x.dtype))


def soft_shrink(ops: Ops, x: Tensor, lambd: float) -> Tensor:
    """x brought lambd nearer to 0, and 0 where |x| <= lambd, with no gradient there."""
    inner = ops.where(x < -lambd, x + lambd, ops.zeros_like(x))
    return ops.where(x > lambd, x - lambd, inner)


# MindSpore's formulas (mindspore.nn.layer.activation, 2.10): gelu is the tanh form, the slope of
# leakyrelu 0.2. First argument is keras.ops.
ACTIVATIONS: dict[str, Formula] = {
    "relu": lambda ops, x: ops.relu(x),
    "relu6": lambda ops, x: ops.relu6(x),
    "sigmoid": lambda ops, x: ops.sigmoid(x),
    "tanh": lambda ops, x: ops.tanh(x),
    "softmax": lambda ops, x: ops.softmax(x, axis=-1),
    "logsoftmax": lambda ops, x: ops.log_softmax(x, axis=-1),
    "gelu": lambda ops, x: ops.gelu(x, approximate=True),
    "elu": lambda ops, x: ops.elu(x),
    "celu": lambda ops, x: celu(ops, x, 1.0),
    "selu": selu,
    "leakyrelu": lambda ops, x: leaky_relu(ops, x, 0.2),
    "hswish": lambda ops, x: ops.hard_silu(x),
    "hsigmoid": lambda ops, x: ops.hard_sigmoid(x),
    "silu": lambda ops, x: ops.silu(x),
    "mish": lambda ops, x: x * ops.tanh(ops.softplus(x)),
    "softsign": lambda ops, x: ops.softsign(x),
    "softplus": lambda ops, x: ops.softplus(x),
    "logsigmoid": lambda ops, x: ops.log_sigmoid(x),
    "softmin": lambda ops, x: ops.softmax(-x, axis=-1),
    "fast_gelu": lambda ops, x: x * ops.sigmoid(1.702 * x),
    "tanhshrink": lambda ops, x: x - ops.tanh(x),
    "hardtanh": lambda ops, x: hard_tanh(ops, x, -1.0, 1.0),
    "hshrink": lambda ops, x: ops.where(ops.absolute(x) <= 0.5, ops.zeros_like(x), x),
    "softshrink": lambda ops, x: soft_shrink(ops, x, 0.5),
}
ARGUMENT_NAMES = tuple(name for name in ACTIVATIONS if name not in ("celu", "selu", "softplus"))
"""What cells take as ``activation = "..."``, as MindSpore does."""


def activate(ops: Ops, name: str, tensor: Tensor) -> Tensor:
    """The activation of that name, applied to a tensor."""
    return ACTIVATIONS[name](ops, tensor)
