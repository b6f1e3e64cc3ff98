"""Rows of declspore/ops/shaping.py: see the package."""

ROWS = {
    "reshape": ("reshape(x, [B, 2, -1, 5])", "ops.reshape(x, (2, 2, -1, 5))", [(2, 3, 4, 5)]),
    "reshape_batch": ("reshape(x, [-1, 10])", "ops.reshape(x, (-1, 10))", [(2, 3, 4, 5)]),
    "transpose": ("transpose(x, [0, 2, 3, 1])", "ops.transpose(x, (0, 2, 3, 1))", [(2, 3, 4, 5)]),
    "swapaxes": ("swapaxes(x, 1, -1)", "ops.swapaxes(x, 1, -1)", [(2, 3, 4, 5)]),
    "expand_dims": ("expand_dims(x, -1)", "ops.expand_dims(x, -1)", [(3, 4)]),
    "squeeze": (
        "squeeze(expand_dims(x, 1), axis = 1)",
        "ops.squeeze(ops.expand_dims(x, 1), 1)",
        [(3, 4)],
    ),
    "flatten": ("flatten(x)", "ops.flatten(x)", [(2, 3, 4, 5)]),
    "broadcast_to": ("broadcast_to(x, [B, 5, 4])", "ops.broadcast_to(x, (3, 5, 4))", [(3, 1, 4)]),
    "flatten_some": (
        "flatten(x, start_dim = 1, end_dim = 2)",
        "ops.flatten(x, start_dim=1, end_dim=2)",
        [(2, 4, 6, 8)],
    ),
    "broadcast_to_own": (
        "broadcast_to(x, [4, -1, 3]) * sum(y)",
        "ops.broadcast_to(x, (4, -1, 3)) * y.sum()",
        [(5, 1), (3, 4)],
    ),
}
