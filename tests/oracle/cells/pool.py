"""Rows of declspore/cells/pool.py: see the package."""

ROWS = {
    "max_pool_1d": ("MaxPool1d(3, 2)", "nn.MaxPool1d(3, 2)", (2, 4, 11)),
    "max_pool_1d_same": (
        'MaxPool1d(3, 2, pad_mode = "same")',
        "nn.MaxPool1d(3, 2, 'same')",
        (2, 4, 11),
    ),
    "max_pool_pad": (
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1)',
        "nn.MaxPool2d(3, 2, 'pad', 1)",
        (2, 4, 9, 8),
    ),
    "max_pool_ceil": (
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        "nn.MaxPool2d(3, 2, 'pad', 1, ceil_mode=True)",
        (2, 4, 9, 8),
    ),
    "max_pool_3d": ("MaxPool3d(2, 2)", "nn.MaxPool3d(2, 2)", (2, 4, 5, 6, 7)),
    "avg_pool_1d": ("AvgPool1d(3, 2)", "nn.AvgPool1d(3, 2)", (2, 4, 11)),
    "avg_pool_pad": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1)',
        "nn.AvgPool2d(3, 2, 'pad', 1)",
        (2, 4, 9, 8),
    ),
    "avg_pool_pad_not_counted": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        "nn.AvgPool2d(3, 2, 'pad', 1, count_include_pad=False)",
        (2, 4, 9, 8),
    ),
    "avg_pool_ceil": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        "nn.AvgPool2d(3, 2, 'pad', 1, ceil_mode=True)",
        (2, 4, 9, 8),
    ),
    "avg_pool_divisor": (
        'AvgPool2d(2, 2, pad_mode = "pad", divisor_override = 3)',
        "nn.AvgPool2d(2, 2, 'pad', divisor_override=3)",
        (2, 4, 9, 8),
    ),
    "avg_pool_3d": ("AvgPool3d(2, 2)", "nn.AvgPool3d(2, 2)", (2, 4, 5, 6, 7)),
    'MaxPool1d(3, 2, pad_mode = "pad", padding = 1) of 2x4x12': (
        'MaxPool1d(3, 2, pad_mode = "pad", padding = 1)',
        'nn.MaxPool1d(3, 2, pad_mode="pad", padding=1)',
        (2, 4, 12),
    ),
    'MaxPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true) of 2x4x12': (
        'MaxPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'nn.MaxPool1d(3, 2, pad_mode="pad", padding=1, ceil_mode=True)',
        (2, 4, 12),
    ),
    'AvgPool1d(3, 2, pad_mode = "pad", padding = 1) of 2x4x12': (
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1)',
        'nn.AvgPool1d(3, 2, pad_mode="pad", padding=1)',
        (2, 4, 12),
    ),
    'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false) of 2x4x12': (
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        'nn.AvgPool1d(3, 2, pad_mode="pad", padding=1, count_include_pad=False)',
        (2, 4, 12),
    ),
    'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true) of 2x4x12': (
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'nn.AvgPool1d(3, 2, pad_mode="pad", padding=1, ceil_mode=True)',
        (2, 4, 12),
    ),
    'AvgPool1d(3, 2, pad_mode = "same") of 2x4x12': (
        'AvgPool1d(3, 2, pad_mode = "same")',
        'nn.AvgPool1d(3, 2, pad_mode="same")',
        (2, 4, 12),
    ),
    'MaxPool2d([3, 2], [2, 1], pad_mode = "same") of 2x4x9x8': (
        'MaxPool2d([3, 2], [2, 1], pad_mode = "same")',
        'nn.MaxPool2d((3, 2), (2, 1), pad_mode="same")',
        (2, 4, 9, 8),
    ),
    'MaxPool2d(3, 2, pad_mode = "pad", padding = [1, 0]) of 2x4x9x8': (
        'MaxPool2d(3, 2, pad_mode = "pad", padding = [1, 0])',
        'nn.MaxPool2d(3, 2, pad_mode="pad", padding=(1, 0))',
        (2, 4, 9, 8),
    ),
    'AvgPool2d(3, 2, pad_mode = "pad", padding = [1, 0], ceil_mode = true, count_include_pad = false) of 2x4x9x8': (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = [1, 0], ceil_mode = true, count_include_pad = false)',
        'nn.AvgPool2d(3, 2, pad_mode="pad", padding=(1, 0), ceil_mode=True, count_include_pad=False)',
        (2, 4, 9, 8),
    ),
    'MaxPool3d(3, 2, pad_mode = "same") of 2x4x5x6x7': (
        'MaxPool3d(3, 2, pad_mode = "same")',
        'nn.MaxPool3d(3, 2, pad_mode="same")',
        (2, 4, 5, 6, 7),
    ),
    'MaxPool3d(3, 2, pad_mode = "pad", padding = 1) of 2x4x5x6x7': (
        'MaxPool3d(3, 2, pad_mode = "pad", padding = 1)',
        'nn.MaxPool3d(3, 2, pad_mode="pad", padding=1)',
        (2, 4, 5, 6, 7),
    ),
    'MaxPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true) of 2x4x5x6x7': (
        'MaxPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'nn.MaxPool3d(3, 2, pad_mode="pad", padding=1, ceil_mode=True)',
        (2, 4, 5, 6, 7),
    ),
    'AvgPool3d(3, 2, pad_mode = "same") of 2x4x5x6x7': (
        'AvgPool3d(3, 2, pad_mode = "same")',
        'nn.AvgPool3d(3, 2, pad_mode="same")',
        (2, 4, 5, 6, 7),
    ),
    'AvgPool3d(3, 2, pad_mode = "pad", padding = 1) of 2x4x5x6x7': (
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1)',
        'nn.AvgPool3d(3, 2, pad_mode="pad", padding=1)',
        (2, 4, 5, 6, 7),
    ),
    'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true) of 2x4x5x6x7': (
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'nn.AvgPool3d(3, 2, pad_mode="pad", padding=1, ceil_mode=True)',
        (2, 4, 5, 6, 7),
    ),
    'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false) of 2x4x5x6x7': (
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        'nn.AvgPool3d(3, 2, pad_mode="pad", padding=1, count_include_pad=False)',
        (2, 4, 5, 6, 7),
    ),
    'AvgPool3d(2, 2, pad_mode = "pad", divisor_override = 3) of 2x4x5x6x7': (
        'AvgPool3d(2, 2, pad_mode = "pad", divisor_override = 3)',
        'nn.AvgPool3d(2, 2, pad_mode="pad", divisor_override=3)',
        (2, 4, 5, 6, 7),
    ),
    "max_pool": ("MaxPool2d(2, 2)", "nn.MaxPool2d(2, 2)", (2, 3, 9, 8)),
    "max_pool_overlapping": ("MaxPool2d(3)", "nn.MaxPool2d(3)", (2, 3, 9, 8)),
    "max_pool_same": (
        'MaxPool2d(3, 2, pad_mode = "same")',
        "nn.MaxPool2d(3, 2, pad_mode='same')",
        (2, 3, 9, 8),
    ),
    "avg_pool": ("AvgPool2d([2, 3], 2)", "nn.AvgPool2d((2, 3), 2)", (2, 3, 9, 8)),
    "avg_pool_same": (
        'AvgPool2d(3, 2, pad_mode = "same")',
        "nn.AvgPool2d(3, 2, pad_mode='same')",
        (2, 3, 9, 8),
    ),
}
