"""Further cells to compare: rows as in tests/oracle/cases.py. A fourth item is for inputs of whole
numbers: how many there are."""

from tests.oracle.spelling import python

I1 = (2, 4, 11)
I2 = (2, 4, 9, 8)
I3 = (2, 4, 5, 6, 7)
F = (3, 7)


def _conv(n, shape, **rows):
    return {
        f"conv{n}d_{name}": (f"Conv{n}d({spec})", f"nn.Conv{n}d({ms})", shape)
        for name, (spec, ms) in rows.items()
    }


def _transposed(n, shape, **rows):
    return {
        f"conv{n}d_transpose_{name}": (
            f"Conv{n}dTranspose({spec})",
            f"nn.Conv{n}dTranspose({ms})",
            shape,
        )
        for name, (spec, ms) in rows.items()
    }


def _plain(word, *rows, shape=F):
    """Rows of a cell that is spelled alike on both sides."""
    return {
        f"{word}_{index}": (f"{word}({row})", f"nn.{word}({python(row)})", shape)
        for index, row in enumerate(rows)
    }


MORE = {
    **_conv(
        1,
        I1,
        same=("4, 6, 5", "4, 6, 5"),
        valid=(
            '4, 6, 3, stride = 2, pad_mode = "valid", has_bias = true',
            "4, 6, 3, 2, 'valid', has_bias=True",
        ),
        pad=('4, 6, 3, pad_mode = "pad", padding = 2', "4, 6, 3, pad_mode='pad', padding=2"),
        dilation=("4, 6, 3, dilation = 2", "4, 6, 3, dilation=2"),
        groups=("4, 6, 3, group = 2", "4, 6, 3, group=2"),
        depthwise=("4, 4, 3, group = 4", "4, 4, 3, group=4"),
    ),
    **_conv(
        3,
        I3,
        same=("4, 6, 3", "4, 6, 3"),
        valid=(
            '4, 6, [2, 3, 2], stride = 2, pad_mode = "valid", has_bias = true',
            "4, 6, (2, 3, 2), 2, 'valid', has_bias=True",
        ),
        pad=('4, 6, 3, pad_mode = "pad", padding = 1', "4, 6, 3, pad_mode='pad', padding=1"),
    ),
    **_transposed(
        1,
        I1,
        same=("4, 6, 5, stride = 2", "4, 6, 5, 2"),
        valid=(
            '4, 6, 3, pad_mode = "valid", has_bias = true',
            "4, 6, 3, pad_mode='valid', has_bias=True",
        ),
    ),
    **_transposed(
        2,
        I2,
        same=("4, 6, 3", "4, 6, 3"),
        same_stride=("4, 6, 3, stride = 2", "4, 6, 3, 2"),
        valid=(
            '4, 6, 2, stride = 2, pad_mode = "valid", has_bias = true',
            "4, 6, 2, 2, 'valid', has_bias=True",
        ),
        valid_gap=('4, 6, 2, stride = 3, pad_mode = "valid"', "4, 6, 2, 3, 'valid'"),
        pad=('4, 6, 4, stride = 2, pad_mode = "pad", padding = 1', "4, 6, 4, 2, 'pad', 1"),
        extra=(
            '4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1',
            "4, 6, 3, 2, 'pad', 1, 1",
        ),
        dilation=(
            '4, 6, 3, pad_mode = "valid", dilation = 2',
            "4, 6, 3, pad_mode='valid', dilation=2",
        ),
    ),
    **_transposed(
        3,
        I3,
        same=("4, 6, 3", "4, 6, 3"),
        pad=('4, 6, 4, stride = 2, pad_mode = "pad", padding = 1', "4, 6, 4, 2, 'pad', 1"),
    ),
    "batch_norm_1d": ("BatchNorm1d(7)", "nn.BatchNorm1d(7)", F),
    "batch_norm_1d_length": ("BatchNorm1d(4)", "nn.BatchNorm1d(4)", I1),
    "batch_norm_3d": ("BatchNorm3d(4)", "nn.BatchNorm3d(4)", I3),
    "layer_norm": ("LayerNorm([7])", "nn.LayerNorm((7,))", F),
    "layer_norm_eps": ("LayerNorm([8], epsilon = 1e-3)", "nn.LayerNorm((8,), epsilon=1e-3)", I2),
    "layer_norm_axes": (
        "LayerNorm([9, 8], begin_norm_axis = 2, begin_params_axis = 2)",
        "nn.LayerNorm((9, 8), 2, 2)",
        I2,
    ),
    "group_norm": ("GroupNorm(2, 4)", "nn.GroupNorm(2, 4)", I2),
    "group_norm_eps": ("GroupNorm(4, 4, eps = 1e-2)", "nn.GroupNorm(4, 4, 1e-2)", I2),
    "embedding": ("Embedding(20, 6)", "nn.Embedding(20, 6)", (3, 5), 20),
    "embedding_lookup": ("EmbeddingLookup(20, 6)", "nn.EmbeddingLookup(20, 6)", (3, 5), 20),
    "max_pool_1d": ("MaxPool1d(3, 2)", "nn.MaxPool1d(3, 2)", I1),
    "max_pool_1d_same": ('MaxPool1d(3, 2, pad_mode = "same")', "nn.MaxPool1d(3, 2, 'same')", I1),
    "max_pool_pad": (
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1)',
        "nn.MaxPool2d(3, 2, 'pad', 1)",
        I2,
    ),
    "max_pool_ceil": (
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        "nn.MaxPool2d(3, 2, 'pad', 1, ceil_mode=True)",
        I2,
    ),
    "max_pool_3d": ("MaxPool3d(2, 2)", "nn.MaxPool3d(2, 2)", I3),
    "avg_pool_1d": ("AvgPool1d(3, 2)", "nn.AvgPool1d(3, 2)", I1),
    "avg_pool_pad": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1)',
        "nn.AvgPool2d(3, 2, 'pad', 1)",
        I2,
    ),
    "avg_pool_pad_not_counted": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        "nn.AvgPool2d(3, 2, 'pad', 1, count_include_pad=False)",
        I2,
    ),
    "avg_pool_ceil": (
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        "nn.AvgPool2d(3, 2, 'pad', 1, ceil_mode=True)",
        I2,
    ),
    "avg_pool_divisor": (
        'AvgPool2d(2, 2, pad_mode = "pad", divisor_override = 3)',
        "nn.AvgPool2d(2, 2, 'pad', divisor_override=3)",
        I2,
    ),
    "avg_pool_3d": ("AvgPool3d(2, 2)", "nn.AvgPool3d(2, 2)", I3),
    **_plain("AdaptiveAvgPool1d", "1", "4", shape=(2, 4, 12)),
    "adaptive_avg_2d": ("AdaptiveAvgPool2d([3, 4])", "nn.AdaptiveAvgPool2d((3, 4))", I2),
    "adaptive_avg_2d_one": ("AdaptiveAvgPool2d(1)", "nn.AdaptiveAvgPool2d(1)", I2),
    "adaptive_avg_2d_none": ("AdaptiveAvgPool2d([none, 2])", "nn.AdaptiveAvgPool2d((None, 2))", I2),
    **_plain("AdaptiveAvgPool3d", "2", shape=I3),
    **_plain("AdaptiveMaxPool1d", "4", shape=(2, 4, 12)),
    "adaptive_max_2d": ("AdaptiveMaxPool2d([3, 4])", "nn.AdaptiveMaxPool2d((3, 4))", I2),
    **_plain("AdaptiveMaxPool3d", "2", shape=I3),
    **{
        key: row
        for word in (
            *("SiLU", "Mish", "SeLU", "HSwish", "HSigmoid", "Softsign", "LogSigmoid", "FastGelu"),
            *("LeakyReLU", "ELU", "CELU", "Hardtanh", "HShrink", "SoftShrink", "Tanhshrink"),
            *("Softmax", "LogSoftmax", "Softmin"),
        )
        for key, row in _plain(word, "").items()
    },
    **_plain("GELU", "", "approximate = false"),
    **_plain("LeakyReLU", "alpha = 0.3"),
    **_plain("CELU", "alpha = 0.5"),
    **_plain("Threshold", "0.1, 2.0"),
    **_plain("Softmax2d", "", shape=I2),
    **_plain("GLU", "", "axis = 1", shape=(2, 4, 8)),
    **_plain("PReLU", "", "channel = 4", shape=I2),
    "softmax_channels": ("Softmax(axis = 1)", "nn.Softmax(axis=1)", I2),
    **_plain("Identity", ""),
    **_plain("PixelShuffle", "2", shape=I2),
    "pixel_unshuffle": ("PixelUnshuffle(2)", "nn.PixelUnshuffle(2)", (2, 3, 8, 6)),
    "zero_pad_2d": ("ZeroPad2d([1, 2, 0, 3])", "nn.ZeroPad2d((1, 2, 0, 3))", I2),
    "zero_pad_1d": ("ZeroPad1d(2)", "nn.ConstantPad1d(2, 0.0)", I1),
    "zero_pad_3d": ("ZeroPad3d(1)", "nn.ConstantPad3d(1, 0.0)", I3),
    "constant_pad_1d": ("ConstantPad1d([1, 2], 0.5)", "nn.ConstantPad1d((1, 2), 0.5)", I1),
    "constant_pad_2d": ("ConstantPad2d(1, -1.0)", "nn.ConstantPad2d(1, -1.0)", I2),
    "constant_pad_3d": (
        "ConstantPad3d([1, 0, 2, 1, 0, 1], 2.0)",
        "nn.ConstantPad3d((1, 0, 2, 1, 0, 1), 2.0)",
        I3,
    ),
    "reflection_pad_1d": ("ReflectionPad1d([1, 2])", "nn.ReflectionPad1d((1, 2))", I1),
    "reflection_pad_2d": ("ReflectionPad2d(2)", "nn.ReflectionPad2d(2)", I2),
    "reflection_pad_3d": ("ReflectionPad3d(1)", "nn.ReflectionPad3d(1)", I3),
    "replication_pad_1d": ("ReplicationPad1d([1, 2])", "nn.ReplicationPad1d((1, 2))", I1),
    "replication_pad_2d": ("ReplicationPad2d(2)", "nn.ReplicationPad2d(2)", I2),
    "replication_pad_3d": ("ReplicationPad3d(1)", "nn.ReplicationPad3d(1)", I3),
}

WRONG_GRADIENTS = {
    "SeLU_0": "MindSpore's CPU gradient below 0 is not its formula's, which is followed here.",
}
"""Cells whose golden gradients are not a measure, and why."""
