"""Indexing of tensors, functions and primitives of ops: what each gives."""

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops
from mindspore.ops import operations as P

cube = Tensor(np.arange(24).reshape(2, 3, 4).astype(np.float32))
plane = Tensor(np.array([[1.5, -2.0, 0.25], [0.0, 3.0, -1.0]], np.float32))
other = Tensor(np.array([[2.0, 1.0, -1.0], [0.5, 0.0, 4.0]], np.float32))
square = Tensor(np.array([[2.0, 1.0, 0.5], [0.0, 3.0, 1.0], [1.0, 0.0, 4.0]], np.float32))
vector = Tensor(np.array([1.0, 2.0, 4.0], np.float32))
holes = Tensor(np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 6.0]], np.float32))
x = ops.relu(cube)


def text(value):
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(text, value)) + ")"
    if not isinstance(value, Tensor):
        return str(value)
    array = value.asnumpy()
    figures = [f"{figure:.4g}" for figure in array.ravel()[:8].astype(np.float64)]
    return f"{value.dtype}{list(array.shape)} {' '.join(figures)}"


def say(name, make):
    print(name, text(make()))


# ---- indexing
say("mask", lambda: x[x > 10])
say("mask of an axis", lambda: x[Tensor([True, False])])
say("mask later", lambda: x[:, Tensor([True, False, True])])
say("places", lambda: x[[0, 1, 1]])
say("places later", lambda: x[:, Tensor([0, 2])])
say("two axes", lambda: x[Tensor([0, 1]), Tensor([2, -1])])
say("dots", lambda: x[..., Tensor([3, 0])])
say("number", lambda: x[0, Tensor([1, 2])])
say("matrix", lambda: x[Tensor([[0, 1], [1, 0]])])
say("none", lambda: x[None, Tensor([1])])
say("derived", lambda: ops.grad(lambda t: (t[t > 3] * t[t > 3]).sum())(cube[0]))
changed = ops.relu(plane)
changed[changed > 1] = -1.0
changed[:, 2] = Tensor([7.0, 8.0])
say("changed", lambda: changed)


class Chosen(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(4, 2, weight_init="ones", bias_init="zeros")

    def construct(self, x, mask):
        return self.dense(x[mask])


say("in a cell", lambda: Chosen()(cube[0], Tensor(np.array([True, False, True]))))

# ---- by value
say("nonzero", lambda: ops.nonzero(plane))
say("argwhere", lambda: ops.argwhere(plane))
say("masked_select", lambda: ops.masked_select(plane, plane > 0))
say("unique", lambda: ops.unique(Tensor(np.array([3, 1, 3, 2], np.int32))))
say("bincount", lambda: ops.bincount(Tensor([0, 2, 2, 1])))
say("nonzero method", lambda: plane.nonzero())

# ---- axes
say("t", lambda: ops.t(plane))
say("movedim", lambda: ops.movedim(cube, 0, 2))
say("moveaxis", lambda: cube.moveaxis((0, 1), (1, 0)))
say("narrow", lambda: ops.narrow(cube, 2, 1, 2))
say("slice", lambda: ops.slice(cube, (0, 1, 1), (2, 1, 2)))
say("strided", lambda: ops.strided_slice(cube, (0, 0, 0), (2, 3, 4), (1, 2, 3)))
say("fliplr", lambda: ops.fliplr(plane))
say("flipud", lambda: plane.flipud())
for turns in range(4):
    say(f"rot90 {turns}", lambda turns=turns: ops.rot90(plane, turns, (0, 1)))
for function in (ops.atleast_1d, ops.atleast_2d, ops.atleast_3d):
    say(function.__name__, lambda function=function: function([vector, plane, cube]))
say("hstack", lambda: ops.hstack((plane, other)))
say("hstack of vectors", lambda: ops.hstack((vector, vector)))
say("vstack", lambda: ops.vstack((vector, vector)))
say("dstack", lambda: ops.dstack((plane, other)))
say("column_stack", lambda: ops.column_stack((vector, vector)))
say("tensor_split", lambda: ops.tensor_split(vector, 2))
say("tensor_split at", lambda: cube.tensor_split((1, 3), 2))
say("hsplit", lambda: ops.hsplit(cube, 3))
say("vsplit", lambda: ops.vsplit(cube, 2))
say("dsplit", lambda: ops.dsplit(cube, 2))
say("reverse", lambda: P.ReverseV2(axis=[1])(plane))

# ---- numbers
say("bias_add", lambda: ops.bias_add(plane, vector))
say("inner", lambda: ops.inner(plane, square))
say("outer", lambda: ops.outer(vector, vector))
say("ger", lambda: vector.ger(vector))
say("mv", lambda: ops.mv(square, vector))
say("addmv", lambda: ops.addmv(vector, square, vector, beta=2.0, alpha=0.5))
say("addr", lambda: ops.addr(square, vector, vector, beta=0.5))
say("heaviside", lambda: ops.heaviside(plane, Tensor(np.array([9.0], np.float32))))
say("isneginf", lambda: ops.isneginf(Tensor(np.array([-np.inf, 1.0, np.inf], np.float32))))
say("isposinf", lambda: ops.isposinf(Tensor(np.array([-np.inf, 1.0, np.inf], np.float32))))
say("std_mean", lambda: ops.std_mean(plane, 1))
say("var_mean", lambda: ops.var_mean(plane, 0, 1, True))
say("nansum", lambda: ops.nansum(holes, 1))
say("nanmean", lambda: ops.nanmean(holes, 0))
say("aminmax", lambda: ops.aminmax(plane, axis=1))
say("diff", lambda: ops.diff(plane))
say("diff of an axis", lambda: ops.diff(cube, 1, 1))
say("trapz", lambda: ops.trapz(plane, dx=2.0, dim=1))
say("bce", lambda: ops.binary_cross_entropy_with_logits(plane, ops.sigmoid(other)))
weights = Tensor(np.array([1.0, 2.0, 0.5], np.float32))
say(
    "bce weights",
    lambda: ops.binary_cross_entropy_with_logits(
        plane, ops.sigmoid(other), weights, weights, "none"
    ),
)

# ---- primitives
say("TopK", lambda: P.TopK(sorted=True)(plane, 2))
say("Sort", lambda: P.Sort(axis=1, descending=True)(plane))
say("Split", lambda: P.Split(2, 2)(cube))
say("Pack", lambda: P.Stack(1)((plane, other)))
say("Slice", lambda: P.Slice()(cube, (1, 0, 0), (1, 2, 2)))
say("StridedSlice", lambda: P.StridedSlice()(cube, (0, 0, 0), (1, 3, 4), (1, 1, 2)))
say("NonZero", lambda: P.NonZero()(plane))
say("MaskedSelect", lambda: P.MaskedSelect()(plane, plane > 0))
say("SquaredDifference", lambda: P.SquaredDifference()(plane, other))
say("L2Loss", lambda: P.L2Loss()(plane))
say("BiasAdd", lambda: P.BiasAdd()(plane, vector))
say("ArgMaxWithValue", lambda: P.ArgMaxWithValue(axis=1)(plane))
say("ArgMinWithValue", lambda: P.ArgMinWithValue(axis=0, keep_dims=True)(plane))
say("Identity", lambda: P.Identity()(plane))
say("Eye", lambda: P.Eye()(2, 3, ms.float32))
say("IsFinite", lambda: P.IsFinite()(holes))
say("IsNan", lambda: P.IsNan()(holes))
say("Pad", lambda: P.Pad(((0, 1), (1, 0)))(plane))
say("GeLU", lambda: P.GeLU()(plane))
say("Softplus", lambda: P.Softplus()(plane))
say("SmoothL1Loss", lambda: P.SmoothL1Loss()(plane, other))
say(
    "SoftmaxCrossEntropyWithLogits",
    lambda: P.SoftmaxCrossEntropyWithLogits()(plane, ops.softmax(other)),
)
say(
    "BCEWithLogitsLoss",
    lambda: P.BCEWithLogitsLoss("sum")(plane, ops.sigmoid(other), weights, weights),
)
say("Dropout", lambda: [each.shape for each in P.Dropout(0.5)(plane)])
say("ReduceSum", lambda: ops.reduce_sum(plane, 1))
say("new_zeros", lambda: plane.new_zeros((2, 2)))
say("mT", lambda: cube.mT)
