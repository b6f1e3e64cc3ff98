"""Rows of declspore/cells/conv_transpose.py: see the package."""

ROWS = {
    "conv1d_transpose_same": (
        "Conv1dTranspose(4, 6, 5, stride = 2)",
        "nn.Conv1dTranspose(4, 6, 5, 2)",
        (2, 4, 11),
    ),
    "conv1d_transpose_valid": (
        'Conv1dTranspose(4, 6, 3, pad_mode = "valid", has_bias = true)',
        "nn.Conv1dTranspose(4, 6, 3, pad_mode='valid', has_bias=True)",
        (2, 4, 11),
    ),
    "conv2d_transpose_same": (
        "Conv2dTranspose(4, 6, 3)",
        "nn.Conv2dTranspose(4, 6, 3)",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_same_stride": (
        "Conv2dTranspose(4, 6, 3, stride = 2)",
        "nn.Conv2dTranspose(4, 6, 3, 2)",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_valid": (
        'Conv2dTranspose(4, 6, 2, stride = 2, pad_mode = "valid", has_bias = true)',
        "nn.Conv2dTranspose(4, 6, 2, 2, 'valid', has_bias=True)",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_valid_gap": (
        'Conv2dTranspose(4, 6, 2, stride = 3, pad_mode = "valid")',
        "nn.Conv2dTranspose(4, 6, 2, 3, 'valid')",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_pad": (
        'Conv2dTranspose(4, 6, 4, stride = 2, pad_mode = "pad", padding = 1)',
        "nn.Conv2dTranspose(4, 6, 4, 2, 'pad', 1)",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_extra": (
        'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1)',
        "nn.Conv2dTranspose(4, 6, 3, 2, 'pad', 1, 1)",
        (2, 4, 9, 8),
    ),
    "conv2d_transpose_dilation": (
        'Conv2dTranspose(4, 6, 3, pad_mode = "valid", dilation = 2)',
        "nn.Conv2dTranspose(4, 6, 3, pad_mode='valid', dilation=2)",
        (2, 4, 9, 8),
    ),
    "conv3d_transpose_same": (
        "Conv3dTranspose(4, 6, 3)",
        "nn.Conv3dTranspose(4, 6, 3)",
        (2, 4, 5, 6, 7),
    ),
    "conv3d_transpose_pad": (
        'Conv3dTranspose(4, 6, 4, stride = 2, pad_mode = "pad", padding = 1)',
        "nn.Conv3dTranspose(4, 6, 4, 2, 'pad', 1)",
        (2, 4, 5, 6, 7),
    ),
    "Conv1dTranspose(4, 6, 3, stride = 2, group = 2) of 2x4x12": (
        "Conv1dTranspose(4, 6, 3, stride = 2, group = 2)",
        "nn.Conv1dTranspose(4, 6, 3, stride=2, group=2)",
        (2, 4, 12),
    ),
    'Conv1dTranspose(4, 6, 4, stride = 2, pad_mode = "pad", padding = 1) of 2x4x12': (
        'Conv1dTranspose(4, 6, 4, stride = 2, pad_mode = "pad", padding = 1)',
        'nn.Conv1dTranspose(4, 6, 4, stride=2, pad_mode="pad", padding=1)',
        (2, 4, 12),
    ),
    "Conv1dTranspose(4, 6, 3, dilation = 2, has_bias = true) of 2x4x12": (
        "Conv1dTranspose(4, 6, 3, dilation = 2, has_bias = true)",
        "nn.Conv1dTranspose(4, 6, 3, dilation=2, has_bias=True)",
        (2, 4, 12),
    ),
    "Conv2dTranspose(4, 6, 3, stride = 2, group = 2, has_bias = true) of 2x4x9x8": (
        "Conv2dTranspose(4, 6, 3, stride = 2, group = 2, has_bias = true)",
        "nn.Conv2dTranspose(4, 6, 3, stride=2, group=2, has_bias=True)",
        (2, 4, 9, 8),
    ),
    "Conv2dTranspose(4, 4, 3, group = 4) of 2x4x9x8": (
        "Conv2dTranspose(4, 4, 3, group = 4)",
        "nn.Conv2dTranspose(4, 4, 3, group=4)",
        (2, 4, 9, 8),
    ),
    "Conv2dTranspose(4, 6, 3, dilation = 2) of 2x4x9x8": (
        "Conv2dTranspose(4, 6, 3, dilation = 2)",
        "nn.Conv2dTranspose(4, 6, 3, dilation=2)",
        (2, 4, 9, 8),
    ),
    "Conv2dTranspose(4, 6, 3, stride = 2, dilation = 2) of 2x4x9x8": (
        "Conv2dTranspose(4, 6, 3, stride = 2, dilation = 2)",
        "nn.Conv2dTranspose(4, 6, 3, stride=2, dilation=2)",
        (2, 4, 9, 8),
    ),
    'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = [1, 0, 2, 1]) of 2x4x9x8': (
        'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = [1, 0, 2, 1])',
        'nn.Conv2dTranspose(4, 6, 3, stride=2, pad_mode="pad", padding=(1, 0, 2, 1))',
        (2, 4, 9, 8),
    ),
    'Conv2dTranspose(4, 6, [3, 4], stride = [2, 1], pad_mode = "valid", group = 2) of 2x4x9x8': (
        'Conv2dTranspose(4, 6, [3, 4], stride = [2, 1], pad_mode = "valid", group = 2)',
        'nn.Conv2dTranspose(4, 6, (3, 4), stride=(2, 1), pad_mode="valid", group=2)',
        (2, 4, 9, 8),
    ),
    "Conv3dTranspose(4, 6, 3, stride = 2, group = 2) of 2x4x5x6x7": (
        "Conv3dTranspose(4, 6, 3, stride = 2, group = 2)",
        "nn.Conv3dTranspose(4, 6, 3, stride=2, group=2)",
        (2, 4, 5, 6, 7),
    ),
    'Conv3dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1, has_bias = true) of 2x4x5x6x7': (
        'Conv3dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1, has_bias = true)',
        'nn.Conv3dTranspose(4, 6, 3, stride=2, pad_mode="pad", padding=1, output_padding=1, has_bias=True)',
        (2, 4, 5, 6, 7),
    ),
    'Conv3dTranspose(4, 6, [3, 1, 2], stride = [2, 3, 2], pad_mode = "pad", padding = [1, 0, 0, 0, 0, 1], output_padding = [1, 2, 1], has_bias = true) of 2x4x5x6x7': (
        'Conv3dTranspose(4, 6, [3, 1, 2], stride = [2, 3, 2], pad_mode = "pad", padding = [1, 0, 0, 0, 0, 1], output_padding = [1, 2, 1], has_bias = true)',
        'nn.Conv3dTranspose(4, 6, (3, 1, 2), stride=(2, 3, 2), pad_mode="pad", padding=(1, 0, 0, 0, 0, 1), output_padding=(1, 2, 1), has_bias=True)',
        (2, 4, 5, 6, 7),
    ),
    'Conv3dTranspose(4, 6, 2, stride = 2, pad_mode = "valid", has_bias = true) of 2x4x5x6x7': (
        'Conv3dTranspose(4, 6, 2, stride = 2, pad_mode = "valid", has_bias = true)',
        'nn.Conv3dTranspose(4, 6, 2, stride=2, pad_mode="valid", has_bias=True)',
        (2, 4, 5, 6, 7),
    ),
}
