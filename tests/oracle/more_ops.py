"""Further ops to compare; rows as in tests/oracle/ops.py."""

from tests.oracle.gamma import GAMMA_OPS
from tests.oracle.grid_ops import GRIDS
from tests.oracle.order_ops import COMBINED, NORMS, ORDERED
from tests.oracle.spelling import alike

M = (3, 4)
E = (2, 4, 6, 8)
V = (2, 3, 8)
F = (2, 3, 5, 6)


def _whole(values):
    """Integers in both languages."""
    return f"tensor({values}, dtype = i32)", f"ms.Tensor({values}, ms.int32)"


def _with(name, spec, theirs, shapes, values):
    """A row with integers in place of ``#``."""
    ours, other = _whole(values)
    return {name: (spec.replace("#", ours), theirs.replace("#", other), shapes)}


MORE_OPS = {
    **alike("stop_gradient(x)", "exp2(x)", "frac(x)", "deg2rad(x)", "rad2deg(x)", "sinc(x)"),
    **alike("nan_to_num(x)", "clip_by_norm(x, 0.5)", "clip_by_norm(x, 50.0, 1.0)"),
    **alike("softplus(x, 2.0)", "softplus(x, 2.0, 1.0)"),
    "erfinv": ("erfinv(tanh(x) * 0.9)", "ops.erfinv(ops.tanh(x) * 0.9)", [M]),
    "logit": ("logit(sigmoid(x))", "ops.logit(ops.sigmoid(x))", [M]),
    "logit_eps": ("logit(sigmoid(x), eps = 0.3)", "ops.logit(ops.sigmoid(x), 0.3)", [M]),
    **alike("logaddexp(x, y)", "logaddexp2(x, y)", "copysign(x, y)", shapes=[M, M]),
    "addcmul": ("addcmul(x, y, z, 0.5)", "ops.addcmul(x, y, z, 0.5)", [M, M, (4,)]),
    "addcdiv": ("addcdiv(x, y, z, 0.5)", "ops.addcdiv(x, y, z, 0.5)", [M, M, M]),
    "isclose": (
        "cast(isclose(x, y, rtol = 0.5, atol = 0.1), f32)",
        "ops.isclose(x, y, 0.5, 0.1).astype(ms.float32)",
        [M, M],
    ),
    "count_nonzero": (
        "cast(count_nonzero(relu(x), axis = 1, keep_dims = true), f32)",
        "ops.count_nonzero(ops.relu(x), 1, True).astype(ms.float32)",
        [M],
    ),
    **GAMMA_OPS,
    **NORMS,
    **ORDERED,
    **COMBINED,
    **alike("lrn(x)", "lrn(x, 1, 2.0, 0.3, 0.75)", shapes=[E]),
    # matrices
    **alike("addmm(x, y, z)", shapes=[(3, 5), M, (4, 5)]),
    "addmm_scaled": (
        "addmm(x, y, z, beta = 0.5, alpha = 2.0)",
        "ops.addmm(x, y, z, beta=0.5, alpha=2)",
        [(3, 5), M, (4, 5)],
    ),
    **alike("baddbmm(x, y, z)", shapes=[(2, 3, 5), (2, 3, 4), (2, 4, 5)]),
    "tensor_dot": ("tensor_dot(x, y, 1)", "ops.tensor_dot(x, y, 1)", [(2, 3, 4), (4, 5)]),
    "tensor_dot_pairs": (
        "tensor_dot(x, y, [[1, 2], [1, 0]])",
        "ops.tensor_dot(x, y, ((1, 2), (1, 0)))",
        [(2, 3, 4), (4, 3, 5)],
    ),
    **alike("kron(x, y)", shapes=[(2, 3), (4, 5)]),
    **alike("cross(x, y, 1)", shapes=[(2, 3, 4), (2, 3, 4)]),
    "diagonal": ("diagonal(x, 1, 1, 2)", "ops.diagonal(x, 1, 1, 2)", [(2, 4, 5)]),
    "diagonal_below": ("diagonal(x, -2, 1, 2)", "ops.diagonal(x, -2, 1, 2)", [(2, 5, 4)]),
    "diag_embed": ("diag_embed(x)", "ops.diag_embed(x)", [M]),
    "diag_embed_above": ("diag_embed(x, 2)", "ops.diag_embed(x, 2)", [M]),
    "diag_embed_below": ("diag_embed(x, -1)", "ops.diag_embed(x, -1)", [M]),
    "diag": ("diag(y) * sum(x)", "ops.diag(y) * x.sum()", [(2,), (4,)]),
    "trace": ("trace(x[0]) * x", "ops.trace(x[0]) * x", [(2, 4, 4)]),
    "inverse": ("inverse(x)", "ops.inverse(x)", [(2, 3, 3)]),
    "det": ("det(x)", "ops.det(x)", [(2, 3, 3)]),
    "cholesky_upper": (
        "cholesky(x @ swapaxes(x, 1, 2) + eye(3), upper = true)",
        "ops.cholesky(ops.matmul(x, x.swapaxes(1, 2)) + ops.eye(3, 3, ms.float32), True)",
        [(2, 3, 4)],
    ),
    "cholesky": (
        "cholesky(x @ swapaxes(x, 1, 2) + eye(3))",
        "ops.cholesky(ops.matmul(x, x.swapaxes(1, 2)) + ops.eye(3, 3, ms.float32))",
        [(2, 3, 3)],
    ),
    # what is left out
    "argmax_of_all": (
        "cast(argmax(x), f32) * sum(x)",
        "ops.argmax(x).astype(ms.float32) * x.sum()",
        [M],
    ),
    "argmin_of_all": (
        "cast(argmin(x), f32) * sum(x)",
        "ops.argmin(x).astype(ms.float32) * x.sum()",
        [M],
    ),
    "max_of_all": ("max(x)[0]", "ops.max(x)[0]", [M]),
    "min_of_all": ("min(x)[0]", "ops.min(x)[0]", [M]),
    **alike("repeat_interleave(x, 2)", "diag_embed(x, 1, 0, 2)"),
    "roll_of_all": (
        "roll(x, 5)",
        "ops.concat([x.reshape(-1)[-5:], x.reshape(-1)[:-5]]).reshape(x.shape)",
        [M],
    ),
    **alike("max_pool2d(x, 2, 2, 0, 1, true)[0]", shapes=[E]),
    **alike("cross(x, y)", shapes=[(2, 3, 3), (2, 3, 3)]),
    "batch_norm_training": (
        "batch_norm(x, stop_gradient(y), stop_gradient(z), z, y, true)",
        "ops.batch_norm(x, ops.stop_gradient(y), ops.stop_gradient(z), z, y, True)",
        [F, (3,), (3,)],
    ),
    # places
    **{
        key: row
        for word in ("sum", "max", "min")
        for key, row in _with(
            f"unsorted_segment_{word}",
            f"unsorted_segment_{word}(y, #, 2) * sum(x)",
            f"ops.unsorted_segment_{word}(y, #, 2) * x.sum()",
            [(2,), (3, 4)],
            [0, 1, 0],
        ).items()
    },
    **_with(
        "index_add",
        "index_add(x, #, y, 1)",
        "ops.tensor_scatter_elements(x, ops.tile(#, (3, 1)), y, 1, 'add')",
        [(3, 5), (3, 3)],
        [0, 4, 0],
    ),
    **_with("index_fill", "index_fill(x, 1, #, 0.5)", "ops.index_fill(x, 1, #, 0.5)", [M], [0, 2]),
    **_with(
        "reverse_sequence",
        "reverse_sequence(x, #, 2, 1)",
        "ops.reverse_sequence(x, #, 2, 1)",
        [(2, 3, 4)],
        [2, 4, 1],
    ),
    **_with(
        "sequence_mask",
        "cast(sequence_mask(#, 4), f32) * y * sum(x)",
        "ops.sequence_mask(#, 4).astype(ms.float32) * y * x.sum()",
        [(2,), M],
        [1, 4, 0],
    ),
    **_with(
        "scatter_nd",
        "scatter_nd(#, y, [5, 4]) * sum(x)",
        "ops.scatter_nd(#, y, (5, 4)) * x.sum()",
        [(2,), (3, 4)],
        [[0], [2], [0]],
    ),
    "gather_batch": (
        "gather(x, cast(abs(y) * 1.1, i32), 1, batch_dims = 1)",
        "ops.gather(x, (ops.abs(y) * 1.1).astype(ms.int32), 1, 1)",
        [(3, 6, 2), (3, 4)],
    ),
    # windows, grids, sizes
    **alike("unfold(x, 3)", "unfold(x, 2, 1, 0, 2)", shapes=[E]),
    "unfold_more": (
        "unfold(x, [2, 3], dilation = [2, 1], padding = [1, 0], stride = [2, 1])",
        "ops.unfold(x, (2, 3), (2, 1), (1, 0), (2, 1))",
        [E],
    ),
    "fold": (
        "fold(x, [8, 6], 2, stride = 2)",
        "ops.fold(x, ms.Tensor([8, 6], ms.int32), [2, 2], [1, 1], [0, 0], [2, 2])",
        [(2, 12, 12)],
    ),
    "fold_more": (
        "fold(x, [5, 6], [3, 2], dilation = [1, 2], padding = [1, 0])",
        "ops.fold(x, ms.Tensor([5, 6], ms.int32), [3, 2], [1, 2], [1, 0], [1, 1])",
        [(2, 12, 20)],
    ),
    "depth_to_space": ("depth_to_space(x, 2)", "ops.DepthToSpace(2)(x)", [(2, 8, 3, 2)]),
    "space_to_depth": ("space_to_depth(x, 2)", "ops.SpaceToDepth(2)(x)", [E]),
    **GRIDS,
    "resize_bilinear": (
        "resize_bilinear(x, [7, 4])",
        "ops.ResizeBilinearV2()(x, (7, 4))",
        [F],
    ),
    "resize_bilinear_corners": (
        "resize_bilinear(x, [7, 4], align_corners = true)",
        "ops.ResizeBilinearV2(True)(x, (7, 4))",
        [F],
    ),
    "resize_bilinear_middles": (
        "resize_bilinear(x, [7, 4], half_pixel_centers = true)",
        "ops.ResizeBilinearV2(False, True)(x, (7, 4))",
        [F],
    ),
    "resize_nearest_neighbor": (
        "resize_nearest_neighbor(x, [7, 4])",
        "ops.ResizeNearestNeighbor((7, 4))(x)",
        [F],
    ),
    "resize_nearest_neighbor_corners": (
        "resize_nearest_neighbor(x, [10, 4], true)",
        "ops.ResizeNearestNeighbor((10, 4), True)(x)",
        [F],
    ),
    "meshgrid": (
        "meshgrid([y, z])[0] * sum(x)",
        "ops.meshgrid(y, z)[0] * x.sum()",
        [(2,), (3,), (4,)],
    ),
    "meshgrid_ij": (
        'meshgrid([y, z], indexing = "ij")[1] * sum(x)',
        "ops.meshgrid(y, z, indexing='ij')[1] * x.sum()",
        [(2,), (3,), (4,)],
    ),
    # pools and norms
    "lp_pool1d": ("lp_pool1d(x, 2, 3, 2)", "ops.lp_pool1d(x, 2, 3, 2)", [(2, 4, 11)]),
    "lp_pool2d": ("lp_pool2d(x, 2, 3)", "ops.lp_pool2d(x, 2, 3)", [E]),
    **alike("adaptive_max_pool3d(x, 2)", shapes=[(2, 4, 5, 6, 7)]),
    "max_unpool1d": (
        "max_unpool1d(x, argsort(y, axis = 2), 2)",
        "ops.max_unpool1d(x, y.argsort(2).astype(ms.int64), 2)",
        [(2, 4, 6), (2, 4, 6)],
    ),
    "max_unpool2d_to": (
        (
            "max_unpool2d(max_pool2d(x, 2, return_indices = true)[0], "
            "max_pool2d(x, 2, return_indices = true)[1], 2, output_size = [9, 7])"
        ),
        "ops.max_unpool2d(*ops.max_pool2d(x, 2, return_indices=True), 2, output_size=(9, 7))",
        [(2, 3, 9, 7)],
    ),
    "max_unpool2d": (
        (
            "max_unpool2d(max_pool2d(x, 2, return_indices = true)[0], "
            "max_pool2d(x, 2, return_indices = true)[1], 2)"
        ),
        "ops.max_unpool2d(*ops.max_pool2d(x, 2, return_indices=True), 2)",
        [E],
    ),
    "max_unpool3d": (
        (
            "max_unpool3d(max_pool3d(x, 2, return_indices = true)[0], "
            "max_pool3d(x, 2, return_indices = true)[1], 2)"
        ),
        "ops.max_unpool3d(*ops.max_pool3d(x, 2, return_indices=True), 2)",
        [(2, 3, 4, 4, 4)],
    ),
    "batch_norm": (
        "batch_norm(x, stop_gradient(y), stop_gradient(abs(z)) + 0.5, z, y, eps = 1e-3)",
        "ops.batch_norm(x, ops.stop_gradient(y), ops.stop_gradient(z.abs()) + 0.5, z, y, eps=1e-3)",
        [E, (4,), (4,)],
    ),
    "prelu": ("prelu(x, y)", "ops.prelu(x, y)", [E, (4,)]),
    # what known ops take more
    "roll_axes": (
        "roll(x, [1, -2], dims = [1, 2])",
        (
            "ops.concat([ops.concat([x[:, -1:], x[:, :-1]], 1)[:, :, 2:], "
            "ops.concat([x[:, -1:], x[:, :-1]], 1)[:, :, :2]], 2)"
        ),
        [V],
    ),
    "flatten_some": (
        "flatten(x, start_dim = 1, end_dim = 2)",
        "ops.flatten(x, start_dim=1, end_dim=2)",
        [E],
    ),
    "topk_smallest": (
        "topk(x, 2, dim = 1, largest = false)[0]",
        "ops.topk(x, 2, 1, False)[0]",
        [V],
    ),
    "argsort_descending": (
        "cast(argsort(x, descending = true), f32)",
        "ops.argsort(x, -1, True).astype(ms.float32)",
        [M],
    ),
}
