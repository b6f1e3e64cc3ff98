"""Rows of declspore/cells/dense.py: see the package."""

ROWS = {
    "dense": ("Dense(8, 5)", "nn.Dense(8, 5)", (3, 8)),
    "dense_no_bias": ("Dense(8, 5, has_bias = false)", "nn.Dense(8, 5, has_bias=False)", (3, 8)),
    "dense_3d": ("Dense(8, 5)", "nn.Dense(8, 5)", (3, 4, 8)),
    "dense_relu": ('Dense(8, 5, activation = "relu")', "nn.Dense(8, 5, activation='relu')", (3, 8)),
    "dense_relu6": (
        'Dense(8, 5, activation = "relu6")',
        "nn.Dense(8, 5, activation='relu6')",
        (3, 8),
    ),
    "dense_sigmoid": (
        'Dense(8, 5, activation = "sigmoid")',
        "nn.Dense(8, 5, activation='sigmoid')",
        (3, 8),
    ),
    "dense_tanh": ('Dense(8, 5, activation = "tanh")', "nn.Dense(8, 5, activation='tanh')", (3, 8)),
    "dense_softmax": (
        'Dense(8, 5, activation = "softmax")',
        "nn.Dense(8, 5, activation='softmax')",
        (3, 8),
    ),
    "dense_logsoftmax": (
        'Dense(8, 5, activation = "logsoftmax")',
        "nn.Dense(8, 5, activation='logsoftmax')",
        (3, 8),
    ),
    "dense_gelu": ('Dense(8, 5, activation = "gelu")', "nn.Dense(8, 5, activation='gelu')", (3, 8)),
    "dense_elu": ('Dense(8, 5, activation = "elu")', "nn.Dense(8, 5, activation='elu')", (3, 8)),
    "dense_leakyrelu": (
        'Dense(8, 5, activation = "leakyrelu")',
        "nn.Dense(8, 5, activation='leakyrelu')",
        (3, 8),
    ),
    "dense_hswish": (
        'Dense(8, 5, activation = "hswish")',
        "nn.Dense(8, 5, activation='hswish')",
        (3, 8),
    ),
    "dense_hsigmoid": (
        'Dense(8, 5, activation = "hsigmoid")',
        "nn.Dense(8, 5, activation='hsigmoid')",
        (3, 8),
    ),
    "dense_silu": ('Dense(8, 5, activation = "silu")', "nn.Dense(8, 5, activation='silu')", (3, 8)),
    "dense_mish": ('Dense(8, 5, activation = "mish")', "nn.Dense(8, 5, activation='mish')", (3, 8)),
    "dense_softsign": (
        'Dense(8, 5, activation = "softsign")',
        "nn.Dense(8, 5, activation='softsign')",
        (3, 8),
    ),
    "dense_logsigmoid": (
        'Dense(8, 5, activation = "logsigmoid")',
        "nn.Dense(8, 5, activation='logsigmoid')",
        (3, 8),
    ),
    "dense_softmin": (
        'Dense(8, 5, activation = "softmin")',
        "nn.Dense(8, 5, activation='softmin')",
        (3, 8),
    ),
    "dense_fast_gelu": (
        'Dense(8, 5, activation = "fast_gelu")',
        "nn.Dense(8, 5, activation='fast_gelu')",
        (3, 8),
    ),
    "dense_tanhshrink": (
        'Dense(8, 5, activation = "tanhshrink")',
        "nn.Dense(8, 5, activation='tanhshrink')",
        (3, 8),
    ),
    "dense_hardtanh": (
        'Dense(8, 5, activation = "hardtanh")',
        "nn.Dense(8, 5, activation='hardtanh')",
        (3, 8),
    ),
    "dense_hshrink": (
        'Dense(8, 5, activation = "hshrink")',
        "nn.Dense(8, 5, activation='hshrink')",
        (3, 8),
    ),
    "dense_softshrink": (
        'Dense(8, 5, activation = "softshrink")',
        "nn.Dense(8, 5, activation='softshrink')",
        (3, 8),
    ),
}
