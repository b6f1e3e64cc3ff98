"""Cells of several inputs or results to compare; rows as in tests/oracle/sequences.py. ``call`` of
MindSpore may be one tensor."""

from tests.oracle.spelling import with_tuples

I1 = (2, 4, 12)
I2 = (2, 4, 8, 6)
I3 = (2, 3, 4, 6, 5)


def _theirs(row):
    """Of a cell that is given cells."""
    row = row.replace("Transformer", "nn.Transformer").replace(
        "LayerNorm([8])", "nn.LayerNorm((8,))"
    )
    return row.replace(" = ", "=")


def _rows(*cells, shapes, call="cell(x)"):
    return {
        f"{cell} of {' '.join('x'.join(map(str, shape)) for shape in shapes)}": (
            *(cell, f"nn.{with_tuples(cell)}", call, call),
            shapes,
        )
        for cell in cells
    }


_SIZES = "(8, 4, dim_feedforward = 12)"
_ENCODER = f"TransformerEncoder(TransformerEncoderLayer{_SIZES}, 1)"
_DECODER = f"TransformerDecoder(TransformerDecoderLayer{_SIZES}, 1, norm = LayerNorm([8]))"
_STATE = ((3, 5, 4), (2, 5, 6), (2, 5, 6))

CALLS = {
    **_rows(
        'MaxPool1d(3, 2, pad_mode = "pad", padding = 1, return_indices = true)',
        'MaxPool1d(3, 1, pad_mode = "pad", padding = 1, dilation = 2)',
        "LPPool1d(2, 3, 2)",
        "LPPool1d(1, 4, ceil_mode = true)",
        shapes=(I1,),
    ),
    **_rows(
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, dilation = 2)',
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, dilation = 2, ceil_mode = true)',
        'MaxPool2d([2, 3], [1, 2], pad_mode = "pad", dilation = [3, 1])',
        'MaxPool2d(3, 2, pad_mode = "pad", padding = 1, return_indices = true, ceil_mode = true)',
        'MaxPool2d([3, 2], 1, pad_mode = "pad", padding = [1, 0], return_indices = true, '
        "dilation = 2)",
        "AdaptiveMaxPool2d(3, return_indices = true)",
        "AdaptiveMaxPool2d([3, 1], return_indices = true)",
        "LPPool2d(2, 3, 2)",
        "LPPool2d(2, [2, 3], ceil_mode = true)",
        "CentralCrop(0.5)",
        "CentralCrop(0.7)",
        "ImageGradients()",
        "Conv2dBnAct(4, 6, 3, has_bias = true)",
        'Conv2dBnAct(4, 6, 3, has_bn = true, activation = "leakyrelu", alpha = 0.3)',
        'Conv2dBnAct(4, 6, 3, stride = 2, activation = "softmax")',
        shapes=(I2,),
    ),
    **_rows(
        'MaxPool3d(2, 2, pad_mode = "pad", return_indices = true)',
        'MaxPool3d(2, 1, pad_mode = "pad", padding = 1, dilation = 2)',
        "AdaptiveMaxPool3d(2, return_indices = true)",
        shapes=(I3,),
    ),
    **_rows(
        "DenseBnAct(8, 5)",
        'DenseBnAct(8, 5, has_bias = false, has_bn = true, activation = "relu")',
        shapes=((3, 8),),
    ),
    **_rows(
        "BiDense(4, 5, 6)",
        "BiDense(4, 5, 6, has_bias = false)",
        shapes=((3, 4), (3, 5)),
        call="cell(x, y)",
    ),
    **_rows("BiDense(4, 5, 6)", shapes=((3, 2, 4), (3, 2, 5)), call="cell(x, y)"),
    **{
        f"unpool_{n}d": (
            f"MaxUnpool{n}d(2)",
            f"nn.MaxUnpool{n}d(2)",
            (
                f"cell(max_pool{n}d(x, 2, return_indices = true)[0], "
                f"max_pool{n}d(x, 2, return_indices = true)[1])"
            ),
            f"cell(*nn.MaxPool{n}d(2, 2, 'pad', return_indices=True)(x))",
            (shape,),
        )
        for n, shape in ((2, I2), (3, (2, 3, 4, 6, 4)))
    },
    "unpool_1d": (
        "MaxUnpool1d(2)",
        "nn.MaxUnpool1d(2)",
        *("cell(x, argsort(y, axis = 2))", "cell(x, y.argsort(2).astype('int64'))"),
        ((2, 4, 6), (2, 4, 6)),
    ),
    "unpool_1d_to": (
        "MaxUnpool1d(2)",
        "nn.MaxUnpool1d(2)",
        "cell(x, argsort(y, axis = 2), output_size = [B, 4, 13])",
        "cell(x, y.argsort(2).astype('int64'), (2, 4, 13))",
        ((2, 4, 6), (2, 4, 6)),
    ),
    **{
        f"unpool_{n}d_to": (
            f"MaxUnpool{n}d(2)",
            f"nn.MaxUnpool{n}d(2)",
            (
                f"cell(max_pool{n}d(x, 2, return_indices = true)[0], "
                f"max_pool{n}d(x, 2, return_indices = true)[1], {size})"
            ),
            f"cell(*nn.MaxPool{n}d(2, 2, 'pad', return_indices=True)(x), {with_tuples(size)})",
            (shape,),
        )
        for n, shape, size in (
            (2, (2, 3, 9, 7), "[9, 7]"),
            (3, (2, 3, 5, 6, 7), "[3, 5, 6, 7]"),
        )
    },
    "unpool_overlapping": (
        "MaxUnpool2d(3, 2, padding = 1)",
        "nn.MaxUnpool2d(3, 2, 1)",
        (
            "cell(max_pool2d(x, 3, 2, 1, return_indices = true)[0], "
            "max_pool2d(x, 3, 2, 1, return_indices = true)[1])"
        ),
        "cell(*nn.MaxPool2d(3, 2, 'pad', 1, return_indices=True)(x))",
        ((2, 3, 9, 7),),
    ),
    "steps": (
        "TimeDistributed(Conv1d(2, 3, 3), time_axis = 2)",
        "nn.TimeDistributed(nn.Conv1d(2, 3, 3), time_axis=2)",
        *("cell(x)", "cell(x)", ((2, 2, 3, 6),)),
    ),
    "steps_joined": (
        "TimeDistributed(Dense(4, 6), time_axis = 1, reshape_with_axis = 0)",
        "nn.TimeDistributed(nn.Dense(4, 6), time_axis=1, reshape_with_axis=0)",
        *("cell(x)", "cell(x)", ((2, 3, 4),)),
    ),
    "steps_as_one": (
        "TimeDistributed(Softmax(1), time_axis = 1, reshape_with_axis = -1)",
        "nn.TimeDistributed(nn.Softmax(1), time_axis=1, reshape_with_axis=-1)",
        *("cell(x)", "cell(x)", ((2, 3, 4),)),
    ),
    **{
        f"{word.lower()}_begun": (
            f"{word}(4, 6, num_layers = 2)",
            f"nn.{word}(4, 6, num_layers=2)",
            *("cell(x, y)", "flat(cell(x, y))", _STATE[:2]),
        )
        for word in ("RNN", "GRU")
    },
    "lstm_begun": (
        "LSTM(4, 6, bidirectional = true)",
        "nn.LSTM(4, 6, bidirectional=True)",
        *("cell(x, h = y, c = z)", "flat(cell(x, (y, z)))", _STATE),
    ),
    "attention_of_one": (
        "MultiheadAttention(8, 2)",
        "nn.MultiheadAttention(8, 2)",
        *("cell(x, y, y)", "cell(x, y, y)", ((4, 8), (5, 8))),
    ),
    "attention_of_one_masked": (
        "MultiheadAttention(8, 2, batch_first = true)",
        "nn.MultiheadAttention(8, 2, batch_first=True)",
        "cell(x[0], x[0], x[0], attn_mask = y, key_padding_mask = z[0] > 0.8)",
        "cell(x[0], x[0], x[0], attn_mask=y, key_padding_mask=z[0] > 0.8)",
        ((2, 4, 8), (4, 4), (2, 4)),
    ),
    **{
        f"attention_{name}": (
            f"MultiheadAttention(8, 2{first})",
            f"nn.MultiheadAttention(8, 2{first.replace(' = true', '=True')})",
            call,
            with_tuples(call),
            shapes,
        )
        for name, first, call, shapes in (
            ("needless", "", "cell(x, y, y, need_weights = false)", ((4, 3, 8), (5, 3, 8))),
            (
                "of_heads",
                ", add_zero_attn = true",
                "cell(x, y, y, average_attn_weights = false)",
                ((4, 3, 8), (5, 3, 8)),
            ),
            (
                "of_heads_batch_first",
                ", batch_first = true",
                "cell(x, x, x, y > 0.8, true, z > 0.8, false)",
                ((3, 4, 8), (3, 4), (4, 4)),
            ),
            (
                "of_heads_of_one",
                "",
                "cell(x, x, x, average_attn_weights = false)",
                ((4, 8),),
            ),
        )
    },
    "encoder_layer_of_one": (
        "TransformerEncoderLayer(8, 2, dim_feedforward = 16)",
        "nn.TransformerEncoderLayer(8, 2, dim_feedforward=16)",
        *("cell(x)", "cell(x)", ((5, 8),)),
    ),
    "transformer_of_given": (
        f"Transformer(8, 2, custom_encoder = {_ENCODER}, custom_decoder = {_DECODER})",
        (
            f"nn.Transformer(8, 2, custom_encoder={_theirs(_ENCODER)}, "
            f"custom_decoder={_theirs(_DECODER)})"
        ),
        *("cell(x, y)", "cell(x, y)", ((4, 3, 8), (5, 3, 8))),
    ),
    **{
        f"fields_{operator}": (
            f'MultiFieldEmbeddingLookup(10, 4, 3, operator = "{operator}")',
            f"nn.MultiFieldEmbeddingLookup(10, 4, 3, operator='{operator}')",
            "cell(y, cast(x > 0.0, f32) * x, z - 1)",
            "cell(y, (x > 0.0).astype('float32') * x, z - 1)",
            ((3, 6), [(3, 6), 9], [(3, 6), 3]),
        )
        for operator in ("SUM", "MEAN", "MAX")
    },
}
