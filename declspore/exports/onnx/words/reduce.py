"""What reduces axes, accumulates or orders along one."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.exports.onnx.words.arrange import part
from declspore.ir.dtype import BOOL, INT32
from declspore.ir.term import Arguments
from declspore.numerics.axes import axes_of, axis_of


def _reduction(operator: str) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        axes = axes_of(a.input, a.axis)
        x = n.cast(a.input, n.type.dtype)
        if not axes:
            return n.emit("Identity", x)
        return n.emit(operator, x, n.constant(list(axes)), keepdims=int(a.keep_dims))

    return lower


def _mean(n: Lowering, a: Arguments) -> str:
    if not n.type.dtype.is_float:
        raise WithoutForm("the mean of integers is an integer")
    return _reduction("ReduceMean")(n, a)


def _truth(operator: str) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        axes = n.constant(list(axes_of(a.input, a.axis)))
        numbers = n.emit("Cast", n.cast(a.input, BOOL), to=INT32.numpy)
        found = n.emit(operator, numbers, axes, keepdims=int(a.keep_dims))
        return n.emit("Cast", found, to=BOOL.numpy)

    return lower


def _variance(root: bool) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        axes = axes_of(a.input, a.axis)
        x, over = n.cast(a.input, n.type.dtype), n.constant(list(axes))
        centred = n.emit("Sub", x, n.emit("ReduceMean", x, over, keepdims=1))
        squares = n.emit("Mul", centred, centred)
        found = n.emit("ReduceMean", squares, over, keepdims=int(a.keep_dims))
        if a.ddof:
            sizes = [a.input.type.shape[axis] for axis in axes]
            if not all(isinstance(size, int) for size in sizes):
                raise WithoutForm("its ddof needs sizes that are known")
            count = prod(sizes)
            found = n.emit("Mul", found, n.scalar(count / (count - a.ddof), n.type.dtype))
        return n.emit("Sqrt", found) if root else found

    return lower


def _arg(operator: str) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        if a.axis is None:
            line = n.emit("Reshape", a.input, n.constant([-1]))
            found = n.emit(operator, line, axis=0, keepdims=0)
        else:
            axis = axis_of(a.input, a.axis)
            found = n.emit(operator, a.input, axis=axis, keepdims=int(a.keep_dims))
        return n.emit("Cast", found, to=n.type.dtype.numpy)

    return lower


def _extreme(reduce: str, place: str) -> Callable[..., tuple[str, ...]]:
    """The largest element along an axis, and where it is."""

    def lower(n: Lowering, a: Arguments) -> tuple[str, ...]:
        if a.axis is None:  # MindSpore's place in all of a tensor is 0
            return n.emit(reduce, a.input, keepdims=0), n.constant(0, n.types[1].dtype.numpy)
        axis, keep = axis_of(a.input, a.axis), int(a.keepdims)
        found = n.emit(reduce, a.input, n.constant([axis]), keepdims=keep)
        where = n.emit(place, a.input, axis=axis, keepdims=keep)
        return found, n.emit("Cast", where, to=n.types[1].dtype.numpy)

    return lower


def _cumsum(n: Lowering, a: Arguments) -> str:
    axis = n.constant(axis_of(a.input, a.axis))
    return n.emit("CumSum", n.cast(a.input, n.type.dtype), axis)


def _topk(n: Lowering, a: Arguments) -> tuple[str, ...]:
    axis = axis_of(a.input, -1 if a.dim is None else a.dim)
    return _ordered(n, a.input, n.constant([a.k]), axis, a.largest)


def _ordered(n: Lowering, x: Tensor | str, count: str, axis: int, largest: bool) -> tuple[str, ...]:
    values, places = n.emit_many("TopK", 2, x, count, axis=axis, largest=int(largest), sorted=1)
    return values, n.emit("Cast", places, to=INT32.numpy)


def _sort(n: Lowering, a: Arguments) -> tuple[str, ...]:
    axis = axis_of(a.input, a.axis)
    size = n.graph.size(a.input.type.shape[axis])
    return _ordered(n, a.input, size, axis, a.descending)


def _argsort(n: Lowering, a: Arguments) -> str:
    return _sort(n, a)[1]


def _median(n: Lowering, a: Arguments) -> tuple[str, ...]:
    """Of an even number the smaller of the two in the middle."""
    axis, keep = axis_of(a.input, a.axis), a.keepdims
    size = a.input.type.shape[axis]
    assert isinstance(size, int)
    middle = (size - 1) // 2
    ordered = n.emit_many(
        "TopK", 2, a.input, n.constant([middle + 1]), axis=axis, largest=0, sorted=1
    )
    found = [n.emit("Gather", one, n.constant([middle]), axis=axis) for one in ordered]
    if not keep:
        found = [n.emit("Squeeze", one, n.constant([axis])) for one in found]
    return found[0], n.emit("Cast", found[1], to=n.types[1].dtype.numpy)


def _running(wins: str) -> Callable[..., tuple[str, ...]]:
    """The best of the elements up to each, and where the last such is: what was found so far covers
    twice as many elements at each step."""

    def lower(n: Lowering, a: Arguments) -> tuple[str, ...]:
        x: Tensor = a.input
        axis = axis_of(x, a.axis)
        size = x.type.shape[axis]
        assert isinstance(size, int)
        line = [1] * x.type.rank
        line[axis] = size
        count = n.emit("Reshape", n.constant(list(range(size))), n.constant(line))
        where, best = n.emit("Expand", count, n.emit("Shape", x)), x.name
        step = 1
        while step < size:
            (first, begun), (later, places), (before, old) = (
                [part(n, one, axis, *bounds) for one in (best, where)]
                for bounds in ((0, step), (step, size), (0, size - step))
            )
            better = n.emit(wins, later, before)
            if x.type.dtype.is_float:
                better = n.emit("Or", better, n.emit("IsNaN", later))
            best = n.emit("Concat", first, n.emit("Where", better, later, before), axis=axis)
            where = n.emit("Concat", begun, n.emit("Where", better, places, old), axis=axis)
            step *= 2
        return best, n.emit("Cast", where, to=n.types[1].dtype.numpy)

    return lower


def _cumprod(n: Lowering, a: Arguments) -> str:
    axis = axis_of(a.input, a.dim)
    size = a.input.type.shape[axis]
    if not isinstance(size, int):
        raise WithoutForm("it multiplies along an axis whose size is free")
    value, step = n.cast(a.input, n.type.dtype), 1
    while step < size:
        product = n.emit(
            "Mul", part(n, value, axis, step, size), part(n, value, axis, 0, size - step)
        )
        value = n.emit("Concat", part(n, value, axis, 0, step), product, axis=axis)
        step *= 2
    return n.emit("Identity", value)


LOWERINGS: dict[str, Lower] = {
    "sum": _reduction("ReduceSum"),
    "prod": _reduction("ReduceProd"),
    "amax": _reduction("ReduceMax"),
    "amin": _reduction("ReduceMin"),
    "logsumexp": _reduction("ReduceLogSumExp"),
    "mean": _mean,
    "all": _truth("ReduceMin"),
    "any": _truth("ReduceMax"),
    "var": _variance(False),
    "std": _variance(True),
    "argmax": _arg("ArgMax"),
    "argmin": _arg("ArgMin"),
    "max": _extreme("ReduceMax", "ArgMax"),
    "min": _extreme("ReduceMin", "ArgMin"),
    "cumsum": _cumsum,
    "topk": _topk,
    "sort": _sort,
    "argsort": _argsort,
    "median": _median,
    "cummax": _running("GreaterOrEqual"),
    "cummin": _running("LessOrEqual"),
    "cumprod": _cumprod,
}
