"""``mindspore.ops`` for scripts: the ops of the vocabulary by MindSpore's names, functions that
make tensors, losses as functions, and primitives such as ``ops.ReLU()``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from declspore.eager.calls import ALIASES, call, op_named
from declspore.eager.gradients import GradOperation, grad, value_and_grad
from declspore.eager.methods import as_dtype
from declspore.eager.random import generator
from declspore.ir.dtype import FLOAT32, INT32, INT64, DType
from declspore.ir.term import Term
from declspore.lower.loss import Loss
from declspore.porting.names import refused
from declspore.registry.loss import LossKind
from declspore.registry.op import OpKind
from declspore.registry.python import bind_call, signed
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor


def function(name: str) -> Any:
    """What ``mindspore.ops`` has by that name. Raises
    :class:`declspore.porting.names.Unsupported`, or AttributeError."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in LOSSES:
        return _loss(name, *LOSSES[name])
    kind = op_named(name)
    if kind is not None:
        return _op(name, kind)
    made = _primitive(name)
    if made is not None:
        return made
    raise refused("mindspore.ops", name, names())


def names() -> list[str]:
    """Every name of :func:`function` but the primitives'."""
    words = (kind.name for kind in vocabulary().every(OpKind))
    return sorted({*words, *ALIASES, *FUNCTIONS, *LOSSES})


def _op(name: str, kind: OpKind) -> Callable[..., Any]:
    def op(*given: Any, **named: Any) -> Any:
        return call(kind, given, named)

    return signed(op, name, kind, home="declspore.ops")


def _word(word: str, *given: Any, **named: Any) -> Any:
    return call(vocabulary().of(OpKind, word), given, named)


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
        "multilabel_margin_loss": ("MultilabelMarginLoss", 2),
        "multilabel_soft_margin_loss": ("MultiLabelSoftMarginLoss", 2),
        "gaussian_nll_loss": ("GaussianNLLLoss", 3),
    }
)
"""Losses as functions: the word, and how many tensors come first."""


def _loss(name: str, word: str, tensors: int) -> Callable[..., Tensor]:
    kind = vocabulary().of(LossKind, word)

    def loss(*given: Any, **named: Any) -> Tensor:
        taken = list(given[:tensors])
        for key in kind.inputs[len(taken) :]:
            other = {"logits": "input", "labels": "target"}.get(key, key)
            taken += [named.pop(each) for each in (key, other) if each in named][:1]
        arguments = bind_call(kind, given[tensors:], named)
        return Loss.of(Term("loss", word, arguments)).of_tensors(*taken)

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = f"{kind.summary}\n\nTakes {', '.join(kind.inputs)}, then {kind.signature}."
    return loss


# ---- tensors from numbers


def _shape(size: Any) -> tuple[int, ...]:
    return (int(size),) if isinstance(size, int) else tuple(int(each) for each in size)


def _numpy(dtype: Any, usual: DType = FLOAT32) -> Any:
    return (usual if dtype is None else as_dtype(dtype)).as_numpy()


def zeros(size: Any, dtype: Any = None) -> Tensor:
    """Zeros, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.zeros(_shape(size), _numpy(dtype)))


def ones(size: Any, dtype: Any = None) -> Tensor:
    """Ones, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.ones(_shape(size), _numpy(dtype)))


def full(size: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """Every element ``fill_value``."""
    usual = FLOAT32 if isinstance(fill_value, float) else INT64
    return Tensor(np.full(_shape(size), fill_value, _numpy(dtype, usual)))


def fill(type: Any, shape: Any, value: Any) -> Tensor:
    """Every element ``value``, of element type ``type``."""
    return full(shape, value, dtype=type)


def eye(n: int, m: int | None = None, dtype: Any = None) -> Tensor:
    """Ones on the diagonal."""
    return Tensor(np.eye(n, n if m is None else m, dtype=_numpy(dtype)))


def arange(start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Any = None) -> Tensor:
    """Numbers from ``start`` to ``end`` (exclusive); ``arange(n)`` counts from 0."""
    if end is None:
        start, end = 0, start
    whole = all(isinstance(each, int) for each in (start, end, step))
    return Tensor(np.arange(start, end, step).astype(_numpy(dtype, INT64 if whole else FLOAT32)))


def range_(start: Any, end: Any, step: Any = 1, maxlen: int = 1000000) -> Tensor:
    """:func:`arange`; ``maxlen`` has no effect."""
    return arange(start, end, step)


def linspace(start: float, end: float, steps: int) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included, float32."""
    return Tensor(np.linspace(float(start), float(end), int(steps)).astype(np.float32))


def randn(*size: Any, dtype: Any = None) -> Tensor:
    """Normal numbers; :func:`declspore.set_seed` decides which."""
    shape = _shape(size[0]) if len(size) == 1 else size
    return Tensor(generator().standard_normal(shape).astype(_numpy(dtype)))


def standard_normal(shape: Any, seed: int | None = None) -> Tensor:
    """Normal numbers, float32."""
    return Tensor(generator(seed).standard_normal(_shape(shape)).astype(np.float32))


def rand(*size: Any, dtype: Any = None) -> Tensor:
    """Uniform numbers from 0 to 1; :func:`declspore.set_seed` decides which."""
    shape = _shape(size[0]) if len(size) == 1 else size
    return Tensor(generator().random(shape).astype(_numpy(dtype)))


def uniform(
    shape: Any, minval: Any, maxval: Any, seed: int | None = None, dtype: Any = None
) -> Tensor:
    """Uniform numbers from ``minval`` to ``maxval``."""
    low, high = (float(each) for each in (minval, maxval))
    return Tensor(generator(seed).uniform(low, high, _shape(shape)).astype(_numpy(dtype)))


def randint(low: int, high: int, size: Any, seed: int | None = None, dtype: Any = None) -> Tensor:
    """Integers from ``low`` to ``high`` (exclusive), int64."""
    found = generator(seed).integers(low, high, _shape(size))
    return Tensor(found.astype(_numpy(dtype, INT64)))


def randperm(n: int, seed: int = 0, offset: int = 0, dtype: Any = None) -> Tensor:
    """The integers below ``n`` in random order, int64."""
    return Tensor(generator(seed or None).permutation(n).astype(_numpy(dtype, INT64)))


# ---- what tensors are, and other ops than the vocabulary's


def shape(input_x: Tensor) -> Any:
    """The sizes of the axes."""
    return input_x.shape


def size(input_x: Tensor) -> Any:
    """How many elements there are."""
    return input_x.size


def rank(input_x: Tensor) -> int:
    """How many axes there are."""
    return input_x.ndim


def dtype(input_x: Tensor) -> DType:
    """The element type."""
    return input_x.dtype


def is_tensor(obj: Any) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


def _extreme(word: str) -> Callable[..., Any]:
    def extreme(input: Tensor, axis: Any = None, keepdims: bool = False, **named: Any) -> Any:
        if axis is None:
            return _word(f"a{word}", input, None, keepdims), Tensor(np.int64(0))
        return _word(word, input, axis, keepdims)

    extreme.__name__ = extreme.__qualname__ = word
    extreme.__doc__ = f"The {word} over an axis, and its places (0 where all axes are meant)."
    return extreme


def split(tensor: Tensor, split_size_or_sections: Any, axis: int = 0) -> Any:
    """Pieces of an axis: of one size, or of the sizes in a list."""
    return _word("split", tensor, split_size_or_sections, axis)


def addn(x: Sequence[Tensor]) -> Tensor:
    """The sum of several tensors."""
    total = x[0]
    for each in x[1:]:
        total = total + each
    return total


def depend(value: Any, expr: Any) -> Any:
    """``value``: what Python evaluates is in order already."""
    return value


def print_(*values: Any) -> None:
    """Print values, as Python does."""
    print(*values)  # noqa: T201


def assign(variable: Tensor, value: Any) -> Tensor:
    """Give a parameter another value."""
    array = value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)
    variable.storage.write(array.astype(variable.dtype.as_numpy()))
    return variable


def assign_add(variable: Tensor, value: Any) -> Tensor:
    """Add to a parameter."""
    return assign(variable, variable + value)


def assign_sub(variable: Tensor, value: Any) -> Tensor:
    """Subtract from a parameter."""
    return assign(variable, variable - value)


def clip_by_global_norm(x: Sequence[Tensor], clip_norm: float = 1.0, use_norm: Any = None) -> Any:
    """Tensors scaled so that the norm of all of them together is at most ``clip_norm``."""
    total = addn([(each * each).sum() for each in x]) ** 0.5
    factor = clip_norm / _word("maximum", total, clip_norm)
    return tuple(each * factor for each in x)


class HyperMap:
    """Apply a function to each item of sequences (mindspore.ops.HyperMap)."""

    def __init__(self, ops: Callable[..., Any] | None = None, reverse: bool = False) -> None:
        self._function = ops

    def __call__(self, *given: Any) -> Any:
        function, sequences = self._function, given
        if function is None:
            function, *rest = given
            sequences = tuple(rest)
        return tuple(function(*items) for items in zip(*sequences, strict=True))


def partial(func: Callable[..., Any], *given: Any) -> Callable[..., Any]:
    """A function with its first arguments given."""
    return lambda *rest: func(*given, *rest)


FUNCTIONS: dict[str, Any] = {
    **{each.__name__: each for each in (zeros, ones, full, fill, eye, arange, linspace, randn)},
    **{each.__name__: each for each in (rand, uniform, randint, randperm, standard_normal)},
    **{each.__name__: each for each in (shape, size, rank, dtype, is_tensor, addn, depend, print_)},
    **{each.__name__: each for each in (assign, assign_add, assign_sub, clip_by_global_norm)},
    **{each.__name__: each for each in (value_and_grad, grad, GradOperation, HyperMap, partial)},
    "range": range_,
    "Map": HyperMap,
    "max": _extreme("max"),
    "min": _extreme("min"),
}


# ---- primitives


def _camel(word: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in word.split("_"))


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
}
"""Primitives that are made with settings: their op, and which settings in which order."""

_USUAL = {name: {"axis": -1} for name in ("Argmax", "Argmin")}
"""Settings whose defaults are not those of the function."""

_PLAIN = {
    "BatchMatMul": "matmul",
    "FloorDiv": "floor_div",
    "FloorMod": "remainder",
    "GatherD": "gather_elements",
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
_MADE: dict[str, Callable[..., Any]] = {
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


def _primitive(name: str) -> Callable[..., Any] | None:
    """The class of a primitive, such as ``ops.ReduceMean``: made first, then called."""
    if name in _MADE:
        return _plain_primitive(name, _MADE[name])
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


def _plain_primitive(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def make(*_: Any, **__: Any) -> Callable[..., Any]:
        return function

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{function.__doc__}\n\nMade first, then called."
    return make


def _with_settings(name: str, kind: OpKind, settings: Sequence[str]) -> Callable[..., Any]:
    def make(*given: Any, **named: Any) -> Callable[..., Any]:
        if len(given) > len(settings):
            raise TypeError(f"{name} takes {', '.join(settings) or 'no settings'}")
        chosen = {**_USUAL.get(name, {}), **dict(zip(settings, given, strict=False)), **named}
        kept = {key: value for key, value in chosen.items() if key != "output_type"}
        as_type = chosen.get("output_type", INT32 if "output_type" in settings else None)

        def primitive(*operands: Any) -> Any:
            found = call(kind, operands, kept)
            return found if as_type is None else found.astype(as_type)

        return primitive

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{kind.summary}\n\nMade with {', '.join(settings) or 'nothing'}, then called."
    return make


def _matmul(transpose_a: bool = False, transpose_b: bool = False) -> Callable[..., Any]:
    """The product of matrices, either of them transposed if so set."""

    def primitive(x: Tensor, y: Tensor) -> Any:
        left = x.swapaxes(-1, -2) if transpose_a else x
        right = y.swapaxes(-1, -2) if transpose_b else y
        return _word("matmul", left, right)

    return primitive
