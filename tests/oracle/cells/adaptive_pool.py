"""Rows of declspore/cells/adaptive_pool.py: see the package."""

ROWS = {
    "AdaptiveAvgPool1d_0": ("AdaptiveAvgPool1d(1)", "nn.AdaptiveAvgPool1d(1)", (2, 4, 12)),
    "AdaptiveAvgPool1d_1": ("AdaptiveAvgPool1d(4)", "nn.AdaptiveAvgPool1d(4)", (2, 4, 12)),
    "adaptive_avg_2d": ("AdaptiveAvgPool2d([3, 4])", "nn.AdaptiveAvgPool2d((3, 4))", (2, 4, 9, 8)),
    "adaptive_avg_2d_one": ("AdaptiveAvgPool2d(1)", "nn.AdaptiveAvgPool2d(1)", (2, 4, 9, 8)),
    "adaptive_avg_2d_none": (
        "AdaptiveAvgPool2d([none, 2])",
        "nn.AdaptiveAvgPool2d((None, 2))",
        (2, 4, 9, 8),
    ),
    "AdaptiveAvgPool3d_0": ("AdaptiveAvgPool3d(2)", "nn.AdaptiveAvgPool3d(2)", (2, 4, 5, 6, 7)),
    "AdaptiveMaxPool1d_0": ("AdaptiveMaxPool1d(4)", "nn.AdaptiveMaxPool1d(4)", (2, 4, 12)),
    "adaptive_max_2d": ("AdaptiveMaxPool2d([3, 4])", "nn.AdaptiveMaxPool2d((3, 4))", (2, 4, 9, 8)),
    "AdaptiveMaxPool3d_0": ("AdaptiveMaxPool3d(2)", "nn.AdaptiveMaxPool3d(2)", (2, 4, 5, 6, 7)),
    "AdaptiveMaxPool1d(1) of 2x4x12": (
        "AdaptiveMaxPool1d(1)",
        "nn.AdaptiveMaxPool1d(1)",
        (2, 4, 12),
    ),
    "AdaptiveMaxPool2d(1) of 2x4x9x8": (
        "AdaptiveMaxPool2d(1)",
        "nn.AdaptiveMaxPool2d(1)",
        (2, 4, 9, 8),
    ),
    "AdaptiveMaxPool2d([none, 3]) of 2x4x9x8": (
        "AdaptiveMaxPool2d([none, 3])",
        "nn.AdaptiveMaxPool2d((None, 3))",
        (2, 4, 9, 8),
    ),
    "AdaptiveAvgPool2d(5) of 2x4x9x8": (
        "AdaptiveAvgPool2d(5)",
        "nn.AdaptiveAvgPool2d(5)",
        (2, 4, 9, 8),
    ),
    "AdaptiveAvgPool3d([none, 2, 3]) of 2x4x5x6x7": (
        "AdaptiveAvgPool3d([none, 2, 3])",
        "nn.AdaptiveAvgPool3d((None, 2, 3))",
        (2, 4, 5, 6, 7),
    ),
    "AdaptiveMaxPool3d([2, 3, 4]) of 2x4x5x6x7": (
        "AdaptiveMaxPool3d([2, 3, 4])",
        "nn.AdaptiveMaxPool3d((2, 3, 4))",
        (2, 4, 5, 6, 7),
    ),
}
