"""Rows of declspore/ops/convolution.py: see the package."""

ROWS = {
    "dense": ("dense(x, y, z)", "ops.dense(x, y, z)", [(2, 3, 4), (5, 4), (5,)]),
    "conv1d": ("conv1d(x, y, z)", "ops.conv1d(x, y, z)", [(2, 3, 8), (4, 3, 3), (4,)]),
    "conv2d": ("conv2d(x, y)", "ops.conv2d(x, y)", [(2, 4, 9, 8), (6, 4, 3, 2)]),
    "conv2d_same": (
        'conv2d(x, y, z, stride = 2, pad_mode = "same", groups = 2)',
        "ops.conv2d(x, y, z, 2, 'same', 0, 1, 2)",
        [(2, 4, 9, 8), (6, 2, 3, 3), (6,)],
    ),
    "conv2d_pad": (
        'conv2d(x, y, pad_mode = "pad", padding = [1, 2], dilation = 2)',
        "ops.conv2d(x, y, None, 1, 'pad', (1, 2), 2)",
        [(2, 4, 9, 8), (6, 4, 3, 3)],
    ),
    "conv3d": ("conv3d(x, y)", "ops.conv3d(x, y)", [(2, 4, 5, 6, 7), (6, 4, 2, 3, 2)]),
}
