"""Cells of sequences to compare, with several inputs and outputs.

Each row: the cell in the spec, in MindSpore, how it is called in both (``cell`` is the cell; inputs
x, y, z), and the shapes of the inputs; a shape beside a number is of integers from 1 to that.
"""

from tests.oracle.calls import CALLS
from tests.oracle.gamma import GAMMA_CELLS

X = (3, 5, 4)


def _run(word, spec="", ms="", call="cell(x)", theirs="cell(x)", shapes=(X,)):
    return f"{word}(4, 6{spec})", f"nn.{word}(4, 6{ms})", call, theirs, shapes


_FLAT = "flat(cell(x))"
_LENGTHS = ([(5,), 3],)

SEQUENCES = {
    **{word.lower(): _run(word, theirs=_FLAT) for word in ("RNN", "LSTM", "GRU")},
    **{
        f"{word.lower()}_deep": _run(
            word,
            ", num_layers = 2, bidirectional = true, batch_first = true",
            ", num_layers=2, bidirectional=True, batch_first=True",
            theirs=_FLAT,
        )
        for word in ("RNN", "LSTM", "GRU")
    },
    **{
        f"{word.lower()}_lengths": _run(
            word,
            ", bidirectional = true",
            ", bidirectional=True",
            "cell(x, seq_length = y)",
            "flat(cell(x, None, y))",
            (X, *_LENGTHS),
        )
        for word in ("RNN", "LSTM", "GRU")
    },
    "lstm_no_bias": _run("LSTM", ", has_bias = false", ", has_bias=False", theirs=_FLAT),
    "rnn_relu": _run("RNN", ', nonlinearity = "relu"', ", nonlinearity='relu'", theirs=_FLAT),
    "rnn_cell": _run("RNNCell", "", "", "cell(x, y)", "(cell(x, y),)", ((3, 4), (3, 6))),
    "gru_cell": _run("GRUCell", "", "", "cell(x, y)", "(cell(x, y),)", ((3, 4), (3, 6))),
    "lstm_cell": _run(
        "LSTMCell", "", "", "cell(x, y, z)", "cell(x, (y, z))", ((3, 4), (3, 6), (3, 6))
    ),
}

# ---- attention


def _attention(spec, ms, *rest):
    return spec, f"nn.{ms}", *rest


_SELF = ("cell(x, x, x)", "cell(x, x, x)", ((5, 3, 8),))
_ONE = ("cell(x)", "(cell(x),)", ((5, 3, 8),))
_TWO = ("cell(x, y)", "(cell(x, y),)", ((4, 3, 8), (5, 3, 8)))
_MASKED = (
    "cell(x, src_mask = y > 1.5, src_key_padding_mask = z > 1.0)",
    "(cell(x, y > 1.5, z > 1.0),)",
    ((3, 5, 8), (5, 5), (3, 5)),
)
_BARRED = "({0} * 0).masked_fill({0} > 0.8, float('-inf'))"
"""A mask of truth values as floats: MindSpore reads it as documented where the other has floats."""
_LAYER = "8, 2, dim_feedforward = 16"
_THEIRS = "8, 2, dim_feedforward=16"
_FIRST = ', activation = "gelu", batch_first = true, norm_first = true'
_FIRST_THEIRS = ", activation='gelu', batch_first=True, norm_first=True"

SEQUENCES |= {
    "attention": _attention("MultiheadAttention(8, 2)", "MultiheadAttention(8, 2)", *_SELF),
    "attention_no_bias": _attention(
        "MultiheadAttention(8, 4, has_bias = false)",
        "MultiheadAttention(8, 4, has_bias=False)",
        *_SELF,
    ),
    "attention_crossed": _attention(
        "MultiheadAttention(8, 2, batch_first = true)",
        "MultiheadAttention(8, 2, batch_first=True)",
        *("cell(x, y, y)", "cell(x, y, y)", ((3, 4, 8), (3, 5, 8))),
    ),
    "attention_sizes": _attention(
        "MultiheadAttention(8, 2, kdim = 6, vdim = 4)",
        "MultiheadAttention(8, 2, kdim=6, vdim=4)",
        *("cell(x, y, z)", "cell(x, y, z)", ((4, 3, 8), (5, 3, 6), (5, 3, 4))),
    ),
    "attention_added_keys": _attention(
        "MultiheadAttention(8, 2, add_bias_kv = true, add_zero_attn = true)",
        "MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True)",
        *_SELF,
    ),
    "attention_masks": _attention(
        "MultiheadAttention(8, 2, batch_first = true)",
        "MultiheadAttention(8, 2, batch_first=True)",
        "cell(x, x, x, attn_mask = y > 0.8, key_padding_mask = z > 0.8)",
        "cell(x, x, x, attn_mask=y > 0.8, key_padding_mask=z > 0.8)",
        ((3, 5, 8), (5, 5), (3, 5)),
    ),
    "attention_masks_unlike": _attention(
        "MultiheadAttention(8, 2, batch_first = true)",
        "MultiheadAttention(8, 2, batch_first=True)",
        "cell(x, x, x, attn_mask = y > 0.8, key_padding_mask = z)",
        f"cell(x, x, x, attn_mask={_BARRED.format('y')}, key_padding_mask=z)",
        ((3, 5, 8), (5, 5), (3, 5)),
    ),
    "attention_padding_unlike": _attention(
        "MultiheadAttention(8, 2, batch_first = true)",
        "MultiheadAttention(8, 2, batch_first=True)",
        "cell(x, x, x, attn_mask = y, key_padding_mask = z > 0.8)",
        f"cell(x, x, x, attn_mask=y, key_padding_mask={_BARRED.format('z')})",
        ((3, 5, 8), (5, 5), (3, 5)),
    ),
    "attention_mask_of_heads": _attention(
        "MultiheadAttention(8, 2, batch_first = true)",
        "MultiheadAttention(8, 2, batch_first=True)",
        *("cell(x, x, x, attn_mask = y)", "cell(x, x, x, attn_mask=y)", ((3, 5, 8), (6, 5, 5))),
    ),
    "encoder_layer": _attention(
        f"TransformerEncoderLayer({_LAYER})", f"TransformerEncoderLayer({_THEIRS})", *_ONE
    ),
    "encoder_layer_masks": _attention(
        f"TransformerEncoderLayer({_LAYER}{_FIRST})",
        f"TransformerEncoderLayer({_THEIRS}{_FIRST_THEIRS})",
        *_MASKED,
    ),
    "decoder_layer": _attention(
        f"TransformerDecoderLayer({_LAYER}, layer_norm_eps = 1e-3)",
        f"TransformerDecoderLayer({_THEIRS}, layer_norm_eps=1e-3)",
        *_TWO,
    ),
    "decoder_layer_masks": _attention(
        f"TransformerDecoderLayer({_LAYER}{_FIRST})",
        f"TransformerDecoderLayer({_THEIRS}{_FIRST_THEIRS})",
        "cell(x, y, tgt_mask = z > 0.8)",
        "(cell(x, y, tgt_mask=z > 0.8),)",
        ((3, 4, 8), (3, 5, 8), (4, 4)),
    ),
    "encoder": _attention(
        f"TransformerEncoder(TransformerEncoderLayer({_LAYER}), 2, norm = LayerNorm([8]))",
        f"TransformerEncoder(nn.TransformerEncoderLayer({_THEIRS}), 2, norm=nn.LayerNorm((8,)))",
        *_ONE,
    ),
    "encoder_masks": _attention(
        f"TransformerEncoder(TransformerEncoderLayer({_LAYER}{_FIRST}), 2)",
        f"TransformerEncoder(nn.TransformerEncoderLayer({_THEIRS}{_FIRST_THEIRS}), 2)",
        *_MASKED,
    ),
    "decoder": _attention(
        f"TransformerDecoder(TransformerDecoderLayer({_LAYER}), 2)",
        f"TransformerDecoder(nn.TransformerDecoderLayer({_THEIRS}), 2)",
        *_TWO,
    ),
    "transformer_masks": _attention(
        "Transformer(8, 2, 1, 1, 16, batch_first = true)",
        "Transformer(8, 2, 1, 1, 16, batch_first=True)",
        *("cell(x, y, z > 0.8, z > 0.4)", "(cell(x, y, z > 0.8, z > 0.4),)"),
        ((3, 4, 8), (3, 4, 8), (4, 4)),
    ),
    "transformer": _attention("Transformer(8, 2, 2, 1, 16)", "Transformer(8, 2, 2, 1, 16)", *_TWO),
}
SEQUENCES |= CALLS | GAMMA_CELLS
