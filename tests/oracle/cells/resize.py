"""Rows of declspore/cells/resize.py: see the package."""

ROWS = {
    "Upsample(size = [20]) of 2x4x12": (
        "Upsample(size = [20])",
        "nn.Upsample(size=(20))",
        (2, 4, 12),
    ),
    'Upsample(size = 7, mode = "linear") of 2x4x12': (
        'Upsample(size = 7, mode = "linear")',
        'nn.Upsample(size=7, mode="linear")',
        (2, 4, 12),
    ),
    'Upsample(size = 20, mode = "linear", align_corners = true) of 2x4x12': (
        'Upsample(size = 20, mode = "linear", align_corners = true)',
        'nn.Upsample(size=20, mode="linear", align_corners=True)',
        (2, 4, 12),
    ),
    'Upsample(size = 4, mode = "area") of 2x4x12': (
        'Upsample(size = 4, mode = "area")',
        'nn.Upsample(size=4, mode="area")',
        (2, 4, 12),
    ),
    'Upsample(size = 17, mode = "nearest-exact") of 2x4x12': (
        'Upsample(size = 17, mode = "nearest-exact")',
        'nn.Upsample(size=17, mode="nearest-exact")',
        (2, 4, 12),
    ),
    'Upsample(scale_factor = 1.5, mode = "linear", recompute_scale_factor = true) of 2x4x12': (
        'Upsample(scale_factor = 1.5, mode = "linear", recompute_scale_factor = true)',
        'nn.Upsample(scale_factor=1.5, mode="linear", recompute_scale_factor=True)',
        (2, 4, 12),
    ),
    "Upsample(size = [20, 13]) of 2x4x9x8": (
        "Upsample(size = [20, 13])",
        "nn.Upsample(size=(20, 13))",
        (2, 4, 9, 8),
    ),
    "Upsample(scale_factor = 2.0, recompute_scale_factor = true) of 2x4x9x8": (
        "Upsample(scale_factor = 2.0, recompute_scale_factor = true)",
        "nn.Upsample(scale_factor=2.0, recompute_scale_factor=True)",
        (2, 4, 9, 8),
    ),
    'Upsample(size = [20, 13], mode = "bilinear") of 2x4x9x8': (
        'Upsample(size = [20, 13], mode = "bilinear")',
        'nn.Upsample(size=(20, 13), mode="bilinear")',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [4, 5], mode = "bilinear") of 2x4x9x8': (
        'Upsample(size = [4, 5], mode = "bilinear")',
        'nn.Upsample(size=(4, 5), mode="bilinear")',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [20, 13], mode = "bilinear", align_corners = true) of 2x4x9x8': (
        'Upsample(size = [20, 13], mode = "bilinear", align_corners = true)',
        'nn.Upsample(size=(20, 13), mode="bilinear", align_corners=True)',
        (2, 4, 9, 8),
    ),
    'Upsample(scale_factor = [2.0, 3.0], mode = "bilinear", recompute_scale_factor = true) of 2x4x9x8': (
        'Upsample(scale_factor = [2.0, 3.0], mode = "bilinear", recompute_scale_factor = true)',
        'nn.Upsample(scale_factor=(2.0, 3.0), mode="bilinear", recompute_scale_factor=True)',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [20, 13], mode = "bicubic") of 2x4x9x8': (
        'Upsample(size = [20, 13], mode = "bicubic")',
        'nn.Upsample(size=(20, 13), mode="bicubic")',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [4, 17], mode = "bicubic", align_corners = true) of 2x4x9x8': (
        'Upsample(size = [4, 17], mode = "bicubic", align_corners = true)',
        'nn.Upsample(size=(4, 17), mode="bicubic", align_corners=True)',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [4, 13], mode = "area") of 2x4x9x8': (
        'Upsample(size = [4, 13], mode = "area")',
        'nn.Upsample(size=(4, 13), mode="area")',
        (2, 4, 9, 8),
    ),
    'Upsample(scale_factor = 2.0, mode = "area") of 2x4x9x8': (
        'Upsample(scale_factor = 2.0, mode = "area")',
        'nn.Upsample(scale_factor=2.0, mode="area")',
        (2, 4, 9, 8),
    ),
    'Upsample(size = [20, 5], mode = "nearest-exact") of 2x4x9x8': (
        'Upsample(size = [20, 5], mode = "nearest-exact")',
        'nn.Upsample(size=(20, 5), mode="nearest-exact")',
        (2, 4, 9, 8),
    ),
    "Upsample(size = [7, 8, 9]) of 2x4x5x6x7": (
        "Upsample(size = [7, 8, 9])",
        "nn.Upsample(size=(7, 8, 9))",
        (2, 4, 5, 6, 7),
    ),
    "Upsample(scale_factor = 2.0) of 2x4x5x6x7": (
        "Upsample(scale_factor = 2.0)",
        "nn.Upsample(scale_factor=2.0)",
        (2, 4, 5, 6, 7),
    ),
    'Upsample(size = [7, 4, 9], mode = "trilinear") of 2x4x5x6x7': (
        'Upsample(size = [7, 4, 9], mode = "trilinear")',
        'nn.Upsample(size=(7, 4, 9), mode="trilinear")',
        (2, 4, 5, 6, 7),
    ),
    'Upsample(size = [7, 4, 9], mode = "trilinear", align_corners = true) of 2x4x5x6x7': (
        'Upsample(size = [7, 4, 9], mode = "trilinear", align_corners = true)',
        'nn.Upsample(size=(7, 4, 9), mode="trilinear", align_corners=True)',
        (2, 4, 5, 6, 7),
    ),
    'Upsample(size = [2, 3, 4], mode = "area") of 2x4x5x6x7': (
        'Upsample(size = [2, 3, 4], mode = "area")',
        'nn.Upsample(size=(2, 3, 4), mode="area")',
        (2, 4, 5, 6, 7),
    ),
}
