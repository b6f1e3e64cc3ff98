"""``mindspore.ops`` for scripts: the ops of the vocabulary by MindSpore's names, functions that
make tensors, losses as functions, and primitives such as ``ops.ReLU()``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from declspore.eager.calls import ALIASES, call, op, op_named, ops
from declspore.eager.composed import COMPOSED
from declspore.eager.extras import extended
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
        return extended(kind, given, named)

    return signed(op, name, kind, home="declspore.ops")


# ---- losses


_TARGET, _PAIR = ("input", "target"), ("input1", "input2", "target")
LOSSES = MappingProxyType(
    {
        "cross_entropy": ("CrossEntropyLoss", _TARGET, ()),
        "nll_loss": ("NLLLoss", ("inputs", "target"), ()),
        "mse_loss": ("MSELoss", _TARGET, ()),
        "l1_loss": ("L1Loss", _TARGET, ()),
        "smooth_l1_loss": ("SmoothL1Loss", _TARGET, ()),
        "huber_loss": ("HuberLoss", _TARGET, ()),
        "kl_div": ("KLDivLoss", ("logits", "labels"), ()),
        "binary_cross_entropy": ("BCELoss", ("logits", "labels"), ()),
        "soft_margin_loss": ("SoftMarginLoss", _TARGET, ()),
        "margin_ranking_loss": ("MarginRankingLoss", _PAIR, ()),
        "cosine_embedding_loss": ("CosineEmbeddingLoss", _PAIR, ()),
        "hinge_embedding_loss": ("HingeEmbeddingLoss", ("inputs", "targets"), ()),
        "multi_margin_loss": ("MultiMarginLoss", _TARGET, ("p", "margin", "weight", "reduction")),
        "triplet_margin_loss": (
            "TripletMarginLoss",
            ("anchor", "positive", "negative"),
            ("margin", "p", "eps", "swap", "reduction"),
        ),
        "multilabel_margin_loss": ("MultilabelMarginLoss", _TARGET, ()),
        "multilabel_soft_margin_loss": ("MultiLabelSoftMarginLoss", _TARGET, ()),
        "gaussian_nll_loss": ("GaussianNLLLoss", ("x", "target", "var"), ()),
    }
)
"""Losses as functions: the word, the names of the tensors that come first, and the order of the
other arguments where it is not that of the word."""


def _loss(
    name: str, word: str, tensors: tuple[str, ...], order: tuple[str, ...]
) -> Callable[..., Tensor]:
    kind = vocabulary().of(LossKind, word)

    def loss(*given: object, **named: object) -> Tensor:
        taken = list(given[: len(tensors)])
        for keys in list(zip(tensors, kind.inputs, strict=True))[len(taken) :]:
            taken += [named.pop(each) for each in dict.fromkeys(keys) if each in named][:1]
        rest = given[len(tensors) :]
        if order:
            named |= dict(zip(order, rest, strict=False))
            rest = rest[len(order) :]
        arguments = bind_call(kind, rest, named)
        return Loss.of(Term("loss", word, arguments)).of_tensors(*taken)

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = f"{kind.summary}\n\nTakes {', '.join(tensors)}, then {kind.signature}."
    return loss


def nll_loss(*given: object, **named: object) -> Tensor:
    """The loss of that name, of which MindSpore has ``label_smoothing`` as its sixth argument."""
    if len(given) > 5:
        smoothing, given = given[5], (*given[:5], *given[6:])
    else:
        smoothing = named.pop("label_smoothing", 0)
    if smoothing != 0:
        raise ValueError("nll_loss does not smooth labels; cross_entropy takes label_smoothing")
    return _loss("nll_loss", *LOSSES["nll_loss"])(*given, **named)


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


def einsum(equation: str, *operands: Tensor) -> Tensor:
    """A sum of products of the operands, by Einstein's convention."""
    return op("einsum", equation, _listed(operands))


def meshgrid(*inputs: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Grids of coordinates: the values of each input along an axis of its own."""
    found = call(vocabulary().of(OpKind, "meshgrid"), (_listed(inputs), indexing), {})
    return found if isinstance(found, tuple) else (found,)


def _listed(given: tuple[object, ...]) -> object:
    """Tensors one by one, or in one list."""
    return given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given


def sequence_mask(lengths: Tensor, maxlen: int | None = None) -> Tensor:
    """True before the end of each sequence; up to the longest where ``maxlen`` does not say."""
    longest = int(lengths.asnumpy().max()) if maxlen is None else maxlen
    return op("sequence_mask", lengths, longest)


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
    "einsum": einsum,
    "meshgrid": meshgrid,
    "nll_loss": nll_loss,
    "sequence_mask": sequence_mask,
    "split": split,
    "Map": HyperMap,
    "max": _extreme("max"),
    "min": _extreme("min"),
}
