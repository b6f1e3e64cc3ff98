"""Rows of declspore/ops/sample.py: see the package."""

ROWS = {
    "grid_sample_bilinear_zeros_false": (
        'grid_sample(x, tanh(y) * 1.3, "bilinear", "zeros", false)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'bilinear', 'zeros', False)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "grid_sample_bilinear_border_true": (
        'grid_sample(x, tanh(y) * 1.3, "bilinear", "border", true)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'bilinear', 'border', True)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "grid_sample_bilinear_reflection_false": (
        'grid_sample(x, tanh(y) * 1.3, "bilinear", "reflection", false)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'bilinear', 'reflection', False)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "grid_sample_bilinear_reflection_true": (
        'grid_sample(x, tanh(y) * 1.3, "bilinear", "reflection", true)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'bilinear', 'reflection', True)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "grid_sample_nearest_zeros_false": (
        'grid_sample(x, tanh(y) * 1.3, "nearest", "zeros", false)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'nearest', 'zeros', False)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "grid_sample_nearest_border_true": (
        'grid_sample(x, tanh(y) * 1.3, "nearest", "border", true)',
        "ops.grid_sample(x, ops.tanh(y) * 1.3, 'nearest', 'border', True)",
        [(2, 3, 5, 6), (2, 4, 3, 2)],
    ),
    "affine_grid_false": (
        "affine_grid(x, [B, 3, 4, 5], false)",
        "ops.affine_grid(x, (2, 3, 4, 5), False)",
        [(2, 2, 3)],
    ),
    "affine_grid_true": (
        "affine_grid(x, [B, 3, 4, 5], true)",
        "ops.affine_grid(x, (2, 3, 4, 5), True)",
        [(2, 2, 3)],
    ),
    "grid_sample_as_channels": (
        "grid_sample(x, y)",
        "ops.grid_sample(x, y)",
        [(1, 3, 5, 4), (1, 1, 3, 2)],
    ),
    "grid_sample_ties_zeros": (
        'grid_sample(x, stop_gradient(round(y * 2.0) / 2.0), "nearest", "zeros")',
        "ops.grid_sample(x, ops.stop_gradient(ops.round(y * 2) / 2), 'nearest', 'zeros')",
        [(2, 3, 4, 4), (2, 4, 3, 2)],
    ),
    "grid_sample_ties_reflection": (
        'grid_sample(x, stop_gradient(round(y * 2.0) / 2.0), "nearest", "reflection")',
        "ops.grid_sample(x, ops.stop_gradient(ops.round(y * 2) / 2), 'nearest', 'reflection')",
        [(2, 3, 4, 4), (2, 4, 3, 2)],
    ),
    "grid_sample_ends_border": (
        'grid_sample(x, sign(y) + (y - stop_gradient(y)), "bilinear", "border", true)',
        "ops.grid_sample(x, ops.sign(y) + (y - ops.stop_gradient(y)), 'bilinear', 'border', True)",
        [(2, 3, 4, 5), (2, 4, 3, 2)],
    ),
    "grid_sample_ends_reflection": (
        'grid_sample(x, sign(y) + (y - stop_gradient(y)), "bilinear", "reflection", true)',
        "ops.grid_sample(x, ops.sign(y) + (y - ops.stop_gradient(y)), 'bilinear', 'reflection', True)",
        [(2, 3, 4, 5), (2, 4, 3, 2)],
    ),
}
