"""Rows of declspore/cells/response.py: see the package."""

ROWS = {
    "LRN() of 2x4x9x8": ("LRN()", "nn.LRN()", (2, 4, 9, 8)),
    "LRN(depth_radius = 1, bias = 2.0, alpha = 0.3, beta = 0.75) of 2x4x9x8": (
        "LRN(depth_radius = 1, bias = 2.0, alpha = 0.3, beta = 0.75)",
        "nn.LRN(depth_radius=1, bias=2.0, alpha=0.3, beta=0.75)",
        (2, 4, 9, 8),
    ),
}
