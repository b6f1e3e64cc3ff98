"""Ops that pick elements: slices, gathers, one-hot codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

from declspore.ir.dtype import FLOAT32, INT32, DType
from declspore.ir.formula import Applied, Formula
from declspore.ir.shape import Affine, Dim, TensorType, ceil_divide
from declspore.ir.subscripts import NEW, REST, Part, Parts, spread, turned
from declspore.ir.tensors import Array
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, places_of, type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.lines import is_backwards, numbers_to, size_of
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Lossy, Rejoined, Undone, listed, the_operand
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import (
    Anything,
    ElementType,
    Extent,
    Integer,
    ListOf,
    Number,
    Optional,
    Tensor,
)

_X = Argument("input", Tensor(), help="a tensor")
_INDICES = Argument("indices", Tensor(), help="integers")


def _sliced(size: Dim, start: Dim | None, stop: Dim | None, step: Dim | None) -> Dim:
    """How many elements a slice of an axis has. Raises Misfit where that is not known."""
    if isinstance(start, Affine) or isinstance(stop, Affine) or isinstance(step, Affine):
        return _sliced_to(size, start, stop, step)
    if isinstance(size, int):
        return len(range(size)[start:stop:step])
    step = 1 if step is None else step
    if step == 0 or (step < 0 and (start, stop) != (None, None)):
        raise Misfit(f"a step of {step} over an axis of size {size}")
    return (_run(size, start or 0, stop) + (abs(step) - 1)) // abs(step)


def _sliced_to(size: Dim, start: Dim | None, stop: Dim | None, step: Dim | None) -> Dim:
    """The same where a bound is a free size, which must lie within the axis."""
    if step is not None and (isinstance(step, Affine) or step < 1):
        raise Misfit(f"a slice to a free size has a positive step, found {step}")
    first = _bound(size, 0 if start is None else start)
    last = _bound(size, size if stop is None else stop)
    length = ceil_divide(last - first, step or 1)
    if isinstance(length, int) and length < 0:
        raise Misfit(f"nothing is left of an axis of size {size} from {first} to {last}")
    return length


def _bound(size: Dim, bound: Dim) -> Dim:
    """A bound from the beginning of the axis."""
    return size + bound if is_backwards(bound) else bound


def _run(size: Dim, first: int, last: int | None) -> Dim:
    if first < 0:
        return -first if last is None else last - first  # from the end, as far as it reaches
    if last is None:
        return size - first
    return size + (last - first) if last < 0 else max(last - first, 0)


def _parts(a: Arguments) -> Parts:
    """A part for each axis that is named, or that ``...`` stands for. Raises Misfit."""
    x = type_of(a.input)
    if a.parts.count(REST) > 1:
        raise Misfit("`...` stands for all axes that are left, so it can stand there once only")
    if turned(a.parts) > x.rank:
        raise Misfit(f"{x} has {x.rank} axes, {turned(a.parts)} are indexed")
    return spread(a.parts, x.rank)


def _infer_slice(a: Arguments) -> TensorType:
    x = type_of(a.input)
    dims: list[Dim] = []
    axis = 0
    for part in _parts(a):
        if part == NEW:
            dims.append(1)
            continue
        size = x.shape[axis]
        if isinstance(part, tuple):
            dims.append(_sliced(size, *part))
        elif isinstance(size, int) and isinstance(part, int) and not -size <= part < size:
            raise Misfit(f"axis {axis} of {x} has no element {part}")
        axis += 1
    return x.with_shape((*dims, *x.shape[axis:]))


def _lower_slice(b: Builder, a: Arguments) -> Value:
    """Backwards is forwards over the axis turned round: PyTorch has no negative steps."""
    shape = type_of(a.input).shape
    index: list[slice | Dim | None] = []
    backwards: list[int] = []
    axis = 0
    free: dict[int, Part] = {}
    for written in _parts(a):
        part = (None, None, None) if _is_free(written) else written
        if _is_free(written):
            free[axis] = written
        cut = slice(*part) if isinstance(part, tuple) else None if isinstance(part, str) else part
        if isinstance(cut, slice) and (cut.step or 1) < 0:
            backwards.append(axis)
            cut = _turned_round(cut, shape[axis])
        index.append(cut)
        axis += part != NEW
    x, gone = b.plain(a.input), set()
    for place, part in sorted(free.items(), key=itemgetter(0), reverse=True):
        x = _taken(b, x, place, shape[place], part)
        if not isinstance(part, tuple):  # the axis is gone
            gone.add(_place_of(index, place))
    index = [cut for at, cut in enumerate(index) if at not in gone]
    for backward in backwards:  # Keras before 3.13 takes one at a time
        x = b.keras.ops.flip(x, axis=backward)
    return b.from_plain(x[tuple(index)])


def _place_of(index: Sequence[object], axis: int) -> int:
    """Where an axis is in subscripts, some of which make new axes."""
    places = [place for place, cut in enumerate(index) if cut is not None]
    return places[axis]


def _is_free(part: Part) -> bool:
    """Whether a subscript has a size that is known only when the model runs."""
    bounds = part if isinstance(part, tuple) else (part,)
    return any(isinstance(bound, Affine) for bound in bounds)


def _taken(b: Builder, x: Plain, axis: int, size: Dim, part: Part) -> Plain:
    """The elements of an axis that a subscript of free sizes takes."""
    assert not isinstance(part, str)
    if not isinstance(part, tuple):
        return b.keras.ops.take(x, size_of(b, _bound(size, part)), axis=axis)
    start, _, step = part
    first = _bound(size, 0 if start is None else start)
    places = numbers_to(b, _sliced_to(size, *part)) * (step or 1) + size_of(b, first)
    return b.keras.ops.take(x, places, axis=axis)


def _turned_round(cut: slice, size: Dim) -> slice:
    """The elements of a backward slice, in its order, of the axis turned round."""
    if not isinstance(size, int):  # of which a backward slice takes the whole
        return slice(None, None, -cut.step)
    found = range(size)[cut]
    return slice(size - 1 - found[0], size - found[-1], -cut.step) if found else slice(0)


def _compute_slice(n: Arrays, a: Arguments) -> Array:
    return a.input.array[tuple(_index_of(part) for part in _parts(a))]


def _index_of(part: Part) -> slice | Dim | None:
    if isinstance(part, tuple):
        return slice(*part)
    return None if isinstance(part, str) else part


_UNCUT = ((None, None), (None, None, None), (None, None, 1))
_BACKWARDS = (None, None, -1)


def _undo_slice(formula: Applied, text: str) -> Undone:
    """Slices that leave nothing out only reverse axes, or add some of size 1."""
    operand = the_operand(formula)
    parts = spread(formula.arguments.parts, operand.type.rank)
    axes = [part for part in parts if part != NEW]
    if any(part not in (*_UNCUT, _BACKWARDS) for part in axes):
        raise Lossy("a slice leaves elements out")
    if NEW in parts:
        text = f"reshape({text}, {listed(operand.type.shape)})"
    if _BACKWARDS in axes:
        steps = ["::-1" if part == _BACKWARDS else ":" for part in axes]
        text = f"{text}[{', '.join(steps)}]"
    return [(operand, text)]


def _rejoin_slices(parts: Sequence[Formula]) -> Rejoined:
    """Of slices of one value along one axis that are all of it, each element once."""
    cuts = [cut for part in parts for cut in _cuts(part, every_axis=len(parts) == 1)]
    (whole, axis, _), *others = cuts or [(parts[0], 0, range(0))]
    if len(cuts) != len(parts) or any(other[:2] != (whole, axis) for other in others):
        raise Lossy("its parts are not slices of one value along one axis")
    order = sorted(range(len(cuts)), key=lambda index: (cuts[index][2].start, cuts[index][2].stop))
    end = 0
    for taken in (cuts[index][2] for index in order):
        if taken.start != end:
            raise Lossy("its parts are not all of it, each once")
        end = taken.stop
    if end != whole.type.shape[axis]:
        raise Lossy("a part of it is left out")
    return Rejoined(whole, f"concat(them, axis = {axis})", tuple(order))


def _cuts(part: Formula, *, every_axis: bool) -> Iterator[tuple[Formula, int, range]]:
    """What a slice was taken from, and of which axis which places. Raises Lossy."""
    if not (isinstance(part, Applied) and part.word == "getitem"):
        raise Lossy("its parts are not put together again by any word")
    whole = the_operand(part)
    for axis, place in enumerate(part.arguments.parts):
        size = whole.type.shape[axis]
        assert isinstance(size, int)
        if not isinstance(place, tuple) or place[2:] not in ((), (None,), (1,)):
            raise Lossy("its parts are not whole slices")
        taken = range(size)[slice(*place)]
        if every_axis or (taken.start, taken.stop) != (0, size):
            yield whole, axis, taken


def _infer_gather(a: Arguments) -> TensorType:
    x, indices = type_of(a.input_params), places_of(a.input_indices)
    axis, batch = axis_of(x, a.axis), a.batch_dims
    if batch and (axis != batch or indices.rank != batch + 1):
        raise Misfit(f"with batch_dims = {batch}, axis is {batch} and indices have one axis more")
    if indices.shape[:batch] != x.shape[:batch]:
        raise Misfit(f"{indices} must have the first {batch} axes of {x}")
    return x.with_shape((*x.shape[:axis], *indices.shape[batch:], *x.shape[axis + 1 :]))


def _lower_gather(b: Builder, a: Arguments) -> Value:
    ops, axis = b.keras.ops, axis_of(a.input_params, a.axis)
    x, indices = b.plain(a.input_params), b.plain(a.input_indices)
    if not a.batch_dims:
        return b.from_plain(ops.take(x, indices, axis=axis))
    beside = (None,) * (type_of(a.input_params).rank - axis - 1)
    return b.from_plain(ops.take_along_axis(x, indices[(..., *beside)], axis=axis))


def _compute_gather(n: Arrays, a: Arguments) -> Array:
    axis, x, indices = axis_of(a.input_params, a.axis), a.input_params.array, a.input_indices.array
    if not a.batch_dims:
        return n.np.take(x, indices, axis=axis)
    after = (None,) * (a.input_params.type.rank - axis - 1)
    return n.np.take_along_axis(x, indices[(..., *after)], axis=axis)


def _infer_gather_elements(a: Arguments) -> TensorType:
    """On the other axes the index may be shorter: it takes the first places."""
    x, indices = type_of(a.input), places_of(a.index)
    axis = axis_of(x, a.dim)
    if indices.rank != x.rank:
        raise Misfit(f"{indices} must have as many axes as {x}")
    for n, (size, count) in enumerate(zip(x.shape, indices.shape, strict=True)):
        shorter = isinstance(size, int) and isinstance(count, int) and count <= size
        if n != axis and size != count and not shorter:
            raise Misfit(f"axis {n} of {indices} reaches beyond that of {x}")
    return x.with_shape(indices.shape)


def _lower_gather_elements(b: Builder, a: Arguments) -> Value:
    axis, x, index = axis_of(a.input, a.dim), b.plain(a.input), b.plain(a.index)
    sizes = zip(type_of(a.input).shape, type_of(a.index).shape, strict=True)
    first = [
        slice(None) if n == axis or size == count else slice(0, count)
        for n, (size, count) in enumerate(sizes)
    ]
    x = x if all(part == slice(None) for part in first) else x[tuple(first)]
    return b.from_plain(b.keras.ops.take_along_axis(x, index, axis=axis))


def _infer_one_hot(a: Arguments) -> TensorType:
    indices = places_of(a.indices)
    axis = axis_of(indices, a.axis, extra=1)
    return TensorType(FLOAT32, (*indices.shape[:axis], a.depth, *indices.shape[axis:]))


def _lower_one_hot(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.indices, a.axis, extra=1)
    last = axis == type_of(a.indices).rank
    places = b.plain(a.indices)
    code = b.keras.ops.one_hot(places, a.depth, axis=-1 if last else axis, dtype="float32")
    if (a.on_value, a.off_value) == (1.0, 0.0):
        return b.from_plain(code)
    on, off = (b.keras.ops.full_like(code, value) for value in (a.on_value, a.off_value))
    return b.from_plain(b.keras.ops.where(code > 0, on, off))


def _infer_arange(a: Arguments) -> TensorType:
    if a.step == 0:
        raise Misfit("a step must not be 0")
    if not (a.dtype.is_float or a.dtype.is_integer):
        raise Misfit(f"arange gives numbers, not {a.dtype.short}", "cast(arange(...), bool)")
    start, end = _bounds(a)
    if isinstance(start, int) and isinstance(end, int):
        many = len(range(start, end, a.step))
        if not many:
            help = f"step = {-a.step}" if start != end else None
            raise Misfit(f"there are no numbers from {start} to {end} in steps of {a.step}", help)
        return TensorType(a.dtype, (many,))
    if a.step < 0:
        raise Misfit("up to a free size, a step must be positive", "flip(arange(0, T), 0)")
    return TensorType(a.dtype, (ceil_divide(end - start, a.step),))


def _bounds(a: Arguments) -> tuple[Dim, Dim]:
    """Where numbers begin and what they end before: one alone is the end."""
    return (0, a.start) if a.end is None else (a.start, a.end)


def _lower_arange(b: Builder, a: Arguments) -> Value:
    start, end = _bounds(a)
    if isinstance(start, int) and isinstance(end, int):
        return b.from_plain(b.keras.ops.arange(start, end, a.step, dtype=a.dtype.numpy))
    found = numbers_to(b, b.output_type.shape[0]) * a.step + size_of(b, start)
    return b.from_plain(b.keras.ops.cast(found, a.dtype.numpy))


def _like(word: str, summary: str, value: float) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(lambda x: b.keras.ops.full_like(x, value), a.input)

    return OpKind(
        name=word,
        signature=signature(_X),
        summary=summary,
        example=f"{word}(x)",
        infer=lambda a: type_of(a.input),
        lower=lower,
        compute=lambda n, a: n.np.full_like(n.wide(a.input), value),
    )


def _dtype(name: str, default: DType) -> Argument:
    return Argument(name, ElementType(), default, "element type of the result")


KINDS = (
    OpKind(
        name="getitem",
        signature=signature(
            _X, Argument("parts", ListOf(Anything()), help="what the brackets hold, axis by axis")
        ),
        summary="Elements by place: what `x[:, 0, 1:]` or `x[..., 0]` stands for.",
        example="x[:, 0, 0:1]",
        infer=_infer_slice,
        lower=_lower_slice,
        compute=_compute_slice,
        moves=True,
        undo=_undo_slice,
        rejoin=_rejoin_slices,
    ),
    OpKind(
        name="gather",
        signature=signature(
            Argument("input_params", Tensor(), help="a tensor"),
            Argument("input_indices", Tensor(), help="integers"),
            Argument("axis", Integer(), help="the axis the indices are of"),
            Argument("batch_dims", Integer(0), 0, "how many first axes both share"),
        ),
        summary="Elements of an axis by index; the axes of the indices take its place.",
        example="gather(x, cast(y, i32)[0, :, 0, 0], 1)",
        infer=_infer_gather,
        lower=_lower_gather,
        compute=_compute_gather,
        moves=True,
    ),
    OpKind(
        name="gather_elements",
        signature=signature(
            _X,
            Argument("dim", Integer(), help="the axis the indices are of"),
            Argument("index", Tensor(), help="integers, with as many axes as input"),
        ),
        summary="For each index the element of that axis at the index's own place.",
        example="gather_elements(x, 1, cast(y, i32))",
        infer=_infer_gather_elements,
        lower=_lower_gather_elements,
        **by_numpy(_lower_gather_elements),
    ),
    OpKind(
        name="one_hot",
        signature=signature(
            _INDICES,
            Argument("depth", Integer(1), help="how many classes"),
            Argument("on_value", Number(), 1.0, "at the index"),
            Argument("off_value", Number(), 0.0, "elsewhere"),
            Argument("axis", Integer(), -1, "the axis of the classes"),
        ),
        summary="A vector for each index, on_value at its place.",
        example="one_hot(cast(floor(x), i32), 4)",
        infer=_infer_one_hot,
        lower=_lower_one_hot,
        **by_numpy(_lower_one_hot),
    ),
    OpKind(
        name="size_of",
        signature=signature(Argument("dim", Extent(0), help="a name of a type, or made of them")),
        summary="A size of the types of inputs as a scalar; `x / T` means `x / size_of(T)`.",
        example="size_of(4)",
        infer=lambda a: TensorType(INT32, ()),
        lower=lambda b, a: b.from_plain(size_of(b, a.dim)),
    ),
    OpKind(
        name="arange",
        signature=signature(
            Argument("start", Extent(), 0, "the first number; the end, where there is none"),
            Argument("end", Optional(Extent()), None, "beyond the last"),
            Argument("step", Integer(), 1, "from one to the next"),
            _dtype("dtype", INT32),
        ),
        summary="Numbers from start up to end.",
        example="x + cast(arange(0, 1), f32)",
        infer=_infer_arange,
        lower=_lower_arange,
    ),
    _like("zeros_like", "Zeros of the same shape and type.", 0.0),
    _like("ones_like", "Ones of the same shape and type.", 1.0),
)
