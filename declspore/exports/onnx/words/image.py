"""Images: grids, windows, blocks, neighbours."""

from __future__ import annotations

from itertools import product

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.exports.onnx.words.arrange import part
from declspore.ir.shape import static
from declspore.ir.term import Arguments

# ---- grids


def _grid_sample(n: Lowering, a: Arguments) -> str:
    if a.mode == "nearest":
        raise WithoutForm("of two elements that are equally near ONNX takes another one")
    options = {"mode": "bilinear", "padding_mode": a.padding_mode}
    return n.emit("GridSample", a.input, a.grid, align_corners=int(a.align_corners), **options)


def _affine_grid(n: Lowering, a: Arguments) -> str:
    sizes = static(a.size[2:])
    assert sizes is not None
    rows, columns = (_line(size, a.align_corners) for size in sizes)
    places = n.constant([[x, y, 1.0] for y in rows for x in columns], n.type.dtype.numpy)
    found = n.emit("MatMul", places, n.emit("Transpose", a.theta, perm=[0, 2, 1]))
    return n.emit("Reshape", found, n.constant([-1, *sizes, 2]))


def _line(size: int, cornered: bool) -> list[float]:
    """The middles of the elements from -1 to 1, or the outermost ones at its ends."""
    if size == 1:
        return [0.0]
    if cornered:
        return [2.0 * index / (size - 1) - 1.0 for index in range(size)]
    return [(2.0 * index + 1.0) / size - 1.0 for index in range(size)]


# ---- windows


def _unfold(n: Lowering, a: Arguments) -> str:
    """Every element of the window by itself, through all windows."""
    x: Tensor = a.input
    value = x.name
    if any(a.padding):
        sides = [0, 0, *a.padding]
        value = n.emit("Pad", value, n.constant([*sides, *sides]), mode="constant")
    found = []
    for place in product(*map(range, a.kernel_size)):
        starts, stops = [], []
        for at, size, rate in zip(place, a.kernel_size, a.dilation, strict=True):
            left = rate * (size - 1 - at)
            starts.append(at * rate)
            stops.append(-left if left else 2**62)
        bounds = (n.constant(each) for each in (starts, stops, [2, 3], list(a.stride)))
        cut = n.emit("Slice", value, *bounds)
        found.append(n.emit("Unsqueeze", cut, n.constant([2])))
    windows = n.emit("Concat", *found, axis=2)
    channels = n.type.shape[1]
    assert isinstance(channels, int)
    return n.emit("Reshape", windows, n.constant([0, channels, -1]))


def _fold(n: Lowering, a: Arguments) -> str:
    sizes, window = n.constant(list(a.output_size)), n.constant(list(a.kernel_size))
    options = {"dilations": list(a.dilation), "strides": list(a.stride)}
    return n.emit("Col2Im", a.input, sizes, window, pads=[*a.padding, *a.padding], **options)


# ---- blocks


def _depth_to_space(n: Lowering, a: Arguments) -> str:
    return n.emit("DepthToSpace", a.x, blocksize=a.block_size, mode="DCR")


def _space_to_depth(n: Lowering, a: Arguments) -> str:
    return n.emit("SpaceToDepth", a.x, blocksize=a.block_size)


def _unshuffle(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    """The place within a square is the inner part of a channel's number."""
    given: Tensor = a.input if x is None else x
    (channels, height, width), r = static(given.type.shape[1:]) or (0, 0, 0), a.downscale_factor
    split = n.constant([0, channels, height // r, r, width // r, r])
    moved = n.emit("Transpose", n.emit("Reshape", given, split), perm=[0, 1, 3, 5, 2, 4])
    return n.emit("Reshape", moved, n.constant([0, channels * r * r, height // r, width // r]))


# ---- neighbours and parts


def _response(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    """ONNX divides alpha by how many channels count."""
    given: Tensor = a.input if x is None else x
    size = 2 * a.depth_radius + 1
    numbers = {"alpha": float(a.alpha * size), "beta": float(a.beta), "bias": float(a.bias)}
    return n.emit("LRN", given, size=size, **numbers)


def _crop(n: Lowering, a: Arguments, x: Tensor) -> str:
    value = x.name
    for axis in (x.type.rank - 2, x.type.rank - 1):
        size = x.type.shape[axis]
        assert isinstance(size, int)
        start = int((size - float(size * a.central_fraction)) / 2)
        value = part(n, value, axis, start, size - start)
    return value


def _gradients(n: Lowering, a: Arguments, x: Tensor) -> tuple[str, ...]:
    """What the next element is larger by; 0 at the end."""
    found = []
    for axis in (2, 3):
        last = part(n, x.name, axis, -1, 2**62)
        later = n.emit("Concat", part(n, x.name, axis, 1, 2**62), last, axis=axis)
        found.append(n.emit("Sub", later, x))
    return tuple(found)


def _psnr(n: Lowering, a: Arguments, x: Tensor, y: Tensor) -> str:
    dtype = n.type.dtype
    apart = n.emit("Sub", x, y)
    error = n.emit("ReduceMean", n.emit("Mul", apart, apart), n.constant([1, 2, 3]), keepdims=0)
    ratio = n.emit("Div", n.scalar(a.max_val**2, dtype), error)
    return n.emit("Mul", n.emit("Log", ratio), n.scalar(10.0 / 2.302585092994046, dtype))


LOWERINGS: dict[str, Lower] = {
    "grid_sample": _grid_sample,
    "affine_grid": _affine_grid,
    "unfold": _unfold,
    "fold": _fold,
    "depth_to_space": _depth_to_space,
    "space_to_depth": _space_to_depth,
    "PixelUnshuffle": _unshuffle,
    "pixel_unshuffle": _unshuffle,
    "LRN": _response,
    "lrn": _response,
    "CentralCrop": _crop,
    "ImageGradients": _gradients,
    "PSNR": _psnr,
}
