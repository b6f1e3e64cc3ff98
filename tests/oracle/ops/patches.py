"""Rows of declspore/ops/patches.py: see the package."""

ROWS = {
    "unfold(x, 3)": ("unfold(x, 3)", "ops.unfold(x, 3)", [(2, 4, 6, 8)]),
    "unfold(x, 2, 1, 0, 2)": ("unfold(x, 2, 1, 0, 2)", "ops.unfold(x, 2, 1, 0, 2)", [(2, 4, 6, 8)]),
    "unfold_more": (
        "unfold(x, [2, 3], dilation = [2, 1], padding = [1, 0], stride = [2, 1])",
        "ops.unfold(x, (2, 3), (2, 1), (1, 0), (2, 1))",
        [(2, 4, 6, 8)],
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
    "space_to_depth": ("space_to_depth(x, 2)", "ops.SpaceToDepth(2)(x)", [(2, 4, 6, 8)]),
}
