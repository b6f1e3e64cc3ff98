"""Rows of declspore/ops/join.py: see the package."""

ROWS = {
    "concat": ("concat([x, y], axis = 1)", "ops.concat([x, y], 1)", [(3, 4), (3, 2)]),
    "concat_images": (
        "concat([x, y], axis = 1)",
        "ops.concat([x, y], 1)",
        [(2, 3, 4, 5), (2, 3, 4, 5)],
    ),
    "stack": ("stack([x, y], axis = 1)", "ops.stack([x, y], 1)", [(3, 4), (3, 4)]),
    "split": ("split(x, [1, 3], axis = 1)[1]", "ops.split(x, [1, 3], 1)[1]", [(3, 4)]),
    "split_even": ("split(x, 2, axis = 1)[0] * 2", "ops.split(x, 2, 1)[0] * 2", [(3, 4)]),
    "chunk": ("chunk(x, 3, axis = 1)[1]", "ops.chunk(x, 3, 1)[1]", [(2, 6)]),
    "unstack": ("unstack(x, axis = 1)[2]", "ops.unstack(x, 1)[2]", [(3, 4)]),
}
