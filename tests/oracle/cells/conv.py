"""Rows of declspore/cells/conv.py: see the package."""

ROWS = {
    "conv1d_same": ("Conv1d(4, 6, 5)", "nn.Conv1d(4, 6, 5)", (2, 4, 11)),
    "conv1d_valid": (
        'Conv1d(4, 6, 3, stride = 2, pad_mode = "valid", has_bias = true)',
        "nn.Conv1d(4, 6, 3, 2, 'valid', has_bias=True)",
        (2, 4, 11),
    ),
    "conv1d_pad": (
        'Conv1d(4, 6, 3, pad_mode = "pad", padding = 2)',
        "nn.Conv1d(4, 6, 3, pad_mode='pad', padding=2)",
        (2, 4, 11),
    ),
    "conv1d_dilation": (
        "Conv1d(4, 6, 3, dilation = 2)",
        "nn.Conv1d(4, 6, 3, dilation=2)",
        (2, 4, 11),
    ),
    "conv1d_groups": ("Conv1d(4, 6, 3, group = 2)", "nn.Conv1d(4, 6, 3, group=2)", (2, 4, 11)),
    "conv1d_depthwise": ("Conv1d(4, 4, 3, group = 4)", "nn.Conv1d(4, 4, 3, group=4)", (2, 4, 11)),
    "conv3d_same": ("Conv3d(4, 6, 3)", "nn.Conv3d(4, 6, 3)", (2, 4, 5, 6, 7)),
    "conv3d_valid": (
        'Conv3d(4, 6, [2, 3, 2], stride = 2, pad_mode = "valid", has_bias = true)',
        "nn.Conv3d(4, 6, (2, 3, 2), 2, 'valid', has_bias=True)",
        (2, 4, 5, 6, 7),
    ),
    "conv3d_pad": (
        'Conv3d(4, 6, 3, pad_mode = "pad", padding = 1)',
        "nn.Conv3d(4, 6, 3, pad_mode='pad', padding=1)",
        (2, 4, 5, 6, 7),
    ),
    "Conv1d(4, 6, 3, stride = 3) of 2x4x12": (
        "Conv1d(4, 6, 3, stride = 3)",
        "nn.Conv1d(4, 6, 3, stride=3)",
        (2, 4, 12),
    ),
    'Conv1d(4, 6, 4, pad_mode = "pad", padding = 1) of 2x4x12': (
        'Conv1d(4, 6, 4, pad_mode = "pad", padding = 1)',
        'nn.Conv1d(4, 6, 4, pad_mode="pad", padding=1)',
        (2, 4, 12),
    ),
    "Conv2d(4, 6, [3, 5], stride = [2, 1], dilation = [1, 2]) of 2x4x9x8": (
        "Conv2d(4, 6, [3, 5], stride = [2, 1], dilation = [1, 2])",
        "nn.Conv2d(4, 6, (3, 5), stride=(2, 1), dilation=(1, 2))",
        (2, 4, 9, 8),
    ),
    "Conv2d(4, 8, 3, group = 2, dilation = 2, has_bias = true) of 2x4x9x8": (
        "Conv2d(4, 8, 3, group = 2, dilation = 2, has_bias = true)",
        "nn.Conv2d(4, 8, 3, group=2, dilation=2, has_bias=True)",
        (2, 4, 9, 8),
    ),
    "Conv2d(4, 4, 3, group = 4, dilation = 2) of 2x4x9x8": (
        "Conv2d(4, 4, 3, group = 4, dilation = 2)",
        "nn.Conv2d(4, 4, 3, group=4, dilation=2)",
        (2, 4, 9, 8),
    ),
    "Conv2d(4, 4, 3, group = 4, stride = [2, 1], has_bias = true) of 2x4x9x8": (
        "Conv2d(4, 4, 3, group = 4, stride = [2, 1], has_bias = true)",
        "nn.Conv2d(4, 4, 3, group=4, stride=(2, 1), has_bias=True)",
        (2, 4, 9, 8),
    ),
    'Conv2d(4, 4, 3, stride = 2, pad_mode = "pad", padding = 1, group = 4) of 2x4x9x8': (
        'Conv2d(4, 4, 3, stride = 2, pad_mode = "pad", padding = 1, group = 4)',
        'nn.Conv2d(4, 4, 3, stride=2, pad_mode="pad", padding=1, group=4)',
        (2, 4, 9, 8),
    ),
    "Conv3d(4, 6, 3, stride = 2, has_bias = true) of 2x4x5x6x7": (
        "Conv3d(4, 6, 3, stride = 2, has_bias = true)",
        "nn.Conv3d(4, 6, 3, stride=2, has_bias=True)",
        (2, 4, 5, 6, 7),
    ),
    "Conv3d(4, 6, 3, dilation = 2) of 2x4x5x6x7": (
        "Conv3d(4, 6, 3, dilation = 2)",
        "nn.Conv3d(4, 6, 3, dilation=2)",
        (2, 4, 5, 6, 7),
    ),
    "Conv3d(4, 6, 3, group = 2) of 2x4x5x6x7": (
        "Conv3d(4, 6, 3, group = 2)",
        "nn.Conv3d(4, 6, 3, group=2)",
        (2, 4, 5, 6, 7),
    ),
    'Conv3d(4, 6, 2, pad_mode = "pad", padding = [1, 0, 0, 1, 2, 0]) of 2x4x5x6x7': (
        'Conv3d(4, 6, 2, pad_mode = "pad", padding = [1, 0, 0, 1, 2, 0])',
        'nn.Conv3d(4, 6, 2, pad_mode="pad", padding=(1, 0, 0, 1, 2, 0))',
        (2, 4, 5, 6, 7),
    ),
    "conv_same": ("Conv2d(3, 4, 3)", "nn.Conv2d(3, 4, 3)", (2, 3, 9, 8)),
    "conv_same_stride": ("Conv2d(3, 4, 3, stride = 2)", "nn.Conv2d(3, 4, 3, 2)", (2, 3, 9, 8)),
    "conv_same_even": ("Conv2d(3, 4, 4, stride = 2)", "nn.Conv2d(3, 4, 4, 2)", (2, 3, 9, 8)),
    "conv_valid_bias": (
        'Conv2d(3, 4, [3, 2], pad_mode = "valid", has_bias = true)',
        "nn.Conv2d(3, 4, (3, 2), pad_mode='valid', has_bias=True)",
        (2, 3, 9, 8),
    ),
    "conv_pad": (
        'Conv2d(3, 4, 3, pad_mode = "pad", padding = 1)',
        "nn.Conv2d(3, 4, 3, pad_mode='pad', padding=1)",
        (2, 3, 9, 8),
    ),
    "conv_pad_four": (
        'Conv2d(3, 4, 3, stride = 2, pad_mode = "pad", padding = [1, 2, 0, 3])',
        "nn.Conv2d(3, 4, 3, 2, pad_mode='pad', padding=(1, 2, 0, 3))",
        (2, 3, 9, 8),
    ),
    "conv_dilation": (
        "Conv2d(3, 4, 3, dilation = 2)",
        "nn.Conv2d(3, 4, 3, dilation=2)",
        (2, 3, 9, 8),
    ),
    "conv_depthwise": ("Conv2d(4, 4, 3, group = 4)", "nn.Conv2d(4, 4, 3, group=4)", (2, 4, 9, 8)),
    "conv_depthwise_multiplied": (
        "Conv2d(4, 8, 3, stride = 2, group = 4, has_bias = true)",
        "nn.Conv2d(4, 8, 3, 2, group=4, has_bias=True)",
        (2, 4, 9, 8),
    ),
    "conv_groups": ("Conv2d(4, 6, 3, group = 2)", "nn.Conv2d(4, 6, 3, group=2)", (2, 4, 9, 8)),
}
