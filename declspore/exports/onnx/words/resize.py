"""Interpolation: along each axis a product with the matrix of its weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.term import Arguments
from declspore.numerics.resize import weights


def _resize(n: Lowering, a: Arguments, x: Tensor) -> str:
    value, rank = x.name, x.type.rank
    for axis in range(2, rank):
        size, new = x.type.shape[axis], n.type.shape[axis]
        if size == new:
            continue
        if not isinstance(size, int) or not isinstance(new, int):
            raise WithoutForm("it changes the size of an axis whose size is free")
        matrix = n.constant(_matrix(a, axis - 1, size, new), n.type.dtype.numpy)
        value = along(n, value, matrix, axis, rank)
    return n.emit("Identity", value) if value == x.name else value


def _matrix(a: Arguments, axis: int, size: int, new: int) -> object:
    """[size, new]: what each old element gives to each new one."""
    found = np.zeros((size, new))
    for places, shares in weights(a, axis, size, new):
        for index, (place, share) in enumerate(zip(places, shares, strict=True)):
            found[place, index] += share
    return found


def along(n: Lowering, value: str, matrix: str, axis: int, rank: int) -> str:
    """The product of a value with a matrix [old, new] along one axis."""
    if axis == rank - 1:
        return n.emit("MatMul", value, matrix)
    order = [*(each for each in range(rank) if each != axis), axis]
    back = [order.index(each) for each in range(rank)]
    moved = n.emit("MatMul", n.emit("Transpose", value, perm=order), matrix)
    return n.emit("Transpose", moved, perm=back)


def _image(mode: str) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        usual = {"half_pixel_centers": False, "mode": mode, "scale_factor": None}
        return _resize(n, Arguments({**usual, "recompute_scale_factor": None, **a}), a.input)

    return lower


LOWERINGS: dict[str, Lower] = {
    "Upsample": _resize,
    "interpolate": lambda n, a: _resize(n, a, a.input),
    "resize_bilinear": _image("bilinear"),
    "resize_nearest_neighbor": _image("nearest"),
}
