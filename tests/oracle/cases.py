"""Cells, losses and optimizers to compare: one row each, in the words of both sides.

``spec`` is a cell in the spec language, ``mindspore`` the same in MindSpore (with ``nn`` and
``init`` for mindspore.common.initializer in scope), ``shape`` the input.
"""

from tests.oracle.cells import MORE
from tests.oracle.more_cells import MORE_CELLS

CELLS = {
    **MORE,
    **MORE_CELLS,
    "dense": ("Dense(8, 5)", "nn.Dense(8, 5)", (3, 8)),
    "dense_no_bias": ("Dense(8, 5, has_bias = false)", "nn.Dense(8, 5, has_bias=False)", (3, 8)),
    "dense_3d": ("Dense(8, 5)", "nn.Dense(8, 5)", (3, 4, 8)),
    **{
        f"dense_{name}": (
            f'Dense(8, 5, activation = "{name}")',
            f"nn.Dense(8, 5, activation='{name}')",
            (3, 8),
        )
        for name in (
            *("relu", "relu6", "sigmoid", "tanh", "softmax", "logsoftmax", "gelu", "elu"),
            *("leakyrelu", "hswish", "hsigmoid", "silu", "mish", "softsign", "logsigmoid"),
            *("softmin", "fast_gelu", "tanhshrink", "hardtanh", "hshrink", "softshrink"),
        )
    },
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
    "relu": ("ReLU()", "nn.ReLU()", (3, 7)),
    "relu6": ("ReLU6()", "nn.ReLU6()", (3, 7)),
    "sigmoid": ("Sigmoid()", "nn.Sigmoid()", (3, 7)),
    "tanh": ("Tanh()", "nn.Tanh()", (3, 7)),
    "flatten": ("Flatten()", "nn.Flatten()", (2, 3, 4, 5)),
    "dropout": ("Dropout(p = 0.3)", "nn.Dropout(p=0.3)", (3, 7)),
    "sequence": (
        "SequentialCell(Conv2d(3, 4, 3), BatchNorm2d(4), Flatten(), Dense(288, 5))",
        "nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dense(288, 5))",
        (2, 3, 9, 8),
    ),
}
