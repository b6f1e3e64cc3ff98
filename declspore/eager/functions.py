"""``mindspore.ops`` for scripts: the ops of the vocabulary by MindSpore's names, functions that
make tensors, losses as functions, and primitives such as ``ops.ReLU()``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from declspore.eager.calls import ALIASES, call, op, op_named, ops
from declspore.eager.composed import COMPOSED
from declspore.eager.gradients import GradOperation, grad, value_and_grad
from declspore.eager.makers import MAKERS, addn
from declspore.eager.primitives import primitive
from declspore.eager.tracing import Results
from declspore.ir.term import Term
from declspore.lower.loss import Loss
from declspore.porting.names import refused
from declspore.registry.loss import LossKind
from declspore.registry.op import OpKind
from declspore.registry.python import bind_call, signed
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor


def function(name: str) -> Callable[..., object]:
    """What ``mindspore.ops`` has by that name. Raises
    :class:`declspore.porting.names.Unsupported`, or AttributeError."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in LOSSES:
        return _loss(name, *LOSSES[name])
    kind = op_named(name)
    if kind is not None:
        return _op(name, kind)
    made = primitive(name)
    if made is not None:
        return made
    raise refused("mindspore.ops", name, names())


def names() -> list[str]:
    """Every name of :func:`function` but the primitives'."""
    words = (kind.name for kind in vocabulary().every(OpKind))
    return sorted({*words, *ALIASES, *FUNCTIONS, *LOSSES})


def _op(name: str, kind: OpKind) -> Callable[..., Results]:
    def op(*given: object, **named: object) -> Results:
        return call(kind, given, named)

    return signed(op, name, kind, home="declspore.ops")


# ---- losses


LOSSES = MappingProxyType(
    {
        "cross_entropy": ("CrossEntropyLoss", 2),
        "nll_loss": ("NLLLoss", 2),
        "mse_loss": ("MSELoss", 2),
        "l1_loss": ("L1Loss", 2),
        "smooth_l1_loss": ("SmoothL1Loss", 2),
        "huber_loss": ("HuberLoss", 2),
        "kl_div": ("KLDivLoss", 2),
        "binary_cross_entropy": ("BCELoss", 2),
        "soft_margin_loss": ("SoftMarginLoss", 2),
        "margin_ranking_loss": ("MarginRankingLoss", 3),
        "cosine_embedding_loss": ("CosineEmbeddingLoss", 3),
        "hinge_embedding_loss": ("HingeEmbeddingLoss", 2),
        "multi_margin_loss": ("MultiMarginLoss", 2),
        "triplet_margin_loss": ("TripletMarginLoss", 3),
        "multilabel_margin_loss": ("MultilabelMarginLoss", 2),
        "multilabel_soft_margin_loss": ("MultiLabelSoftMarginLoss", 2),
        "gaussian_nll_loss": ("GaussianNLLLoss", 3),
    }
)
"""Losses as functions: the word, and how many tensors come first."""


def _loss(name: str, word: str, tensors: int) -> Callable[..., Tensor]:
    kind = vocabulary().of(LossKind, word)

    def loss(*given: object, **named: object) -> Tensor:
        taken = list(given[:tensors])
        for key in kind.inputs[len(taken) :]:
            other = {"logits": "input", "labels": "target"}.get(key, key)
            taken += [named.pop(each) for each in (key, other) if each in named][:1]
        arguments = bind_call(kind, given[tensors:], named)
        return Loss.of(Term("loss", word, arguments)).of_tensors(*taken)

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = f"{kind.summary}\n\nTakes {', '.join(kind.inputs)}, then {kind.signature}."
    return loss


# ---- other ops than the vocabulary's


def _extreme(word: str) -> Callable[..., tuple[Tensor, ...]]:
    def extreme(
        input: Tensor, axis: object = None, keepdims: bool = False, **named: object
    ) -> tuple[Tensor, ...]:
        if axis is None:
            return op(f"a{word}", input, None, keepdims), Tensor(np.int64(0))
        return ops(word, input, axis, keepdims)

    extreme.__name__ = extreme.__qualname__ = word
    extreme.__doc__ = f"The {word} over an axis, and its places (0 where all axes are meant)."
    return extreme


def split(tensor: Tensor, split_size_or_sections: object, axis: int = 0) -> tuple[Tensor, ...]:
    """Pieces of an axis: of one size, or of the sizes in a list."""
    return ops("split", tensor, split_size_or_sections, axis)


def clip_by_global_norm(
    x: Sequence[Tensor], clip_norm: float = 1.0, use_norm: object = None
) -> tuple[Tensor, ...]:
    """Tensors scaled so that the norm of all of them together is at most ``clip_norm``."""
    total = addn([(each * each).sum() for each in x]) ** 0.5
    factor = clip_norm / op("maximum", total, clip_norm)
    return tuple(each * factor for each in x)


class HyperMap:
    """Apply a function to each item of sequences (mindspore.ops.HyperMap)."""

    def __init__(self, ops: Callable[..., object] | None = None, reverse: bool = False) -> None:
        self._function = ops

    def __call__(self, *given: Any) -> tuple[object, ...]:
        function, sequences = self._function, given
        if function is None:
            function, *rest = given
            sequences = tuple(rest)
        return tuple(function(*items) for items in zip(*sequences, strict=True))


def partial(func: Callable[..., object], *given: object) -> Callable[..., object]:
    """A function with its first arguments given."""
    return lambda *rest: func(*given, *rest)


FUNCTIONS: dict[str, Callable[..., object]] = {
    **COMPOSED,
    **MAKERS,
    **{each.__name__: each for each in (value_and_grad, grad, GradOperation, HyperMap, partial)},
    "clip_by_global_norm": clip_by_global_norm,
    "split": split,
    "Map": HyperMap,
    "max": _extreme("max"),
    "min": _extreme("min"),
}
