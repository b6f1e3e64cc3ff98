"""Ops of the vocabulary, called from Python.

Where a network is being traced, an op becomes a node of it; otherwise it is carried out at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from declspore.eager.sizes import Size, bare
from declspore.eager.tracing import Results, current_trace
from declspore.ir.dtype import BY_NUMPY
from declspore.ir.term import Arguments
from declspore.lower.immediate import as_tensor, immediate, run_op
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument
from declspore.registry.table import vocabulary
from declspore.registry.types import Mismatch
from declspore.spelling import closest
from declspore.tensor import Tensor

ALIASES = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "cat": "concat",
    "clip": "clamp",
    "clip_by_value": "clamp",
    "divide": "div",
    "eq": "equal",
    "floor_divide": "floor_div",
    "floor_mod": "remainder",
    "gather_d": "gather_elements",
    "floordiv": "floor_div",
    "floormod": "remainder",
    "ge": "greater_equal",
    "gt": "greater",
    "hardswish": "hardswish",
    "le": "less_equal",
    "lt": "less",
    "mm": "matmul",
    "multiply": "mul",
    "ne": "not_equal",
    "negative": "neg",
    "permute": "transpose",
    "pows": "pow",
    "reduce_max": "amax",
    "reduce_mean": "mean",
    "reduce_min": "amin",
    "reduce_sum": "sum",
    "reverse": "flip",
    "select": "where",
    "subtract": "sub",
    "swapdims": "swapaxes",
    "tensor_add": "add",
    "tensor_div": "div",
    "tensor_exp": "exp",
    "tensor_expm1": "expm1",
    "tensor_floordiv": "floor_div",
    "tensor_ge": "greater_equal",
    "tensor_gt": "greater",
    "tensor_le": "less_equal",
    "tensor_lt": "less",
    "tensor_mod": "remainder",
    "tensor_mul": "mul",
    "tensor_pow": "pow",
    "tensor_sub": "sub",
    "top_k": "topk",
    "true_divide": "div",
    "unbind": "unstack",
    "unsqueeze": "expand_dims",
    "view": "reshape",
}
"""MindSpore's other names of ops."""


def op_named(name: str) -> OpKind | None:
    """The op MindSpore knows by that name."""
    kind = vocabulary().get(ALIASES.get(name, name))
    return kind if isinstance(kind, OpKind) else None


def by_sign(sign: str, *operands: object) -> Results:
    """The op an operator stands for, by its sign or its word."""
    return call(_signs().get(sign) or vocabulary().of(OpKind, sign), operands, {})


@cache
def _signs() -> dict[str, OpKind]:
    return {kind.operator: kind for kind in vocabulary().every(OpKind) if kind.operator}


def call(kind: OpKind, positional: Sequence[object], keywords: Mapping[str, object]) -> Results:
    """The result of an op: a tensor, or a tuple of them.

    Raises TypeError and ValueError where arguments do not fit; while a network is traced,
    DiagnosticError with the line of the script.
    """
    trace = current_trace()
    if trace is not None and trace.takes((*positional, *keywords.values())):
        return trace.op(kind, bound(kind, positional, keywords, trace.value_of))
    arguments = bound(kind, positional, keywords, immediate)
    try:
        results = run_op(kind, arguments)
    except Misfit as error:
        help = f"; {error.help}" if error.help else ""
        raise ValueError(f"{kind.name}: {error}{help}") from None
    tensors = tuple(map(as_tensor, results))
    return tensors[0] if len(tensors) == 1 else tensors


def op(word: str, *given: object, **named: object) -> Tensor:
    """The result of an op that gives one tensor."""
    found = call(_word(word), given, named)
    assert isinstance(found, Tensor), word
    return found


def ops(word: str, *given: object, **named: object) -> tuple[Tensor, ...]:
    """The results of an op that gives several tensors."""
    found = call(_word(word), given, named)
    assert isinstance(found, tuple), word
    return found


@cache
def _word(word: str) -> OpKind:
    return vocabulary().of(OpKind, word)


def bound(
    kind: OpKind,
    positional: Sequence[object],
    keywords: Mapping[str, object],
    value_of: Callable[[Tensor], object],
) -> Arguments:
    """The arguments in canonical form, with what ``value_of`` gives in the place of tensors.

    Raises TypeError and ValueError.
    """
    given = _matched(kind, positional, keywords)
    found = {}
    for argument in kind.signature.arguments:
        if argument.name not in given:
            found[argument.name] = argument.canonical
        else:
            found[argument.name] = _accepted(kind, argument, given[argument.name], value_of)
    return Arguments(found)


def _matched(
    kind: OpKind, positional: Sequence[object], keywords: Mapping[str, object]
) -> dict[str, object]:
    names = kind.signature.names
    repeating = kind.signature.repeating
    if repeating is not None and len(positional) >= len(names):
        at = names.index(repeating.name)
        positional = (*positional[:at], positional[at:])
    if len(positional) > len(names):
        raise TypeError(
            f"{kind.name} takes at most {len(names)} arguments, found {len(positional)}"
        )
    given = dict(zip(names, positional, strict=False))
    for name, value in keywords.items():
        own = _own_name(name, names)
        if own is None:
            near = closest(name, names)
            hint = f"; did you mean '{near[0]}'?" if near else f"; it takes {', '.join(names)}"
            raise TypeError(f"{kind.name} does not have an argument '{name}'{hint}")
        if own in given:
            raise TypeError(f"{kind.name} is given '{name}' twice")
        given[own] = value
    missing = [a.name for a in kind.signature.arguments if a.required and a.name not in given]
    if missing:
        raise TypeError(f"{kind.name} needs {', '.join(missing)}")
    return given


_OTHER_NAMES = {
    "keepdims": ("keep_dims", "keepdim"),
    "keep_dims": ("keepdims", "keepdim"),
    "keepdim": ("keep_dims", "keepdims"),
    "dim": ("axis",),
    "dims": ("axis", "reps"),
    "axis": ("dim",),
    "dim0": ("axis0",),
    "dim1": ("axis1",),
    "x": ("input",),
    "input_x": ("input",),
    "input": ("x", "input_x"),
    "logits": ("input",),
    "value": ("input",),
    "mat": ("input",),
    "dividend": ("input",),
    "divisor": ("other",),
    "y": ("other",),
    "mat2": ("other",),
    "exponent": ("other",),
    "clip_value_min": ("min",),
    "clip_value_max": ("max",),
}
"""MindSpore spells some arguments in several ways, by version and by function or method."""


def _own_name(name: str, names: Sequence[str]) -> str | None:
    if name in names:
        return name
    return next((other for other in _OTHER_NAMES.get(name, ()) if other in names), None)


def _accepted(
    kind: OpKind, argument: Argument, given: object, value_of: Callable[[Tensor], object]
) -> object:
    """The given value, its tensors as tensors; where none is taken, as numbers."""
    try:
        return argument.type.accept(_converted(given, value_of))
    except Mismatch as error:
        problem = f"'{argument.name}' of {kind.name}: {error}"
    try:
        return argument.type.accept(_converted(given, _numbers))
    except (Mismatch, TypeError):
        raise ValueError(problem) from None


def _numbers(tensor: Tensor) -> object:
    return _converted(tensor.asnumpy().tolist(), _numbers)


def _converted(given: object, value_of: Callable[[Tensor], object]) -> object:
    if isinstance(given, Tensor):
        return value_of(given)
    if isinstance(given, Size):
        return bare(given)
    if isinstance(given, np.generic):
        return given.item()
    if isinstance(given, np.ndarray):
        return value_of(Tensor(given))
    if isinstance(given, list | tuple):
        return tuple(_converted(item, value_of) for item in given)
    if given is int or given is float or given is bool:
        return BY_NUMPY[{"int": "int64", "float": "float32", "bool": "bool"}[given.__name__]]
    return given
