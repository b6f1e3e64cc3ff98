"""Rows of declspore/cells/shape.py: see the package."""

ROWS = {
    "Identity_0": ("Identity()", "nn.Identity()", (3, 7)),
    "PixelShuffle_0": ("PixelShuffle(2)", "nn.PixelShuffle(2)", (2, 4, 9, 8)),
    "pixel_unshuffle": ("PixelUnshuffle(2)", "nn.PixelUnshuffle(2)", (2, 3, 8, 6)),
    "Flatten(start_dim = 0) of 2x4x12": (
        "Flatten(start_dim = 0)",
        "nn.Flatten(start_dim=0)",
        (2, 4, 12),
    ),
    "Unflatten(2, [3, 4]) of 2x4x12": (
        "Unflatten(2, [3, 4])",
        "nn.Unflatten(2, (3, 4))",
        (2, 4, 12),
    ),
    "ChannelShuffle(2) of 2x4x9x8": ("ChannelShuffle(2)", "nn.ChannelShuffle(2)", (2, 4, 9, 8)),
    "Unflatten(1, [2, 2]) of 2x4x9x8": (
        "Unflatten(1, [2, 2])",
        "nn.Unflatten(1, (2, 2))",
        (2, 4, 9, 8),
    ),
    "Unflatten(1, [-1, 2]) of 2x4x9x8": (
        "Unflatten(1, [-1, 2])",
        "nn.Unflatten(1, (-1, 2))",
        (2, 4, 9, 8),
    ),
    "Flatten(start_dim = 2) of 2x4x9x8": (
        "Flatten(start_dim = 2)",
        "nn.Flatten(start_dim=2)",
        (2, 4, 9, 8),
    ),
    "Flatten(start_dim = 1, end_dim = 2) of 2x4x9x8": (
        "Flatten(start_dim = 1, end_dim = 2)",
        "nn.Flatten(start_dim=1, end_dim=2)",
        (2, 4, 9, 8),
    ),
    "flatten": ("Flatten()", "nn.Flatten()", (2, 3, 4, 5)),
}
