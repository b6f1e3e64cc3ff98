"""Each word that has an ONNX form answers in ONNX Runtime as in Keras."""

import pytest

from declspore.exports.onnx.network import graph_of, lowerings
from declspore.registry.table import vocabulary
from tests.exports.support import exportable, onnx_difference
from tests.support import checked

OPS = [word for word in lowerings() if vocabulary().get(word).family == "op"]
# cells by the shape they take, where their example does not say it
SHAPES = {
    "f32[B, 8]": (
        *("Dense(8, 4)", "Dense(8, 4, has_bias = false)", 'Dense(8, 4, activation = "leakyrelu")'),
        *("BatchNorm1d(8)", "LayerNorm([8])", "PReLU()", "PReLU(8)", "Identity()", "GLU()"),
        *("Dropout(p = 0.5)", "Unflatten(1, [2, 4])"),
        *("Threshold(0.1, -2.0)", "GELU()", "GELU(approximate = false)", "LeakyReLU(0.3)"),
        *("ELU(0.7)", "CELU(0.7)", "Hardtanh(-0.5, 0.25)", "HShrink()", "SoftShrink(0.3)"),
        *("Softmax()", "LogSoftmax()", "Softmin()", "ReLU()", "ReLU6()", "Sigmoid()", "Tanh()"),
        *("SiLU()", "Mish()", "SeLU()", "HSwish()", "HSigmoid()", "Softsign()", "LogSigmoid()"),
        *("FastGelu()", "Tanhshrink()"),
    ),
    "f32[B, 5, 8]": (
        "Dense(8, 4)",
        "LayerNorm([5, 8], begin_norm_axis = 1, begin_params_axis = 1)",
        "LayerNorm([8], begin_norm_axis = 1, begin_params_axis = 2)",
    ),
    "f32[B, 6, L]": (
        *("Conv1d(6, 4, 3)", 'Conv1d(6, 4, 3, stride = 2, pad_mode = "pad", padding = [2, 1])'),
        *("Conv1dTranspose(6, 4, 3, stride = 2)", "InstanceNorm1d(6)", "AdaptiveAvgPool1d(1)"),
        *("MaxPool1d(3, 2)", "AvgPool1d(3, 2)", "BatchNorm1d(6)", "Dropout1d(p = 0.5)"),
        *(
            "ZeroPad1d([1, 2])",
            "ConstantPad1d(1, 0.5)",
            "ReflectionPad1d(2)",
            "ReplicationPad1d(1)",
        ),
    ),
    "f32[B, 4, H, W]": (
        *("Conv2d(4, 6, 3)", "Conv2d(4, 6, 3, stride = 2)", "Conv2d(4, 6, 4)"),
        *('Conv2d(4, 6, 3, pad_mode = "valid", dilation = 2, has_bias = true)',),
        *('Conv2d(4, 8, 3, stride = 2, pad_mode = "pad", padding = [0, 1, 2, 3], group = 4)',),
        *("BatchNorm2d(4)", "BatchNorm2d(4, use_batch_statistics = true)", "SyncBatchNorm(4)"),
        *("GroupNorm(2, 4)", "InstanceNorm2d(4)", "PReLU(4)", "Softmax2d()", "PReLU()"),
        *("Conv2dTranspose(4, 6, 3)", 'Conv2dTranspose(4, 6, 2, stride = 3, pad_mode = "valid")'),
        *("Conv2dTranspose(4, 6, 5, stride = 2)", "Conv2dTranspose(4, 6, 2, stride = 2)"),
        'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1)',
        *("MaxPool2d(2, 2)", 'MaxPool2d(3, 2, pad_mode = "same")', "AvgPool2d(2, 2)"),
        *('MaxPool2d(3, 2, pad_mode = "pad", padding = 1)', 'AvgPool2d(3, 2, pad_mode = "same")'),
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1)',
        'AvgPool2d(3, 2, pad_mode = "pad", padding = 1, count_include_pad = false)',
        'AvgPool2d(3, 2, pad_mode = "pad", divisor_override = 5)',
        *("AdaptiveAvgPool2d(1)", "AdaptiveMaxPool2d(1)", "AdaptiveAvgPool2d([1, none])"),
        *("ZeroPad2d([1, 2, 3, 0])", "ConstantPad2d(1, 0.5)", "ReflectionPad2d(2)"),
        *(
            "ReplicationPad2d([1, 0, 2, 1])",
            "ZeroPad2d(-1)",
            "Pad([[0, 0], [0, 0], [1, 2], [0, 1]])",
        ),
        *("ChannelShuffle(2)", "Dropout2d(p = 0.5)"),
    ),
    "f32[B, 4, 7, 6]": (
        *("AdaptiveAvgPool2d([3, 4])", "AdaptiveMaxPool2d([3, 4])", "PixelShuffle(2)", "Flatten()"),
        'Upsample(size = [9, 13], mode = "bilinear", align_corners = true)',
        *('Upsample(size = [9, 4], mode = "bilinear")', "Upsample(size = [14, 9])"),
        *('Upsample(size = [9, 13], mode = "bicubic")', 'Upsample(size = [3, 4], mode = "area")'),
        "AvgPool2d(2, 2, ceil_mode = true)",
        'AvgPool2d(2, 2, pad_mode = "same", ceil_mode = true)',
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, ceil_mode = true)',
    ),
    "f32[B, 4, 6, 5, 7]": (
        *("Conv3d(4, 2, 3)", "Conv3dTranspose(4, 2, 3, stride = 2)", "MaxPool3d(2, 2)"),
        'Conv3dTranspose(4, 2, 3, stride = 2, pad_mode = "pad", padding = 1, output_padding = 1)',
        *("AvgPool3d(2, 2)", 'AvgPool3d(3, 2, pad_mode = "same")', "BatchNorm3d(4)"),
        *("InstanceNorm3d(4)", "AdaptiveAvgPool3d(2)", "AdaptiveMaxPool3d(2)", "ZeroPad3d(1)"),
        *("Dropout3d(p = 0.5)", "ConstantPad3d(1, 2.0)", "ReplicationPad3d(1)"),
        "ReflectionPad3d(1)",
    ),
    "i32[B, 5]": ("Embedding(9, 3)", "EmbeddingLookup(9, 3)"),
}
CELLS = [(shape, cell) for shape, cells in SHAPES.items() for cell in cells]
RECURRENT = [
    *("LSTM(4, 5)", "LSTM(4, 5, num_layers = 2, bidirectional = true)", "GRU(4, 5)"),
    *("LSTM(4, 5, has_bias = false, batch_first = true)", "RNN(4, 5)", "GRU(4, 5, 2)"),
    *('RNN(4, 5, nonlinearity = "relu", bidirectional = true)', "GRU(4, 5, bidirectional = true)"),
]
EXPRESSIONS = [
    *("x[:, 1, ::2, -1]", "x[0, ..., 1:]", "x[:, ::-1]", "x[:, 1:3]"),
    *("reshape(x, [B, 2, 2, -1])", "reshape(x, [-1, 4])", "x |> flatten", "flatten(x, 2, 3)"),
    *(
        "x |> transpose([0, 2, 3, 1])",
        "x |> swapaxes(1, -1)",
        "broadcast_to(x[:, :1], [B, 4, 3, 5])",
    ),
    *("x |> tril(diagonal = 1)", "x |> triu(diagonal = -1)", "tile(x, [1, 2, 1, 3])"),
    *("concat([x, x * 2.0], axis = 1)", "concat(split(x, [1, 3], axis = 1), axis = 1)"),
    *("stack(unstack(x, axis = 1), axis = 2)", "concat(chunk(x, 2, axis = 1), axis = 0)"),
    *("sum(x)", "mean(x, axis = [2, 3])", "mean(x, axis = -1, keep_dims = true)", "std(x, 2, 1)"),
    *("cast(x > 0.0, i32)", "where(x > 0.0, x, 0.5)", "masked_fill(x, x > 0.5, -1.0)"),
    *("x |> clamp(-0.5, 0.5)", "cast(x * 3.0, i32) // 2", "cast(x * 3.0, i32) % 3", "x // 0.3"),
    *("x % 0.3", "maximum(x, 0.1)", "cast(x > 0.0, f32) + 1", "roll(x, 1, 3)", "flip(x, axis = 3)"),
    *("x |> softmax(axis = 1)", "x |> softplus(beta = 2.0)", "gelu(x)", 'gelu(x, "tanh")'),
    *("matmul(x, swapaxes(x, 2, 3))", 'einsum("bchw,bkhw->bck", [x, x])', "argmax(x, axis = 1)"),
    *("cumsum(x, axis = 3)", "topk(x, 2)[0]", "sort(x, axis = 2)[0]", "argsort(x, axis = 3)"),
    *(
        "one_hot(argmax(x, axis = 1), 4)",
        "gather(x, cast(argmax(x[0, 0, :, 0:1], axis = 0), i32), 2)",
    ),
    *("amax(x, axis = 1)", "amin(x, axis = [1, 2], keep_dims = true)", "any(x > 1.0, axis = 1)"),
    *("all(x > -1.0, axis = 1)", "x |> l2_normalize(axis = 1)", "logsumexp(x, axis = 1)"),
    *(
        'pad(x, [1, 2], "reflect")',
        "pad(x, [1, -1, 0, 2], value = 0.5)",
        *("ones_like(x) + arange(0, 5)", "pad(x, [1, 2])", "argmax(x)", "argmin(x)", "max(x)[0]"),
    ),
]


def difference_of(text: str) -> float:
    return onnx_difference(exportable(checked(text).networks["Net"]))


@pytest.mark.parametrize(("shape", "cell"), CELLS, ids=[f"{c}-{s}" for s, c in CELLS])
def test_cells(shape, cell):
    text = f"network Net() {{\n  c = {cell}\n  construct(x: {shape}) = c(x)\n}}"
    assert difference_of(text) <= 1e-5


@pytest.mark.parametrize("cell", RECURRENT)
def test_recurrent_cells(cell):
    word = cell.partition("(")[0]
    states = "h, c" if word == "LSTM" else "h"
    shape = "f32[B, 6, 4]" if "batch_first" in cell else "f32[6, B, 4]"
    body = f"{{\n    y, {states} = r(x)\n    return y, {states}\n  }}"
    text = f"network Net() {{\n  r = {cell}\n  construct(x: {shape}) {body}\n}}"
    assert difference_of(text) <= 1e-5


@pytest.mark.filterwarnings("ignore:You are using a softmax:UserWarning")
@pytest.mark.parametrize("word", OPS)
def test_example_of_each_op(word):
    kind = vocabulary().get(word)
    inputs = "x: f32[B, 4, 1, 1], y: f32[B, 4, 1, 1]"
    text = f"network Net() {{\n  construct({inputs}) = {kind.example}\n}}"
    made = exportable(checked(text).networks["Net"])
    if graph_of(made.network)[1]:
        pytest.skip("its example is of integers, which are refused")
    assert onnx_difference(made) <= 1e-5


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions(expression):
    text = f"network Net() {{\n  construct(x: f32[B, 4, 3, 5]) = {expression}\n}}"
    assert difference_of(text) <= 1e-5
