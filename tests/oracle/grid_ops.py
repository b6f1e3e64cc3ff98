"""Images sampled at places of grids, to compare; rows as in tests/oracle/ops.py."""

_GRID = ("tanh(y) * 1.3", "ops.tanh(y) * 1.3")
_TIES = ("stop_gradient(round(y * 2.0) / 2.0)", "ops.stop_gradient(ops.round(y * 2) / 2)")
_ENDS = ("sign(y) + (y - stop_gradient(y))", "ops.sign(y) + (y - ops.stop_gradient(y))")

GRIDS = {
    **{
        f"grid_sample_{mode}_{padding}_{corners}": (
            f'grid_sample(x, {_GRID[0]}, "{mode}", "{padding}", {corners})',
            f"ops.grid_sample(x, {_GRID[1]}, '{mode}', '{padding}', {corners.capitalize()})",
            [(2, 3, 5, 6), (2, 4, 3, 2)],
        )
        for mode, padding, corners in (
            ("bilinear", "zeros", "false"),
            ("bilinear", "border", "true"),
            ("bilinear", "reflection", "false"),
            ("bilinear", "reflection", "true"),
            ("nearest", "zeros", "false"),
            ("nearest", "border", "true"),
        )
    },
    **{
        f"affine_grid_{corners}": (
            f"affine_grid(x, [B, 3, 4, 5], {corners})",
            f"ops.affine_grid(x, (2, 3, 4, 5), {corners.capitalize()})",
            [(2, 2, 3)],
        )
        for corners in ("false", "true")
    },
    # as many places as channels, of one image: Keras's sum took them for channels
    "grid_sample_as_channels": (
        "grid_sample(x, y)",
        "ops.grid_sample(x, y)",
        [(1, 3, 5, 4), (1, 1, 3, 2)],
    ),
    # halfway between elements, and at the ends
    **{
        f"grid_sample_ties_{padding}": (
            f'grid_sample(x, {_TIES[0]}, "nearest", "{padding}")',
            f"ops.grid_sample(x, {_TIES[1]}, 'nearest', '{padding}')",
            [(2, 3, 4, 4), (2, 4, 3, 2)],
        )
        for padding in ("zeros", "reflection")
    },
    **{
        f"grid_sample_ends_{padding}": (
            f'grid_sample(x, {_ENDS[0]}, "bilinear", "{padding}", true)',
            f"ops.grid_sample(x, {_ENDS[1]}, 'bilinear', '{padding}', True)",
            [(2, 3, 4, 5), (2, 4, 3, 2)],
        )
        for padding in ("border", "reflection")
    },
}

_TAKEN = (
    "Halfway between two elements the outer one is taken, as by MindSpore's CPU, and has the "
    "gradient, which MindSpore gives to the even one."
)
WRONG_GRADIENTS = {f"grid_sample_ties_{padding}": _TAKEN for padding in ("zeros", "reflection")}
"""Ops whose golden gradients are not a measure, and why."""
