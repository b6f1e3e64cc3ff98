"""Still more cells to compare; rows as in tests/oracle/cases.py, written once for both sides."""

from tests.oracle.spelling import with_tuples

I1 = (2, 4, 12)
I2 = (2, 4, 9, 8)
I3 = (2, 4, 5, 6, 7)


def _rows(shape, *calls):
    return {
        f"{call} of {'x'.join(map(str, shape))}": (call, f"nn.{with_tuples(call)}", shape)
        for call in calls
    }


MORE_CELLS = {
    **_rows(
        I1,
        "Conv1d(4, 6, 3, stride = 3)",
        'Conv1d(4, 6, 4, pad_mode = "pad", padding = 1)',
        "Conv1dTranspose(4, 6, 3, stride = 2, group = 2)",
        'Conv1dTranspose(4, 6, 4, stride = 2, pad_mode = "pad", padding = 1)',
        "Conv1dTranspose(4, 6, 3, dilation = 2, has_bias = true)",
        'MaxPool1d(3, 2, pad_mode = "pad", padding = 1)',
        'MaxPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1)',
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        'AvgPool1d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'AvgPool1d(3, 2, pad_mode = "same")',
        "AdaptiveMaxPool1d(1)",
        "BatchNorm1d(4, eps = 1e-3, momentum = 0.6)",
        "GroupNorm(2, 4)",
        "Upsample(size = [20])",
        'Upsample(size = 7, mode = "linear")',
        'Upsample(size = 20, mode = "linear", align_corners = true)',
        'Upsample(size = 4, mode = "area")',
        'Upsample(size = 17, mode = "nearest-exact")',
        'Upsample(scale_factor = 1.5, mode = "linear", recompute_scale_factor = true)',
        "Flatten(start_dim = 0)",
        "GLU(axis = 1)",
        "LogSoftmax(axis = 1)",
        "Softmin(axis = 1)",
        "Unflatten(2, [3, 4])",
    ),
    **_rows(
        I2,
        "Conv2d(4, 6, [3, 5], stride = [2, 1], dilation = [1, 2])",
        "Conv2d(4, 8, 3, group = 2, dilation = 2, has_bias = true)",
        "Conv2d(4, 4, 3, group = 4, dilation = 2)",
        "Conv2d(4, 4, 3, group = 4, stride = [2, 1], has_bias = true)",
        'Conv2d(4, 4, 3, stride = 2, pad_mode = "pad", padding = 1, group = 4)',
        "Conv2dTranspose(4, 6, 3, stride = 2, group = 2, has_bias = true)",
        "Conv2dTranspose(4, 4, 3, group = 4)",
        "Conv2dTranspose(4, 6, 3, dilation = 2)",
        "Conv2dTranspose(4, 6, 3, stride = 2, dilation = 2)",
        'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = [1, 0, 2, 1])',
        'Conv2dTranspose(4, 6, [3, 4], stride = [2, 1], pad_mode = "valid", group = 2)',
        'MaxPool2d([3, 2], [2, 1], pad_mode = "same")',
        'MaxPool2d(3, 2, pad_mode = "pad", padding = [1, 0])',
        'AvgPool2d(3, 2, pad_mode = "pad", padding = [1, 0], ceil_mode = true, '
        "count_include_pad = false)",
        "AdaptiveMaxPool2d(1)",
        "AdaptiveMaxPool2d([none, 3])",
        "AdaptiveAvgPool2d(5)",
        "LayerNorm([4, 9, 8], begin_norm_axis = 1, begin_params_axis = 1)",
        "GroupNorm(2, 4, affine = false)",
        "SyncBatchNorm(4, momentum = 0.7)",
        "LRN()",
        "LRN(depth_radius = 1, bias = 2.0, alpha = 0.3, beta = 0.75)",
        "ChannelShuffle(2)",
        "Unflatten(1, [2, 2])",
        "Unflatten(1, [-1, 2])",
        "Flatten(start_dim = 2)",
        "Flatten(start_dim = 1, end_dim = 2)",
        "Pad([[0, 0], [0, 0], [1, 2], [2, 1]])",
        'Pad([[0, 0], [1, 0], [1, 2], [2, 1]], mode = "REFLECT")',
        'Pad([[0, 0], [0, 0], [1, 2], [2, 3]], mode = "SYMMETRIC")',
        "Softmax(axis = -2)",
        "GELU()",
        "PReLU(w = 0.1)",
        "ReflectionPad2d([1, 2, 0, 3])",
        "ReplicationPad2d([1, 2, 0, 3])",
        "ReplicationPad2d([-1, 2, 1, -3])",
        "ConstantPad2d([-1, 2, 0, -3], 0.5)",
        "Upsample(size = [20, 13])",
        "Upsample(scale_factor = 2.0, recompute_scale_factor = true)",
        'Upsample(size = [20, 13], mode = "bilinear")',
        'Upsample(size = [4, 5], mode = "bilinear")',
        'Upsample(size = [20, 13], mode = "bilinear", align_corners = true)',
        'Upsample(scale_factor = [2.0, 3.0], mode = "bilinear", recompute_scale_factor = true)',
        'Upsample(size = [20, 13], mode = "bicubic")',
        'Upsample(size = [4, 17], mode = "bicubic", align_corners = true)',
        'Upsample(size = [4, 13], mode = "area")',
        'Upsample(scale_factor = 2.0, mode = "area")',
        'Upsample(size = [20, 5], mode = "nearest-exact")',
    ),
    **_rows(
        I3,
        "Conv3d(4, 6, 3, stride = 2, has_bias = true)",
        "Conv3d(4, 6, 3, dilation = 2)",
        "Conv3d(4, 6, 3, group = 2)",
        'Conv3d(4, 6, 2, pad_mode = "pad", padding = [1, 0, 0, 1, 2, 0])',
        "Conv3dTranspose(4, 6, 3, stride = 2, group = 2)",
        'Conv3dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, '
        "output_padding = 1, has_bias = true)",
        'Conv3dTranspose(4, 6, [3, 1, 2], stride = [2, 3, 2], pad_mode = "pad", '
        "padding = [1, 0, 0, 0, 0, 1], output_padding = [1, 2, 1], has_bias = true)",
        "ConstantPad3d([-1, 1, 2, -2, 0, -1], 0.5)",
        'Conv3dTranspose(4, 6, 2, stride = 2, pad_mode = "valid", has_bias = true)',
        'MaxPool3d(3, 2, pad_mode = "same")',
        'MaxPool3d(3, 2, pad_mode = "pad", padding = 1)',
        'MaxPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'AvgPool3d(3, 2, pad_mode = "same")',
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1)',
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
        'AvgPool3d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        'AvgPool3d(2, 2, pad_mode = "pad", divisor_override = 3)',
        "AdaptiveAvgPool3d([none, 2, 3])",
        "AdaptiveMaxPool3d([2, 3, 4])",
        "BatchNorm3d(4, momentum = 0.5)",
        "Upsample(size = [7, 8, 9])",
        "Upsample(scale_factor = 2.0)",
        'Upsample(size = [7, 4, 9], mode = "trilinear")',
        'Upsample(size = [7, 4, 9], mode = "trilinear", align_corners = true)',
        'Upsample(size = [2, 3, 4], mode = "area")',
    ),
    **_rows(
        (3, 7),
        "LeakyReLU()",
        "Hardtanh(-0.5, 0.8)",
        "HShrink(lambd = 0.3)",
        "SoftShrink(lambd = 0.3)",
        "Threshold(-0.2, 0.5)",
        "CELU(alpha = 2.0)",
        "Softmax(axis = 0)",
    ),
    "Dropout1d": ("Dropout1d(p = 0.3)", "nn.Dropout1d(p=0.3)", I1),
    "Dropout2d": ("Dropout2d(p = 0.3)", "nn.Dropout2d(p=0.3)", I2),
    "Dropout3d": ("Dropout3d(p = 0.3)", "nn.Dropout3d(p=0.3)", I3),
    "dropout_keep": ("Dropout(keep_prob = 0.8)", "nn.Dropout(keep_prob=0.8)", (3, 7)),
    "embedding_one_hot": (
        "Embedding(20, 6, use_one_hot = true)",
        "nn.Embedding(20, 6, True)",
        (3, 5),
        20,
    ),
    "embedding_padding": (
        "Embedding(20, 6, padding_idx = 3)",
        "nn.Embedding(20, 6, padding_idx=3)",
        (3, 5),
        20,
    ),
}

BICUBIC = "MindSpore's CPU rounds places to 1/1024 of an element; the formula is followed here."


def limit(call):
    """How far a case may be from MindSpore's CPU, and why if it is further than usual."""
    return (1e-3, BICUBIC) if "bicubic" in call else (1e-5, None)
