"""Cells of sequences to compare, with several inputs and outputs.

Each row: the cell in the spec, in MindSpore, how it is called in both (``cell`` is the cell; inputs
x, y, z), and the shapes of the inputs; a shape beside a number is of whole numbers from 1 to that.
"""

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
