"""Primitives of ``mindspore.ops``: made with settings first, such as ``ops.ReduceSum(True)``, then
called with tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from declspore.eager import composed
from declspore.eager.calls import call, op, ops
from declspore.eager.makers import (
    addn,
    assign,
    assign_add,
    assign_sub,
    depend,
    dtype,
    eye,
    fill,
    linspace,
    ones,
    print_,
    rank,
    shape,
    size,
    standard_normal,
    uniform,
    zeros,
)
from declspore.eager.tracing import Results
from declspore.ir.dtype import INT32
from declspore.ir.term import Term
from declspore.lower.loss import Loss
from declspore.registry.loss import LossKind
from declspore.registry.op import OpKind
from declspore.registry.python import bind_call
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor

Pair = tuple[Tensor, Tensor]


_SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Argmax": ("argmax", ("axis", "output_type")),
    "Argmin": ("argmin", ("axis", "output_type")),
    "Concat": ("concat", ("axis",)),
    "CumProd": ("cumprod", ()),
    "CumSum": ("cumsum", ()),
    "Elu": ("elu", ("alpha",)),
    "Flatten": ("flatten", ()),
    "Gather": ("gather", ("batch_dims",)),
    "L2Normalize": ("l2_normalize", ("axis", "epsilon")),
    "LogSoftmax": ("log_softmax", ("axis",)),
    "OneHot": ("one_hot", ("axis",)),
    "ReduceAll": ("all", ("keep_dims",)),
    "ReduceAny": ("any", ("keep_dims",)),
    "ReduceMax": ("amax", ("keep_dims",)),
    "ReduceMean": ("mean", ("keep_dims",)),
    "ReduceMin": ("amin", ("keep_dims",)),
    "ReduceProd": ("prod", ("keep_dims",)),
    "ReduceSum": ("sum", ("keep_dims",)),
    "ResizeBilinear": ("resize_bilinear", ("size", "align_corners", "half_pixel_centers")),
    "ResizeNearestNeighbor": ("resize_nearest_neighbor", ("size", "align_corners")),
    "Softmax": ("softmax", ("axis",)),
    "Squeeze": ("squeeze", ("axis",)),
    "Stack": ("stack", ("axis",)),
    "Unstack": ("unstack", ("axis",)),
    "Pack": ("stack", ("axis",)),
    "Unpack": ("unstack", ("axis",)),
    "ReverseV2": ("flip", ("axis",)),
    "Tril": ("tril", ("diagonal",)),
    "Triu": ("triu", ("diagonal",)),
    "Meshgrid": ("meshgrid", ("indexing",)),
    "Roll": ("roll", ("shifts", "dims")),
    "Range": ("arange", ()),
}
"""Primitives that are made with settings: their op, and which settings in which order."""

_USUAL = {name: {"axis": -1} for name in ("Argmax", "Argmin")}
"""Settings whose defaults are not those of the function."""

_PLAIN = {
    "BatchMatMul": "matmul",
    "FastGeLU": "fast_gelu",
    "FloorDiv": "floor_div",
    "FloorMod": "remainder",
    "GatherD": "gather_elements",
    "Inv": "reciprocal",
    "IsFinite": "isfinite",
    "IsInf": "isinf",
    "IsNan": "isnan",
    "Softplus": "softplus",
    "MatrixDeterminant": "det",
    "MatrixInverse": "inverse",
    "GatherV2": "gather",
    "HSigmoid": "hardsigmoid",
    "HSwish": "hardswish",
    "MatMul": "matmul",
    "Mod": "remainder",
    "RealDiv": "div",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Select": "where",
    "SeLU": "selu",
    "SiLU": "silu",
    "TensorAdd": "add",
    "TransposeD": "transpose",
    "ZerosLike": "zeros_like",
    "OnesLike": "ones_like",
}
"""Primitives without settings whose op has another name."""

_TRANSPOSING = ("MatMul", "BatchMatMul")
_MADE: dict[str, Callable[..., object]] = {
    "BiasAdd": composed.bias_add,
    "Eye": eye,
    "Identity": composed.positive,
    "L2Loss": composed.l2_loss,
    "LinSpace": linspace,
    "MaskedSelect": composed.masked_select,
    "NonZero": composed.nonzero,
    "Slice": composed.slice_,
    "SquaredDifference": composed.squared_difference,
    "StridedSlice": composed.strided_slice,
    "TopK": lambda x, k: ops("topk", x, k),
    "GeLU": lambda x: op("gelu", x, "tanh"),
    "Gelu": lambda x: op("gelu", x, "tanh"),
    "Unique": composed.unique,
    "UniformReal": lambda shape: uniform(shape, 0.0, 1.0),
    "Shape": shape,
    "Rank": rank,
    "DType": dtype,
    "Size": size,
    "AddN": addn,
    "Depend": depend,
    "Print": print_,
    "Assign": assign,
    "AssignAdd": assign_add,
    "AssignSub": assign_sub,
    "Fill": fill,
    "Zeros": zeros,
    "Ones": ones,
    "StandardNormal": standard_normal,
}


def primitive(name: str) -> Callable[..., object] | None:
    """The class of a primitive, such as ``ops.ReduceMean``: made first, then called."""
    if name in _MADE:
        return _plain_primitive(name, _MADE[name])
    if name in _WITH_SETTINGS:
        return _WITH_SETTINGS[name]
    if name in _TRANSPOSING:
        return _matmul
    if name in _SETTINGS:
        word, settings = _SETTINGS[name]
        return _with_settings(name, vocabulary().of(OpKind, word), settings)
    word = _PLAIN.get(name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    kind = vocabulary().get(word)
    if not name[:1].isupper() or not isinstance(kind, OpKind):
        return None
    plain = sum(not argument.required for argument in kind.signature.arguments) == 0
    return _with_settings(name, kind, ()) if plain or name in _PLAIN else None


def _plain_primitive(name: str, function: Callable[..., object]) -> Callable[..., object]:
    def make(*_: object, **__: object) -> Callable[..., object]:
        return function

    make.__name__ = make.__qualname__ = name
    text = function.__doc__ or f"See declspore.ops: {name}."
    make.__doc__ = f"{text}\n\nMade first, then called."
    return make


def _with_settings(name: str, kind: OpKind, settings: Sequence[str]) -> Callable[..., object]:
    def make(*given: object, **named: object) -> Callable[..., object]:
        if len(given) > len(settings):
            raise TypeError(f"{name} takes {', '.join(settings) or 'no settings'}")
        chosen = {**_USUAL.get(name, {}), **dict(zip(settings, given, strict=False)), **named}
        kept = {key: value for key, value in chosen.items() if key != "output_type"}
        as_type = chosen.get("output_type", INT32 if "output_type" in settings else None)

        def primitive(*operands: object) -> Results:
            found = call(kind, operands, kept)
            if as_type is None:
                return found
            assert isinstance(found, Tensor)
            return found.astype(as_type)

        return primitive

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{kind.summary}\n\nMade with {', '.join(settings) or 'nothing'}, then called."
    return make


def _matmul(transpose_a: bool = False, transpose_b: bool = False) -> Callable[..., Tensor]:
    """The product of matrices, either of them transposed if so set."""

    def primitive(x: Tensor, y: Tensor) -> Tensor:
        left = x.swapaxes(-1, -2) if transpose_a else x
        right = y.swapaxes(-1, -2) if transpose_b else y
        return op("matmul", left, right)

    return primitive


def _dropout(keep_prob: float = 0.5, Seed0: int = 0, Seed1: int = 0) -> Callable[..., Pair]:  # noqa: N803
    """Elements kept with a probability, and where they are."""

    def primitive(x: Tensor) -> Pair:
        kept = op("dropout", op("ones_like", x), 1 - keep_prob)
        return x * kept, kept != 0

    return primitive


def _split(axis: int = 0, output_num: int = 1) -> Callable[..., tuple[Tensor, ...]]:
    """So many equal parts of an axis."""
    return lambda x: ops("split", x, int(x.shape[axis]) // output_num, axis)


def _pad(paddings: Sequence[Sequence[int]]) -> Callable[..., Tensor]:
    """Zeros before and after each axis."""
    flat = tuple(count for pair in reversed(paddings) for count in pair)
    return lambda x: op("pad", x, flat)


def _sort(axis: int = -1, descending: bool = False) -> Callable[..., tuple[Tensor, ...]]:
    """The elements of an axis in order, and their places."""
    return lambda x: ops("sort", x, axis, descending)


def _with_value(word: str) -> Callable[..., Callable[..., Pair]]:
    def make(axis: int = 0, keep_dims: bool = False) -> Callable[..., Pair]:
        def primitive(x: Tensor) -> Pair:
            value, place = ops(word, x, axis, keep_dims)
            return place, value

        return primitive

    make.__doc__ = f"The place of the {word} over an axis, and the {word}."
    return make


def _bce_with_logits(reduction: str = "mean") -> Callable[..., Tensor]:
    """The cross-entropy of logits and labels between 0 and 1."""
    return lambda logits, label, weight, pos_weight: composed.bce_with_logits(
        logits, label, weight, pos_weight, reduction
    )


def _smooth_l1(beta: float = 1.0, reduction: str = "none") -> Callable[..., Tensor]:
    """The loss of nn.SmoothL1Loss."""
    arguments = bind_call(vocabulary().of(LossKind, "SmoothL1Loss"), (beta, reduction), {})
    return Loss.of(Term("loss", "SmoothL1Loss", arguments)).of_tensors


def _softmax_cross_entropy() -> Callable[..., Pair]:
    """The cross-entropy of each row, and its gradient by the logits."""

    def primitive(logits: Tensor, labels: Tensor) -> Pair:
        loss = -(labels * op("log_softmax", logits, -1)).sum(-1)
        return loss, op("softmax", logits, -1) - labels

    return primitive


_WITH_SETTINGS: dict[str, Callable[..., object]] = {
    "ArgMaxWithValue": _with_value("max"),
    "ArgMinWithValue": _with_value("min"),
    "BCEWithLogitsLoss": _bce_with_logits,
    "Dropout": _dropout,
    "Pad": _pad,
    "SmoothL1Loss": _smooth_l1,
    "SoftmaxCrossEntropyWithLogits": _softmax_cross_entropy,
    "Sort": _sort,
    "Split": _split,
}
