"""Rows of declspore/ops/normalize.py: see the package."""

ROWS = {
    "layer_norm": (
        "layer_norm(x, [4, 5], y, z)",
        "ops.LayerNorm(2, 2, 1e-5)(x, y, z)[0]",
        [(2, 3, 4, 5), (4, 5), (4, 5)],
    ),
    "group_norm": (
        "group_norm(x, 2, y, z, eps = 1e-3)",
        "ops.group_norm(x, 2, y, z, 1e-3)",
        [(2, 4, 3, 5), (4,), (4,)],
    ),
    "layer_norm_thin": (
        "layer_norm(x, [4, 1], y, z)",
        "ops.LayerNorm(2, 2, 1e-5)(x, y, z)[0]",
        [(2, 4, 4, 1), (4, 1), (4, 1)],
    ),
    "group_norm_square": (
        "group_norm(x, 2, y, z)",
        "ops.group_norm(x, 2, y, z)",
        [(2, 4, 3, 4), (4,), (4,)],
    ),
    "cosine_similarity": (
        "cosine_similarity(x, y)",
        "ops.cosine_similarity(x, y)",
        [(2, 3, 8), (2, 3, 8)],
    ),
    "batch_norm_training": (
        "batch_norm(x, stop_gradient(y), stop_gradient(z), z, y, true)",
        "ops.batch_norm(x, ops.stop_gradient(y), ops.stop_gradient(z), z, y, True)",
        [(2, 3, 5, 6), (3,), (3,)],
    ),
    "batch_norm": (
        "batch_norm(x, stop_gradient(y), stop_gradient(abs(z)) + 0.5, z, y, eps = 1e-3)",
        "ops.batch_norm(x, ops.stop_gradient(y), ops.stop_gradient(z.abs()) + 0.5, z, y, eps=1e-3)",
        [(2, 4, 6, 8), (4,), (4,)],
    ),
    "prelu": ("prelu(x, y)", "ops.prelu(x, y)", [(2, 4, 6, 8), (4,)]),
}
