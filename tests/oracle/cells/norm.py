"""Rows of declspore/cells/norm.py: see the package."""

ROWS = {
    "batch_norm_1d": ("BatchNorm1d(7)", "nn.BatchNorm1d(7)", (3, 7)),
    "batch_norm_1d_length": ("BatchNorm1d(4)", "nn.BatchNorm1d(4)", (2, 4, 11)),
    "batch_norm_3d": ("BatchNorm3d(4)", "nn.BatchNorm3d(4)", (2, 4, 5, 6, 7)),
    "layer_norm": ("LayerNorm([7])", "nn.LayerNorm((7,))", (3, 7)),
    "layer_norm_eps": (
        "LayerNorm([8], epsilon = 1e-3)",
        "nn.LayerNorm((8,), epsilon=1e-3)",
        (2, 4, 9, 8),
    ),
    "layer_norm_axes": (
        "LayerNorm([9, 8], begin_norm_axis = 2, begin_params_axis = 2)",
        "nn.LayerNorm((9, 8), 2, 2)",
        (2, 4, 9, 8),
    ),
    "group_norm": ("GroupNorm(2, 4)", "nn.GroupNorm(2, 4)", (2, 4, 9, 8)),
    "group_norm_eps": ("GroupNorm(4, 4, eps = 1e-2)", "nn.GroupNorm(4, 4, 1e-2)", (2, 4, 9, 8)),
    "BatchNorm1d(4, eps = 1e-3, momentum = 0.6) of 2x4x12": (
        "BatchNorm1d(4, eps = 1e-3, momentum = 0.6)",
        "nn.BatchNorm1d(4, eps=1e-3, momentum=0.6)",
        (2, 4, 12),
    ),
    "GroupNorm(2, 4) of 2x4x12": ("GroupNorm(2, 4)", "nn.GroupNorm(2, 4)", (2, 4, 12)),
    "LayerNorm([4, 9, 8], begin_norm_axis = 1, begin_params_axis = 1) of 2x4x9x8": (
        "LayerNorm([4, 9, 8], begin_norm_axis = 1, begin_params_axis = 1)",
        "nn.LayerNorm((4, 9, 8), begin_norm_axis=1, begin_params_axis=1)",
        (2, 4, 9, 8),
    ),
    "GroupNorm(2, 4, affine = false) of 2x4x9x8": (
        "GroupNorm(2, 4, affine = false)",
        "nn.GroupNorm(2, 4, affine=False)",
        (2, 4, 9, 8),
    ),
    "SyncBatchNorm(4, momentum = 0.7) of 2x4x9x8": (
        "SyncBatchNorm(4, momentum = 0.7)",
        "nn.SyncBatchNorm(4, momentum=0.7)",
        (2, 4, 9, 8),
    ),
    "BatchNorm3d(4, momentum = 0.5) of 2x4x5x6x7": (
        "BatchNorm3d(4, momentum = 0.5)",
        "nn.BatchNorm3d(4, momentum=0.5)",
        (2, 4, 5, 6, 7),
    ),
    "batch_norm": ("BatchNorm2d(3)", "nn.BatchNorm2d(3)", (4, 3, 5, 6)),
    "batch_norm_arguments": (
        "BatchNorm2d(3, eps = 1e-3, momentum = 0.6)",
        "nn.BatchNorm2d(3, eps=1e-3, momentum=0.6)",
        (4, 3, 5, 6),
    ),
    "batch_norm_of_batch": (
        "BatchNorm2d(3, use_batch_statistics = true)",
        "nn.BatchNorm2d(3, use_batch_statistics=True)",
        (4, 3, 5, 6),
    ),
    "batch_norm_of_moving": (
        "BatchNorm2d(3, use_batch_statistics = false)",
        "nn.BatchNorm2d(3, use_batch_statistics=False)",
        (4, 3, 5, 6),
    ),
    "batch_norm_frozen": (
        "BatchNorm2d(3, affine = false)",
        "nn.BatchNorm2d(3, affine=False)",
        (4, 3, 5, 6),
    ),
}
