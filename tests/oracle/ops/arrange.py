"""Rows of declspore/ops/arrange.py: see the package."""

ROWS = {
    "tile": ("tile(x, [1, 2])", "ops.tile(x, (1, 2))", [(3, 4)]),
    "repeat_interleave": (
        "repeat_interleave(x, 2, axis = 1)",
        "ops.repeat_interleave(x, 2, 1)",
        [(3, 4)],
    ),
    "roll": ("roll(x, 1, dims = 1)", "ops.concat([x[:, -1:], x[:, :-1]], 1)", [(3, 4)]),
    "pad": ("pad(x, [1, 2, 0, 3])", "ops.pad(x, [1, 2, 0, 3])", [(2, 3, 4, 5)]),
    "pad_reflect": (
        'pad(x, [1, 2], mode = "reflect")',
        "ops.pad(x, [1, 2], 'reflect')",
        [(2, 3, 5)],
    ),
    "pad_replicate": (
        'pad(x, [2, 2], mode = "replicate")',
        "ops.pad(x, [2, 2], 'replicate')",
        [(2, 3, 5)],
    ),
    "tril": ("tril(x)", "ops.tril(x)", [(4, 4)]),
    "triu": ("triu(x, diagonal = 1)", "ops.triu(x, 1)", [(4, 4)]),
    "repeat_interleave(x, 2)": ("repeat_interleave(x, 2)", "ops.repeat_interleave(x, 2)", [(3, 4)]),
    "roll_of_all": (
        "roll(x, 5)",
        "ops.concat([x.reshape(-1)[-5:], x.reshape(-1)[:-5]]).reshape(x.shape)",
        [(3, 4)],
    ),
    "roll_axes": (
        "roll(x, [1, -2], dims = [1, 2])",
        "ops.concat([ops.concat([x[:, -1:], x[:, :-1]], 1)[:, :, 2:], ops.concat([x[:, -1:], x[:, :-1]], 1)[:, :, :2]], 2)",
        [(2, 3, 8)],
    ),
    "tril(x, 9)": ("tril(x, 9)", "ops.tril(x, 9)", [(4, 4)]),
    "triu(x, -9)": ("triu(x, -9)", "ops.triu(x, -9)", [(4, 4)]),
    "tril(x, -9)": ("tril(x, -9)", "ops.tril(x, -9)", [(4, 4)]),
    "pad(x, [-1, 2])": ("pad(x, [-1, 2])", "ops.pad(x, [-1, 2])", [(2, 3, 8)]),
    "pad(x, [-1, -2], value = 1.5)": (
        "pad(x, [-1, -2], value = 1.5)",
        "ops.pad(x, [-1, -2], value=1.5)",
        [(2, 3, 8)],
    ),
    "pad_circular": (
        'pad(x, [1, 2, 3, 0], mode = "circular")',
        "ops.pad(x, [1, 2, 3, 0], 'circular')",
        [(2, 3, 4, 5)],
    ),
    "tile_last": ("tile(x, [2])", "ops.tile(x, (2,))", [(3, 4)]),
}
